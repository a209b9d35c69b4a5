package dev.unroll.parity;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.unroll.optim.LossFunction;
import dev.unroll.optim.Optimizer;
import dev.unroll.optim.OptimizerKind;
import dev.unroll.optim.OptimizerSpec;
import dev.unroll.parity.Fixtures.OptimizerCase;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Every optimiser against PyTorch's in double, 20 steps on given gradients. */
class OptimizerParityTest {

    /** Of parameters up to 2 that move by 0.01 and more a step: some roundings of a float. */
    private static final double TOLERANCE = 5e-6;

    static List<OptimizerCase> cases() {
        return Fixtures.optimizers();
    }

    /**
     * L-BFGS, the only one of the full batch, is another algorithm than PyTorch's; {@code LbfgsTest} holds it against
     * Breeze's.
     */
    @ParameterizedTest
    @EnumSource
    void everyOptimizer_hasCases(OptimizerKind kind) {
        List<OptimizerCase> own =
                cases().stream().filter(c -> c.optimizer().equals(kind.key())).toList();
        String message = "cases of " + kind.key() + " in optimizers.json, which make_fixtures.py writes";
        assertEquals(!kind.isFullBatch(), own.stream().anyMatch(c -> c.weightDecay() == 0), message);
        assertEquals(!kind.isFullBatch(), own.stream().anyMatch(c -> c.weightDecay() > 0), message);
        assertEquals(!kind.isFullBatch(), own.stream().anyMatch(c -> c.clipNorm() > 0), message);
    }

    @ParameterizedTest
    @MethodSource("cases")
    void everyStep_isPyTorchs(OptimizerCase c) {
        float[] theta = c.theta();
        OptimizerSpec spec =
                new OptimizerSpec(c.optimizer(), c.stepSize(), "constant", c.clipNorm(), c.weightDecay(), c.ema());
        Optimizer optimizer = spec.create(theta.length, c.gradients().length);
        for (int step = 0; step < c.gradients().length; step++) {
            float[] gradient = c.gradients()[step].clone();
            optimizer.step(theta, at -> new LossFunction.Point(0, gradient), step + 1);
            for (int i = 0; i < theta.length; i++) {
                assertEquals(c.after()[step][i], theta[i], TOLERANCE, "step " + (step + 1) + ", parameter " + i);
            }
            float[] averaged = optimizer.averaged(theta);
            double[] expected = c.ema() > 0 ? c.averages()[step] : c.after()[step];
            for (int i = 0; i < theta.length; i++) {
                assertEquals(expected[i], averaged[i], TOLERANCE, "step " + (step + 1) + ", average " + i);
            }
        }
    }
}
