package dev.unroll.ml;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unroll.data.InputException;
import dev.unroll.testing.SparkTest;
import dev.unroll.train.TrainingException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import org.apache.spark.api.java.function.MapFunction;
import org.apache.spark.ml.param.ParamMap;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.util.LongAccumulator;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

/** A search by key gives each key the candidate and the model that {@code fitByKey} with each candidate's Params says are the best. */
@Tag("slow")
@SparkTest(settings = "spark.sql.shuffle.partitions=2")
class SearchByKeyTest {

    private static final int ROWS = 96;

    private static SparkSession spark;

    @TempDir
    Path directory;

    @BeforeAll
    static void session(SparkSession session) {
        spark = session;
    }

    private static List<Row> series() {
        Random random = new Random(3);
        List<Row> rows = new ArrayList<>();
        for (int n = 0; n < ROWS; n++) {
            List<Double> steps = new ArrayList<>();
            for (int t = 0; t < 2 + n % 5; t++) {
                steps.add(random.nextGaussian());
            }
            double label = n % 3 == 0 ? steps.get(0) : n % 3 * steps.get(steps.size() - 1);
            rows.add(RowFactory.create("store " + n % 3, n % 7, steps, label, n % 4 == 0));
        }
        return rows;
    }

    private static Dataset<Row> dataset(List<Row> rows) {
        return spark.createDataFrame(
                rows,
                new StructType()
                        .add("store", DataTypes.StringType)
                        .add("day", DataTypes.IntegerType)
                        .add("x", DataTypes.createArrayType(DataTypes.DoubleType))
                        .add("y", DataTypes.DoubleType)
                        .add("validates", DataTypes.BooleanType));
    }

    private static RnnRegressor regressor() {
        return new RnnRegressor()
                .setFeaturesCol("x")
                .setLabelCol("y")
                .setHiddenSize(4)
                .setBatchSize(8)
                .setMaxIter(15);
    }

    /** What {@code fitByKey} gives for each candidate, by store. */
    private static Map<String, List<Row>> alone(RnnRegressor regressor, ParamMap... grid) {
        Map<String, List<Row>> byStore = new TreeMap<>();
        for (ParamMap candidate : grid) {
            Dataset<Row> models = regressor
                    .copy(candidate)
                    .fitByKey(dataset(series()), "store")
                    .results();
            models.collectAsList().forEach(row -> byStore.computeIfAbsent(row.getString(0), k -> new ArrayList<>())
                    .add(row));
        }
        return byStore;
    }

    private static void assertAsByFit(RnnRegressor regressor, ParamMap... grid) {
        LongAccumulator read = spark.sparkContext().longAccumulator();
        MapFunction<Row, Row> count = row -> {
            read.add(1);
            return row;
        };
        Dataset<Row> data = dataset(series());
        boolean marked = !regressor.validation().indicator().isEmpty(); // which are looked at before
        KeyedSearchResult found = new RnnSearch<>(regressor, grid)
                .setMetric("meanAbsoluteError")
                .runByKey(data.map(count, Encoders.row(data.schema())), "store");
        assertEquals(marked ? 2 * ROWS : ROWS, read.value());
        Map<String, List<Row>> alone = alone(regressor, grid);
        Set<Integer> winners = new HashSet<>();
        for (Row model : found.models().results().collectAsList()) {
            List<Row> rows = alone.get(model.getString(0));
            List<Double> errors = rows.stream()
                    .map(row -> row.<String, Double>getJavaMap(row.fieldIndex("validation"))
                            .get("meanAbsoluteError"))
                    .toList();
            int best = errors.indexOf(errors.stream().min(Double::compare).orElseThrow());
            winners.add(best);
            assertEquals(rows.get(best), model);
            List<Row> candidates = found.candidates()
                    .where(RnnModel.column("store").equalTo(model.getString(0)))
                    .orderBy("candidate")
                    .collectAsList();
            for (int n = 0; n < grid.length; n++) {
                Row candidate = candidates.get(n);
                assertEquals(n, candidate.<Integer>getAs("candidate"));
                assertEquals(SearchResult.texts(grid[n]), candidate.getJavaMap(candidate.fieldIndex("params")));
                assertEquals(errors.get(n), candidate.<Double>getAs("metric"));
                assertEquals(15L, candidate.<Long>getAs("iterations"));
                assertEquals(n == best, candidate.<Boolean>getAs("best"));
                assertNull(candidate.getAs("error"));
            }
        }
        assertEquals(3, alone.size());
        assertTrue(winners.size() > 1, "one candidate is the best of all keys, so that the test says little");
        assertEquals(ROWS, found.models().transform(data).count());
        found.unpersist();
    }

    @Test
    void eachKey_hasItsBestModel_withTheBitsOfFitByKey() {
        RnnRegressor fraction = regressor().setValidationFraction(0.3);
        assertAsByFit(
                fraction,
                new ParamSpace()
                        .choice(fraction.stepSize(), 0.002, 0.1)
                        .choice(fraction.cell(), "elman", "gru")
                        .choice(fraction.standardize(), true, false)
                        .grid());
        RnnRegressor marked = regressor().setValidationIndicatorCol("validates");
        assertAsByFit(
                marked,
                new ParamSpace().choice(marked.stepSize(), 0.005, 0.03, 0.1).grid());
    }

    @Test
    void whatCannotBeTrained_saysWhyInItsRow() {
        List<Row> rows = series();
        rows.add(RowFactory.create("empty", 0, null, 1.0, false));
        rows.add(RowFactory.create("single", 0, List.of(1.0, 2.0), 1.0, false));
        RnnRegressor regressor = regressor()
                .setValidationFraction(0.3)
                .setHandleInvalid("skip")
                .setOptimizer("sgd")
                .setClipNorm(0);
        ParamMap[] grid =
                new ParamSpace().choice(regressor.stepSize(), 1e30, 0.01).grid();
        KeyedSearchResult found = new RnnSearch<>(regressor, grid).runByKey(dataset(rows), "store");
        assertEquals(5, found.models().size());
        assertEquals(2, found.models().failures());
        for (Row model : found.models().results().collectAsList()) {
            List<Row> candidates = found.candidates()
                    .where(RnnModel.column("store").equalTo(model.getString(0)))
                    .orderBy("candidate")
                    .collectAsList();
            boolean trained = model.getString(0).startsWith("store");
            assertEquals(trained, candidates.get(1).<Boolean>getAs("best"));
            assertNull(candidates.get(0).getAs("metric"));
            assertNotNull(candidates.get(0).getAs("error"));
            assertEquals(trained ? null : candidates.get(0).<String>getAs("error"), model.<String>getAs("error"));
        }
        Row empty = found.models().results().where("store = 'empty'").first();
        assertTrue(empty.<String>getAs("error").contains("no usable row"), empty.toString());
        Row single = found.models().results().where("store = 'single'").first();
        assertEquals(
                "no row of the key is held out; give it more different rows to validate on", single.getAs("error"));
        TrainingException none = assertThrows(TrainingException.class, () -> new RnnSearch<>(regressor, grid[0])
                .runByKey(dataset(series()), "store"));
        assertTrue(none.getMessage().startsWith("none of 3 keys could be trained; the first: "), none.getMessage());
    }

    @Test
    void whatCannotBeSearchedByKey_isRefused() {
        Dataset<Row> data = dataset(series());
        RnnRegressor regressor = regressor().setValidationFraction(0.3);
        ParamMap one = new ParamMap();
        assertRefused(
                "folds of a search is 3 and halving is 0, and by key every candidate makes all updates and is compared by"
                        + " what the estimator holds out; allowed is 0 for both",
                () -> new RnnSearch<>(regressor(), one).setFolds(3).runByKey(data, "store"));
        assertRefused(
                "the search compares candidates by rows that they are not trained on, and there are none; give"
                        + " validation-indicator-col or validation-fraction",
                () -> new RnnSearch<>(regressor(), one).runByKey(data, "store"));
        assertRefused(
                "candidates 0 and 2 of a search by key differ in maxLength, seed, and the rows of a key are read, ordered"
                        + " and held out once for all candidates; search once for each of these values",
                () -> new RnnSearch<>(
                                regressor,
                                new ParamMap().put(regressor.hiddenSize().w(3)),
                                one,
                                new ParamMap()
                                        .put(regressor.seed().w(7))
                                        .put(regressor.maxLength().w(9))
                                        .put(regressor.stepSize().w(0.5)))
                        .runByKey(data, "store"));
        assertRefused(
                "a key column is metric, which is the name of a column of the results; rename it",
                () -> new RnnSearch<>(regressor, one).runByKey(data.withColumnRenamed("store", "metric"), "metric"));
        assertRefused("no key column is given; allowed is at least one", () -> new RnnSearch<>(regressor, one)
                .runByKey(data));
        String checkpoints = directory.resolve("checkpoints").toString();
        assertRefused(
                "checkpoint-dir is " + checkpoints
                        + ", and a candidate of a search is trained in one task, which starts"
                        + " from scratch if it fails; allowed is none",
                () -> new RnnSearch<>(regressor.copy(one).setCheckpointDir(checkpoints), one).runByKey(data, "store"));
        RnnRegressor scaled = regressor().setValidationFraction(0.3).setScale("by-key");
        assertThrows(IllegalArgumentException.class, () -> new RnnSearch<>(scaled, one).runByKey(data, "store"));
        Dataset<Row> unreadable = data.where(
                functions.raise_error(functions.lit("rows were read")).cast("boolean"));
        IllegalArgumentException metric = assertThrows(
                IllegalArgumentException.class,
                () -> new RnnSearch<>(regressor, one).setMetric("auc").runByKey(unreadable, "store"));
        assertTrue(metric.getMessage().startsWith("the metric of the search is auc"), metric.getMessage());
        assertThrows(InputException.class, () -> new RnnSearch<>(regressor, one)
                .runByKey(data.withColumn("y", functions.lit(null).cast("double")), "store"));
    }

    private static void assertRefused(String message, Executable call) {
        assertEquals(message, assertThrows(IllegalArgumentException.class, call).getMessage());
    }
}
