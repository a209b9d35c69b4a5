package dev.unroll.parity;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.unroll.data.Sequence;
import dev.unroll.data.SequenceBatch;
import dev.unroll.nn.LossReduction;
import dev.unroll.nn.LossSpec;
import dev.unroll.nn.LossSum;
import dev.unroll.nn.Network;
import dev.unroll.nn.Workspace;
import dev.unroll.optim.LossFunction;
import dev.unroll.optim.Optimizer;
import dev.unroll.optim.OptimizerSpec;
import dev.unroll.optim.StepReport;
import dev.unroll.parity.Fixtures.CurveCase;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Same start, same batches, 300 updates of Adam with clipping: every loss is PyTorch's. */
class LossCurveParityTest {

    /** PyTorch's own curve in float32 stays within 1e-6 of its curve in double, so this leaves no room for another algorithm. */
    private static final double TOLERANCE = 1e-3;

    static List<CurveCase> cases() {
        return Fixtures.curves();
    }

    @ParameterizedTest
    @MethodSource("cases")
    void everyLoss_isPyTorchs(CurveCase c) {
        float[] theta = c.model().theta();
        Network network = new Network(c.model().spec());
        Optimizer optimizer =
                new OptimizerSpec("adam", c.stepSize(), "constant", c.clipNorm(), 0).create(theta.length, 300);
        Workspace workspace = network.newWorkspace();
        SequenceBatch batch = new SequenceBatch();
        assertEquals(300, c.batches().length);
        for (int update = 0; update < c.batches().length; update++) {
            List<Sequence> sequences = IntStream.of(c.batches()[update])
                    .mapToObj(c.sequences()::get)
                    .toList();
            batch.pack(sequences);
            float[] gradient = new float[theta.length];
            LossSum loss = new LossSum();
            network.accumulate(network.bind(theta), batch, new LossSpec(LossReduction.STEP), workspace, gradient, loss);
            for (int i = 0; i < gradient.length; i++) {
                gradient[i] = (float) (gradient[i] / loss.weightSum());
            }
            StepReport step = optimizer.step(theta, at -> new LossFunction.Point(0, gradient), update + 1);
            String place = c + ", update " + (update + 1);
            assertEquals(c.losses()[update], loss.lossSum() / loss.weightSum(), TOLERANCE, place + ", loss");
            assertEquals(
                    c.gradientNorms()[update], step.gradientNorm(), TOLERANCE, place + ", norm of the mean gradient");
        }
    }
}
