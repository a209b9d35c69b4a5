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
    private final boolean hasTokens;
    private final boolean mixed;
    private final TokenArray[] ids; // by column (steps); one column of tokens (steps, or steps + n), none of dense rows
    private final float[] values; // (steps, width)
    private final int width;
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
        width = n == 0 ? 0 : sequences.get(0).width();
        values = new float[Math.multiplyExact(steps, width)];
        hasTokens = first instanceof Steps.Tokens;
        mixed = first instanceof Steps.Mixed;
        if (first instanceof Steps.Mixed like) {
            ids = columns(like.ids().length, steps, sequences, (s, k) -> s.ids()[k]);
            staticValues = new float[Math.multiplyExact(n, like.staticValues().length)];
            staticIds = columns(like.staticIds().length, n, sequences, (s, k) -> new int[] {s.staticIds()[k]});
        } else {
            ids = new TokenArray[hasTokens ? 1 : 0];
            staticValues = new float[0];
            staticIds = new TokenArray[0];
        }
        if (hasTokens) {
            ids[0] = new TokenArray(nextTokens ? Math.addExact(steps, n) : steps, idBound);
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
                ids[0].set(start + t, some.ids()[t]);
            }
            if (nextTokens) {
                ids[0].set(start + some.length(), s.labels()[some.length() - 1]);
            }
        } else {
            System.arraycopy(s.values(), 0, values, start * width, s.values().length);
        }
        if (s.steps() instanceof Steps.Mixed whole) {
            System.arraycopy(whole.staticValues(), 0, staticValues, i * staticWidth(), staticWidth());
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
        return hasTokens;
    }

    /** Of tokens. */
    TokenArray tokens() {
        return ids[0];
    }

    /** Numbers, (steps, width). */
    float[] values() {
        return values;
    }

    /** D, how many numbers a step has; 0 for tokens. */
    int width() {
        return width;
    }

    /** Whether steps are {@link Steps.Mixed}. */
    boolean areMixed() {
        return mixed;
    }

    /** Ids by column, (K)(steps): one column of tokens, none of dense rows. */
    TokenArray[] ids() {
        return ids;
    }

    /** How many numbers the whole of a sequence has. */
    int staticWidth() {
        return size() == 0 ? 0 : staticValues.length / size();
    }

    /** Numbers of whole sequences, (n, staticWidth). */
    float[] staticValues() {
        return staticValues;
    }

    /** Ids of whole sequences by column, (n). */
    TokenArray[] staticIds() {
        return staticIds;
    }

    /** The steps of sequence i, as a copy. */
    Steps of(int i) {
        int start = startOf(i);
        int length = length(i);
        if (hasTokens) {
            return new Steps.Tokens(ids[0].get(start, length));
        }
        float[] numbers = Arrays.copyOfRange(values, start * width, (start + length) * width);
        if (!mixed) {
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
        for (int i = 0; hasTokens && i < size(); i++) {
            for (int t = 0; t < length(i); t++) {
                unknown += ids[0].get(startOf(i) + t) == Vocabulary.UNKNOWN ? 1 : 0;
            }
        }
        return unknown;
    }
}
