package dev.unroll.data;

import java.util.Arrays;
import java.util.List;

/**
 * One training sequence: its steps as token ids, as dense rows or as both, its labels or targets, and its weight. Immutable by
 * convention: the arrays are not copied.
 */
public final class Sequence {

    private final Steps steps;
    private final Terms terms;
    private final Standardization ownScale;
    private final double level;
    private final float weight;

    Sequence(Steps steps, Terms terms, float weight) {
        this(steps, terms, null, 0, weight);
    }

    /**
     * @param ownScale as {@link #ownScale}
     * @param level as {@link #level}
     */
    Sequence(Steps steps, Terms terms, Standardization ownScale, double level, float weight) {
        this.steps = steps;
        this.terms = terms;
        this.ownScale = ownScale;
        this.level = level;
        this.weight = weight;
        if (length() == 0) {
            throw new IllegalArgumentException("a sequence needs at least one step");
        }
    }

    /** Steps of any kind. */
    public static Sequence of(Steps steps, int[] labels, float weight) {
        return new Sequence(steps, Terms.ofLabels(labels), weight);
    }

    /** Steps given as ids of a vocabulary, shape (T). */
    public static Sequence ofTokens(int[] tokens, int[] labels, float weight) {
        return of(new Steps.Tokens(tokens), labels, weight);
    }

    /** Steps given as rows of numbers, shape (T, width), row-major. */
    public static Sequence ofValues(float[] values, int width, int[] labels, float weight) {
        return of(new Steps.Dense(values, width), labels, weight);
    }

    /** A copy with targets instead of labels: (1 or T, targetWidth), row-major. */
    public Sequence withTargets(float[] newTargets, int newWidth) {
        return withTargets(newTargets, null, newWidth);
    }

    /**
     * A copy with targets instead of labels: (1 or T, targetWidth), row-major.
     *
     * @param newTargets scaled and rounded: what is trained on
     * @param exact as the data have them: what predictions are measured against; null where they are the same
     */
    public Sequence withTargets(float[] newTargets, double[] exact, int newWidth) {
        return new Sequence(steps, Terms.ofTargets(newTargets, exact, newWidth), ownScale, level, weight);
    }

    /**
     * A copy whose loss terms have weights within the sequence, (terms), at least 0. A term whose label is -1, or whose
     * target has NaN, weighs 0 in any case: it is missing.
     *
     * @throws IllegalArgumentException if there is not one per term, or one is below 0 or not finite
     */
    public Sequence withTermWeights(float... weights) {
        return new Sequence(steps, terms.weighted(weights), ownScale, level, weight);
    }

    /** A copy whose targets are counts that were divided by a level of their own, or 0 for none. */
    public Sequence withLevel(double newLevel) {
        return new Sequence(steps, terms, ownScale, newLevel, weight);
    }

    /** A copy that is trained on, not measured: without {@link #exactTargets} and {@link #ownScale}. */
    public Sequence unmeasured() {
        return exactTargets() == null && ownScale == null
                ? this
                : new Sequence(steps, terms.withoutExactTargets(), null, level, weight);
    }

    /**
     * Concatenates the steps of several sequences; the weight is the first one's.
     *
     * @param pieces a single one of any kind, or several of tokens with a label per step
     */
    public static Sequence joined(List<Sequence> pieces) {
        if (pieces.size() == 1) {
            return pieces.get(0);
        }
        return ofTokens(
                pieces.stream()
                        .flatMapToInt(piece -> Arrays.stream(piece.tokens()))
                        .toArray(),
                pieces.stream()
                        .flatMapToInt(piece -> Arrays.stream(piece.labels()))
                        .toArray(),
                pieces.get(0).weight);
    }

    /** The steps [from, to) of a sequence with a label or target per step. */
    public Sequence slice(int from, int to) {
        return new Sequence(
                steps.slice(from, to), terms.count() == 0 ? terms : terms.slice(from, to), ownScale, level, weight);
    }

    /** Its steps, as what they are. */
    public Steps steps() {
        return steps;
    }

    /** Its labels or targets. */
    Terms lossTerms() {
        return terms;
    }

    /** T, the number of steps. */
    public int length() {
        return steps.length();
    }

    /** Whether the steps are tokens; otherwise they are dense rows, or mixed. */
    public boolean hasTokens() {
        return steps instanceof Steps.Tokens;
    }

    /** Token ids (T); null for dense rows. */
    public int[] tokens() {
        return steps instanceof Steps.Tokens tokens ? tokens.ids() : null;
    }

    /** Numbers (T, width); null for tokens. */
    public float[] values() {
        return steps instanceof Steps.Mixed mixed
                ? mixed.values()
                : steps instanceof Steps.Dense dense ? dense.values() : null;
    }

    /** D, how many numbers a step has; 0 for tokens. */
    public int width() {
        return steps instanceof Steps.Mixed mixed
                ? mixed.width()
                : steps instanceof Steps.Dense dense ? dense.width() : 0;
    }

    /** Class indices: one for the whole sequence, or one per step; one that is missing weighs 0. */
    public int[] labels() {
        return terms.labels();
    }

    /** Targets, (terms, targetWidth); empty where there are labels. */
    public float[] targets() {
        return terms.targets();
    }

    /** Targets as the data have them; null where {@link #targets} are. */
    public double[] exactTargets() {
        return terms.exactTargets();
    }

    /**
     * How the first number of a step, and targets that are no counts, were scaled by its own numbers, one scaling for all of them; null where
     * it is that of the training part, or nothing is measured.
     */
    public Standardization ownScale() {
        return ownScale;
    }

    /** What its targets, which are counts, were divided by, where each sequence has its own; otherwise 0. */
    public double level() {
        return level;
    }

    /** How its targets were scaled: null as {@link #ownScale}. */
    public Standardization targetScale() {
        return level == 0 ? ownScale : Standardization.ofLevel(level);
    }

    /** The size of one target; 0 where there are labels. */
    public int targetWidth() {
        return terms.width();
    }

    /** Number of loss terms: labels, or rows of targets; those that are missing count. */
    public int terms() {
        return terms.count();
    }

    /** What each loss term weighs, (terms), 0 for those that are missing; null where all weigh 1. */
    public float[] termWeights() {
        return terms.weights();
    }

    /** What all loss terms weigh together: their number where each weighs 1. */
    public double termWeight() {
        return terms.weight();
    }

    public float weight() {
        return weight;
    }
}
