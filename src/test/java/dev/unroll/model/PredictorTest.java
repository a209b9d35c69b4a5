package dev.unroll.model;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unroll.data.CanonicalRow;
import dev.unroll.data.Columns;
import dev.unroll.data.Encoding;
import dev.unroll.data.Labels;
import dev.unroll.data.RowColumns;
import dev.unroll.data.RowOutcome;
import dev.unroll.data.Scaling;
import dev.unroll.data.Sequence;
import dev.unroll.data.SequenceBatch;
import dev.unroll.data.Standardization;
import dev.unroll.data.Vocabulary;
import dev.unroll.math.CounterRandom;
import dev.unroll.nn.HeadSpec;
import dev.unroll.nn.LearningTask;
import dev.unroll.nn.Loss.CrossEntropy;
import dev.unroll.nn.Loss.SquaredError;
import dev.unroll.nn.Network;
import dev.unroll.nn.NetworkSpec;
import dev.unroll.nn.Weights;
import dev.unroll.nn.Workspace;
import dev.unroll.param.Initializer;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PredictorTest {

    private static Predictor words(String cell, int layers, boolean bidirectional, boolean everyStep) {
        NetworkSpec spec = new NetworkSpec(
                new NetworkSpec.Tokens(4, 3), cell, "tanh", 5, layers, bidirectional, new HeadSpec(2, everyStep));
        Vocabulary vocabulary = Vocabulary.ofTokens(List.of("a", "b", "\uD83D\uDE00"));
        float[] theta = Initializer.initialize(spec.layout(), 3);
        return new Predictor(new Model(spec, theta, vocabulary, Labels.ofText(List.of("no", "yes")), Map.of()));
    }

    private static Predictor numbers() {
        NetworkSpec spec =
                new NetworkSpec(new NetworkSpec.Dense(2), "gru", "tanh", 5, new HeadSpec(new SquaredError(), 3, false));
        Scaling scaling =
                new Scaling(new float[] {1, 2}, new float[] {3, 4}, new float[] {10, 20, 30}, new float[] {2, 3, 4});
        float[] theta = Initializer.initialize(spec.layout(), 3);
        return new Predictor(new Model(LearningTask.REGRESSION, spec, theta, null, null, scaling, Map.of()));
    }

    @ParameterizedTest
    @CsvSource({"lstm, 2, false, false", "gru, 1, false, true", "elman, 3, true, false", "mingru, 2, true, true"})
    void threads_predictWhatOneDoes(String cell, int layers, boolean bidirectional, boolean everyStep) {
        Predictor predictor = words(cell, layers, bidirectional, everyStep);
        List<String> texts = IntStream.range(0, 500)
                .mapToObj(n -> new CounterRandom(5, n))
                .map(random ->
                        "ab\uD83D\uDE00?a".substring(0, 1 + random.below(2, 0)).repeat(1 + random.below(9, 1)))
                .toList();
        List<float[]> expected = texts.stream()
                .map(text -> words(cell, layers, bidirectional, everyStep)
                        .predict(text)
                        .values())
                .toList();
        List<float[]> together = texts.parallelStream()
                .map(text -> predictor.predict(text).values())
                .toList();
        for (int n = 0; n < texts.size(); n++) {
            assertArrayEquals(expected.get(n), together.get(n), texts.get(n));
        }
    }

    /** Rows share packed batches, and the input products of few tokens are looked up: neither may change a bit. */
    @ParameterizedTest
    @CsvSource({
        "lstm, 1, false, false, 3",
        "lstm, 2, true, true, 0",
        "gru, 1, false, true, 3",
        "elman, 3, true, false, 0",
        "mingru, 2, true, true, 3"
    })
    void rowsTogether_areThoseOfOneAfterAnother(
            String cell, int layers, boolean bidirectional, boolean everyStep, int embedding) {
        NetworkSpec spec = new NetworkSpec(
                new NetworkSpec.Tokens(4, embedding),
                cell,
                "tanh",
                37,
                layers,
                bidirectional,
                new HeadSpec(3, everyStep));
        float[] theta = Initializer.initialize(spec.layout(), 3);
        Labels labels = Labels.ofText(List.of("no", "yes", "perhaps"));
        Predictor predictor = new Predictor(
                new Model(spec, theta, Vocabulary.ofTokens(List.of("a", "b", "\uD83D\uDE00")), labels, Map.of()));
        List<Sequence> sequences = IntStream.range(0, 300)
                .mapToObj(n -> new CounterRandom(5, n))
                .map(random -> Sequence.ofTokens(
                        IntStream.range(0, 1 + random.below(40, 0))
                                .map(t -> random.below(4, t + 1))
                                .toArray(),
                        new int[0],
                        1f))
                .toList();
        List<Prediction> together = predictor.predictAll(sequences);
        Network network = new Network(spec);
        Weights weights = network.bind(theta); // nothing is looked up
        Workspace workspace = network.newWorkspace();
        for (int n = 0; n < sequences.size(); n++) {
            SequenceBatch alone = new SequenceBatch();
            alone.pack(List.of(sequences.get(n)));
            network.forward(weights, alone, workspace);
            int outputs = workspace.outputs();
            assertEquals(outputs, together.get(n).outputs());
            for (int i = 0; i < outputs; i++) {
                int row = outputs - 1 - i; // the last step comes first
                assertArrayEquals(
                        Arrays.copyOfRange(workspace.values(), row * 3, row * 3 + 3),
                        Arrays.copyOfRange(together.get(n).raw(), i * 3, i * 3 + 3),
                        "sequence " + n);
                assertEquals(workspace.predictions()[row], together.get(n).classes()[i]);
            }
            assertArrayEquals(
                    predictor.predictAll(sequences.subList(n, n + 1)).get(0).values(),
                    together.get(n).values());
        }
    }

    @ParameterizedTest
    @CsvSource({"lstm, 2, false", "gru, 1, true", "elman, 1, false"})
    void stepper_saysOfEveryPrefixWhatPredictSays(String cell, int layers, boolean everyStep) {
        Predictor predictor = words(cell, layers, false, everyStep);
        Predictor.Stepper stepper = predictor.stepper();
        for (int round = 0; round < 2; round++) {
            List<String> prefix = new ArrayList<>();
            for (String token : List.of("a", "b", "unknown", "\uD83D\uDE00", "a")) {
                prefix.add(token);
                Prediction whole = predictor.predict(prefix);
                Prediction step = stepper.step(token);
                assertEquals(1, step.outputs());
                int last = whole.values().length - 2;
                assertArrayEquals(Arrays.copyOfRange(whole.values(), last, last + 2), step.values(), 1e-7f);
                assertEquals(predictor.label(whole, whole.outputs() - 1), predictor.label(step, 0));
            }
            stepper.reset();
        }
    }

    @Test
    void numbers_areScaledOnTheirWayInAndOut() {
        Predictor predictor = numbers();
        Predictor.Stepper stepper = predictor.stepper();
        stepper.step(new float[] {4, 6});
        Prediction step = stepper.step(new float[] {-2, 2});
        Prediction whole = predictor.predict(new float[][] {{4, 6}, {-2, 2}});
        assertArrayEquals(whole.values(), step.values(), 1e-5f);
        // Unscaled outputs are near 0, so scaled ones are near the targets' means.
        assertArrayEquals(new float[] {10, 20, 30}, whole.values(), 4f);
    }

    private static final Columns COLUMNS = new Columns(
            List.of("price", "sold"),
            List.of(new Columns.Category("page", Vocabulary.ofTokens(List.of("a", "\uD83D\uDE00")))),
            List.of("size"),
            List.of(new Columns.Category("town", Vocabulary.ofTokens(List.of("x")))));

    private static Predictor regressor(NetworkSpec.Input input, Columns columns, Scaling scaling) {
        NetworkSpec spec = new NetworkSpec(input, "gru", "tanh", 5, new HeadSpec(new SquaredError(), 1, false));
        float[] theta = Initializer.initialize(spec.layout(), 3);
        Encoding encoding = new Encoding(null, null, scaling, columns);
        return new Predictor(new Model(LearningTask.REGRESSION, spec, theta, encoding, Map.of()));
    }

    private static Predictor ofColumns(Scaling scaling) {
        NetworkSpec.Mixed input = new NetworkSpec.Mixed(
                2,
                true,
                List.of(new NetworkSpec.Category("page", 3, 4)),
                1,
                List.of(new NetworkSpec.Category("town", 2, 1)));
        return regressor(input, COLUMNS, scaling);
    }

    private static Predictor ofFeatures(boolean masked, Scaling scaling) {
        return masked
                ? regressor(new NetworkSpec.Mixed(2, true, List.of(), 0, List.of()), Columns.OF_FEATURES, scaling)
                : regressor(new NetworkSpec.Dense(2), null, scaling);
    }

    private static List<Scaling> scalings() {
        Standardization one = Standardization.of(new float[] {10}, new float[] {3});
        return List.of(
                Scaling.NONE,
                new Scaling(Standardization.of(new float[] {1.1f, 2}, new float[] {3, 0.7f}), one),
                new Scaling(new Standardization(new double[] {1e9, 2}, new double[] {0.1, 3}, true), one),
                Scaling.BY_WINDOW,
                Scaling.byWindow(1));
    }

    private static double number(CounterRandom random, int i, boolean masked) {
        int kind = random.below(masked ? 4 : 3, i);
        return kind == 0
                ? random.below(9, 1000 + i) - 4.0
                : kind == 1 ? 0.1 * random.normal(i) : kind == 2 ? 1e9 + random.normal(i) : Double.NaN;
    }

    /** What Spark reads goes through the bytes of rows, what a program gives does not: both are the same sequence. */
    @Test
    void valuesOfAProgram_giveTheBitsOfRows() {
        long seed = 20261130;
        for (Scaling scaling : scalings()) {
            for (int n = 0; n < 40; n++) {
                CounterRandom random = new CounterRandom(seed, n);
                String said = scaling + ", sequence " + n + " of seed " + seed;
                int length = 1 + random.below(6, 5000);
                for (boolean masked : new boolean[] {false, true}) {
                    double[] numbers = new double[2 * length];
                    Arrays.setAll(numbers, i -> i == 0 ? 7 : number(random, i, masked));
                    double[][] steps = IntStream.range(0, length)
                            .mapToObj(t -> Arrays.copyOfRange(numbers, 2 * t, 2 * t + 2))
                            .toArray(double[][]::new);
                    Predictor predictor = ofFeatures(masked, scaling);
                    CanonicalRow row = CanonicalRow.ofValues(numbers, 2, RowOutcome.NONE, 1f);
                    assertArrayEquals(
                            predictor.predict(row).numbers(),
                            predictor.predict(steps).numbers(),
                            said);
                    if (masked) {
                        assertColumnsAreRows(scaling, numbers, random, said);
                    }
                }
            }
        }
    }

    private static void assertColumnsAreRows(Scaling scaling, double[] numbers, CounterRandom random, String said) {
        int length = numbers.length / 2;
        List<String> pages = IntStream.range(0, length)
                .mapToObj(t -> Arrays.asList("a", "\uD83D\uDE00", "other", null).get(random.below(4, 6000 + t)))
                .toList();
        double size = number(random, 7000, true);
        String town = random.below(2, 8000) == 0 ? null : "x";
        Map<String, Object> columns = new HashMap<>();
        columns.put(
                "price",
                IntStream.range(0, length).mapToDouble(t -> numbers[2 * t]).toArray());
        columns.put(
                "sold",
                IntStream.range(0, length).mapToDouble(t -> numbers[2 * t + 1]).toArray());
        columns.put("page", pages);
        columns.put("size", size);
        columns.put("town", town);
        RowColumns row = new RowColumns(numbers, 2, List.of(pages), new double[] {size}, Arrays.asList(town));
        Predictor predictor = ofColumns(scaling);
        assertArrayEquals(
                predictor
                        .predict(CanonicalRow.ofColumns(row, RowOutcome.NONE, 1f))
                        .numbers(),
                predictor.predict(columns).numbers(),
                said);
    }

    /** A double's digits are those of its value, as a table's are, and not those that it is written with. */
    @Test
    void wholeNumbers_areCategoriesByTheirDigits() {
        Columns columns = new Columns(
                List.of(),
                List.of(new Columns.Category(
                        "page", Vocabulary.ofTokens(List.of("99999999999999991611392", "7", "99999997952")))),
                List.of(),
                List.of());
        ColumnValues values = new ColumnValues(columns, false, false);
        List<Number> pages = List.of(
                Double.valueOf("1e23"),
                7,
                7L,
                (short) 7,
                7f,
                7.0,
                new BigDecimal("7.00"),
                BigInteger.valueOf(7),
                Float.valueOf("1e11"));
        assertEquals(
                List.of("99999999999999991611392", "7", "7", "7", "7", "7", "7", "7", "99999997952"),
                values.row(Map.of("page", pages)).categories().get(0));
        for (Number other : List.of(7.5, Double.NaN, Float.POSITIVE_INFINITY, new BigDecimal("0.1"))) {
            assertEquals(
                    "column page has " + other + "; allowed of numbers are whole ones, which name categories",
                    assertThrows(IllegalArgumentException.class, () -> values.row(Map.of("page", List.of(other))))
                            .getMessage());
        }
    }

    /** As rows of a table are refused: what the window is scaled by has to be there. */
    @Test
    void aWindowWithoutItsLevel_isRefused() {
        double[][] steps = {{Double.NaN, 1}, {Double.NaN, 2}};
        assertEquals(
                "the first number of a step: no number at any step, to scale the window by; allowed is a number at one"
                        + " step at least",
                assertThrows(IllegalArgumentException.class, () -> ofFeatures(true, Scaling.BY_WINDOW)
                                .predict(steps))
                        .getMessage());
        Map<String, Object> columns = new HashMap<>(Map.of("sold", new int[] {1, 2}, "page", List.of("a", "a")));
        columns.put("price", Arrays.asList(null, Double.NaN));
        columns.put("size", 1);
        columns.put("town", "x");
        assertEquals(
                "column price: no number at any step, to scale the window by; allowed is a number at one step at least",
                assertThrows(IllegalArgumentException.class, () -> ofColumns(Scaling.BY_WINDOW)
                                .predict(columns))
                        .getMessage());
        columns.put("price", Arrays.asList(null, 3));
        assertEquals(1, ofColumns(Scaling.BY_WINDOW).predict(columns).outputs());
        assertEquals(1, ofFeatures(true, scalings().get(1)).predict(steps).outputs());
        assertEquals(
                "a sequence needs at least one step",
                assertThrows(IllegalArgumentException.class, () -> ofFeatures(true, Scaling.BY_WINDOW)
                                .predict(new double[0][]))
                        .getMessage());
    }

    /** From the end mark on, as it was trained: the most probable tokens are those that the generator takes. */
    @Test
    void languageModel_saysWhatTheGeneratorWrites() {
        NetworkSpec spec = new NetworkSpec(
                new NetworkSpec.Tokens(5, 3), "gru", "tanh", 6, new HeadSpec(new CrossEntropy(), 5, true));
        Vocabulary vocabulary = Vocabulary.ofTokens(List.of("a", "b", "c", Vocabulary.END));
        float[] theta = Initializer.initialize(spec.layout(), 4);
        Model model = new Model(LearningTask.LANGUAGE_MODEL, spec, theta, vocabulary, null, Scaling.NONE, Map.of());
        Predictor predictor = new Predictor(model);
        List<String> written = new TextGenerator(model).generate(List.of(), 6, 0, 0, 1);
        Prediction read = predictor.predict(written);
        Predictor.Stepper stepper = predictor.stepper();
        for (int t = 0; t < written.size(); t++) {
            int unknown = read.classes()[t] == Vocabulary.UNKNOWN ? 1 : 0; // which the generator never writes
            assertTrue(unknown == 1 || written.get(t).equals(predictor.label(read, t)), written.toString());
            Prediction step = stepper.step(written.get(t));
            assertEquals(read.classes()[t + 1], step.classes()[0]);
        }
        assertEquals(written.size() + 1, read.outputs());
    }

    @Test
    void whatTheModelDoesNotTake_isNamed() {
        String tokens = assertThrows(
                        IllegalArgumentException.class, () -> numbers().predict("ab"))
                .getMessage();
        assertTrue(tokens.contains("takes steps of 2 numbers"), tokens);
        String width = assertThrows(
                        IllegalArgumentException.class, () -> numbers().predict(new float[][] {{1, 2}, {1, 2, 3}}))
                .getMessage();
        assertTrue(width.contains("step 1 has 3 numbers, and the model takes 2"), width);
        Predictor words = words("lstm", 1, true, true);
        assertThrows(IllegalArgumentException.class, () -> words.predict(new float[][] {{1}}));
        assertThrows(IllegalArgumentException.class, () -> words.predict(""));
        assertThrows(IllegalStateException.class, words::stepper);
    }
}
