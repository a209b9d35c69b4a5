package dev.unroll.data;

import java.io.Serializable;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Sequences of one shard, by place, as a handful of primitive arrays: what an executor caches. It holds all of the
 * shard, or a range of its places, or those that one update takes of it. Immutable once built.
 *
 * <p>All sequences are of one kind: tokens or dense rows of one width, and one loss term each or one per step, with
 * labels or with targets. What can be derived is not stored: labels that are the next tokens, the ends of terms where
 * there is one per step or one per sequence, weights that are 1.
 */
public final class Shard implements Serializable {

    private static final long serialVersionUID = 1L;

    private final int index;
    private final int firstPlace;
    private final int[] places; // (n) of each sequence; null for those from firstPlace on
    private final int[] ends; // (n) steps up to and including each sequence
    private final int[]
            termEnds; // (n) loss terms up to and including each sequence; null for one each; may be ends itself
    private final boolean nextTokens; // labels are the next tokens: a sequence of T steps has T + 1 tokens
    private final TokenArray tokens; // (steps, or steps + n), or null
    private final float[] values; // (steps, width), or null
    private final int width;
    private final TokenArray labels; // (terms); empty where there are targets or nextTokens
    private final float[] targets; // (terms, targetWidth), or empty
    private final double[] exactTargets; // as the data have them; null where targets are, or nothing is measured
    private final int targetWidth;
    private final float[] weights; // (n); null where all are 1

    /**
     * Packs all sequences of a shard in the given order, which is that of their places.
     *
     * @param index u, the shard's number
     * @param vocabulary an upper bound of token ids (exclusive); it decides the bytes per id
     * @throws IllegalArgumentException if the sequences differ in kind
     * @throws ArithmeticException if they hold more than 2^31 steps or numbers together
     */
    public Shard(int index, List<Sequence> sequences, int vocabulary) {
        this(index, 0, null, sequences, vocabulary);
    }

    /** As {@link #Shard(int, List, int)}, for the places from {@code firstPlace} on. */
    public static Shard ofPlacesFrom(int firstPlace, int index, List<Sequence> sequences, int vocabulary) {
        return new Shard(index, firstPlace, null, sequences, vocabulary);
    }

    /** As {@link #Shard(int, List, int)}, for the sequences at some places. */
    public static Shard ofPlaces(int[] places, int index, List<Sequence> sequences, int vocabulary) {
        return new Shard(index, 0, places, sequences, vocabulary);
    }

    private Shard(int index, int firstPlace, int[] places, List<Sequence> sequences, int vocabulary) {
        this.index = index;
        this.firstPlace = firstPlace;
        this.places = places;
        int n = sequences.size();
        Sequence first = n == 0 ? null : sequences.get(0);
        ends = new int[n];
        int[] termsUpTo = new int[n];
        int steps = 0;
        int terms = 0;
        int idBound = vocabulary;
        int labelBound = 1;
        boolean oneTermEach = true;
        boolean weighsOne = true;
        boolean exact = false;
        boolean labelsFollow = n > 0 && first.hasTokens();
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
            termsUpTo[i] = terms;
            oneTermEach &= s.terms() == 1;
            weighsOne &= s.weight() == 1;
            exact |= s.exactTargets() != null;
            labelsFollow = labelsFollow && labelsAreNextTokens(s);
            for (int label : s.labels()) {
                labelBound = Math.max(labelBound, label + 1);
            }
        }
        nextTokens = labelsFollow;
        termEnds = oneTermEach ? null : Arrays.equals(termsUpTo, ends) ? ends : termsUpTo;
        weights = weighsOne ? null : new float[n];
        width = first == null ? 0 : first.width();
        targetWidth = first == null ? 0 : first.targetWidth();
        boolean hasTokens = first != null && first.hasTokens();
        tokens = hasTokens
                ? new TokenArray(
                        nextTokens ? Math.addExact(steps, n) : steps,
                        nextTokens ? Math.max(idBound, labelBound) : idBound)
                : null;
        values = first == null || hasTokens ? null : new float[Math.multiplyExact(steps, width)];
        labels = new TokenArray(targetWidth == 0 && !nextTokens ? terms : 0, labelBound);
        targets = new float[Math.multiplyExact(terms, targetWidth)];
        exactTargets = exact ? new double[targets.length] : null;
        for (int i = 0; i < n; i++) {
            copy(sequences.get(i), i);
        }
    }

    private static boolean labelsAreNextTokens(Sequence s) {
        int[] ids = s.tokens();
        int[] next = s.labels();
        return next.length == ids.length && Arrays.equals(ids, 1, ids.length, next, 0, next.length - 1);
    }

    private void copy(Sequence s, int i) {
        int start = startOf(i);
        if (tokens != null) {
            for (int t = 0; t < s.length(); t++) {
                tokens.set(start + t, s.tokens()[t]);
            }
        } else {
            System.arraycopy(s.values(), 0, values, start * width, s.values().length);
        }
        int termStart = termStartOf(i);
        if (nextTokens) {
            tokens.set(start + s.length(), s.labels()[s.length() - 1]);
        } else {
            for (int j = 0; j < s.labels().length; j++) {
                labels.set(termStart + j, s.labels()[j]);
            }
        }
        System.arraycopy(s.targets(), 0, targets, termStart * targetWidth, s.targets().length);
        if (exactTargets != null) {
            double[] own = s.exactTargets() == null ? Doubles.of(s.targets()) : s.exactTargets();
            System.arraycopy(own, 0, exactTargets, termStart * targetWidth, own.length);
        }
        if (weights != null) {
            weights[i] = s.weight();
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

    /** The place of sequence i, by its index in this object. */
    public int place(int i) {
        return places == null ? firstPlace + i : places[i];
    }

    /** Number of steps of the sequences i at some indices. */
    public long steps(int[] some) {
        long sum = 0;
        for (int i : some) {
            sum += length(i);
        }
        return sum;
    }

    /** Number of steps of the longest sequences, {@code count} of them. */
    public long longest(int count) {
        return IntStream.range(0, size())
                .map(this::length)
                .boxed()
                .sorted(Comparator.reverseOrder())
                .limit(count)
                .mapToLong(Integer::longValue)
                .sum();
    }

    /**
     * The index of a place in the range of places that is here; negative, or not below {@link #size}, where it is not.
     */
    public int indexOf(int place) {
        return place - firstPlace;
    }

    /** Steps whose token is not in the vocabulary. */
    public long unknownTokens() {
        long unknown = 0;
        for (int i = 0; tokens != null && i < size(); i++) {
            for (int t = 0; t < length(i); t++) {
                unknown += token(startOf(i) + t) == Vocabulary.UNKNOWN ? 1 : 0;
            }
        }
        return unknown;
    }

    /** An upper bound of token ids, exclusive; 0 of numbers. */
    public int idBound() {
        return tokens == null ? 0 : tokens.bound();
    }

    /** The sequence i, as a copy. */
    public Sequence sequence(int i) {
        int length = length(i);
        int terms = terms(i);
        int[] itsLabels = new int[targetWidth == 0 ? terms : 0];
        for (int j = 0; j < itsLabels.length; j++) {
            itsLabels[j] = label(termStartOf(i) + j);
        }
        Sequence sequence;
        if (hasTokens()) {
            int[] ids = new int[length];
            for (int t = 0; t < length; t++) {
                ids[t] = token(startOf(i) + t);
            }
            sequence = Sequence.ofTokens(ids, itsLabels, weight(i));
        } else {
            int from = startOf(i) * width;
            float[] steps = Arrays.copyOfRange(values, from, from + length * width);
            sequence = Sequence.ofValues(steps, width, itsLabels, weight(i));
        }
        int from = termStartOf(i) * targetWidth;
        if (targetWidth == 0) {
            return sequence;
        }
        int to = from + terms * targetWidth;
        double[] exact = exactTargets == null ? null : Arrays.copyOfRange(exactTargets, from, to);
        return sequence.withTargets(Arrays.copyOfRange(targets, from, to), exact, targetWidth);
    }

    /** Number of steps of sequence i. */
    public int length(int i) {
        return ends[i] - (i == 0 ? 0 : ends[i - 1]);
    }

    /** Where the steps of sequence i begin, in tokens or values. */
    int startOf(int i) {
        return (i == 0 ? 0 : ends[i - 1]) + (nextTokens ? i : 0);
    }

    /** Where the terms of sequence i begin, in labels or targets. */
    int termStartOf(int i) {
        if (nextTokens) {
            return startOf(i) + 1;
        }
        return termEnds == null ? i : i == 0 ? 0 : termEnds[i - 1];
    }

    int terms(int i) {
        return termEnds == null ? 1 : termEnds[i] - (i == 0 ? 0 : termEnds[i - 1]);
    }

    int label(int at) {
        return nextTokens ? tokens.get(at) : labels.get(at);
    }

    float[] targets() {
        return targets;
    }

    /** Null where targets are exact. */
    double[] exactTargets() {
        return exactTargets;
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

    float weight(int i) {
        return weights == null ? 1 : weights[i];
    }
}
