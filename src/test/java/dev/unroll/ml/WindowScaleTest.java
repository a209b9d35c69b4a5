package dev.unroll.ml;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unroll.data.CanonicalRow;
import dev.unroll.data.RowOutcome;
import dev.unroll.fit.TrainingSummary;
import dev.unroll.math.CounterRandom;
import dev.unroll.model.Prediction;
import dev.unroll.testing.SparkTest;
import dev.unroll.train.StopRequest;
import dev.unroll.train.TrainingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code scale window}: trainings, predictions and errors, against rows that are scaled by hand. */
@Tag("slow")
@SparkTest
class WindowScaleTest {

    private static final DataType STEPS = DataTypes.createArrayType(DataTypes.createArrayType(DataTypes.DoubleType));
    private static final StructType SERIES =
            new StructType().add("store", DataTypes.StringType).add("x", STEPS).add("y", DataTypes.DoubleType);

    private static SparkSession spark;

    @TempDir
    Path directory;

    /** Steps of two numbers, (T, 2), and the first number of the step behind them. */
    private record Series(double[][] steps, double next) {

        /** Of a level and unit of its own; the second number is a season. */
        static Series of(int n) {
            CounterRandom random = new CounterRandom(31, n);
            int length = 4 + n % 5;
            double level = StrictMath.exp(3 * random.normal(100));
            double[] sold = new double[length + 1];
            double[][] steps = new double[length][];
            for (int t = 0; t <= length; t++) {
                double season = StrictMath.sin(1.3 * (t + n % 3));
                sold[t] = level * (1 + 0.3 * season + 0.02 * random.normal(t));
                if (t < length) {
                    steps[t] = new double[] {sold[t], season};
                }
            }
            return new Series(steps, sold[length]);
        }

        /** Scaled by plain loops. */
        Series byHand() {
            double[] mean = new double[2];
            double[] deviation = new double[2];
            for (int j = 0; j < 2; j++) {
                for (double[] step : steps) {
                    mean[j] += step[j];
                }
                mean[j] /= steps.length;
                for (double[] step : steps) {
                    deviation[j] += (step[j] - mean[j]) * (step[j] - mean[j]);
                }
                deviation[j] = Math.sqrt(deviation[j] / steps.length);
            }
            double[][] scaled = new double[steps.length][2];
            for (int t = 0; t < steps.length; t++) {
                for (int j = 0; j < 2; j++) {
                    scaled[t][j] = (steps[t][j] - mean[j]) / deviation[j];
                }
            }
            return new Series(scaled, (next - mean[0]) / deviation[0]);
        }

        Series times(double unit) {
            double[][] moved = new double[steps.length][];
            for (int t = 0; t < moved.length; t++) {
                moved[t] = new double[] {unit * steps[t][0], unit * steps[t][1]};
            }
            return new Series(moved, unit * next);
        }

        long hash(long seed) {
            double[] all = java.util.Arrays.stream(steps)
                    .flatMapToDouble(java.util.Arrays::stream)
                    .toArray();
            return CanonicalRow.ofValues(all, 2, RowOutcome.targets(new double[] {next}, 1), 1f)
                    .hash(seed);
        }
    }

    private static List<Series> series(int count) {
        return IntStream.range(0, count).mapToObj(Series::of).toList();
    }

    private static Dataset<Row> dataset(List<Series> all) {
        List<Row> rows = new ArrayList<>();
        for (int n = 0; n < all.size(); n++) {
            rows.add(RowFactory.create(
                    "store " + n % 2, all.get(n).steps(), all.get(n).next()));
        }
        return spark.createDataFrame(rows, SERIES);
    }

    private static RnnRegressor regressor() {
        return new RnnRegressor()
                .setFeaturesCol("x")
                .setLabelCol("y")
                .setHiddenSize(6)
                .setBatchSize(16)
                .setNumShards(4)
                .setStepSize(0.02)
                .setEngine("local")
                .setMaxIter(12);
    }

    private static RnnRegressor byWindow() {
        return regressor().setScale("window");
    }

    private static String hash(RnnRegressor regressor, List<Series> all) {
        return regressor.fit(dataset(all)).model().parameterHash();
    }

    private static List<Integer> order(List<Series> all, long seed) {
        return IntStream.range(0, all.size())
                .boxed()
                .sorted((n, m) ->
                        Long.compareUnsigned(all.get(n).hash(seed), all.get(m).hash(seed)))
                .toList();
    }

    /** The order of rows is that of their hashes, so the rows that are compared are some whose orders are one. */
    @Test
    void training_isThatOnRowsScaledByHand_andThatInOtherUnits() {
        List<Series> all = series(4);
        List<Series> byHand = all.stream().map(Series::byHand).toList();
        List<Series> moved = all.stream().map(s -> s.times(1024)).toList();
        int compared = 0;
        for (long seed = 1; compared < 2; seed++) {
            if (order(all, seed).equals(order(byHand, seed)) && order(all, seed).equals(order(moved, seed))) {
                compared++;
                String expected = hash(regressor().setSeed(seed), byHand);
                assertEquals(expected, hash(byWindow().setSeed(seed), all), "seed " + seed);
                assertEquals(expected, hash(byWindow().setSeed(seed), moved), "seed " + seed);
            }
        }
    }

    @Test
    void predictions_areInTheUnitsOfTheData_everywhere() throws Exception {
        List<Series> all = series(60);
        Dataset<Row> data = dataset(all);
        RnnRegressorModel model = byWindow().fit(data);
        RnnRegressorModel plain =
                regressor().fit(dataset(all)); // only to have a network, whose parameters are replaced
        assertEquals(plain.model().spec(), model.model().spec());
        dev.unroll.model.Predictor scaled = new dev.unroll.model.Predictor(new dev.unroll.model.Model(
                plain.model().task(),
                plain.model().spec(),
                model.model().theta(),
                plain.model().encoding(),
                java.util.Map.of()));
        String path = directory.resolve("model").toString();
        model.write().save(path);
        String spec = Files.readString(directory.resolve("model/data/spec.json"));
        assertTrue(spec.contains("\"format\" : 2") && spec.contains("\"by\" : \"window\""), spec);
        RnnRegressorModel loaded = RnnRegressorModel.load(path);
        loaded.registerFunction(spark, "forecast");
        List<Row> predicted = loaded.transform(data)
                .withColumn("of_sql", functions.expr("forecast(x)"))
                .collectAsList();
        for (int n = 0; n < all.size(); n++) {
            double prediction = predicted.get(n).<Double>getAs("prediction");
            assertEquals(prediction, predicted.get(n).<Double>getAs("of_sql"));
            Prediction local = loaded.local().predict(all.get(n).steps());
            assertEquals(prediction, local.numbers()[0]);
            // What the network alone says of the steps scaled by hand, scaled back by hand.
            double mean = 0;
            double squares = 0;
            double[][] steps = all.get(n).steps();
            for (double[] step : steps) {
                mean += step[0] / steps.length;
            }
            for (double[] step : steps) {
                squares += (step[0] - mean) * (step[0] - mean) / steps.length;
            }
            double output = scaled.predict(all.get(n).byHand().steps()).numbers()[0];
            assertEquals(mean + Math.sqrt(squares) * output, prediction, 1e-9 * (1 + Math.abs(mean)));
        }
    }

    @Test
    void errors_areInTheUnitsOfTheData() {
        List<Series> all = series(80);
        Dataset<Row> training = dataset(all.subList(0, 50));
        Dataset<Row> validation = dataset(all.subList(50, 80));
        RnnRegressorModel model = byWindow().fit(training, validation);
        double absolute = 0;
        double squared = 0;
        for (Row row : model.transform(validation).collectAsList()) {
            double error = row.<Double>getAs("prediction") - row.<Double>getAs("y");
            absolute += Math.abs(error) / 30;
            squared += error * error / 30;
        }
        var metrics = model.summary().orElseThrow().result().validation();
        assertEquals(absolute, metrics.get("meanAbsoluteError"), 1e-9 * absolute);
        assertEquals(squared, metrics.get("meanSquaredError"), 1e-9 * squared);
    }

    @Test
    void targetOfEveryStep_andClasses_areScaledByTheFirstNumber() {
        List<Row> rows = new ArrayList<>();
        List<Series> all = series(40);
        for (Series one : all) {
            List<Double> twice = new ArrayList<>();
            for (double[] step : one.steps()) {
                twice.add(2 * step[0]);
            }
            rows.add(RowFactory.create(one.steps(), twice, one.byHand().next() > 0 ? "up" : "down"));
        }
        Dataset<Row> data = spark.createDataFrame(
                rows,
                new StructType()
                        .add("x", STEPS)
                        .add("y", DataTypes.createArrayType(DataTypes.DoubleType))
                        .add("up", DataTypes.StringType));
        RnnRegressorModel model = byWindow().setMaxIter(150).fit(data, data);
        double absolute = 0;
        double size = 0;
        int terms = 0;
        for (Row row : model.transform(data).collectAsList()) {
            List<Double> predicted = row.getList(row.fieldIndex("prediction"));
            List<Double> labels = row.getList(row.fieldIndex("y"));
            for (int t = 0; t < labels.size(); t++, terms++) {
                absolute += Math.abs(predicted.get(t) - labels.get(t));
                size += Math.abs(labels.get(t));
            }
        }
        assertEquals(
                absolute / terms,
                model.summary().orElseThrow().result().validation().get("meanAbsoluteError"),
                1e-9 * absolute);
        assertTrue(absolute < 0.3 * size, absolute + " of " + size);
        RnnClassifierModel classifier = new RnnClassifier()
                .setFeaturesCol("x")
                .setLabelCol("up")
                .setScale("window")
                .setHiddenSize(6)
                .setMaxIter(150)
                .setStepSize(0.03)
                .setEngine("local")
                .fit(data);
        assertTrue(classifier.transform(data).where("prediction = up").count() > 35);
    }

    /** A missing target counts for nothing, and those that are there are measured in the units of the data. */
    @Test
    void missingTargets_areLeftOut() {
        List<Series> all = series(40);
        List<Row> rows = new ArrayList<>();
        List<Row> weighted = new ArrayList<>();
        for (Series one : all) {
            List<Double> some = new ArrayList<>();
            List<Double> every = new ArrayList<>();
            List<Double> weights = new ArrayList<>();
            for (int t = 0; t < one.steps().length; t++) {
                boolean missing = t % 3 == 1;
                some.add(missing ? null : 2 * one.steps()[t][0]);
                every.add(missing ? 1e6 : 2 * one.steps()[t][0]);
                weights.add(missing ? 0.0 : 1.0);
            }
            rows.add(RowFactory.create(one.steps(), some));
            weighted.add(RowFactory.create(one.steps(), every, weights));
        }
        DataType numbers = DataTypes.createArrayType(DataTypes.DoubleType);
        StructType schema = new StructType().add("x", STEPS).add("y", numbers);
        Dataset<Row> data = spark.createDataFrame(rows, schema);
        TrainingSummary summary =
                byWindow().setBatchSize(0).fit(data, data).summary().orElseThrow();
        assertEquals(all.stream().mapToLong(one -> (one.steps().length + 1) / 3).sum() * 2, summary.missingTargets());
        assertArrayEquals(
                summary.objectiveHistory(),
                byWindow()
                        .setBatchSize(0)
                        .setWeightCol("w")
                        .fit(spark.createDataFrame(weighted, schema.add("w", numbers)))
                        .summary()
                        .orElseThrow()
                        .objectiveHistory(),
                1e-5);
        RnnRegressorModel model = byWindow().setMaxIter(150).fit(data, data);
        double absolute = 0;
        int terms = 0;
        for (Row row : model.transform(data).collectAsList()) {
            List<Double> predicted = row.getList(row.fieldIndex("prediction"));
            List<Double> labels = row.getList(row.fieldIndex("y"));
            for (int t = 0; t < labels.size(); t++) {
                absolute += labels.get(t) == null ? 0 : Math.abs(predicted.get(t) - labels.get(t));
                terms += labels.get(t) == null ? 0 : 1;
            }
        }
        double measured = model.summary().orElseThrow().result().validation().get("meanAbsoluteError");
        assertEquals(absolute / terms, measured, 1e-9 * measured);
    }

    @Test
    void partitionsEngineAndOrder_doNotChangeOneBit() {
        List<Series> all = series(60);
        String expected = hash(byWindow(), all);
        for (int partitions : new int[] {1, 3, 8}) {
            List<Series> shuffled = new ArrayList<>(all);
            Collections.shuffle(shuffled, new Random(partitions));
            RnnRegressor regressor = byWindow().setEngine("spark").setPartitions(partitions);
            String hash = regressor
                    .fit(dataset(shuffled).repartition(partitions + 1))
                    .model()
                    .parameterHash();
            assertEquals(expected, hash, partitions + " partitions");
        }
    }

    @Test
    void modelOfAKey_isThatOfItsRowsAlone() {
        Dataset<Row> data = dataset(series(40));
        KeyedModels models = byWindow().setValidationFraction(0.2).fitByKey(data, "store");
        for (Row row : models.results().collectAsList()) {
            RnnRegressorModel alone = byWindow()
                    .setValidationFraction(0.2)
                    .setEngine("spark")
                    .fit(data.where(functions.col("store").equalTo(row.get(0))));
            TrainingSummary summary = alone.summary().orElseThrow();
            assertEquals(alone.model().parameterHash(), row.getAs("parameterHash"));
            assertEquals(summary.result().validation(), row.getJavaMap(row.fieldIndex("validation")));
        }
    }

    @Test
    void resumedTraining_hasTheBitsOfOneThatNeverStopped_andNoOtherScale() {
        List<Series> all = series(40);
        String expected = hash(byWindow(), all);
        String checkpoints = directory.resolve("checkpoints").toString();
        RnnRegressor first = byWindow().setCheckpointDir(checkpoints).setCheckpointInterval(0);
        first.addListener(report -> {
            if (report.iteration() == 5) {
                throw new StopRequest("by the test");
            }
        });
        assertThrows(TrainingException.class, () -> hash(first, all));
        for (String other : List.of("none", "standard")) {
            RuntimeException refused = assertThrows(
                    RuntimeException.class,
                    () -> hash(
                            regressor()
                                    .setScale(other)
                                    .setCheckpointDir(checkpoints)
                                    .setResume(true),
                            all));
            assertTrue(refused.getMessage().contains("scale"), refused.getMessage());
        }
        assertEquals(expected, hash(byWindow().setCheckpointDir(checkpoints).setResume(true), all));
    }

    @Test
    void scaleStandard_isStandardize() {
        List<Series> all = series(40);
        assertEquals(
                hash(regressor().setStandardize(true), all), hash(regressor().setScale("standard"), all));
        assertEquals(
                hash(regressor().setStandardize(true), all),
                hash(regressor().setStandardize(true).setScale("standard"), all));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "none | was trained on numbers scaled otherwise (standardize, scale)",
                "standard | was trained on numbers scaled otherwise (standardize, scale)",
                "window | "
            })
    void init_isOfTheSameScale(String scale, String refusal) throws Exception {
        List<Series> all = series(20);
        String path = directory.resolve("begun").toString();
        regressor().setScale(scale).fit(dataset(all)).write().save(path);
        RnnRegressor next = byWindow().setInit(path).setMaxIter(1);
        if (refusal == null) {
            next.fit(dataset(all));
        } else {
            RuntimeException refused = assertThrows(RuntimeException.class, () -> next.fit(dataset(all)));
            assertTrue(refused.getMessage().contains(refusal), refused.getMessage());
        }
    }

    @Test
    void whatMakesNoSense_isRefusedInASentence() {
        Dataset<Row> data = dataset(series(10));
        assertRefused(
                "standardize is true and scale is window; only one of the two goes",
                () -> byWindow().setStandardize(true).fit(data));
        assertRefused(
                "scale window goes with numbers, and the steps are tokens",
                () -> byWindow().setFeaturesCol("store").fit(data));
        assertRefused(
                "scale window goes with numbers, and the steps are tokens",
                () -> byWindow().setFeaturesCol("store").fitByKey(data, "store"));
        assertRefused("none, standard, by-key and window", () -> regressor().setScale("key"));
        RnnRegressorModel model = byWindow().setMaxIter(1).fit(data);
        assertRefused("scale window needs a whole window; a stepper sees one step after another", () -> model.local()
                .stepper());
    }

    private static void assertRefused(String sentence, Runnable work) {
        RuntimeException refused = assertThrows(RuntimeException.class, work::run);
        assertTrue(refused.getMessage().contains(sentence), refused.getMessage());
    }
}
