package dev.unroll.worker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unroll.data.CanonicalRow;
import dev.unroll.data.Encoding;
import dev.unroll.data.RowOutcome;
import dev.unroll.data.Scaling;
import dev.unroll.data.Sequence;
import dev.unroll.data.SequenceBatch;
import dev.unroll.data.Shard;
import dev.unroll.math.CounterRandom;
import dev.unroll.model.Model;
import dev.unroll.model.Predictor;
import dev.unroll.nn.HeadSpec;
import dev.unroll.nn.LearningTask;
import dev.unroll.nn.Loss.SquaredError;
import dev.unroll.nn.LossReduction;
import dev.unroll.nn.LossSpec;
import dev.unroll.nn.NetworkSpec;
import dev.unroll.param.Initializer;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Errors of naive forecasts, against plain loops over the series as they were before anything was scaled. */
class NaiveForecastTest {

    private static final double[][] SERIES = new double[70][];

    static {
        for (int n = 0; n < SERIES.length; n++) {
            CounterRandom random = new CounterRandom(23, n);
            SERIES[n] = new double[10 + n % 7];
            for (int t = 0; t < SERIES[n].length; t++) {
                SERIES[n][t] = 50 + n + 10 * (t % 4) + random.normal(t);
            }
            if (n == 9) { // a window that does not change, whose targets do
                Arrays.fill(SERIES[n], 0, SERIES[n].length - 3, 60);
            }
        }
    }

    private static final double[] WILD = {1e6, 1, 2, 30, 4, 5, 6e5, 7, 8, 9e6};

    private static Scaling scaling(String kind) {
        return switch (kind) {
            case "none" -> Scaling.NONE;
            case "window" -> Scaling.BY_WINDOW;
            default ->
                new Scaling(
                        new float[] {80, 1}, new float[] {20, 2}, new float[] {80, 80, 80}, new float[] {20, 20, 20});
        };
    }

    /** All but the last three numbers, each with another one behind it, and the last three as targets. */
    private static CanonicalRow row(double[] series, float weight) {
        int steps = series.length - 3;
        double[] values = new double[2 * steps];
        for (int t = 0; t < steps; t++) {
            values[2 * t] = series[t];
            values[2 * t + 1] = t % 3;
        }
        double[] targets = {series[steps], series[steps + 1], series[steps + 2]};
        return CanonicalRow.ofValues(values, 2, RowOutcome.targets(targets, 3), weight);
    }

    private static Sequence sequence(double[] series, Scaling scaling, float weight) {
        return row(series, weight).decode(new Encoding(null, null, scaling));
    }

    private static NetworkSpec network(boolean everyStep) {
        return new NetworkSpec(
                new NetworkSpec.Dense(2), "gru", "tanh", 3, new HeadSpec(new SquaredError(), 3, everyStep));
    }

    private static Problem problem(Scaling scaling, NaiveForecast naive) {
        return Problem.of(network(false), LearningTask.REGRESSION, new LossSpec(LossReduction.STEP), scaling)
                .beside(naive.scaled(scaling));
    }

    /** What a model says of the steps of a series. */
    private interface Forecaster {
        double[] of(double[] series);
    }

    /** The latest value of the same season. */
    private static Forecaster naive(int every) {
        return series -> {
            int steps = series.length - 3;
            double[] forecast = new double[3];
            for (int target = steps; target < series.length; target++) {
                int t = target;
                while (t >= steps) {
                    t -= every;
                }
                forecast[target - steps] = series[t];
            }
            return forecast;
        };
    }

    /** Mean absolute, mean squared and mean absolute scaled error, by plain loops. */
    private static double[] expected(Forecaster forecaster, int season) {
        double absolute = 0;
        double squared = 0;
        double changes = 0;
        for (double[] series : SERIES) {
            double[] forecast = forecaster.of(series);
            int steps = series.length - 3;
            double change = 0;
            for (int t = season; t < steps; t++) {
                change += Math.abs(series[t] - series[t - season]) / (steps - season);
            }
            for (int target = steps; target < series.length; target++) {
                double error = Math.abs(forecast[target - steps] - series[target]);
                absolute += error / (3 * SERIES.length);
                squared += error * error / (3 * SERIES.length);
                changes += change / (3 * SERIES.length);
            }
        }
        return new double[] {absolute, squared, absolute / changes};
    }

    @ParameterizedTest
    @CsvSource({"none, 4", "none, 2", "standard, 4", "window, 4", "window, 1", "none, 6"})
    void errors_areThoseOfPlainLoops_whateverShards(String kind, int season) {
        Scaling scaling = scaling(kind);
        Problem problem = problem(scaling, new NaiveForecast(season, 3));
        float[] theta = Initializer.initialize(network(false).layout(), 1);
        Predictor predictor = new Predictor(
                new Model(LearningTask.REGRESSION, network(false), theta, new Encoding(null, null, scaling), Map.of()));
        Forecaster model = series -> predictor.predict(row(series, 1)).numbers();
        for (int shards : new int[] {1, 4}) {
            List<List<Sequence>> dealt = new ArrayList<>();
            for (int u = 0; u < shards; u++) {
                dealt.add(new ArrayList<>());
            }
            for (int n = 0; n < SERIES.length; n++) {
                dealt.get(n % shards).add(sequence(SERIES[n], scaling, 1 + n % 4)); // errors weigh all rows alike
            }
            dealt.get(0).add(sequence(WILD, scaling, 0)); // but those that weigh nothing
            List<Shard> packed = new ArrayList<>();
            for (int u = 0; u < shards; u++) {
                packed.add(new Shard(u, dealt.get(u), 1));
            }
            EvaluationSum sum = new ShardWorker(problem.network())
                    .evaluate(theta, ShardChunk.all(packed), shards, problem)
                    .root();
            ByteBuffer bytes = ByteBuffer.allocate(sum.byteCount());
            sum.write(bytes);
            assertEquals(0, bytes.remaining());
            Map<String, Double> metrics = EvaluationSum.read(bytes.flip()).metrics(problem);
            assertErrors("naive", expected(naive(1), season), metrics);
            if (season > 1) {
                assertErrors("seasonalNaive", expected(naive(season), season), metrics);
            } else {
                assertFalse(metrics.containsKey("seasonalNaiveMeanAbsoluteError"));
            }
            assertErrors("", expected(model, season), metrics);
        }
    }

    /** Values are float32 in shards. */
    private static void assertErrors(String name, double[] expected, Map<String, Double> metrics) {
        String mean = name.isEmpty() ? "mean" : name + "Mean";
        assertEquals(expected[0], metrics.get(mean + "AbsoluteError"), 2e-6 * expected[0], name);
        assertEquals(expected[1], metrics.get(mean + "SquaredError"), 4e-6 * expected[1], name);
        assertEquals(expected[2], metrics.get(mean + "AbsoluteScaledError"), 2e-6 * expected[2], name);
    }

    /** Where a sequence has no value a season before, there is no mean over all targets. */
    @Test
    void seasonLongerThanASequence_isInNoMetric() {
        Problem problem = problem(Scaling.NONE, new NaiveForecast(13, 3));
        Shard shard =
                new Shard(0, List.of(sequence(SERIES[0], Scaling.NONE, 1), sequence(SERIES[6], Scaling.NONE, 1)), 1);
        float[] theta = Initializer.initialize(network(false).layout(), 1);
        Map<String, Double> metrics = new ShardWorker(problem.network())
                .evaluate(theta, ShardChunk.all(List.of(shard)), 1, problem)
                .root()
                .metrics(problem);
        assertTrue(metrics.containsKey("naiveMeanAbsoluteError"), metrics.toString());
        assertFalse(metrics.containsKey("seasonalNaiveMeanAbsoluteError"), metrics.toString());
        assertFalse(metrics.containsKey("meanAbsoluteScaledError"), metrics.toString());
    }

    @Test
    void missingValue_isReplacedByTheOneASeasonBefore() {
        float nan = Float.NaN;
        Sequence sequence = Sequence.ofValues(new float[] {1, 2, 3, 4, 5, nan}, 1, new int[0], 1f)
                .withTargets(new float[] {0, 0}, 2);
        SequenceBatch batch = new SequenceBatch();
        batch.pack(List.of(sequence));
        NaiveForecast forecast = new NaiveForecast(3, 2);
        assertEquals(5, forecast.of(batch, 0, 0, 2, 1));
        assertEquals(4, forecast.of(batch, 0, 0, 2, 3));
        assertEquals(5, forecast.of(batch, 0, 1, 2, 3));
        assertEquals(3, forecast.change(batch, 0), "over the pairs of which both are known");
        Sequence none =
                Sequence.ofValues(new float[] {nan, nan}, 1, new int[0], 1f).withTargets(new float[] {0, 0}, 2);
        batch.pack(List.of(none));
        assertTrue(Double.isNaN(forecast.of(batch, 0, 0, 2, 1)));
        assertTrue(Double.isNaN(forecast.change(batch, 0)));
    }

    /** One target some steps ahead; and of a season shorter than that, the latest value of the same season. */
    @Test
    void oneTargetAhead_isThatOfItsSeason() {
        Sequence sequence = Sequence.ofValues(new float[] {1, 2, 3, 4, 5, 6}, 1, new int[0], 1f)
                .withTargets(new float[] {0}, 1);
        SequenceBatch batch = new SequenceBatch();
        batch.pack(List.of(sequence));
        assertEquals(6, new NaiveForecast(4, 5).of(batch, 0, 0, 1, 1));
        assertEquals(3, new NaiveForecast(4, 5).of(batch, 0, 0, 1, 4));
        assertEquals(6, new NaiveForecast(4, 4).of(batch, 0, 0, 1, 4));
        assertEquals(3, new NaiveForecast(4, 0).of(batch, 0, 0, 1, 4));
    }

    @Test
    void targetsThatHaveNoSuchPast_areRefused() {
        HeadSpec head = new HeadSpec(new SquaredError(), 1, false);
        NetworkSpec tokens = new NetworkSpec(new NetworkSpec.Tokens(5, 2), "gru", "tanh", 3, head);
        assertRefused(tokens, "season is 7, a naive forecast is a number of a step, and the steps are tokens");
        assertRefused(
                network(true),
                "season is 7, a naive forecast goes with one target behind a sequence, and every step has one");
    }

    private static void assertRefused(NetworkSpec spec, String message) {
        Problem problem = Problem.of(spec, LearningTask.REGRESSION, new LossSpec(LossReduction.STEP), Scaling.NONE);
        NaiveForecast season = new NaiveForecast(7, 0);
        Exception refused = assertThrows(IllegalArgumentException.class, () -> problem.beside(season));
        assertEquals(message, refused.getMessage());
        assertEquals(problem, problem.beside(NaiveForecast.unasked(3)), "left out where nobody asked");
    }
}
