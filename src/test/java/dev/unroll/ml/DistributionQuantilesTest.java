package dev.unroll.ml;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unroll.math.CounterRandom;
import dev.unroll.model.Model;
import dev.unroll.model.Predictor;
import dev.unroll.testing.Shuffled;
import dev.unroll.testing.SparkTest;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.DoubleUnaryOperator;
import java.util.stream.IntStream;
import org.apache.commons.math3.analysis.integration.SimpsonIntegrator;
import org.apache.commons.math3.distribution.NormalDistribution;
import org.apache.commons.math3.distribution.PoissonDistribution;
import org.apache.commons.math3.distribution.TDistribution;
import org.apache.commons.math3.special.Beta;
import org.apache.spark.ml.linalg.Vector;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Quantiles of predicted distributions and their metrics, against Commons Math and plain loops over what {@code transform} writes. */
@Tag("slow")
@SparkTest(settings = "spark.sql.shuffle.partitions=2")
class DistributionQuantilesTest {

    private static final StructType SCHEMA = new StructType()
            .add("k", DataTypes.IntegerType)
            .add("x", DataTypes.createArrayType(DataTypes.DoubleType))
            .add("y", DataTypes.DoubleType)
            .add("both", DataTypes.createArrayType(DataTypes.createArrayType(DataTypes.DoubleType)));

    private static final double[] LEVELS = {0.05, 0.5, 0.6, 0.95};
    private static final String SETTING = "0.05,0.5,.6,0.950";

    private static SparkSession session;
    private static List<Row> rows;

    @TempDir
    private Path directory;

    /** Counts around 20, which are numbers too; of two numbers at each step the second is ten times as large. */
    @BeforeAll
    static void makeRows(SparkSession spark) {
        session = spark;
        rows = new ArrayList<>();
        for (int n = 0; n < 60; n++) {
            CounterRandom random = new CounterRandom(31, n);
            List<Double> x = new ArrayList<>();
            List<List<Double>> both = new ArrayList<>();
            for (int t = 0; t < 3 + n % 3; t++) {
                x.add((double) random.below(40, t));
                both.add(List.of(x.get(t), 10 * x.get(t) + random.below(9, 50 + t)));
            }
            rows.add(RowFactory.create(n % 2, x, x.get(0) + random.below(6, 100), both));
        }
    }

    private static Dataset<Row> data(int partitions) {
        return Shuffled.rows(session, rows, SCHEMA, partitions);
    }

    private static RnnRegressor regressor(String loss, String scale) {
        return new RnnRegressor()
                .setFeaturesCol("x")
                .setLabelCol("y")
                .setLoss(loss)
                .setScale(scale)
                .setQuantiles(SETTING)
                .setHiddenSize(5)
                .setBatchSize(16)
                .setMaxIter(20)
                .setEngine("local");
    }

    private static DoubleUnaryOperator cdf(String loss, double... p) {
        return switch (loss) {
            case "gaussian" -> new NormalDistribution(p[0], p[1])::cumulativeProbability;
            case "student-t" -> y -> new TDistribution(p[2]).cumulativeProbability((y - p[0]) / p[1]);
            case "poisson" -> y -> new PoissonDistribution(p[0]).cumulativeProbability((int) Math.floor(y));
            default -> y -> y < 0 ? 0 : Beta.regularizedBeta(1 / (1 + p[1] * p[0]), 1 / p[1], Math.floor(y) + 1);
        };
    }

    /** By Simpson's rule to 1,000 scales away, or by a sum over all counts to 3,000. */
    private static double crps(boolean counts, double y, DoubleUnaryOperator cdf, double mean, double scale) {
        if (counts) {
            return IntStream.range(0, 3000)
                    .mapToDouble(k -> Math.pow(cdf.applyAsDouble(k) - (k >= y ? 1 : 0), 2))
                    .sum();
        }
        double sum = 0;
        for (double side : new double[] {-1, 1}) {
            double from = side * (y - mean) / scale;
            // The distance from y is scale times e^u less 1.
            DoubleUnaryOperator tail = z -> {
                double f = cdf.applyAsDouble(mean + side * scale * z);
                return side < 0 ? f : 1 - f;
            };
            sum += scale
                    * new SimpsonIntegrator(1e-9, 1e-11, 3, 40)
                            .integrate(
                                    10_000_000,
                                    u -> Math.exp(u) * Math.pow(tail.applyAsDouble(from + Math.expm1(u)), 2),
                                    0,
                                    Math.log(1000));
        }
        return sum;
    }

    @ParameterizedTest
    @CsvSource({
        "gaussian, none", "gaussian, standard", "gaussian, window", "student-t, standard",
        "poisson, none", "poisson, window", "negative-binomial, standard", "negative-binomial, window"
    })
    void quantilesAndMetrics_areThoseOfTheDistributionsThatRowsHave(String loss, String scale) {
        RnnRegressorModel model = regressor(loss, scale).fit(data(2));
        boolean counts = loss.equals("poisson") || loss.equals("negative-binomial");
        double covered = 0;
        double pinball = 0;
        double score = 0;
        for (Row row : model.transform(data(3)).collectAsList()) {
            double[] parameters = row.<Vector>getAs("distribution").toArray();
            double[] quantiles = row.<Vector>getAs("quantiles").toArray();
            double y = row.getAs("y");
            DoubleUnaryOperator cdf = cdf(loss, parameters);
            assertEquals(LEVELS.length, quantiles.length);
            for (int i = 0; i < LEVELS.length; i++) {
                double q = quantiles[i];
                assertTrue(i == 0 || q >= quantiles[i - 1], row.toString());
                if (counts) {
                    assertEquals(Math.rint(q), q);
                    assertTrue(cdf.applyAsDouble(q) >= LEVELS[i] - 1e-9, row.toString());
                    assertTrue(cdf.applyAsDouble(q - 1) < LEVELS[i] + 1e-9, row.toString());
                } else {
                    assertEquals(LEVELS[i], cdf.applyAsDouble(q), 1e-9);
                }
                pinball += Math.max(LEVELS[i] * (y - q), (LEVELS[i] - 1) * (y - q)) / LEVELS.length;
            }
            covered += quantiles[0] <= y && y <= quantiles[3] ? 1 : 0;
            score += crps(counts, y, cdf, parameters[0], counts ? 1 : parameters[1]);
        }
        EvaluationResult result = new Evaluation(model).run(data(4));
        Map<String, Double> metrics = result.metrics();
        assertEquals(covered / rows.size(), metrics.get("coverage"), 1e-12);
        assertEquals(pinball / rows.size(), metrics.get("pinballLoss"), 1e-12 * pinball);
        double far = loss.equals("student-t") ? 1e-6 : 1e-8; // of the tails beyond 1,000 scales
        assertEquals(score / rows.size(), metrics.get("continuousRankedProbabilityScore"), far * score);
        assertEquals(metrics, new Evaluation(model).run(data(1)).metrics());
        assertEquals(metrics, new Evaluation(model).run(data(70)).metrics());
    }

    /** The model of a service has the levels of the training; those of a stage may be others, and a model of old has the default. */
    @Test
    void levels_areThoseOfTheTraining_untilOthersAreSet() throws Exception {
        String path = directory.resolve("model").toString();
        RnnRegressorModel trained = regressor("gaussian", "none").fit(data(1));
        trained.save(path);
        RnnRegressorModel loaded = RnnRegressorModel.load(path);
        Row row = loaded.transform(data(1)).first();
        double[][] steps = row.<Double>getList(row.fieldIndex("x")).stream()
                .map(number -> new double[] {number})
                .toArray(double[][]::new);
        double[] expected = row.<Vector>getAs("quantiles").toArray();
        assertArrayEquals(expected, loaded.local().predict(steps).quantiles());
        assertArrayEquals(expected, new Predictor(loaded.model()).predict(steps).quantiles());
        assertEquals(List.of(0.05, 0.5, 0.6, 0.95), loaded.levels());

        double[] other = loaded.setQuantiles("0.5").local().predict(steps).quantiles();
        assertArrayEquals(new double[] {expected[1]}, other);
        assertArrayEquals(
                other,
                new Predictor(loaded.model(), List.of(0.5)).predict(steps).quantiles());
        Map<String, Double> metrics = new Evaluation(loaded).run(data(2)).metrics();
        assertFalse(metrics.containsKey("coverage"));
        assertTrue(metrics.get("continuousRankedProbabilityScore") > 0);

        Model model = trained.model();
        Model old = new Model(model.task(), model.spec(), model.theta(), model.encoding(), Map.of());
        double[] defaults = new Predictor(old).predict(steps).quantiles();
        assertEquals(3, defaults.length);
        assertEquals(expected[1], defaults[1]);
    }

    /** Of each number and step: the quantiles of the first number, then those of the second. */
    @Test
    void quantiles_ofSeveralNumbersAtEveryStep_areOfTheirOwnDistributions() {
        RnnRegressorModel model = regressor("negative-binomial", "standard")
                .setLabelCol("both")
                .setQuantilesCol("q")
                .fit(data(2));
        for (Row row : model.transform(data(2)).collectAsList()) {
            List<Vector> quantiles = row.getList(row.fieldIndex("q"));
            List<Vector> distributions = row.getList(row.fieldIndex("distribution"));
            assertEquals(distributions.size(), quantiles.size());
            for (int t = 0; t < quantiles.size(); t++) {
                double[] own = quantiles.get(t).toArray();
                assertEquals(2 * LEVELS.length, own.length);
                for (int j = 0; j < 2; j++) {
                    double[] p = Arrays.copyOfRange(distributions.get(t).toArray(), 2 * j, 2 * j + 2);
                    DoubleUnaryOperator cdf = cdf("negative-binomial", p);
                    for (int i = 0; i < LEVELS.length; i++) {
                        assertTrue(cdf.applyAsDouble(own[j * LEVELS.length + i]) >= LEVELS[i] - 1e-9);
                        assertTrue(cdf.applyAsDouble(own[j * LEVELS.length + i] - 1) < LEVELS[i] + 1e-9);
                    }
                }
            }
        }
    }

    /** Groups have the metrics of their rows, the scores among them. */
    @Test
    void groups_haveTheScoresOfTheirRows() {
        RnnRegressorModel model = regressor("poisson", "none").fit(data(1));
        List<Row> groups = new Evaluation(model)
                .setBy("k")
                .run(data(3))
                .groups()
                .orElseThrow()
                .collectAsList();
        for (Row group : groups) {
            Map<String, Double> own = new Evaluation(model)
                    .run(data(1).where("k = " + group.get(0)))
                    .metrics();
            for (String name : List.of("continuousRankedProbabilityScore", "coverage", "pinballLoss")) {
                assertEquals(own.get(name), group.<Double>getAs(name));
            }
        }
    }
}
