package dev.unroll.data;

import java.io.Serializable;
import java.util.List;

/**
 * The sequences of one shard, by place, as a handful of primitive arrays: what an executor caches. Immutable once built.
 *
 * <p>All sequences are of one kind: tokens or dense rows of one width, and one label each or one label per step.
 */
public final class Shard implements Serializable {

    private static final long serialVersionUID = 1L;

    private final int index;
    private final int[] ends; // (n) steps up to and including each sequence
    private final int[] labelEnds; // (n) labels up to and including each sequence
    private final TokenArray tokens; // (steps), or null
    private final float[] values; // (steps, width), or null
    private final int width;
    private final TokenArray labels;
    private final float[] weights; // (n)

    /**
     * Packs the sequences in the given order, which is that of their places.
     *
     * @param index u, the shard's number
     * @param vocabulary an upper bound of token ids (exclusive); it decides the bytes per id
     * @throws IllegalArgumentException if the sequences differ in kind, or hold more than 2^31 steps together
     */
    public Shard(int index, List<Sequence> sequences, int vocabulary) {
        this.index = index;
        int n = sequences.size();
        ends = new int[n];
        labelEnds = new int[n];
        weights = new float[n];
        int steps = 0;
        int labelCount = 0;
        int labelBound = 1;
        Sequence first = n == 0 ? null : sequences.get(0);
        for (int i = 0; i < n; i++) {
            Sequence s = sequences.get(i);
            if (s.hasTokens() != first.hasTokens() || s.width() != first.width()) {
                throw new IllegalArgumentException("sequence " + i + " of shard " + index + " has "
                        + (s.hasTokens() ? "tokens" : "rows of width " + s.width()) + ", the first has "
                        + (first.hasTokens() ? "tokens" : "rows of width " + first.width()));
            }
            steps = Math.addExact(steps, s.length());
            labelCount = Math.addExact(labelCount, s.labels().length);
            ends[i] = steps;
            labelEnds[i] = labelCount;
            weights[i] = s.weight();
            for (int label : s.labels()) {
                labelBound = Math.max(labelBound, label + 1);
            }
        }
        width = first == null ? 0 : first.width();
        tokens = first != null && first.hasTokens() ? new TokenArray(steps, vocabulary) : null;
        values = first != null && !first.hasTokens() ? new float[Math.multiplyExact(steps, width)] : null;
        labels = new TokenArray(labelCount, labelBound);
        for (int i = 0; i < n; i++) {
            Sequence s = sequences.get(i);
            int start = ends[i] - s.length();
            if (tokens != null) {
                for (int t = 0; t < s.length(); t++) {
                    tokens.set(start + t, s.tokens()[t]);
                }
            } else {
                System.arraycopy(s.values(), 0, values, start * width, s.values().length);
            }
            int labelStart = labelEnds[i] - s.labels().length;
            for (int j = 0; j < s.labels().length; j++) {
                labels.set(labelStart + j, s.labels()[j]);
            }
        }
    }

    /** u, the shard's number. */
    public int index() {
        return index;
    }

    /** Number of sequences. */
    public int size() {
        return ends.length;
    }

    /** Number of steps of all sequences. */
    public long steps() {
        return ends.length == 0 ? 0 : ends[ends.length - 1];
    }

    int length(int place) {
        return ends[place] - start(place);
    }

    int start(int place) {
        return place == 0 ? 0 : ends[place - 1];
    }

    int labelStart(int place) {
        return place == 0 ? 0 : labelEnds[place - 1];
    }

    int labelCount(int place) {
        return labelEnds[place] - labelStart(place);
    }

    int label(int at) {
        return labels.get(at);
    }

    int token(int at) {
        return tokens.get(at);
    }

    boolean hasTokens() {
        return tokens != null;
    }

    float[] values() {
        return values;
    }

    int width() {
        return width;
    }

    float weight(int place) {
        return weights[place];
    }
}
