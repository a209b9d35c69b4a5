package dev.unroll.ml;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unroll.data.InputException;
import dev.unroll.testing.SparkTest;
import dev.unroll.train.TrainingException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.apache.spark.ml.param.ParamMap;
import org.apache.spark.sql.Dataset;
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
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A search gives each candidate the model that {@code fit} gives it, to the bit, and orders them by what they show. */
@Tag("slow")
@SparkTest(settings = "spark.sql.shuffle.partitions=2")
class RnnSearchTest {

    private static final int ROWS = 90;

    private static SparkSession spark;

    @TempDir
    Path directory;

    @BeforeAll
    static void session(SparkSession session) {
        spark = session;
    }

    /** Words, numbers in steps, labels and targets of them, a store, and whether to validate on a row. */
    private static Dataset<Row> rows() {
        Random random = new Random(5);
        List<Row> rows = new ArrayList<>();
        for (int n = 0; n < ROWS; n++) {
            StringBuilder word = new StringBuilder();
            List<Double> steps = new ArrayList<>();
            for (int t = 0; t < 3 + n % 4; t++) {
                word.append((char) ('a' + random.nextInt(4)));
                steps.add(random.nextGaussian());
            }
            String label = word.indexOf("a") < 0 ? "without" : "with";
            rows.add(RowFactory.create(word.toString(), label, steps, steps.get(0) + steps.get(1), n % 3 == 0));
        }
        return spark.createDataFrame(
                rows,
                new StructType()
                        .add("word", DataTypes.StringType)
                        .add("label", DataTypes.StringType)
                        .add("steps", DataTypes.createArrayType(DataTypes.DoubleType))
                        .add("target", DataTypes.DoubleType)
                        .add("validates", DataTypes.BooleanType));
    }

    private static <E extends RnnEstimator<E, ?>> E small(E estimator) {
        return estimator.setHiddenSize(4).setMaxIter(12).setBatchSize(16).setStepSize(0.02);
    }

    private static RnnClassifier classifier() {
        return small(new RnnClassifier()).setFeaturesCol("word");
    }

    /** Estimators with candidates that touch what rows are read as, how they are ordered, and what is trained. */
    static Stream<RnnSearch<?, ?>> searches() {
        RnnClassifier classifier = classifier().setValidationFraction(0.3);
        RnnClassifier marked = classifier().setValidationIndicatorCol("validates");
        RnnRegressor regressor = small(new RnnRegressor())
                .setFeaturesCol("steps")
                .setLabelCol("target")
                .setValidationFraction(0.3);
        RnnLanguageModel language = small(new RnnLanguageModel())
                .setFeaturesCol("word")
                .setWindow(3)
                .setValidationFraction(0.3);
        return Stream.of(
                new RnnSearch<>(
                        classifier,
                        new ParamSpace()
                                .choice(classifier.seed(), 1L, 2L)
                                .choice(classifier.vocabularySize(), 0, 3)
                                .choice(classifier.tokenizer(), "char", "whitespace")
                                .grid()),
                new RnnSearch<>(
                        marked,
                        new ParamSpace()
                                .choice(marked.cell(), "elman", "gru")
                                .choice(marked.patience(), 0, 1)
                                .grid()),
                new RnnSearch<>(
                                regressor,
                                new ParamSpace()
                                        .choice(regressor.standardize(), true, false)
                                        .choice(regressor.optimizer(), "adam", "sgd")
                                        .grid())
                        .setMetric("meanAbsoluteError"),
                new RnnSearch<>(
                        language,
                        new ParamSpace().choice(language.hiddenSize(), 2, 5).grid()));
    }

    private static String hash(RnnModel<?> model) {
        return model.model().parameterHash();
    }

    private static <E extends RnnEstimator<E, M>, M extends RnnModel<M>> void assertEachAsByFit(
            RnnSearch<E, M> search, Dataset<Row> trainings) {
        for (Row training : trainings.collectAsList()) {
            RnnModel<?> alone = (RnnModel<?>)
                    search.estimator(training.<Integer>getAs("candidate")).fit(rows());
            assertNull(training.getAs("error"));
            assertEquals(hash(alone), training.getAs("parameterHash"));
            assertEquals(
                    alone.summary().orElseThrow().result().validation(),
                    training.getJavaMap(training.fieldIndex("validation")));
        }
    }

    @ParameterizedTest
    @MethodSource("searches")
    @SuppressWarnings({"unchecked", "rawtypes"})
    void eachCandidate_hasTheBitsOfFit(RnnSearch search) {
        SearchResult<?> result = search.setRefit(false).run(rows());
        assertEachAsByFit(search, result.trainings());
    }

    /** Nothing is read, and the metrics that are named are those that a training has. */
    @ParameterizedTest
    @MethodSource("searches")
    @SuppressWarnings({"unchecked", "rawtypes"})
    void aMetricThatThereIsNot_isRefusedBeforeRowsAreRead(RnnSearch search) {
        Dataset<Row> unreadable = rows().where(
                        functions.raise_error(functions.lit("rows were read")).cast("boolean"));
        IllegalArgumentException refused = assertThrows(
                IllegalArgumentException.class, () -> search.setMetric("auc").run(unreadable));
        RnnModel<?> alone = (RnnModel<?>) search.estimator(0).fit(rows());
        String metrics = String.join(
                ", ",
                new TreeSet<>(
                        alone.summary().orElseThrow().result().validation().keySet()));
        assertEquals("the metric of the search is auc; the validation has " + metrics, refused.getMessage());
    }

    @Test
    void anErrorBesideNaiveForecasts_canDecide() {
        RnnRegressor regressor = SeriesSales.byKey().setSeason(2).setValidationFraction(0.3);
        Dataset<Row> rows = SeriesSales.windows().transform(SeriesSales.table(spark, SeriesSales.sales(4, 30, 1)));
        SearchResult<RnnRegressorModel> result = new RnnSearch<>(regressor, new ParamMap())
                .setMetric("meanAbsoluteScaledError")
                .run(rows);
        Map<String, Double> validation =
                result.model().summary().orElseThrow().result().validation();
        assertEquals(validation.get("meanAbsoluteScaledError"), result.bestMetric());
        IllegalArgumentException refused =
                assertThrows(IllegalArgumentException.class, () -> new RnnSearch<>(regressor, new ParamMap())
                        .setMetric("auc")
                        .run(rows));
        assertEquals(
                "the metric of the search is auc; the validation has "
                        + String.join(", ", new TreeSet<>(validation.keySet())),
                refused.getMessage());
    }

    @Test
    void seriesOfTheirOwnScale_haveTheBitsOfFit() {
        RnnRegressor regressor = SeriesSales.byKey().setValidationFraction(0.3);
        Dataset<Row> rows = SeriesSales.windows().transform(SeriesSales.table(spark, SeriesSales.sales(4, 30, 1)));
        SearchResult<RnnRegressorModel> result = new RnnSearch<>(
                        regressor, new ParamMap().put(regressor.hiddenSize().w(3)))
                .run(rows);
        assertEquals(hash(result.model()), result.trainings().first().<String>getAs("parameterHash"));
    }

    @Test
    void theBest_isTrainedOnTheCluster() {
        RnnClassifier classifier = classifier().setValidationFraction(0.3).setEngine("spark");
        ParamMap[] grid =
                new ParamSpace().choice(classifier.stepSize(), 1e-6, 0.05, 1e-5).grid();
        SearchResult<RnnClassifierModel> result =
                new RnnSearch<>(classifier, grid).setMetric("accuracy").run(rows());
        assertEquals(1, result.bestCandidate());
        assertEquals(0.05, result.best().get(classifier.stepSize()).get());
        Row first = result.candidates().first();
        assertEquals(List.of(1, 1), List.of(first.getAs("rank"), first.getAs("candidate")));
        assertEquals(Map.of("stepSize", "0.05"), first.getJavaMap(first.fieldIndex("params")));
        assertEquals(result.bestMetric(), first.<Double>getAs("metric"));
        assertEquals(
                hash(result.model()),
                result.trainings().where("candidate = 1").first().<String>getAs("parameterHash"));
    }

    /** Fold 0 of five is what a fraction of a fifth holds out; each row is held out once; and all come from one reading. */
    @Test
    void folds_areHeldOutInTurns_ofRowsThatAreReadOnce() {
        LongAccumulator read = spark.sparkContext().longAccumulator();
        Dataset<Row> counted = rows().map(
                        (org.apache.spark.api.java.function.MapFunction<Row, Row>) row -> {
                            read.add(1);
                            return row;
                        },
                        org.apache.spark.sql.Encoders.row(rows().schema()));
        RnnClassifier classifier = classifier();
        ParamMap[] grid = new ParamSpace().choice(classifier.hiddenSize(), 2, 3).grid();
        SearchResult<RnnClassifierModel> result =
                new RnnSearch<>(classifier, grid).setFolds(5).setRefit(false).run(counted);
        assertEquals(ROWS, read.value());
        for (int candidate = 0; candidate < 2; candidate++) {
            Dataset<Row> own = result.trainings().where("candidate = " + candidate);
            assertEquals(4L * ROWS, own.agg(functions.sum("sequences")).first().getLong(0));
            RnnClassifierModel alone =
                    classifier.copy(grid[candidate]).setValidationFraction(0.2).fit(rows());
            assertEquals(hash(alone), own.where("fold = 0").first().<String>getAs("parameterHash"));
            double mean = own.select(functions.avg(functions.col("validation").getItem("loss")))
                    .first()
                    .getDouble(0);
            double deviation = own.select(
                            functions.stddev_samp(functions.col("validation").getItem("loss")))
                    .first()
                    .getDouble(0);
            Row row = result.candidates().where("candidate = " + candidate).first();
            assertEquals(mean, row.<Double>getAs("metric"), 1e-12);
            assertEquals(deviation, row.<Double>getAs("deviation"), 1e-12);
        }
    }

    @Test
    void withHalving_theBetterContinue_andEndAsByFit() {
        RnnClassifier classifier = classifier()
                .setValidationFraction(0.3)
                .setMaxIter(27)
                .setSchedule("cosine")
                .setValidationInterval(2)
                .setPatience(9);
        Object[] steps = {1e-6, 1e-5, 0.05, 1e-4, 0.02, 2e-6, 3e-6, 4e-6, 0.01};
        ParamMap[] grid = new ParamSpace().choice(classifier.stepSize(), steps).grid();
        RnnSearch<RnnClassifier, RnnClassifierModel> search = new RnnSearch<>(classifier, grid).setHalving(3);
        SearchResult<RnnClassifierModel> result = search.run(rows());
        List<Long> iterations = result.candidates().collectAsList().stream()
                .map(row -> row.<Long>getAs("iterations"))
                .toList();
        assertEquals(List.of(27L, 9L, 9L, 3L, 3L, 3L, 3L, 3L, 3L), iterations);
        List<Integer> first = result.candidates().limit(3).collectAsList().stream()
                .map(row -> row.<Integer>getAs("candidate"))
                .sorted()
                .toList();
        assertEquals(List.of(2, 4, 8), first);
        assertEachAsByFit(search, result.trainings().where("iterations = 27"));
        assertEquals(hash(result.model()), result.trainings().first().<String>getAs("parameterHash"));
    }

    @Test
    void aCandidateThatFails_isTheLast_andSaysWhy() {
        RnnRegressor regressor = small(new RnnRegressor())
                .setFeaturesCol("steps")
                .setLabelCol("target")
                .setValidationFraction(0.3)
                .setOptimizer("sgd")
                .setClipNorm(0);
        ParamMap[] grid =
                new ParamSpace().choice(regressor.stepSize(), 1e30, 0.01).grid();
        SearchResult<RnnRegressorModel> result = new RnnSearch<>(regressor, grid).run(rows());
        List<Row> rows = result.candidates().collectAsList();
        assertEquals(1, rows.get(0).<Integer>getAs("candidate"));
        assertNull(rows.get(0).getAs("error"));
        assertNull(rows.get(1).getAs("metric"));
        assertTrue(
                rows.get(1).<String>getAs("error").contains("iteration"),
                rows.get(1).toString());
        TrainingException none =
                assertThrows(TrainingException.class, () -> new RnnSearch<>(regressor, grid[0]).run(rows()));
        assertTrue(
                none.getMessage().startsWith("none of 1 candidates could be trained; the first: "), none.getMessage());
    }

    /** A training that fails after the first rung leaves the others, and is not the best. */
    @Test
    void withHalving_aCandidateThatFailsLate_isTheLast() {
        RnnRegressor regressor = small(new RnnRegressor())
                .setFeaturesCol("steps")
                .setLabelCol("target")
                .setValidationFraction(0.3)
                .setOptimizer("sgd")
                .setClipNorm(0)
                .setCell("elman")
                .setActivation("relu")
                .setMaxIter(90);
        for (double step : new double[] {0.5, 2, 8, 32, 128}) { // one of which fails late
            ParamMap[] grid = new ParamSpace()
                    .choice(regressor.stepSize(), step, 1e-9, 1e-8)
                    .grid();
            List<Row> rows = new RnnSearch<>(regressor, grid)
                    .setHalving(3)
                    .setMetric("meanAbsoluteError")
                    .setRefit(false)
                    .run(rows())
                    .candidates()
                    .collectAsList();
            boolean seen = false;
            for (Row row : rows) {
                assertTrue(!seen || row.getAs("error") != null, rows.toString());
                seen |= row.getAs("error") != null;
            }
        }
    }

    @Test
    void aFoldWithoutRows_isRefused() {
        Dataset<Row> equal = rows().withColumn("word", functions.lit("anna"));
        TrainingException none = assertThrows(
                TrainingException.class,
                () -> new RnnSearch<>(classifier(), new ParamMap()).setFolds(2).run(equal));
        assertTrue(none.getMessage().contains("no row is held out for fold "), none.getMessage());
    }

    @Test
    void whatCannotBeSearched_isRefused() {
        RnnClassifier classifier = classifier();
        ParamMap one = new ParamMap();
        RnnClassifier held = classifier().setValidationFraction(0.3);
        assertRefused(
                "folds of a search is 3 and validation-fraction is 0.3; only one of the two goes",
                () -> new RnnSearch<>(held, one).setFolds(3).run(rows()));
        assertRefused(
                "the search compares candidates by rows that they are not trained on, and there are none; give folds,"
                        + " validation-indicator-col or validation-fraction",
                () -> new RnnSearch<>(classifier, one).run(rows()));
        assertRefused(
                "the metric of the search is auc; the validation has accuracy, loss, macroF1",
                () -> new RnnSearch<>(held, one).setMetric("auc").run(rows()));
        assertRefused(
                "the metric of the search is coverage, of which neither more nor less is better; pinballLoss is less"
                        + " for better quantiles",
                () -> new RnnSearch<>(held, one).setMetric("coverage"));
        assertRefused(
                "the metric of the search is loss, and candidates differ in loss or in the scale of their targets, so that"
                        + " their losses have different units; allowed is a metric such as accuracy",
                () -> new RnnSearch<>(
                                held,
                                new ParamSpace()
                                        .choice(held.loss(), "softmax", "binary")
                                        .grid())
                        .run(rows()));
        assertRefused(
                "patience is 2, folds of the search is 3 and refit is true, which trains on all rows and validates on none;"
                        + " allowed is patience 0 or refit false",
                () -> new RnnSearch<>(classifier().setPatience(2), one)
                        .setFolds(3)
                        .run(rows()));
        assertRefused(
                "folds of a search is 3 and validation-fraction is 0.1; only one of the two goes",
                () -> new RnnSearch<>(
                                classifier,
                                new ParamMap()
                                        .put(classifier.validationFraction().w(0.1)))
                        .setFolds(3)
                        .run(rows()));
        assertRefused(
                "a candidate sets " + held.uid() + "__stepSize; allowed are Params of " + classifier.uid()
                        + " but for validationIndicatorCol",
                () -> new RnnSearch<>(
                        classifier, new ParamMap().put(held.stepSize().w(0.1))));
        String checkpoints = directory.resolve("checkpoints").toString();
        assertRefused(
                "checkpoint-dir is " + checkpoints
                        + ", and a candidate of a search is trained in one task, which starts"
                        + " from scratch if it fails; allowed is none",
                () -> new RnnSearch<>(held.copy(ParamMap.empty()).setCheckpointDir(checkpoints), one).run(rows()));
        assertRefused(
                "there is no candidate to search among; allowed is at least one", () -> new RnnSearch<>(classifier));
        assertRefused(
                "folds of a search is 1; allowed are 0 and at least 2", () -> new RnnSearch<>(held, one).setFolds(1));
        assertRefused("halving of a search is 1; allowed are 0 and at least 2", () -> new RnnSearch<>(held, one)
                .setHalving(1));
        assertThrows(InputException.class, () -> new RnnSearch<>(held, one)
                .run(rows().withColumn("word", functions.lit(null).cast("string"))));
        assertThrows(
                IllegalStateException.class,
                () -> new RnnSearch<>(held, one).setRefit(false).run(rows()).model());
    }

    private static void assertRefused(String message, Executable call) {
        assertEquals(message, assertThrows(IllegalArgumentException.class, call).getMessage());
    }
}
