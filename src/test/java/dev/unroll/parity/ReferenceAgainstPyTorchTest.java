package dev.unroll.parity;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.unroll.nn.Cells;
import dev.unroll.nn.Draws;
import dev.unroll.nn.LossReduction;
import dev.unroll.reference.ReferenceNetwork;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The oracle itself against PyTorch in double: guards against an error that the kernel and the reference share. */
class ReferenceAgainstPyTorchTest {

    private static final double TOLERANCE = 1e-10;

    static List<Fixtures.GradientCase> cases() {
        return Fixtures.everyGradient().stream()
                .filter(fixture -> Cells.OWN.contains(fixture.model().spec().cell()))
                .toList();
    }

    @ParameterizedTest
    @MethodSource("cases")
    void meanLossAndGradient_agree(Fixtures.GradientCase fixture) {
        for (LossReduction reduction : LossReduction.values()) {
            ReferenceNetwork.Sums sums = new ReferenceNetwork(
                            fixture.model().spec(), reduction, fixture.unrolling(), Draws.NONE)
                    .withLabelSmoothing(fixture.labelSmoothing())
                    .evaluate(ReferenceNetwork.widen(fixture.model().theta()), fixture.sequences());
            Fixtures.Expected expected = fixture.expected().get(reduction);
            assertEquals(expected.loss(), sums.meanLoss(), TOLERANCE, fixture + " loss");
            double[] gradient = sums.meanGradient();
            for (int i = 0; i < gradient.length; i++) {
                assertEquals(expected.gradient()[i], gradient[i], TOLERANCE, fixture + " element " + i);
            }
        }
    }
}
