package dev.unroll.data;

import java.io.Serializable;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;

/**
 * The labels or targets of a {@link Shard}, sequence after sequence, as primitive arrays. Immutable once built.
 *
 * <p>What can be derived is not stored: labels that are the next tokens, and the ends of terms where there is one per
 * step or one per sequence. Targets that are all 0 or 1, such as sets of labels, take a bit each.
 */
public final class ShardTerms implements Serializable {

    private static final long serialVersionUID = 1L;

    private final int[] ends; // (n) loss terms up to and including each sequence; null for one each; may be the steps'
    private final boolean nextTokens;
    private final TokenArray labels; // (terms); empty where there are targets; the steps' tokens where nextTokens
    private final float[] targets; // (terms, width), or empty
    private final BitSet ones; // of targets that are 0 or 1, in the same order; null where others are
    private final double[] exactTargets; // as the data have them; null where targets are, or nothing is measured
    private final int width;
    private final float[] weights; // (terms) 0 for those that are missing; null where all are 1

    /**
     * @param sequences of one kind
     * @param labelBound as {@link #labelBound}
     * @param steps of these sequences
     */
    ShardTerms(List<Sequence> sequences, int labelBound, ShardSteps steps) {
        int n = sequences.size();
        int[] upTo = new int[n];
        int terms = 0;
        boolean oneEach = true;
        boolean exact = false;
        boolean weighted = false;
        for (int i = 0; i < n; i++) {
            Terms some = sequences.get(i).lossTerms();
            terms = Math.addExact(terms, some.count());
            upTo[i] = terms;
            oneEach &= some.count() == 1;
            exact |= some.exactTargets() != null;
            weighted |= some.weights() != null;
        }
        ends = oneEach ? null : Arrays.equals(upTo, steps.ends()) ? steps.ends() : upTo;
        nextTokens = steps.areLabelled();
        width = n == 0 ? 0 : sequences.get(0).targetWidth();
        labels = nextTokens ? steps.tokens() : new TokenArray(width == 0 ? terms : 0, labelBound);
        int numbers = Math.multiplyExact(terms, width);
        ones = width > 0 && !exact && areZerosAndOnes(sequences) ? new BitSet(numbers) : null;
        targets = new float[ones == null ? numbers : 0];
        exactTargets = exact ? new double[numbers] : null;
        weights = weighted ? new float[terms] : null;
        for (int i = 0; i < n; i++) {
            copy(sequences.get(i).lossTerms(), startOf(i));
        }
    }

    private void copy(Terms some, int start) {
        for (int j = 0; j < some.labels().length && !nextTokens; j++) {
            labels.set(start + j, Math.max(0, some.labels()[j])); // one that is missing weighs 0
        }
        if (weights != null && some.weights() == null) {
            Arrays.fill(weights, start, start + some.count(), 1f);
        } else if (weights != null) {
            System.arraycopy(some.weights(), 0, weights, start, some.count());
        }
        if (ones == null) {
            System.arraycopy(some.targets(), 0, targets, start * width, some.targets().length);
        } else {
            for (int i = 0; i < some.targets().length; i++) {
                ones.set(start * width + i, some.targets()[i] == 1);
            }
        }
        if (exactTargets != null) {
            double[] own = some.exactTargets() == null ? Doubles.of(some.targets()) : some.exactTargets();
            System.arraycopy(own, 0, exactTargets, start * width, own.length);
        }
    }

    /** Whether all targets are, but for those that weigh 0. */
    private static boolean areZerosAndOnes(List<Sequence> sequences) {
        int zero = Float.floatToRawIntBits(0);
        for (Sequence s : sequences) {
            Terms some = s.lossTerms();
            for (int i = 0; i < some.targets().length; i++) {
                float y = some.targets()[i];
                boolean missing = some.weights() != null && some.weights()[i / some.width()] == 0;
                if (!missing && y != 1 && Float.floatToRawIntBits(y) != zero) {
                    return false;
                }
            }
        }
        return true;
    }

    /** Whether the labels of all sequences are their next tokens, none of which weighs more or less than the others. */
    static boolean areNextTokens(List<Sequence> sequences) {
        for (Sequence s : sequences) {
            int[] ids = s.tokens();
            int[] next = s.labels();
            if (ids == null
                    || s.lossTerms().weights() != null
                    || next.length != ids.length
                    || !Arrays.equals(ids, 1, ids.length, next, 0, next.length - 1)) {
                return false;
            }
        }
        return !sequences.isEmpty();
    }

    /** An upper bound of labels, exclusive; at least 1. */
    static int labelBound(List<Sequence> sequences) {
        int bound = 1;
        for (Sequence s : sequences) {
            for (int label : s.labels()) {
                bound = Math.max(bound, label + 1);
            }
        }
        return bound;
    }

    /** Number of loss terms of sequence i. */
    int count(int i) {
        return ends == null ? 1 : ends[i] - (i == 0 ? 0 : ends[i - 1]);
    }

    /** Where the terms of sequence i begin, in labels or rows of targets. */
    int startOf(int i) {
        int start = ends == null ? i : i == 0 ? 0 : ends[i - 1];
        return nextTokens ? start + i + 1 : start; // each sequence before has a token more, and the first is no label
    }

    int label(int at) {
        return labels.get(at);
    }

    /** Copies targets of so many terms from {@code start} on to rows of an array of the same width, from {@code to} on. */
    void copyTargets(int start, int terms, float[] into, int to) {
        if (ones == null) {
            System.arraycopy(targets, start * width, into, to * width, terms * width);
            return;
        }
        for (int i = 0; i < terms * width; i++) {
            into[to * width + i] = ones.get(start * width + i) ? 1f : 0f;
        }
    }

    /** Null where targets are exact. */
    double[] exactTargets() {
        return exactTargets;
    }

    /** The size of one target; 0 where there are labels. */
    int width() {
        return width;
    }

    /** What the terms weigh, (terms); null where all are 1. */
    float[] weights() {
        return weights;
    }

    /** What the terms of sequence i weigh together, as {@link Terms#weight}. */
    double weight(int i) {
        if (weights == null) {
            return count(i);
        }
        double sum = 0;
        int start = startOf(i);
        for (int t = start; t < start + count(i); t++) {
            sum += weights[t];
        }
        return sum;
    }

    /** The terms of sequence i, as a copy; a label that is missing is 0 here, and weighs 0. */
    Terms of(int i) {
        int start = startOf(i);
        int count = count(i);
        float[] own = weights == null ? null : Arrays.copyOfRange(weights, start, start + count);
        if (width > 0) {
            int from = start * width;
            int to = from + count * width;
            double[] exact = exactTargets == null ? null : Arrays.copyOfRange(exactTargets, from, to);
            float[] numbers = new float[to - from];
            copyTargets(start, count, numbers, 0);
            return Terms.ofTargets(numbers, exact, width).weighted(own);
        }
        int[] some = new int[count];
        for (int j = 0; j < count; j++) {
            some[j] = label(start + j);
        }
        return Terms.ofLabels(some).weighted(own);
    }
}
