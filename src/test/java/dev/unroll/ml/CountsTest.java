package dev.unroll.ml;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unroll.math.CounterRandom;
import dev.unroll.testing.Shuffled;
import dev.unroll.testing.SparkTest;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.DoubleUnaryOperator;
import org.apache.commons.math3.distribution.PoissonDistribution;
import org.apache.commons.math3.special.Gamma;
import org.apache.spark.ml.linalg.Vector;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Losses of counts, from a table to predictions: the level, the distribution, and the parameters that data were drawn by. */
@Tag("slow")
@SparkTest(settings = "spark.sql.shuffle.partitions=1")
class CountsTest {

    private static final StructType SCHEMA = new StructType()
            .add("k", DataTypes.IntegerType)
            .add("x", DataTypes.createArrayType(DataTypes.DoubleType))
            .add("y", DataTypes.DoubleType);

    private static SparkSession session;
    private static List<Row> rows;

    @TempDir
    private Path directory;

    /** Short series of counts, some at the level of 1, some of 1000. */
    @BeforeAll
    static void makeRows(SparkSession spark) {
        session = spark;
        rows = new ArrayList<>();
        for (int n = 0; n < 80; n++) {
            CounterRandom random = new CounterRandom(12, n);
            double level = n % 3 == 0 ? 1000 : 1;
            List<Double> x = new ArrayList<>();
            for (int t = 0; t < 3 + n % 4; t++) {
                x.add(Math.rint(level * random.below(5, t)));
            }
            rows.add(RowFactory.create(n % 2, x, Math.rint(level * random.below(5, 100))));
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
                .setHiddenSize(5)
                .setBatchSize(16)
                .setNumShards(4)
                .setMaxIter(8)
                .setEngine("local");
    }

    private static String hash(RnnRegressorModel model) {
        return model.model().parameterHash();
    }

    @ParameterizedTest
    @CsvSource({
        "poisson, none",
        "poisson, standard",
        "poisson, window",
        "negative-binomial, none",
        "negative-binomial, standard",
        "negative-binomial, window"
    })
    void bits_areTheSame_whateverTheWay(String loss, String scale) throws Exception {
        SameBits.whateverTheWay(() -> regressor(loss, scale), CountsTest::data, directory);

        RnnRegressorModel model = regressor(loss, scale).fit(data(1));
        model.save(directory.resolve("model").toString());
        RnnRegressorModel loaded =
                RnnRegressorModel.load(directory.resolve("model").toString());
        for (Row row : loaded.transform(data(1)).collectAsList()) {
            double[][] steps = row.<Double>getList(row.fieldIndex("x")).stream()
                    .map(number -> new double[] {number})
                    .toArray(double[][]::new);
            assertEquals(
                    row.<Double>getAs("prediction"),
                    model.local().predict(steps).numbers()[0]);
            assertArrayEquals(
                    row.<Vector>getAs("distribution").toArray(),
                    model.local().predict(steps).distribution());
        }
    }

    @ParameterizedTest
    @CsvSource({"poisson, window", "negative-binomial, standard"})
    void fitByKey_hasTheBitsOfFit(String loss, String scale) {
        KeyedModels models = regressor(loss, scale).fitByKey(data(3), "k");
        String expected = hash(regressor(loss, scale).fit(data(1).where("k = 1")));
        assertEquals(expected, hash((RnnRegressorModel) models.model(1)));
    }

    /** By the rows that transform writes: the loss is that of the counts themselves, in every scale. */
    @ParameterizedTest
    @CsvSource({
        "poisson, none",
        "poisson, standard",
        "poisson, window",
        "negative-binomial, none",
        "negative-binomial, standard",
        "negative-binomial, window"
    })
    void loss_isOfTheDistributionsThatRowsHave(String loss, String scale) {
        RnnRegressorModel model = regressor(loss, scale)
                .setDistributionCol("d")
                .setValidationIndicatorCol("held")
                .fit(data(2).withColumn("held", functions.col("k").equalTo(1)));
        double likelihood = 0;
        double absolute = 0;
        List<Row> predicted = model.transform(data(3).where("k = 1")).collectAsList();
        for (Row row : predicted) {
            double y = row.getAs("y");
            double[] parameters = row.<Vector>getAs("d").toArray();
            assertEquals(parameters[0], row.<Double>getAs("prediction"));
            likelihood -= loss.equals("poisson")
                    ? new PoissonDistribution(parameters[0]).logProbability((int) y)
                    : logProbability(y, parameters[0], parameters[1]);
            absolute += Math.abs(y - parameters[0]);
        }
        Map<String, Double> metrics = model.summary().orElseThrow().result().validation();
        assertEquals(likelihood / predicted.size(), metrics.get("loss"), 1e-7 * likelihood);
        assertEquals(absolute / predicted.size(), metrics.get("meanAbsoluteError"), 1e-9 * absolute);
    }

    /** NB2 of Cameron and Trivedi, by the log Gamma of Commons Math. */
    private static double logProbability(double y, double mean, double dispersion) {
        double r = 1 / dispersion;
        return Gamma.logGamma(y + r)
                - Gamma.logGamma(r)
                - Gamma.logGamma(y + 1)
                + r * Math.log(r / (r + mean))
                + y * Math.log(mean / (r + mean));
    }

    /** The level is the mean of the labels to train on, or that of a window's own counts; a window of zeros has 1/T. */
    @Test
    void level_isAMeanCount_andNeverCentred() {
        RnnRegressorModel standard =
                regressor("poisson", "standard").setMaxIter(1).fit(data(1));
        double mean =
                rows.stream().mapToDouble(row -> row.getDouble(2)).average().orElseThrow();
        assertArrayEquals(new double[] {0}, standard.model().scaling().targets().means());
        assertArrayEquals(
                new double[] {mean}, standard.model().scaling().targets().deviations(), 1e-6 * mean);

        RnnRegressorModel window = regressor("poisson", "window").setMaxIter(1).fit(data(1));
        double[] steady =
                window.local().predict(new double[][] {{3}, {3}, {3}, {3}}).numbers();
        double[] zeros =
                window.local().predict(new double[][] {{0}, {0}, {0}, {0}}).numbers();
        double[] high = window.local()
                .predict(new double[][] {{3e5}, {3e5}, {3e5}, {3e5}})
                .numbers();
        assertEquals(1e5, high[0] / steady[0], 1e-3); // both windows are constant
        assertEquals(12, steady[0] / zeros[0], 1e-5);
    }

    /** Naive forecasts are made of the series as it is, whatever its counts are divided by: the same with each loss. */
    @Test
    void naiveErrors_areThoseOfTheSeries() {
        Map<String, Double> squared = naiveErrors("squared");
        assertTrue(squared.get("naiveMeanAbsoluteError") > 0, squared.toString());
        for (String loss : List.of("poisson", "negative-binomial")) {
            Map<String, Double> counts = naiveErrors(loss);
            for (String name : List.of("naiveMeanAbsoluteError", "seasonalNaiveMeanAbsoluteError")) {
                assertEquals(squared.get(name), counts.get(name), 1e-9 * squared.get(name), name);
            }
        }
    }

    private static Map<String, Double> naiveErrors(String loss) {
        List<Row> events = new ArrayList<>();
        for (int t = 0; t < 60; t++) {
            events.add(RowFactory.create(t, (double) new CounterRandom(4, t).below(30, 0)));
        }
        StructType schema = new StructType().add("day", DataTypes.IntegerType).add("sold", DataTypes.DoubleType);
        Dataset<Row> windows = new SlidingWindows()
                .setTimeCol("day")
                .setValueCols("sold")
                .setWindowLength(12)
                .transform(session.createDataFrame(events, schema));
        return new RnnRegressor()
                .setLoss(loss)
                .setScale("window")
                .setSeason(7)
                .setHiddenSize(3)
                .setMaxIter(1)
                .setValidationFraction(0.5)
                .setEngine("local")
                .fit(windows)
                .summary()
                .orElseThrow()
                .result()
                .validation();
    }

    @ParameterizedTest
    @ValueSource(doubles = {-1, 0.5, 2.000001})
    void label_thatIsNoCount_isRefusedByName(double label) {
        List<Row> some = new ArrayList<>(rows);
        some.add(RowFactory.create(1, List.of(1.0, 2.0), label));
        Dataset<Row> data = session.createDataFrame(some, SCHEMA);
        Exception e = assertThrows(
                Exception.class, () -> regressor("negative-binomial", "none").fit(data));
        assertTrue(e.getMessage().contains("not a count, a whole number of at least 0"), e.getMessage());
        assertTrue(e.getMessage().contains(Double.toString(label)), e.getMessage());
        assertTrue(e.getMessage().contains("column y"), e.getMessage());
        regressor("squared", "none").setMaxIter(1).fit(data);
    }

    @Test
    void distributionColumn_thatIsThere_isRefused() {
        RnnRegressorModel model = regressor("poisson", "none").setMaxIter(1).fit(data(1));
        IllegalArgumentException e = assertThrows(IllegalArgumentException.class, () -> model.setDistributionCol("k")
                .transform(data(1)));
        assertEquals("distribution-col is k, and the dataset has a column of that name already", e.getMessage());
    }

    /**
     * Of a constant input the maximum-likelihood estimate: the mean count, whose standard error is sqrt(mean / n). The counts of one seed in
     * twenty are further than two of them from the rate; those of these seeds are not.
     */
    @ParameterizedTest
    @ValueSource(longs = {1, 3})
    void poisson_findsTheRate_thatCountsWereDrawnBy(long seed) {
        double rate = 3.7;
        List<Double> counts = new ArrayList<>();
        for (int n = 0; n < 1000; n++) {
            counts.add((double) poisson(rate, new CounterRandom(seed, n)));
        }
        double[] found = estimate("poisson", counts);
        double error = Math.sqrt(rate / counts.size());
        System.out.printf("seed %d: rate %.4f, %.2f standard errors off%n", seed, found[0], (found[0] - rate) / error);
        assertEquals(rate, found[0], 2 * error, "seed " + seed);
        double mean = counts.stream().mapToDouble(y -> y).average().orElseThrow();
        assertEquals(mean, found[0], 0.02 * error, "seed " + seed);
    }

    /**
     * Mean and dispersion, whose estimates do not depend on each other: standard errors are by the expected information, for the mean in closed
     * form, for log alpha by the squared slope of the log-probability at every count.
     */
    @ParameterizedTest
    @ValueSource(longs = {1, 3})
    void negativeBinomial_findsMeanAndDispersion_thatCountsWereDrawnBy(long seed) {
        double mean = 4;
        double dispersion = 0.5;
        List<Double> counts = new ArrayList<>();
        for (int n = 0; n < 1500; n++) {
            CounterRandom random = new CounterRandom(seed, n);
            // Poisson counts whose rate has the gamma distribution of shape 2: a sum of two exponential ones.
            double rate = -mean * dispersion * Math.log((1 - random.uniform(0)) * (1 - random.uniform(1)));
            counts.add((double) poisson(rate, new CounterRandom(seed, n, 1)));
        }
        double[] found = estimate("negative-binomial", counts);
        double ofMean = Math.sqrt((mean + dispersion * mean * mean) / counts.size());
        double information = 0;
        for (int y = 0; y < 400; y++) {
            int count = y;
            DoubleUnaryOperator log = a -> logProbability(count, mean, Math.exp(a));
            double a = Math.log(dispersion);
            double slope = (log.applyAsDouble(a + 1e-5) - log.applyAsDouble(a - 1e-5)) / 2e-5;
            information += Math.exp(log.applyAsDouble(a)) * slope * slope;
        }
        double ofLog = 1 / Math.sqrt(counts.size() * information);
        double offLog = Math.log(found[1] / dispersion);
        System.out.printf(
                "seed %d: mean %.4f, %.2f standard errors off; dispersion %.4f, %.2f off%n",
                seed, found[0], (found[0] - mean) / ofMean, found[1], offLog / ofLog);
        assertEquals(mean, found[0], 2 * ofMean, "seed " + seed);
        double sample = counts.stream().mapToDouble(y -> y).average().orElseThrow();
        assertEquals(sample, found[0], 0.02 * ofMean, "seed " + seed);
        assertEquals(0, offLog, 2 * ofLog, "seed " + seed);
    }

    /** By inversion. */
    private static int poisson(double rate, CounterRandom random) {
        double left = random.uniform(0);
        double probability = Math.exp(-rate);
        int count = 0;
        while (left >= probability && probability > 0) {
            left -= probability;
            probability *= rate / ++count;
        }
        return count;
    }

    /** The distribution that a network predicts whose input is the same in every row. */
    private static double[] estimate(String loss, List<Double> counts) {
        List<Row> same = counts.stream()
                .map(count -> RowFactory.create(0, List.of(1.0), count))
                .toList();
        RnnRegressorModel model = regressor(loss, "standard")
                .setBatchSize(0)
                .setStepSize(0.02)
                .setMaxIter(800)
                .setSchedule("linear")
                .fit(session.createDataFrame(same, SCHEMA));
        return model.local().predict(new double[][] {{1}}).distribution();
    }
}
