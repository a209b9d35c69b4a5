package dev.unroll.cli.command;

import dev.unroll.data.Sequence;
import dev.unroll.data.Standardization;
import dev.unroll.data.Steps;
import dev.unroll.math.CounterRandom;
import dev.unroll.nn.NetworkSpec;
import java.util.Arrays;

/** Random sequences that fit a network, with labels or targets of its loss. */
final class GradCheckSequences {

    private static final int LONGEST = 6;
    private static final int COUNTS = 6; // below this
    private static final double LEVEL = 1.5;

    private final CounterRandom random;
    private long draw = 2;

    private GradCheckSequences(CounterRandom random) {
        this.random = random;
    }

    private int[] ids(int bound, int count) {
        int[] ids = new int[count];
        for (int i = 0; i < count; i++) {
            ids[i] = random.below(bound, draw++);
        }
        return ids;
    }

    private float[] zerosAndOnes(int count) {
        float[] numbers = new float[count];
        for (int i = 0; i < count; i++) {
            numbers[i] = random.below(2, draw++);
        }
        return numbers;
    }

    /** In [-1, 1); some are missing where they may be. */
    private float[] numbers(int count, boolean masked) {
        float[] numbers = new float[count];
        for (int i = 0; i < count; i++) {
            boolean missing = masked && random.below(4, draw++) == 0;
            numbers[i] = missing ? Float.NaN : (float) (2 * random.uniform(draw++) - 1);
        }
        return numbers;
    }

    /** One of some steps, of a weight of its own. */
    static Sequence sequence(NetworkSpec network, CounterRandom random) {
        int length = 1 + random.below(LONGEST, 0);
        float weight = 0.5f + random.below(4, 1);
        int terms = network.head().everyStep() ? length : 1;
        GradCheckSequences draws = new GradCheckSequences(random);
        Steps steps = steps(network.input(), length, draws);
        int[] labels = draws.ids(network.head().labels(), terms);
        Sequence labelled = Sequence.of(steps, labels, weight);
        int numbers = terms * network.head().targetWidth();
        if (network.head().loss().scoresClasses()) {
            return labelled;
        }
        if (network.head().loss().hasLabelSets()) {
            return labelled.withTargets(
                    draws.zerosAndOnes(numbers), network.head().targetWidth());
        }
        if (!network.head().loss().counts()) {
            return labelled.withTargets(
                    draws.numbers(numbers, false), network.head().targetWidth());
        }
        Standardization level = new Standardization(new double[] {0}, new double[] {LEVEL}, true);
        double[] counts =
                Arrays.stream(draws.ids(COUNTS, numbers)).asDoubleStream().toArray();
        return labelled.withTargets(level.apply(counts), network.head().targetWidth())
                .withLevel(LEVEL);
    }

    private static Steps steps(NetworkSpec.Input input, int length, GradCheckSequences draws) {
        if (input instanceof NetworkSpec.Tokens tokens) {
            return new Steps.Tokens(draws.ids(tokens.vocabulary(), length));
        }
        if (!(input instanceof NetworkSpec.Mixed mixed)) {
            return new Steps.Dense(draws.numbers(length * input.size(), false), input.size());
        }
        int[][] ids = mixed.categories().stream()
                .map(category -> draws.ids(category.vocabulary(), length))
                .toArray(int[][]::new);
        int[] statics = mixed.statics().stream()
                .mapToInt(category -> draws.ids(category.vocabulary(), 1)[0])
                .toArray();
        return new Steps.Mixed(
                draws.numbers(length * mixed.numbers(), mixed.masked()),
                mixed.numbers(),
                ids,
                draws.numbers(mixed.staticNumbers(), mixed.masked()),
                statics);
    }
}
