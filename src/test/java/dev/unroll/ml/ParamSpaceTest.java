package dev.unroll.ml;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.spark.ml.param.Param;
import org.apache.spark.ml.param.ParamMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ParamSpaceTest {

    private static final RnnClassifier RNN = new RnnClassifier();

    private static ParamSpace space() {
        return new ParamSpace()
                .choice(RNN.cell(), "lstm", "gru", "elman")
                .logUniform(RNN.stepSize(), 1e-4, 1e-1)
                .uniform(RNN.dropout(), 0, 0.5)
                .logUniform(RNN.hiddenSize(), 8, 128)
                .uniform(RNN.numLayers(), 1, 3);
    }

    private static <T> List<T> values(ParamMap[] settings, Param<T> param) {
        return Arrays.stream(settings).map(setting -> setting.get(param).get()).toList();
    }

    @Test
    @SuppressWarnings("unchecked")
    void draws_areOfTheirRanges_inTheirShares() {
        ParamMap[] settings = space().sample(6000, 1);
        for (long count : values(settings, RNN.cell()).stream()
                .collect(Collectors.groupingBy(cell -> cell, Collectors.counting()))
                .values()) {
            assertNear(2000, count);
        }
        List<Double> steps = (List<Double>) (List<?>) values(settings, RNN.stepSize());
        assertTrue(steps.stream().allMatch(step -> step >= 1e-4 && step < 1e-1));
        assertNear(2000, steps.stream().filter(step -> step < 1e-3).count());
        List<Double> dropouts = (List<Double>) (List<?>) values(settings, RNN.dropout());
        assertNear(3000, dropouts.stream().filter(dropout -> dropout < 0.25).count());
        List<Integer> sizes = (List<Integer>) (List<?>) values(settings, RNN.hiddenSize());
        assertEquals(8, sizes.stream().mapToInt(size -> size).min().getAsInt());
        assertEquals(128, sizes.stream().mapToInt(size -> size).max().getAsInt());
        assertNear(
                6000 * Math.log(32 / 8.0) / Math.log(129 / 8.0),
                sizes.stream().filter(size -> size < 32).count());
        List<Integer> layers = (List<Integer>) (List<?>) values(settings, RNN.numLayers());
        assertNear(2000, layers.stream().filter(count -> count == 3).count());
    }

    /** Four standard deviations of what 6000 draws give by chance. */
    private static void assertNear(double expected, long count) {
        assertEquals(expected, (double) count, 150);
    }

    @Test
    void sameSeed_givesTheSameSettings_andMoreBeginWithTheSame() {
        String few = Arrays.toString(space().sample(3, 7));
        assertEquals(few, Arrays.toString(Arrays.copyOf(space().sample(9, 7), 3)));
        assertTrue(!few.equals(Arrays.toString(space().sample(3, 8))));
    }

    @Test
    void grid_hasEachCombinationOnce() {
        ParamMap[] settings = new ParamSpace()
                .choice(RNN.cell(), "lstm", "gru")
                .choice(RNN.stepSize(), 0.1, 0.2, 0.3)
                .grid();
        assertEquals(List.of("lstm", "lstm", "lstm", "gru", "gru", "gru"), values(settings, RNN.cell()));
        assertEquals(List.of(0.1, 0.2, 0.3, 0.1, 0.2, 0.3), (List<?>) values(settings, (Param<?>) RNN.stepSize()));
    }

    private record Refused(Runnable call, String message) {}

    static Stream<Refused> refused() {
        return Stream.of(
                new Refused(
                        () -> new ParamSpace().choice(RNN.cell()),
                        "cell has no value to choose; allowed is at least one"),
                new Refused(
                        () -> new ParamSpace().uniform(RNN.dropout(), 0.2, 0.2),
                        "dropout is to be drawn from 0.2 to 0.2; allowed is a range from a lower to a higher number"),
                new Refused(
                        () -> new ParamSpace().logUniform(RNN.stepSize(), 0, 1),
                        "stepSize is to be drawn from 0.0 to 1.0; allowed is a range from a lower to a higher number, both"
                                + " above 0"),
                new Refused(
                        () -> new ParamSpace().uniform(RNN.hiddenSize(), 0, 4),
                        "hidden-size is 0; allowed is a whole number, at least 1"),
                new Refused(
                        () -> space().grid(),
                        "stepSize has a range, and a grid is made of values; allowed are choice, or sample in place of grid"),
                new Refused(() -> space().choice(RNN.cell(), "gru"), "cell has values already; give them once"),
                new Refused(
                        () -> space().sample(0, 1),
                        "a search draws 0 settings of 5 Params; allowed is at least 1 of each"));
    }

    @ParameterizedTest
    @MethodSource("refused")
    void whatCannotBeDrawn_isRefused(Refused refused) {
        assertEquals(
                refused.message(),
                assertThrows(IllegalArgumentException.class, refused.call()::run)
                        .getMessage());
    }
}
