package dev.unroll.parity;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unroll.data.Sequence;
import dev.unroll.data.SequenceBatch;
import dev.unroll.math.CounterRandom;
import dev.unroll.nn.HeadSpec;
import dev.unroll.nn.LossNames;
import dev.unroll.nn.LossReduction;
import dev.unroll.nn.LossSpec;
import dev.unroll.nn.LossSum;
import dev.unroll.nn.Network;
import dev.unroll.nn.NetworkSpec;
import dev.unroll.nn.RandomSequence;
import dev.unroll.param.Initializer;
import dev.unroll.reference.ReferenceNetwork;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The float kernel against the reference in double, where loss terms weigh 0, 0.3, 1 or 2, or are missing. */
class TermWeightsAgainstReferenceTest {

    private static final double TOLERANCE = 1e-4;
    private static final long SEED = 11;

    @ParameterizedTest
    @CsvSource({
        "elman, cross-entropy, STEP",
        "elman, squared-error, SEQUENCE",
        "lstm, cross-entropy, SEQUENCE",
        "lstm, squared-error, STEP",
        "gru, cross-entropy, STEP",
        "gru, squared-error, SEQUENCE",
        "lstm, crf, STEP",
        "gru, crf, SEQUENCE"
    })
    void gradientAndLoss_agree(String cell, String key, LossReduction reduction) {
        HeadSpec head = new HeadSpec(LossNames.of(key), 5, true);
        NetworkSpec spec = new NetworkSpec(new NetworkSpec.Dense(3), cell, "tanh", 19, 2, true, head);
        List<Sequence> sequences = new ArrayList<>();
        for (int s = 0; s < 37; s++) {
            CounterRandom random = new CounterRandom(SEED, s);
            Sequence plain = RandomSequence.of(spec, 1 + random.below(12, -1), 0.5f + random.below(4, -2), random);
            sequences.add(s % 5 == 0 ? plain : RandomSequence.withTermWeights(head.loss(), plain, random));
        }
        float[] theta = Initializer.initialize(spec.layout(), SEED);
        Network network = new Network(spec);
        SequenceBatch batch = new SequenceBatch();
        batch.pack(sequences);
        float[] gradient = new float[theta.length];
        LossSum loss = new LossSum();
        network.accumulate(network.bind(theta), batch, new LossSpec(reduction), network.newWorkspace(), gradient, loss);

        ReferenceNetwork.Sums expected =
                new ReferenceNetwork(spec, reduction).evaluate(ReferenceNetwork.widen(theta), sequences);
        assertEquals(expected.weightSum(), loss.weightSum(), 1e-9);
        assertEquals(expected.lossSum(), loss.lossSum(), 1e-5 * expected.lossSum());
        double[] actual = new double[gradient.length];
        Arrays.setAll(actual, i -> gradient[i]);
        TensorErrors errors = new TensorErrors(spec, expected.gradientSum(), actual);
        assertTrue(errors.areBelow(TOLERANCE), () -> errors.message(TOLERANCE) + ", seed " + SEED);
    }
}
