package dev.unroll.data;

import java.io.Serializable;
import java.util.Arrays;
import java.util.List;

/**
 * The steps of a {@link Shard}, sequence after sequence, as primitive arrays. Immutable once built.
 *
 * <p>Where labels are the next tokens, a sequence of T steps has T + 1 tokens here: {@link ShardTerms} reads its labels
 * from them.
 */
public final class ShardSteps implements Serializable {

    private static final long serialVersionUID = 1L;

    private final int[] ends; // (n) steps up to and including each sequence
    private final boolean nextTokens;
    private final TokenArray tokens; // (steps, or steps + n), or null
    private final float[] values; // (steps, width), or null
    private final int width;

    /**
     * @param sequences of one kind
     * @param nextTokens whether the labels of all of them are their next tokens
     * @param idBound an upper bound of token ids, exclusive
     */
    ShardSteps(List<Sequence> sequences, boolean nextTokens, int idBound) {
        int n = sequences.size();
        ends = new int[n];
        int steps = 0;
        for (int i = 0; i < n; i++) {
            steps = Math.addExact(steps, sequences.get(i).length());
            ends[i] = steps;
        }
        Steps first = n == 0 ? null : sequences.get(0).steps();
        this.nextTokens = nextTokens;
        tokens = first instanceof Steps.Tokens
                ? new TokenArray(nextTokens ? Math.addExact(steps, n) : steps, idBound)
                : null;
        width = first instanceof Steps.Dense dense ? dense.width() : 0;
        values = width == 0 ? null : new float[Math.multiplyExact(steps, width)];
        for (int i = 0; i < n; i++) {
            copy(sequences.get(i), startOf(i));
        }
    }

    private void copy(Sequence s, int start) {
        if (s.steps() instanceof Steps.Tokens some) {
            for (int t = 0; t < some.length(); t++) {
                tokens.set(start + t, some.ids()[t]);
            }
            if (nextTokens) {
                tokens.set(start + some.length(), s.labels()[some.length() - 1]);
            }
        } else if (s.steps() instanceof Steps.Dense rows) {
            System.arraycopy(rows.values(), 0, values, start * width, rows.values().length);
        }
    }

    /** Number of sequences. */
    int size() {
        return ends.length;
    }

    /** Steps up to and including each sequence, (n). */
    int[] ends() {
        return ends;
    }

    /** Number of steps of sequence i. */
    int length(int i) {
        return ends[i] - (i == 0 ? 0 : ends[i - 1]);
    }

    /** Where the steps of sequence i begin, in tokens or rows of values. */
    int startOf(int i) {
        return (i == 0 ? 0 : ends[i - 1]) + (nextTokens ? i : 0);
    }

    /** Whether labels are the next tokens. */
    boolean areLabelled() {
        return nextTokens;
    }

    boolean hasTokens() {
        return tokens != null;
    }

    int token(int at) {
        return tokens.get(at);
    }

    /** Null for dense rows. */
    TokenArray tokens() {
        return tokens;
    }

    /** Dense rows, (steps, width); null for tokens. */
    float[] values() {
        return values;
    }

    /** D, the size of one dense step; 0 for tokens. */
    int width() {
        return width;
    }

    /** The steps of sequence i, as a copy. */
    Steps of(int i) {
        int start = startOf(i);
        int length = length(i);
        if (tokens == null) {
            return new Steps.Dense(Arrays.copyOfRange(values, start * width, (start + length) * width), width);
        }
        int[] ids = new int[length];
        for (int t = 0; t < length; t++) {
            ids[t] = tokens.get(start + t);
        }
        return new Steps.Tokens(ids);
    }

    /** Steps whose token is not in the vocabulary. */
    long unknownTokens() {
        long unknown = 0;
        for (int i = 0; tokens != null && i < size(); i++) {
            for (int t = 0; t < length(i); t++) {
                unknown += token(startOf(i) + t) == Vocabulary.UNKNOWN ? 1 : 0;
            }
        }
        return unknown;
    }
}
