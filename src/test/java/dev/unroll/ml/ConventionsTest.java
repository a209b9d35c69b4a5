package dev.unroll.ml;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unroll.data.InputException;
import dev.unroll.fit.TrainingSummary;
import dev.unroll.math.CounterRandom;
import dev.unroll.param.ParameterHash;
import dev.unroll.testing.SparkTest;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.ServiceLoader;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.spark.ml.Estimator;
import org.apache.spark.ml.Pipeline;
import org.apache.spark.ml.PipelineModel;
import org.apache.spark.ml.PipelineStage;
import org.apache.spark.ml.Transformer;
import org.apache.spark.ml.evaluation.MulticlassClassificationEvaluator;
import org.apache.spark.ml.evaluation.RegressionEvaluator;
import org.apache.spark.ml.feature.StringIndexer;
import org.apache.spark.ml.linalg.Vector;
import org.apache.spark.ml.param.Param;
import org.apache.spark.ml.param.ParamMap;
import org.apache.spark.ml.param.Params;
import org.apache.spark.ml.tuning.CrossValidator;
import org.apache.spark.ml.tuning.CrossValidatorModel;
import org.apache.spark.ml.tuning.ParamGridBuilder;
import org.apache.spark.ml.tuning.TrainValidationSplit;
import org.apache.spark.ml.util.MLWritable;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What whoever knows Spark ML expects of every estimator and its model. */
@SparkTest
class ConventionsTest {

    private static SparkSession spark;

    @TempDir
    Path directory;

    /** Words of a and b: the label is whether the first letter is an a, the tags are the letters, the number is how many a there are. */
    private static Dataset<Row> words() {
        List<Row> rows = new ArrayList<>();
        for (int n = 0; n < 80; n++) {
            CounterRandom random = new CounterRandom(3, n);
            StringBuilder word = new StringBuilder();
            List<String> tags = new ArrayList<>();
            for (int t = 0; t < 2 + n % 4; t++) {
                word.append(random.below(2, t) == 0 ? 'a' : 'b');
                tags.add(word.substring(t).equals("a") ? "x" : "y");
            }
            double count = word.chars().filter(c -> c == 'a').count();
            rows.add(RowFactory.create(
                    word.toString(), word.charAt(0) == 'a' ? "first" : "other", tags, count, n % 5 == 0));
        }
        return spark.createDataFrame(
                rows,
                new StructType()
                        .add("word", DataTypes.StringType)
                        .add("label", DataTypes.StringType)
                        .add("tags", DataTypes.createArrayType(DataTypes.StringType))
                        .add("number", DataTypes.DoubleType)
                        .add("held", DataTypes.BooleanType));
    }

    static List<RnnEstimator<?, ?>> estimators() {
        return List.of(
                small(new RnnClassifier()).setLabelCol("label"),
                small(new RnnTagger()).setLabelCol("tags"),
                small(new RnnRegressor()).setLabelCol("number"),
                small(new RnnLanguageModel()));
    }

    private static <E extends RnnEstimator<E, ?>> E small(E estimator) {
        return estimator
                .setFeaturesCol("word")
                .setHiddenSize(8)
                .setEmbeddingSize(4)
                .setBatchSize(16)
                .setStepSize(0.02)
                .setMaxIter(12);
    }

    @ParameterizedTest
    @MethodSource("estimators")
    void estimator_hasWhatSparkMlAsksFor(RnnEstimator<?, ?> estimator) throws Exception {
        assertNotNull(estimator.getClass().getConstructor());
        assertNotNull(estimator.getClass().getConstructor(String.class));
        assertNotNull(estimator.getClass().getMethod("read").invoke(null), "PipelineModel.load calls it");
        String explained = estimator.explainParams();
        for (String name : List.of("featuresCol", "labelCol", "predictionCol", "maxIter", "stepSize", "tol", "seed")) {
            assertTrue(explained.contains(name + ": "), name);
        }
        ParamMap other = new ParamMap().put(estimator.maxIter().w(7));
        assertEquals(7, estimator.copy(other).getOrDefault(estimator.maxIter()));
        assertEquals(estimator.uid(), estimator.copy(other).uid());
        StructType without = new StructType().add("other", DataTypes.StringType);
        InputException missing = assertThrows(InputException.class, () -> estimator.transformSchema(without));
        assertTrue(missing.getMessage().contains("word"), missing.getMessage());

        String path = directory.resolve("estimator").toString();
        estimator.write().overwrite().save(path);
        Object loaded = ((org.apache.spark.ml.util.MLReader<?>)
                        estimator.getClass().getMethod("read").invoke(null))
                .load(path);
        assertEquals(estimator.explainParams(), ((RnnEstimator<?, ?>) loaded).explainParams());
    }

    @ParameterizedTest
    @MethodSource("estimators")
    void model_hasWhatSparkMlAsksFor(RnnEstimator<?, ?> estimator) throws Exception {
        Dataset<Row> words = words();
        RnnModel<?> model = (RnnModel<?>) estimator.fit(words);
        assertSame(estimator, model.parent());
        assertEquals(estimator.uid(), model.uid());
        TrainingSummary summary = model.summary().orElseThrow();
        assertEquals(12, summary.totalIterations());
        assertEquals(12, summary.objectiveHistory().length);
        List<Row> history = summary.history(spark).collectAsList();
        assertEquals(12, history.size());
        assertEquals(summary.objectiveHistory()[11], history.get(11).<Double>getAs("loss"));
        assertTrue(history.stream().allMatch(row -> row.<Double>getAs("computeMs") > 0));
        Dataset<Row> flow = summary.gradientFlow(spark);
        assertEquals(List.of("iteration", "layer", "lag", "norm"), List.of(flow.columns()));
        assertTrue(flow.where("iteration = 1 and lag = 0 and norm > 0").count() == 1);

        String path = directory.resolve("model").toString();
        model.write().save(path);
        assertThrows(Exception.class, () -> model.write().save(path), "nothing is overwritten unasked");
        model.write().overwrite().save(path);
        RnnModel<?> loaded = (RnnModel<?>) ((org.apache.spark.ml.util.MLReader<?>)
                        model.getClass().getMethod("read").invoke(null))
                .load(path);
        assertEquals(
                ParameterHash.of(model.model().theta()),
                ParameterHash.of(loaded.model().theta()));
        assertTrue(loaded.summary().isEmpty());
        if (!(model instanceof RnnLanguageModelModel)) {
            List<String> columns = List.of(model.transform(words).columns());
            assertEquals(List.of(model.transformSchema(words.schema()).fieldNames()), columns);
            assertEquals(
                    model.transform(words).select("prediction").collectAsList(),
                    loaded.transform(words).select("prediction").collectAsList());
        }
    }

    /** What is no default is kept, also where it is the default of another optimiser. */
    @ParameterizedTest
    @MethodSource("estimators")
    void copyWithAllValues_setsNoDefault(RnnEstimator<?, ?> estimator) {
        RnnEstimator<?, ?> copy = estimator.copy(estimator.extractParamMap());
        for (Param<?> param : estimator.params()) {
            assertEquals(estimator.isSet(param), copy.isSet(copy.getParam(param.name())), param.name());
        }
        ParamMap one = new ParamMap().put(estimator.stepSize().w(0.003));
        assertTrue(estimator.copy(one).isSet(copy.stepSize()));
    }

    @Test
    void pipeline_savedAndLoaded_predictsTheSame() throws Exception {
        Pipeline pipeline = new Pipeline().setStages(new PipelineStage[] {
            new StringIndexer().setInputCol("label").setOutputCol("index"),
            small(new RnnClassifier()).setLabelCol("index").setMaxIter(40)
        });
        PipelineModel model = pipeline.fit(words());
        String path = directory.resolve("pipeline").toString();
        model.write().save(path);
        Dataset<Row> predicted = model.transform(words());
        assertEquals(
                predicted.collectAsList(),
                PipelineModel.load(path).transform(words()).collectAsList());
        assertEquals(
                1,
                new MulticlassClassificationEvaluator()
                        .setLabelCol("index")
                        .setMetricName("accuracy")
                        .evaluate(predicted),
                0.05);
        for (Row row : predicted.collectAsList()) {
            double[] raw = row.<Vector>getAs("rawPrediction").toArray();
            double sum = Arrays.stream(raw).map(Math::exp).sum();
            assertArrayEquals(
                    Arrays.stream(raw).map(o -> Math.exp(o) / sum).toArray(),
                    row.<Vector>getAs("probability").toArray(),
                    1e-6);
        }
        String again = directory.resolve("untrained").toString();
        pipeline.write().save(again);
        assertEquals(2, Pipeline.load(again).getStages().length);
    }

    @Test
    void tuning_findsTheBetterParams_inParallel() throws Exception {
        RnnRegressor regressor = small(new RnnRegressor()).setLabelCol("number").setMaxIter(40);
        ParamMap[] grid = new ParamGridBuilder()
                .addGrid(regressor.maxIter(), new int[] {1, 40})
                .build();
        RegressionEvaluator evaluator = new RegressionEvaluator().setLabelCol("number");
        CrossValidatorModel tuned = new CrossValidator()
                .setEstimator(regressor)
                .setEvaluator(evaluator)
                .setEstimatorParamMaps(grid)
                .setNumFolds(2)
                .setParallelism(2)
                .fit(words());
        assertTrue(tuned.avgMetrics()[1] < tuned.avgMetrics()[0], Arrays.toString(tuned.avgMetrics()));
        assertEquals(
                40,
                ((RnnRegressorModel) tuned.bestModel()).summary().orElseThrow().totalIterations());
        String path = directory.resolve("tuned").toString();
        tuned.write().save(path);
        assertEquals(
                tuned.transform(words()).collectAsList(),
                CrossValidatorModel.load(path).transform(words()).collectAsList());
        assertEquals(
                40,
                ((RnnRegressorModel) new TrainValidationSplit()
                                .setEstimator(regressor)
                                .setEvaluator(evaluator)
                                .setEstimatorParamMaps(grid)
                                .fit(words())
                                .bestModel())
                        .summary()
                        .orElseThrow()
                        .totalIterations());
    }

    @Test
    void validationIndicator_partsTheRows() {
        RnnClassifier classifier = small(new RnnClassifier()).setLabelCol("label");
        RnnClassifierModel apart = classifier.fit(words().where("not held"), words().where("held"));
        RnnClassifierModel marked = classifier.setValidationIndicatorCol("held").fit(words());
        assertEquals(
                apart.summary().orElseThrow().result(),
                marked.summary().orElseThrow().result());
        assertEquals(
                ParameterHash.of(apart.model().theta()),
                ParameterHash.of(marked.model().theta()));
        InputException unknown = assertThrows(
                InputException.class, () -> classifier.fit(words().withColumn("held", functions.lit("maybe"))));
        assertTrue(
                unknown.getMessage().endsWith("has the value maybe; allowed are true and false"), unknown.getMessage());
        assertThrows(IllegalArgumentException.class, () -> classifier.fit(words(), words()));
        InputException missing = assertThrows(InputException.class, () -> classifier.fit(words().drop("held")));
        assertTrue(missing.getMessage().startsWith("validation-indicator-col held is no column"), missing.getMessage());
    }

    @Test
    void registeredFunction_predictsInSql() {
        Dataset<Row> words = words();
        words.createOrReplaceTempView("words");
        RnnClassifierModel classifier =
                small(new RnnClassifier()).setLabelCol("label").fit(words);
        classifier.registerFunction(spark, "rnn_predict");
        assertEquals(
                classifier.transform(words).select("word", "prediction").collectAsList(),
                spark.sql("select word, rnn_predict(word) as prediction from words")
                        .collectAsList());
        RnnTaggerModel tagger = small(new RnnTagger())
                .setFeaturesCol("tags")
                .setLabelCol("tags")
                .fit(words);
        tagger.registerFunction(spark, "rnn_tag");
        assertEquals(
                tagger.transform(words).select("prediction").collectAsList(),
                spark.sql("select rnn_tag(tags) as prediction from words").collectAsList());
        Dataset<Row> numbers = words.select(
                functions
                        .expr("transform(tags, tag -> array(cast(length(tag) as double)))")
                        .as("word"),
                words.col("number"));
        RnnRegressorModel regressor =
                small(new RnnRegressor()).setLabelCol("number").fit(numbers);
        regressor.registerFunction(spark, "rnn_number");
        numbers.createOrReplaceTempView("numbers");
        assertEquals(
                regressor.transform(numbers).select("prediction").collectAsList(),
                spark.sql("select rnn_number(word) as prediction from numbers").collectAsList());
        RnnLanguageModelModel language = small(new RnnLanguageModel()).fit(words);
        assertThrows(IllegalArgumentException.class, () -> language.registerFunction(spark, "rnn_write"));
    }

    /** Spark Connect loads what stands in the services files, and makes one of each. */
    @Test
    void servicesFiles_listEveryStage() {
        assertEquals(
                new TreeSet<>(List.of(
                        "RnnClassifier",
                        "RnnTagger",
                        "RnnRegressor",
                        "RnnLanguageModel",
                        "KeyedTraining",
                        "KeyedModel")),
                names(ServiceLoader.load(Estimator.class)));
        assertEquals(
                new TreeSet<>(List.of(
                        "RnnClassifierModel",
                        "RnnTaggerModel",
                        "RnnRegressorModel",
                        "RnnLanguageModelModel",
                        "SequenceAssembler",
                        "SlidingWindows",
                        "KeyedPredictions")),
                names(ServiceLoader.load(Transformer.class)));
    }

    /** Spark Connect gives a Param's value the Param's class. */
    @Test
    void params_sayTheirClass() {
        stages().forEach(stage -> {
            for (Param<?> param : ((Params) stage).params()) {
                assertNotNull(param.dataClass(), param.toString());
            }
        });
    }

    /** A server of Spark Connect makes stages by their uid, and loads and saves them. */
    @Test
    void stages_haveWhatSparkConnectAsksFor() {
        stages().forEach(stage -> {
            assertInstanceOf(MLWritable.class, stage);
            assertDoesNotThrow(() -> stage.getClass().getMethod("load", String.class));
            if (!(stage instanceof RnnModel)) {
                assertDoesNotThrow(() -> stage.getClass().getConstructor(String.class));
            }
        });
    }

    private static Stream<Object> stages() {
        return Stream.of(ServiceLoader.load(Estimator.class), ServiceLoader.load(Transformer.class))
                .flatMap(stages -> ours(stages).stream());
    }

    private static List<Object> ours(ServiceLoader<?> stages) {
        return stages.stream()
                .filter(stage -> stage.type().getPackageName().equals("dev.unroll.ml"))
                .<Object>map(ServiceLoader.Provider::get)
                .toList();
    }

    private static Set<String> names(ServiceLoader<?> stages) {
        return ours(stages).stream()
                .map(stage -> stage.getClass().getSimpleName())
                .collect(Collectors.toCollection(TreeSet::new));
    }
}
