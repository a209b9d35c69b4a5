package dev.unroll.nn;

import dev.unroll.data.Sequence;
import dev.unroll.data.Standardization;
import dev.unroll.data.Steps;
import dev.unroll.math.CounterRandom;
import dev.unroll.nn.NetworkSpec.Mixed;
import dev.unroll.nn.NetworkSpec.Tokens;
import java.util.Arrays;
import java.util.stream.IntStream;

/** Takes a network, a length and a stream of random numbers; gives a training sequence that fits: steps with labels, or with targets. */
public final class RandomSequence {

    // Where in the stream each kind of number is drawn.
    private static final int LABELS = 0;
    private static final int STEPS = 1 << 20;
    private static final int TARGETS = 2 << 20;
    private static final int IDS = 3 << 20;
    private static final int STATICS = 4 << 20;
    private static final int LEVEL = 5 << 20;
    private static final int MISSING = 16 << 20;

    private RandomSequence() {}

    public static Sequence of(NetworkSpec spec, int length, float weight, CounterRandom random) {
        HeadSpec head = spec.head();
        int terms = head.everyStep() ? length : 1;
        int[] labels = below(head.labels(), terms, random, LABELS);
        Sequence labelled = Sequence.of(steps(spec.input(), length, random), labels, weight);
        int width = head.targetWidth();
        if (head.loss().hasLabelSets()) {
            return labelled.withTargets(zerosAndOnes(terms * width, random), width);
        }
        if (head.loss().counts()) {
            return withCounts(labelled, below(12, terms * width, random, TARGETS), width, 0.7 + random.below(5, LEVEL));
        }
        return width == 0 ? labelled : labelled.withTargets(normal(terms * width, random, TARGETS), width);
    }

    private static float[] zerosAndOnes(int count, CounterRandom random) {
        float[] numbers = new float[count];
        int[] drawn = below(2, count, random, TARGETS);
        for (int i = 0; i < count; i++) {
            numbers[i] = drawn[i];
        }
        return numbers;
    }

    /** The same with counts, whose level is one of its own. */
    public static Sequence withCounts(Sequence sequence, int[] counts, int width, double level) {
        Standardization own = new Standardization(new double[] {0}, new double[] {level}, true);
        return sequence.withTargets(
                        own.apply(Arrays.stream(counts).asDoubleStream().toArray()), width)
                .withLevel(level);
    }

    private static Steps steps(NetworkSpec.Input input, int length, CounterRandom random) {
        if (input instanceof Tokens tokens) {
            return new Steps.Tokens(below(tokens.vocabulary(), length, random, STEPS));
        }
        if (!(input instanceof Mixed mixed)) {
            return new Steps.Dense(normal(length * input.size(), random, STEPS), input.size());
        }
        int[][] ids = new int[mixed.categories().size()][];
        for (int k = 0; k < ids.length; k++) {
            ids[k] = below(mixed.categories().get(k).vocabulary(), length, random, IDS + k * length);
        }
        int[] staticIds = new int[mixed.statics().size()];
        for (int k = 0; k < staticIds.length; k++) {
            staticIds[k] = random.below(mixed.statics().get(k).vocabulary(), STATICS + k);
        }
        return new Steps.Mixed(
                numbers(mixed, length * mixed.numbers(), random, STEPS),
                mixed.numbers(),
                ids,
                numbers(mixed, mixed.staticNumbers(), random, 2 * STATICS),
                staticIds);
    }

    /** Of masked numbers one in four is missing. */
    private static float[] numbers(Mixed mixed, int count, CounterRandom random, int from) {
        float[] numbers = normal(count, random, from);
        for (int i = 0; i < count && mixed.masked(); i++) {
            numbers[i] = random.below(4, MISSING + from + i) == 0 ? Float.NaN : numbers[i];
        }
        return numbers;
    }

    /**
     * The same sequence with terms that weigh 0, 0.3, 1 or 2 (0 or 1, where all steps have one loss), and some that are missing, label -1 or NaN in the target; at least one of them
     * weighs something.
     */
    public static Sequence withTermWeights(Loss loss, Sequence s, CounterRandom random) {
        float[] weights = new float[s.terms()];
        int[] labels = s.labels().clone();
        float[] targets = s.targets().clone();
        int kept = random.below(weights.length, -1);
        for (int t = 0; t < weights.length; t++) {
            int kind = random.below(5, t);
            weights[t] = new float[] {0f, 0.3f, 1f, 2f, 1f}[kind];
            if (t == kept) {
                weights[t] = 0.3f;
            } else if (kind == 4 && s.targetWidth() == 0) {
                labels[t] = -1;
            } else if (kind == 4) {
                targets[t * s.targetWidth()] = Float.NaN;
            }
        }
        for (int t = 0; t < weights.length && loss.joinsSteps(); t++) {
            weights[t] = weights[t] > 0 ? 1 : 0;
        }
        Sequence labelled = Sequence.of(s.steps(), labels, s.weight());
        return (s.targetWidth() == 0 ? labelled : labelled.withTargets(targets, s.targetWidth()))
                .withLevel(s.level())
                .withTermWeights(weights);
    }

    private static int[] below(int bound, int count, CounterRandom random, int from) {
        return IntStream.range(from, from + count)
                .map(i -> random.below(bound, i))
                .toArray();
    }

    private static float[] normal(int count, CounterRandom random, int from) {
        float[] numbers = new float[count];
        for (int i = 0; i < count; i++) {
            numbers[i] = (float) random.normal(from + i);
        }
        return numbers;
    }
}
