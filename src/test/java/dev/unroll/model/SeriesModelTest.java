package dev.unroll.model;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unroll.data.Encoding;
import dev.unroll.data.InputException;
import dev.unroll.data.Scaling;
import dev.unroll.data.SeriesScales;
import dev.unroll.data.Standardization;
import dev.unroll.format.FormatException;
import dev.unroll.nn.HeadSpec;
import dev.unroll.nn.LearningTask;
import dev.unroll.nn.Loss;
import dev.unroll.nn.NetworkSpec;
import dev.unroll.param.Initializer;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Models that scale by key, as files. */
class SeriesModelTest {

    private static final NetworkSpec NETWORK = new NetworkSpec(
            new NetworkSpec.Dense(3), "gru", "tanh", 2, new HeadSpec(new Loss.SquaredError(), 2, false));

    private static Model model(SeriesScales series, int unscaled) {
        return new Model(
                LearningTask.REGRESSION,
                NETWORK,
                Initializer.initialize(NETWORK.layout(), 1),
                new Encoding(null, null, Scaling.bySeries(series, unscaled)),
                Map.of());
    }

    private static SeriesScales two() {
        return SeriesScales.of(
                List.of("shop", "item"),
                Map.of(
                        List.of("south", "pen"),
                        new Standardization(new double[] {0.1, 1e9}, new double[] {3, 1e-9}, true),
                        List.of("north", "\"pen\", blue"),
                        new Standardization(new double[] {-0.0, 7}, new double[] {1, 2}, true)));
    }

    @Test
    void scales_comeBackFromFiles() throws FormatException {
        Model model = model(two(), 1);
        Model read = Model.of(model.toFiles());
        SeriesScales series = read.scaling().series();
        assertEquals(two().columns(), series.columns());
        assertEquals(List.of("north", "\"pen\", blue", "south", "pen"), series.keys());
        assertArrayEquals(new double[] {-0.0, 7, 0.1, 1e9}, series.numbers().means());
        assertArrayEquals(new double[] {1, 2, 3, 1e-9}, series.numbers().deviations());
        assertEquals(1, read.scaling().unscaled());
        assertEquals(model.toFiles().spec(), read.toFiles().spec());
        assertTrue(read.toFiles().spec().startsWith("{\n  \"format\" : 2,"));
    }

    /** As many as are asked of it, within memory and time. */
    @Test
    void manyScales_comeBackFromFiles() throws FormatException {
        Map<List<String>, Standardization> many =
                new TreeMap<>((a, b) -> a.get(0).compareTo(b.get(0)));
        IntStream.range(0, 100_000)
                .forEach(s -> many.put(
                        List.of("series " + s),
                        new Standardization(new double[] {s / 7.0, s, -s}, new double[] {1 + s, 0.1, 3}, true)));
        Model read = Model.of(model(SeriesScales.of(List.of("key"), many), 0).toFiles());
        assertEquals(100_000, read.scaling().series().size());
        Standardization one = read.ofSeries(List.of("series 4711")).scaling().inputs();
        assertArrayEquals(new double[] {4711 / 7.0, 4711, -4711}, one.means());
        assertArrayEquals(new double[] {4712, 0.1, 3}, one.deviations());
    }

    /** What can be trained can be read. */
    @Test
    void scalesOfMostKeyColumns_comeBackFromFiles() throws FormatException {
        List<String> columns = IntStream.range(0, SeriesScales.MAX_COLUMNS)
                .mapToObj(i -> "key " + i)
                .toList();
        Standardization one = new Standardization(new double[3], new double[] {1, 2, 3}, true);
        Model model = model(SeriesScales.of(columns, Map.of(columns, one)), 0);
        assertEquals(columns, Model.of(model.toFiles()).scaling().series().columns());
        List<String> more = IntStream.range(0, SeriesScales.MAX_COLUMNS + 1)
                .mapToObj(i -> "key " + i)
                .toList();
        assertThrows(InputException.class, () -> SeriesScales.of(more, Map.of(more, one)));
    }

    @Test
    void modelOfASeries_isOneThatNeedsNoKey() throws FormatException {
        Model one = Model.of(model(two(), 1).ofSeries(List.of("south", "pen")).toFiles());
        assertFalse(one.scaling().isOfEachSequence());
        assertArrayEquals(new double[] {0.1, 1e9, 0}, one.scaling().inputs().means());
        assertArrayEquals(new double[] {3, 1e-9, 1}, one.scaling().inputs().deviations());
        assertArrayEquals(new double[] {0.1, 0.1}, one.scaling().targets().means());
        assertArrayEquals(new double[] {3, 3}, one.scaling().targets().deviations());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "\"format\" : 2 | \"format\" : 1 | is of format 1, and has what came with 2",
                "\"by\" : \"key\", | \"by\" : \"window\", | has scales of series, and is not by key",
                "\"by\" : \"key\", | \"by\" : \"shop\", | is \"shop\"; allowed: window, key",
                "\"by\" : \"key\", | | lacks the field inputMeans",
                "\"by\" : \"key\", | \"by\" : \"key\", \"inputMeans\" : [ ], | is by key, and has fields of another scaling",
                "\"by\" : \"key\", | \"by\" : \"key\", \"inputsInDouble\" : true, | is by key, and has fields of another scaling",
                "\"unscaled\" : 1 | \"unscaled\" : 2 | the scaling by key is of 2 numbers and leaves 2 as they are; the network has 3",
                "\"keyCols\" | \"keyCol\" | keyCol",
                "\"keyCols\" : [ \"shop\", \"item\" ], | | lacks the field keyCols",
                "\"keyCols\" : [ \"shop\", \"item\" ] | \"keyCols\" : [ ] | allowed is at least one of each",
                "\"keyCols\" : [ \"shop\", \"item\" ] | \"keyCols\" : [ \"shop\", \"item\", \"x\" ] | as many of each key",
                "\"seriesMeans\" : [ \"-0x0.0p0\", | \"seriesMeans\" : [ | has 3 means and 4 deviations",
                "\"-0x0.0p0\" | \"NaN\" | has mean NaN",
                "\"-0x0.0p0\" | \"none\" | has a text that is no number",
                "\"0x1.8p1\" | \"-0x1.8p1\" | allowed are finite numbers, and deviations above 0",
                "\"south\" | \"east\" | the keys of series 0 and 1 are equal or in another order; allowed is ascending",
            })
    void whatDoesNotFit_isRefusedInASentence(String old, String replacement, String said) {
        Model.Files files = model(two(), 1).toFiles();
        assertTrue(files.spec().contains(old), files.spec());
        String changed = files.spec().replace(old, replacement == null ? "" : replacement);
        FormatException refused =
                assertThrows(FormatException.class, () -> Model.of(new Model.Files(changed, files.tensors())));
        assertTrue(refused.getMessage().contains(said), refused.getMessage());
    }
}
