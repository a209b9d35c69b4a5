package dev.unroll.reference;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unroll.data.Sequence;
import dev.unroll.math.CounterRandom;
import dev.unroll.nn.Draws;
import dev.unroll.nn.HeadSpec;
import dev.unroll.nn.Heads;
import dev.unroll.nn.Loss.CrossEntropy;
import dev.unroll.nn.Loss.SquaredError;
import dev.unroll.nn.LossReduction;
import dev.unroll.nn.NetworkSpec;
import dev.unroll.nn.NetworkSpec.Tokens;
import dev.unroll.nn.Pooling;
import dev.unroll.nn.RandomSequence;
import dev.unroll.nn.Truncation;
import dev.unroll.nn.Unrolling;
import dev.unroll.param.Initializer;
import dev.unroll.reference.GradientCheck.Worst;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Layers over each other, in both directions, with dropout and tied embeddings: the reference against finite differences. */
@Tag("slow")
class StackGradientTest {

    private static final double TOLERANCE = 1e-7;
    private static final long SEED = 17;

    static List<Arguments> specs() {
        List<Arguments> specs = new ArrayList<>();
        for (String cell : List.of("elman", "lstm", "gru", "mingru")) {
            for (int layers = 1; layers <= 3; layers++) {
                for (boolean bidirectional : new boolean[] {false, true}) {
                    for (Pooling pooling : Pooling.values()) {
                        HeadSpec head = Heads.of(new CrossEntropy(), 4, pooling);
                        specs.add(Arguments.of(
                                new NetworkSpec(new Tokens(5, 2), cell, "tanh", 3, layers, bidirectional, head),
                                layers == 1 ? 0 : 0.3));
                    }
                }
            }
        }
        for (Pooling pooling : Pooling.values()) {
            HeadSpec head = Heads.of(new CrossEntropy(), 4, pooling);
            specs.add(Arguments.of(new NetworkSpec(new Tokens(5, 2), "lstm", "tanh", 4, 3, 2, true, head), 0.3));
            specs.add(Arguments.of(new NetworkSpec(Case.MIXED, "lstm", "tanh", 4, 1, 2, false, head), 0.3));
        }
        HeadSpec every = new HeadSpec(new SquaredError(), 4, true);
        specs.add(Arguments.of(new NetworkSpec(Case.MIXED, "gru", "tanh", 3, 2, true, every), 0.3));
        HeadSpec tied = new HeadSpec(new CrossEntropy(), 5, Pooling.EVERY, true);
        specs.add(Arguments.of(new NetworkSpec(new Tokens(5, 3), "lstm", "tanh", 3, 2, false, tied), 0.3));
        return specs;
    }

    @ParameterizedTest
    @MethodSource("specs")
    void gradient_everyParameter_agreesWithFiniteDifferences(NetworkSpec spec, double dropout) {
        List<Sequence> sequences = new ArrayList<>();
        for (int length : new int[] {4, 1, 5, 2}) {
            sequences.add(RandomSequence.of(spec, length, 1f, new CounterRandom(SEED, length)));
        }
        Unrolling unrolling = new Unrolling(dropout, Truncation.NONE);
        ReferenceNetwork network = new ReferenceNetwork(spec, LossReduction.SEQUENCE, unrolling, new Draws(SEED, 1, 1));
        double[] theta = ReferenceNetwork.widen(Initializer.initialize(spec.layout(), SEED));
        Worst worst = GradientCheck.ofDoubles(spec.layout())
                .someParameters(
                        p -> network.meanLoss(p, sequences),
                        theta,
                        network.evaluate(theta, sequences).meanGradient(),
                        30,
                        SEED);
        assertTrue(worst.relativeError() < TOLERANCE, () -> "seed " + SEED + ": " + worst);
    }
}
