package dev.unroll.data;

import java.io.Serializable;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * The sequences of one shard, by place, as a handful of primitive arrays: what an executor caches. Immutable once built.
 *
 * <p>All sequences are of one kind: tokens or dense rows of one width, and one loss term each or one per step, with labels or with targets.
 */
public final class Shard implements Serializable {

    private static final long serialVersionUID = 1L;

    private final int index;
    private final int[] ends; // (n) steps up to and including each sequence
    private final int[] termEnds; // (n) loss terms up to and including each sequence
    private final TokenArray tokens; // (steps), or null
    private final float[] values; // (steps, width), or null
    private final int width;
    private final TokenArray labels; // (terms); empty where there are targets
    private final float[] targets; // (terms, targetWidth), or empty
    private final int targetWidth;
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
        termEnds = new int[n];
        weights = new float[n];
        int steps = 0;
        int terms = 0;
        int labelBound = 1;
        Sequence first = n == 0 ? null : sequences.get(0);
        for (int i = 0; i < n; i++) {
            Sequence s = sequences.get(i);
            if (s.hasTokens() != first.hasTokens()
                    || s.width() != first.width()
                    || s.targetWidth() != first.targetWidth()) {
                throw new IllegalArgumentException(
                        "sequence " + i + " of shard " + index + " has " + kind(s) + ", the first has " + kind(first));
            }
            steps = Math.addExact(steps, s.length());
            terms = Math.addExact(terms, s.terms());
            ends[i] = steps;
            termEnds[i] = terms;
            weights[i] = s.weight();
            for (int label : s.labels()) {
                labelBound = Math.max(labelBound, label + 1);
            }
        }
        width = first == null ? 0 : first.width();
        tokens = first != null && first.hasTokens() ? new TokenArray(steps, vocabulary) : null;
        values = first != null && !first.hasTokens() ? new float[Math.multiplyExact(steps, width)] : null;
        targetWidth = first == null ? 0 : first.targetWidth();
        labels = new TokenArray(targetWidth == 0 ? terms : 0, labelBound);
        targets = new float[Math.multiplyExact(terms, targetWidth)];
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
            int termStart = termEnds[i] - s.terms();
            for (int j = 0; j < s.labels().length; j++) {
                labels.set(termStart + j, s.labels()[j]);
            }
            System.arraycopy(s.targets(), 0, targets, termStart * targetWidth, s.targets().length);
        }
    }

    private static String kind(Sequence s) {
        return (s.hasTokens() ? "tokens" : "rows of width " + s.width())
                + (s.targetWidth() == 0 ? " with labels" : " with targets of width " + s.targetWidth());
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

    /** Number of steps of the sequences at some places. */
    public long steps(int[] places) {
        long sum = 0;
        for (int place : places) {
            sum += length(place);
        }
        return sum;
    }

    /** Number of steps of so many of the longest sequences. */
    public long longest(int count) {
        return IntStream.range(0, size())
                .map(this::length)
                .boxed()
                .sorted(Comparator.reverseOrder())
                .limit(count)
                .mapToLong(Integer::longValue)
                .sum();
    }

    /** The sequence at a place, as a copy. */
    public Sequence sequence(int place) {
        int length = length(place);
        int terms = terms(place);
        int[] placeLabels = new int[targetWidth == 0 ? terms : 0];
        for (int j = 0; j < placeLabels.length; j++) {
            placeLabels[j] = label(termStart(place) + j);
        }
        Sequence sequence;
        if (hasTokens()) {
            int[] ids = new int[length];
            for (int t = 0; t < length; t++) {
                ids[t] = token(start(place) + t);
            }
            sequence = Sequence.ofTokens(ids, placeLabels, weight(place));
        } else {
            int from = start(place) * width;
            float[] steps = Arrays.copyOfRange(values, from, from + length * width);
            sequence = Sequence.ofValues(steps, width, placeLabels, weight(place));
        }
        int from = termStart(place) * targetWidth;
        return targetWidth == 0
                ? sequence
                : sequence.withTargets(Arrays.copyOfRange(targets, from, from + terms * targetWidth), targetWidth);
    }

    /** Number of steps of one sequence. */
    public int length(int place) {
        return ends[place] - start(place);
    }

    int start(int place) {
        return place == 0 ? 0 : ends[place - 1];
    }

    int termStart(int place) {
        return place == 0 ? 0 : termEnds[place - 1];
    }

    int terms(int place) {
        return termEnds[place] - termStart(place);
    }

    int label(int at) {
        return labels.get(at);
    }

    float[] targets() {
        return targets;
    }

    int targetWidth() {
        return targetWidth;
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
