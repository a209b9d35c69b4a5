package dev.unroll.parity;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unroll.data.Sequence;
import dev.unroll.data.SequenceBatch;
import dev.unroll.math.CounterRandom;
import dev.unroll.nn.Draws;
import dev.unroll.nn.HeadSpec;
import dev.unroll.nn.Heads;
import dev.unroll.nn.Loss;
import dev.unroll.nn.Loss.CrossEntropy;
import dev.unroll.nn.Loss.SquaredError;
import dev.unroll.nn.LossReduction;
import dev.unroll.nn.LossSpec;
import dev.unroll.nn.LossSum;
import dev.unroll.nn.Losses;
import dev.unroll.nn.Network;
import dev.unroll.nn.NetworkSpec;
import dev.unroll.nn.NetworkSpec.Category;
import dev.unroll.nn.NetworkSpec.Mixed;
import dev.unroll.nn.PartialSum;
import dev.unroll.nn.Pooling;
import dev.unroll.nn.RandomSequence;
import dev.unroll.nn.Truncation;
import dev.unroll.nn.Unrolling;
import dev.unroll.param.Initializer;
import dev.unroll.reference.ReferenceNetwork;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The float kernel against the reference in double, on ragged random batches: every cell, input, head and loss reduction. Guards the
 * mathematics of the kernel; the order of its sums is the business of the hashes.
 */
class KernelAgainstReferenceTest {

    private static final int OUTPUTS = 5;
    private static final double TOLERANCE = 1e-4;
    private static final Mixed MIXED = new Mixed(
            2, true, List.of(new Category("a", 9, 3), new Category("b", 4, 2)), 2, List.of(new Category("c", 5, 4)));

    static List<Arguments> cases() {
        List<Arguments> cases = new ArrayList<>();
        for (String cell : List.of("elman tanh", "elman relu", "lstm tanh", "gru tanh", "mingru tanh")) {
            for (NetworkSpec.Input input : List.of(
                    new NetworkSpec.Tokens(7, 0), new NetworkSpec.Tokens(7, 6), new NetworkSpec.Dense(3), MIXED)) {
                for (Loss loss : Losses.ALL) {
                    for (Pooling pooling : Pooling.values()) {
                        for (LossReduction reduction : LossReduction.values()) {
                            if (Heads.areOf(loss, pooling)) {
                                cases.add(Arguments.of(cell, input, Heads.of(loss, OUTPUTS, pooling), reduction));
                            }
                        }
                    }
                }
            }
        }
        return cases;
    }

    static List<Arguments> stacks() {
        List<Arguments> stacks = new ArrayList<>();
        for (String cell : List.of("elman", "lstm", "gru", "mingru")) {
            for (int layers = 1; layers <= 3; layers++) {
                for (boolean bidirectional : new boolean[] {false, true}) {
                    for (Pooling pooling : Pooling.values()) {
                        for (String truncation : List.of("none", "fixed:4", "randomized:0.7")) {
                            HeadSpec head = Heads.of(new CrossEntropy(), OUTPUTS, pooling);
                            NetworkSpec.Input input = new NetworkSpec.Tokens(7, 6);
                            stacks.add(Arguments.of(
                                    new NetworkSpec(input, cell, "tanh", 13, layers, bidirectional, head),
                                    new Unrolling(layers == 1 ? 0 : 0.25, Truncation.parse(truncation))));
                        }
                    }
                }
            }
        }
        for (String cell : List.of("lstm", "gru", "mingru")) {
            HeadSpec head = new HeadSpec(new SquaredError(), OUTPUTS, true);
            stacks.add(Arguments.of(
                    new NetworkSpec(MIXED, cell, "tanh", 13, 2, true, head),
                    new Unrolling(0.25, Truncation.parse("fixed:4"))));
        }
        for (Pooling pooling : Pooling.values()) {
            for (String truncation : List.of("none", "fixed:4", "randomized:0.7")) {
                HeadSpec head = Heads.of(new CrossEntropy(), OUTPUTS, pooling);
                stacks.add(Arguments.of(
                        new NetworkSpec(MIXED, "lstm", "tanh", 13, 6, 1, false, head),
                        new Unrolling(0, Truncation.parse(truncation))));
                stacks.add(Arguments.of(
                        new NetworkSpec(new NetworkSpec.Tokens(7, 6), "lstm", "tanh", 19, 9, 2, true, head),
                        new Unrolling(0.25, Truncation.parse(truncation))));
            }
        }
        for (int layers = 1; layers <= 2; layers++) {
            HeadSpec tied = new HeadSpec(new CrossEntropy(), 7, Pooling.EVERY, true);
            stacks.add(Arguments.of(
                    new NetworkSpec(new NetworkSpec.Tokens(7, 12), "lstm", "tanh", 12, layers, false, tied),
                    Unrolling.FULL));
        }
        return stacks;
    }

    @ParameterizedTest
    @MethodSource("stacks")
    void stacksWithDropoutAndTruncation_agree(NetworkSpec spec, Unrolling unrolling) {
        gradientAndLoss_agree(spec, new LossSpec(LossReduction.STEP), unrolling, new Draws(3, 4, 1));
    }

    @ParameterizedTest
    @EnumSource(Pooling.class)
    void smoothedLabels_agree(Pooling pooling) {
        NetworkSpec spec = new NetworkSpec(
                new NetworkSpec.Tokens(7, 6),
                "lstm",
                "tanh",
                13,
                2,
                true,
                Heads.of(new CrossEntropy(), OUTPUTS, pooling));
        for (LossReduction reduction : LossReduction.values()) {
            for (double share : new double[] {0.1, 0.9}) {
                LossSpec loss = new LossSpec(reduction).withLabelSmoothing(share);
                gradientAndLoss_agree(spec, loss, new Unrolling(0.25, Truncation.NONE), new Draws(3, 4, 1));
            }
        }
    }

    @ParameterizedTest
    @MethodSource("cases")
    void gradientAndLoss_agree(String cell, NetworkSpec.Input input, HeadSpec head, LossReduction reduction) {
        String[] names = cell.split(" ");
        NetworkSpec spec = new NetworkSpec(input, names[0], names[1], 19, head);
        gradientAndLoss_agree(spec, new LossSpec(reduction), Unrolling.FULL, Draws.NONE);
    }

    private static void gradientAndLoss_agree(NetworkSpec spec, LossSpec lossSpec, Unrolling unrolling, Draws draws) {
        long seed = 11;
        List<Sequence> sequences = new ArrayList<>();
        for (int s = 0; s < 37; s++) {
            CounterRandom random = new CounterRandom(seed, s);
            sequences.add(RandomSequence.of(spec, 1 + random.below(12, -1), 0.5f + random.below(4, -2), random));
        }
        float[] theta = Initializer.initialize(spec.layout(), seed);

        Network network = new Network(spec);
        SequenceBatch batch = new SequenceBatch();
        batch.pack(sequences);
        float[] gradient = new float[theta.length];
        LossSum loss = new LossSum();
        network.accumulate(
                network.bind(theta),
                batch,
                lossSpec,
                null,
                unrolling,
                draws,
                network.newWorkspace(),
                List.of(new PartialSum(gradient, loss)),
                null);

        ReferenceNetwork.Sums expected = new ReferenceNetwork(spec, lossSpec.reduction(), unrolling, draws)
                .withLabelSmoothing(lossSpec.labelSmoothing())
                .evaluate(ReferenceNetwork.widen(theta), sequences);
        assertEquals(expected.weightSum(), loss.weightSum(), 1e-9);
        assertEquals(expected.lossSum(), loss.lossSum(), 1e-5 * expected.lossSum());
        double[] actual = new double[gradient.length];
        Arrays.setAll(actual, i -> gradient[i]);
        TensorErrors errors = new TensorErrors(spec, expected.gradientSum(), actual);
        assertTrue(errors.areBelow(TOLERANCE), () -> errors.message(TOLERANCE) + ", seed " + seed);
    }
}
