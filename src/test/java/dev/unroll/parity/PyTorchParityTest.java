package dev.unroll.parity;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unroll.data.Sequence;
import dev.unroll.data.SequenceBatch;
import dev.unroll.nn.Draws;
import dev.unroll.nn.LossReduction;
import dev.unroll.nn.LossSpec;
import dev.unroll.nn.LossSum;
import dev.unroll.nn.Network;
import dev.unroll.nn.PartialSum;
import dev.unroll.nn.Weights;
import dev.unroll.nn.Workspace;
import dev.unroll.param.ParameterLayout.Slot;
import dev.unroll.parity.Fixtures.Expected;
import dev.unroll.parity.Fixtures.GradientCase;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The kernel against PyTorch in double: every cell x input x head x loss reduction, stacks in one direction and two, and truncation, on
 * ragged sequences that stand in no order of length.
 *
 * <p>The measure is per tensor: the largest difference over the largest element, {@code max |a - b| / max |b|} with b PyTorch's. No
 * floor is needed, since no tensor of the fixtures has a gradient below 0.01.
 */
class PyTorchParityTest {

    private static final double TOLERANCE = 1e-4;

    static List<GradientCase> cases() {
        return Fixtures.everyGradient();
    }

    static Stream<Arguments> casesAndReductions() {
        return cases().stream().flatMap(c -> Stream.of(LossReduction.values()).map(r -> Arguments.of(c, r)));
    }

    @Test
    void fixtures_coverEveryCombination() {
        assertEquals(
                4 * 3 * 2 + 4 * 2, // squared error over dense inputs only
                Fixtures.gradients().stream()
                        .map(c -> c.model().spec())
                        .distinct()
                        .count());
        assertEquals(3 * 3 * 2 * 2 - 3 * 2 + 3 * 2 * 2 + 2, Fixtures.stacks().size());
        assertEquals(3 * 2 * 2 + 2 * 2 + 3 + 4, Fixtures.projections().size());
        Map<String, Long> cells = Fixtures.cells().stream()
                .collect(Collectors.groupingBy(c -> c.model().spec().cell(), Collectors.counting()));
        assertEquals(Map.of("mingru", 3L * 2 + 2 + 3 * 2 * 2 - 2 + 2 * 2, "peephole", 8L, "layernormlstm", 8L), cells);
    }

    @ParameterizedTest
    @MethodSource("cases")
    void layout_isPyTorchs(GradientCase c) {
        Map<String, List<Integer>> tensors = new LinkedHashMap<>();
        int end = 0;
        for (Slot slot : c.model().spec().layout().slots()) {
            assertEquals(end, slot.offset(), slot.name());
            end += slot.size();
            tensors.put(slot.name(), slot.shape());
        }
        assertEquals(List.copyOf(c.model().tensors().entrySet()), List.copyOf(tensors.entrySet()));
        assertEquals(c.model().theta().length, end);
    }

    @ParameterizedTest
    @MethodSource("casesAndReductions")
    void lossAndGradient_ofOneBatch(GradientCase c, LossReduction reduction) {
        compare(c, reduction, List.of(c.sequences()));
    }

    /** Sums of several batches, divided once. */
    @ParameterizedTest
    @MethodSource("casesAndReductions")
    void lossAndGradient_ofSeveralBatches(GradientCase c, LossReduction reduction) {
        int size = c.sequences().size();
        compare(c, reduction, List.of(c.sequences().subList(0, 1), c.sequences().subList(1, size)));
        compare(c, reduction, c.sequences().stream().map(List::of).toList());
    }

    private static void compare(GradientCase c, LossReduction reduction, List<List<Sequence>> batches) {
        Network network = new Network(c.model().spec());
        Weights weights = network.bind(c.model().theta());
        Workspace workspace = network.newWorkspace();
        SequenceBatch batch = new SequenceBatch();
        float[] gradientSum = new float[network.layout().size()];
        LossSum loss = new LossSum();
        for (List<Sequence> sequences : batches) {
            batch.pack(sequences);
            network.accumulate(
                    weights,
                    batch,
                    new LossSpec(reduction).withLabelSmoothing(c.labelSmoothing()),
                    null,
                    c.unrolling(),
                    Draws.NONE,
                    workspace,
                    List.of(new PartialSum(gradientSum, loss)),
                    null);
        }

        Expected expected = c.expected().get(reduction);
        assertEquals(c.sequences().size(), loss.sequences());
        assertEquals(c.sequences().stream().mapToLong(Sequence::length).sum(), loss.steps());
        assertEquals(c.correct(), loss.correct());
        assertEquals(expected.loss(), loss.lossSum() / loss.weightSum(), TOLERANCE * expected.loss());

        double[] mean = new double[gradientSum.length];
        for (int i = 0; i < mean.length; i++) {
            mean[i] = gradientSum[i] / loss.weightSum();
        }
        TensorErrors errors = new TensorErrors(c.model().spec(), expected.gradient(), mean);
        assertTrue(errors.areBelow(TOLERANCE), () -> errors.message(TOLERANCE));
    }
}
