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
    private final TokenArray[] ids; // by column (steps), of mixed steps; otherwise null, as the next two
    private final float[] staticValues; // (n, its width)
    private final TokenArray[] staticIds; // by column (n)

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
        width = n == 0 ? 0 : sequences.get(0).width();
        values = width == 0 ? null : new float[Math.multiplyExact(steps, width)];
        if (first instanceof Steps.Mixed mixed) {
            ids = columns(mixed.ids().length, steps, sequences, (s, k) -> s.ids()[k]);
            staticValues = new float[Math.multiplyExact(n, mixed.staticValues().length)];
            staticIds = columns(mixed.staticIds().length, n, sequences, (s, k) -> new int[] {s.staticIds()[k]});
        } else {
            ids = null;
            staticValues = null;
            staticIds = null;
        }
        for (int i = 0; i < n; i++) {
            copy(sequences.get(i), i);
        }
    }

    private interface Column {
        int[] of(Steps.Mixed steps, int k);
    }

    /** Columns of ids, sequence after sequence, each as narrow as its ids allow. */
    private static TokenArray[] columns(int count, int length, List<Sequence> sequences, Column column) {
        TokenArray[] all = new TokenArray[count];
        for (int k = 0; k < count; k++) {
            int bound = 1;
            for (Sequence s : sequences) {
                for (int id : column.of((Steps.Mixed) s.steps(), k)) {
                    bound = Math.max(bound, id + 1);
                }
            }
            all[k] = new TokenArray(length, bound);
            int at = 0;
            for (Sequence s : sequences) {
                for (int id : column.of((Steps.Mixed) s.steps(), k)) {
                    all[k].set(at++, id);
                }
            }
        }
        return all;
    }

    private void copy(Sequence s, int i) {
        int start = startOf(i);
        if (s.steps() instanceof Steps.Tokens some) {
            for (int t = 0; t < some.length(); t++) {
                tokens.set(start + t, some.ids()[t]);
            }
            if (nextTokens) {
                tokens.set(start + some.length(), s.labels()[some.length() - 1]);
            }
        } else if (width > 0) {
            System.arraycopy(s.values(), 0, values, start * width, s.values().length);
        }
        if (s.steps() instanceof Steps.Mixed mixed) {
            System.arraycopy(mixed.staticValues(), 0, staticValues, i * staticWidth(), staticWidth());
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

    /** Null for dense rows and mixed steps. */
    TokenArray tokens() {
        return tokens;
    }

    /** Numbers, (steps, width); null where there are none. */
    float[] values() {
        return values;
    }

    /** D, how many numbers a step has; 0 for tokens. */
    int width() {
        return width;
    }

    /** Whether steps are {@link Steps.Mixed}. */
    boolean areMixed() {
        return ids != null;
    }

    /** Ids by column, (K)(steps); null unless steps are mixed. */
    TokenArray[] ids() {
        return ids;
    }

    /** How many numbers the whole of a sequence has. */
    int staticWidth() {
        return ids == null || size() == 0 ? 0 : staticValues.length / size();
    }

    /** Numbers of whole sequences, (n, staticWidth); null unless steps are mixed. */
    float[] staticValues() {
        return staticValues;
    }

    /** Ids of whole sequences by column, (n); null unless steps are mixed. */
    TokenArray[] staticIds() {
        return staticIds;
    }

    /** The steps of sequence i, as a copy. */
    Steps of(int i) {
        int start = startOf(i);
        int length = length(i);
        if (tokens != null) {
            return new Steps.Tokens(tokens.get(start, length));
        }
        float[] numbers =
                width == 0 ? new float[0] : Arrays.copyOfRange(values, start * width, (start + length) * width);
        if (ids == null) {
            return new Steps.Dense(numbers, width);
        }
        int[][] columns = new int[ids.length][];
        for (int k = 0; k < columns.length; k++) {
            columns[k] = ids[k].get(start, length);
        }
        int[] statics = new int[staticIds.length];
        for (int k = 0; k < statics.length; k++) {
            statics[k] = staticIds[k].get(i);
        }
        float[] own = Arrays.copyOfRange(staticValues, i * staticWidth(), (i + 1) * staticWidth());
        return new Steps.Mixed(numbers, width, columns, own, statics);
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
