package dev.unroll.data;

import java.io.Serializable;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Sequences of one shard, by place, as a handful of primitive arrays: what an executor caches. It holds all of the
 * shard, or a range of its places, or those that one update takes of it. Immutable once built.
 *
 * <p>All sequences are of one kind: tokens, dense rows of one width, or mixed steps; and one loss term each or one per step, with
 * labels or with targets. What can be derived is not stored, weights that are 1 for example.
 */
public final class Shard implements Serializable {

    private static final long serialVersionUID = 1L;

    private final int index;
    private final int firstPlace;
    private final int[] places; // (n) of each sequence; null for those from firstPlace on
    private final ShardSteps steps;
    private final ShardTerms terms;
    private final float[] weights; // (n); null where all are 1
    private final double[] ownScales; // (n, 2) mean and deviation of the first number; null where there are none
    private final double[] levels; // (n) of counts; null where there are none

    /**
     * Packs all sequences of a shard in the given order, which is that of their places.
     *
     * @param index u, the shard's number
     * @param vocabulary an upper bound of token ids (exclusive); it decides the bytes per id. Ids of mixed steps are as
     *     narrow as they are
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
        requireOneKind(index, sequences);
        boolean nextTokens = ShardTerms.areNextTokens(sequences);
        int labelBound = ShardTerms.labelBound(sequences);
        steps = new ShardSteps(sequences, nextTokens, nextTokens ? Math.max(vocabulary, labelBound) : vocabulary);
        terms = new ShardTerms(sequences, labelBound, steps);
        weights = weights(sequences);
        ownScales = ownScales(sequences);
        levels = levels(sequences);
    }

    private static void requireOneKind(int index, List<Sequence> sequences) {
        for (int i = 1; i < sequences.size(); i++) {
            Sequence first = sequences.get(0);
            Sequence s = sequences.get(i);
            if (!s.steps().isLike(first.steps()) || s.targetWidth() != first.targetWidth()) {
                throw new IllegalArgumentException(
                        "sequence " + i + " of shard " + index + " has " + kind(s) + ", the first has " + kind(first));
            }
        }
    }

    private static String kind(Sequence s) {
        return s.steps().kind() + " with " + s.lossTerms().kind();
    }

    private static float[] weights(List<Sequence> sequences) {
        if (sequences.stream().allMatch(s -> s.weight() == 1)) {
            return null;
        }
        float[] all = new float[sequences.size()];
        for (int i = 0; i < all.length; i++) {
            all[i] = sequences.get(i).weight();
        }
        return all;
    }

    private static double[] ownScales(List<Sequence> sequences) {
        if (sequences.stream().anyMatch(s -> s.ownScale() == null)) {
            return null;
        }
        double[] all = new double[2 * sequences.size()];
        for (int i = 0; i < sequences.size(); i++) {
            Standardization own = sequences.get(i).ownScale();
            all[2 * i] = own.means()[0];
            all[2 * i + 1] = own.deviations()[0];
        }
        return all;
    }

    private static double[] levels(List<Sequence> sequences) {
        return sequences.stream().anyMatch(s -> s.level() == 0)
                ? null
                : sequences.stream().mapToDouble(Sequence::level).toArray();
    }

    /** u, the shard's number. */
    public int index() {
        return index;
    }

    /** Number of sequences. */
    public int size() {
        return steps.size();
    }

    /** Number of steps of all sequences. */
    public long steps() {
        return size() == 0 ? 0 : steps.ends()[size() - 1];
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
        return steps.unknownTokens();
    }

    /** An upper bound of token ids, exclusive; 0 of numbers. */
    public int idBound() {
        return steps.hasTokens() ? steps.tokens().bound() : 0;
    }

    /** The sequence i, as a copy. */
    public Sequence sequence(int i) {
        return new Sequence(steps.of(i), terms.of(i), ownScale(i), level(i), weight(i));
    }

    /** Number of steps of sequence i. */
    public int length(int i) {
        return steps.length(i);
    }

    ShardSteps shardSteps() {
        return steps;
    }

    ShardTerms shardTerms() {
        return terms;
    }

    /** As {@link Sequence#ownScale}. */
    Standardization ownScale(int i) {
        return ownScales == null
                ? null
                : new Standardization(new double[] {ownScales[2 * i]}, new double[] {ownScales[2 * i + 1]}, true);
    }

    /** As {@link Sequence#level}. */
    double level(int i) {
        return levels == null ? 0 : levels[i];
    }

    float weight(int i) {
        return weights == null ? 1 : weights[i];
    }
}
