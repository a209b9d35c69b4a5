package dev.unroll.ml;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.unroll.fit.TrainingSummary;
import dev.unroll.testing.SparkTest;
import dev.unroll.train.StopSwitch;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
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
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import scala.jdk.javaapi.CollectionConverters;

/** Several settings that are fitted at once have the models, summaries and errors of fits one by one. */
@Tag("slow")
@SparkTest(settings = "spark.sql.shuffle.partitions=2")
class SeveralFitsTest {

    private static final int ROWS = 80;

    private static SparkSession spark;

    @TempDir
    Path directory;

    @BeforeAll
    static void session(SparkSession session) {
        spark = session;
    }

    private static Dataset<Row> rows() {
        Random random = new Random(9);
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

    private static Dataset<Row> counted(LongAccumulator read) {
        MapFunction<Row, Row> count = row -> {
            read.add(1);
            return row;
        };
        return rows().map(count, Encoders.row(rows().schema()));
    }

    private static <E extends RnnEstimator<E, ?>> E small(E estimator) {
        return estimator.setHiddenSize(4).setMaxIter(12).setBatchSize(16).setStepSize(0.02);
    }

    private static RnnClassifier classifier() {
        return small(new RnnClassifier()).setFeaturesCol("word");
    }

    private static RnnRegressor regressor() {
        return small(new RnnRegressor()).setFeaturesCol("steps").setLabelCol("target");
    }

    /** Estimators, and settings of all that changes how rows are read, dealt and trained on. */
    static Stream<Arguments> settings() {
        RnnClassifier classifier = classifier().setAdviseTruncation(true);
        RnnClassifier marked =
                classifier().setValidationIndicatorCol("validates").setHandleInvalid("skip");
        RnnRegressor regressor = regressor();
        RnnLanguageModel language =
                small(new RnnLanguageModel()).setFeaturesCol("word").setCarryState(true);
        return Stream.of(
                Arguments.of(
                        classifier,
                        new ParamSpace()
                                .choice(classifier.seed(), 1L, 2L)
                                .choice(classifier.vocabularySize(), 0, 3)
                                .choice(classifier.validationFraction(), 0.0, 0.3)
                                .grid()),
                Arguments.of(
                        marked,
                        new ParamSpace()
                                .choice(marked.cell(), "elman", "gru")
                                .choice(marked.patience(), 0, 1)
                                .grid()),
                Arguments.of(
                        regressor,
                        new ParamSpace()
                                .choice(regressor.standardize(), true, false)
                                .choice(regressor.optimizer(), "adam", "lbfgs")
                                .choice(regressor.batchSize(), 0)
                                .grid()),
                Arguments.of(
                        language,
                        new ParamSpace().choice(language.window(), 2, 3).grid()));
    }

    private static <E extends RnnEstimator<E, M>, M extends RnnModel<M>> List<M> fitted(
            E estimator, Dataset<Row> rows, ParamMap... maps) {
        return CollectionConverters.asJava(
                estimator.fit(rows, CollectionConverters.asScala(List.of(maps)).toSeq()));
    }

    private static String hash(RnnModel<?> model) {
        return model.model().parameterHash();
    }

    private static List<List<Object>> losses(TrainingSummary summary) {
        return summary.updates().updates().stream()
                .map(u -> List.<Object>of(
                        u.iteration(), u.epoch(), u.loss(), u.gradientNorm(), u.stepSize(), u.sequences(), u.steps()))
                .toList();
    }

    /** All but times, what was predicted of them, and where it ran. */
    private static List<Object> told(RnnModel<?> model) {
        TrainingSummary summary = model.summary().orElseThrow();
        return List.of(
                hash(model),
                model.model().provenance(),
                model.explainParams(),
                summary.result(),
                summary.sequences(),
                summary.steps(),
                summary.skipped(),
                summary.missingTargets(),
                summary.missingNumbers(),
                summary.warnings(),
                summary.plan(),
                losses(summary),
                summary.updates().validations(),
                summary.gradientFlow(spark).collectAsList(),
                summary.gradientNoise().mean(),
                summary.truncationAdvice());
    }

    @ParameterizedTest
    @MethodSource("settings")
    @SuppressWarnings({"unchecked", "rawtypes"})
    void modelsAndSummaries_areThoseOfFit_ofRowsThatAreReadOnce(RnnEstimator estimator, ParamMap[] maps) {
        LongAccumulator read = spark.sparkContext().longAccumulator();
        List<RnnModel<?>> models = fitted(estimator, counted(read), maps);
        boolean marked = !estimator.validation().indicator().isEmpty(); // which are looked at before
        assertEquals(marked ? 2 * ROWS : ROWS, read.value());
        for (int n = 0; n < maps.length; n++) {
            RnnModel<?> alone = (RnnModel<?>) estimator.fit(rows(), maps[n]);
            assertEquals(told(alone), told(models.get(n)));
            assertEquals(alone.uid(), models.get(n).uid());
            assertEquals(estimator.uid(), models.get(n).parent().uid());
            assertEquals(
                    "in one task, beside others",
                    models.get(n).summary().orElseThrow().engine().reason());
        }
    }

    @Test
    void whatCannotBeInTasks_isFittedOneByOne() throws IOException {
        RnnClassifier classifier = classifier();
        ParamMap[] seeds = new ParamSpace().choice(classifier.seed(), 1L, 2L).grid();
        String checkpoints = directory.resolve("checkpoints").toString();
        String init = directory.resolve("init").toString();
        classifier.fit(rows()).save(init);
        assertReadForEach(classifier, seeds[0]);
        assertReadForEach(classifier.copy(ParamMap.empty()).setEngine("local"), seeds);
        assertReadForEach(classifier.copy(ParamMap.empty()).addListener(new StopSwitch()), seeds);
        assertReadForEach(classifier.copy(ParamMap.empty()).setInit(init), seeds);
        seeds[0].put(classifier.checkpointDir().w(checkpoints));
        assertReadForEach(classifier, seeds);
    }

    private static void assertReadForEach(RnnClassifier classifier, ParamMap... maps) {
        LongAccumulator read = spark.sparkContext().longAccumulator();
        List<RnnClassifierModel> models = fitted(classifier, counted(read), maps);
        assertEquals((long) maps.length * ROWS, read.value());
        for (int n = 0; n < maps.length; n++) {
            RnnClassifier alone = classifier.copy(maps[n]).setCheckpointDir("");
            assertEquals(hash(alone.fit(rows())), hash(models.get(n)));
        }
    }

    /** Of settings that cannot be trained, fit's own error is thrown: where loss, rows or Params are at fault. */
    @Test
    void errors_areThoseOfFit() {
        RnnRegressor regressor = regressor().setOptimizer("sgd").setClipNorm(0);
        ParamMap good = new ParamMap().put(regressor.seed().w(2));
        Dataset<Row> bad = rows().withColumn("target", functions.when(functions.col("validates"), functions.lit(1.0)));
        for (ParamMap map : List.of(
                new ParamMap().put(regressor.stepSize().w(1e30)),
                new ParamMap().put(regressor.validationFraction().w(1e-9)),
                new ParamMap().put(regressor.dropout().w(0.5)))) {
            assertSameError(regressor, rows(), good, map);
        }
        assertSameError(regressor, bad, good, good);
        assertSameError(regressor, rows().drop("target"), good, good);
    }

    private static void assertSameError(RnnRegressor regressor, Dataset<Row> rows, ParamMap good, ParamMap map) {
        RuntimeException alone = assertThrows(RuntimeException.class, () -> regressor.fit(rows, map));
        RuntimeException together = assertThrows(RuntimeException.class, () -> fitted(regressor, rows, good, map));
        assertEquals(alone.getClass(), together.getClass());
        assertEquals(alone.getMessage(), together.getMessage());
    }
}
