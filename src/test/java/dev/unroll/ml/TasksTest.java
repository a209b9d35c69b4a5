package dev.unroll.ml;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unroll.data.InputException;
import dev.unroll.math.CounterRandom;
import dev.unroll.param.ParameterHash;
import dev.unroll.testing.SparkTest;
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
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tagging, regression and language models: they learn, they give the same bits, they come back from disk. */
@Tag("slow")
@SparkTest
class TasksTest {

    private static final DataType STRINGS = DataTypes.createArrayType(DataTypes.StringType);
    private static final DataType NUMBERS = DataTypes.createArrayType(DataTypes.DoubleType);

    private static SparkSession spark;

    @TempDir
    Path directory;

    private static Dataset<Row> dataset(List<Row> rows, DataType x, DataType y) {
        return spark.createDataFrame(rows, new StructType().add("x", x).add("y", y));
    }

    private static <E extends RnnEstimator<E, ?>> E small(E estimator) {
        return estimator
                .setFeaturesCol("x")
                .setLabelCol("y")
                .setHiddenSize(12)
                .setEmbeddingSize(6)
                .setBatchSize(16)
                .setNumShards(4)
                .setStepSize(0.02)
                .setMaxIter(150);
    }

    /** Letters a to d; the tag says whether the letter before was the same: one step of memory is needed. */
    private static List<Row> repeats() {
        List<Row> rows = new ArrayList<>();
        for (int n = 0; n < 80; n++) {
            CounterRandom random = new CounterRandom(5, n);
            List<String> letters = new ArrayList<>();
            List<String> tags = new ArrayList<>();
            for (int t = 0; t < 3 + n % 5; t++) {
                letters.add(Character.toString('a' + random.below(4, t)));
                tags.add(t > 0 && letters.get(t).equals(letters.get(t - 1)) ? "again" : "new");
            }
            rows.add(RowFactory.create(letters, tags));
        }
        return rows;
    }

    /** Numbers around 50; the target is their mean, and in its second form also their last one. */
    private static List<Row> means(boolean vector) {
        List<Row> rows = new ArrayList<>();
        for (int n = 0; n < 120; n++) {
            CounterRandom random = new CounterRandom(6, n);
            List<Double> numbers = IntStream.range(0, 4 + n % 3)
                    .mapToObj(t -> 50 + 10 * random.normal(t))
                    .toList();
            double mean = numbers.stream().mapToDouble(v -> v).average().orElseThrow();
            double last = numbers.get(numbers.size() - 1);
            rows.add(RowFactory.create(
                    numbers, vector ? (Object) org.apache.spark.ml.linalg.Vectors.dense(mean, last) : (Object) mean));
        }
        return rows;
    }

    @Test
    void tagger_learnsOneStepOfMemory_andComesBackFromDisk() throws Exception {
        Dataset<Row> data = dataset(repeats(), STRINGS, STRINGS);
        RnnTaggerModel model = small(new RnnTagger()).setTokenizer("none").fit(data);
        assertTrue(model.transform(data).where("prediction = y").count() > 70);
        model.write().save(directory.resolve("tagger").toString());
        RnnTaggerModel loaded = RnnTaggerModel.load(directory.resolve("tagger").toString());
        assertEquals(
                model.transform(data).select("prediction").collectAsList(),
                loaded.transform(data).select("prediction").collectAsList());
    }

    @Test
    void regressor_standardized_predictsInTheTargetsUnits() throws Exception {
        for (boolean vector : new boolean[] {false, true}) {
            DataType type = vector ? org.apache.spark.ml.linalg.SQLDataTypes.VectorType() : DataTypes.DoubleType;
            Dataset<Row> data = dataset(means(vector), NUMBERS, type);
            RnnRegressorModel model = small(new RnnRegressor())
                    .setStandardize(true)
                    .setMaxIter(300)
                    .fit(data);
            String path = directory.resolve("regressor" + vector).toString();
            model.write().save(path);
            double error = 0;
            List<Row> predicted = RnnRegressorModel.load(path).transform(data).collectAsList();
            for (Row row : predicted) {
                double truth =
                        vector ? ((org.apache.spark.ml.linalg.Vector) row.getAs("y")).apply(0) : row.getDouble(1);
                double guess = vector
                        ? ((org.apache.spark.ml.linalg.Vector) row.getAs("prediction")).apply(0)
                        : row.<Double>getAs("prediction");
                error += Math.abs(truth - guess) / predicted.size();
            }
            assertTrue(error < 1, "mean absolute error " + error + " where the mean alone has about 4");
        }
    }

    @Test
    void regressor_numbersPerStep_predictsOnePerStep() {
        List<Row> rows = new ArrayList<>();
        for (int n = 0; n < 60; n++) {
            CounterRandom random = new CounterRandom(7, n);
            List<Double> x =
                    IntStream.range(0, 3 + n % 4).mapToObj(random::normal).toList();
            List<Double> sums = new ArrayList<>();
            double sum = 0;
            for (double value : x) {
                sum += value;
                sums.add(sum);
            }
            rows.add(RowFactory.create(x, sums));
        }
        Dataset<Row> data = dataset(rows, NUMBERS, NUMBERS);
        RnnRegressorModel model =
                small(new RnnRegressor()).setValidationFraction(0.2).fit(data);
        assertEquals(
                NUMBERS.simpleString(),
                model.transform(data).schema().apply("prediction").dataType().simpleString());
        double error = model.summary().orElseThrow().result().validation().get("meanAbsoluteError");
        assertTrue(error < 0.4, "mean absolute error " + error);
    }

    @Test
    void languageModel_learnsItsText_andGeneratesBySeed() throws Exception {
        List<Row> rows = Collections.nCopies(40, RowFactory.create("abcabcabd", ""));
        Dataset<Row> data = dataset(rows, DataTypes.StringType, DataTypes.StringType);
        for (int window : new int[] {0, 4}) {
            RnnLanguageModelModel model = small(new RnnLanguageModel())
                    .setWindow(window)
                    .setMaxIter(200)
                    .fit(data);
            String path = directory.resolve("language" + window).toString();
            model.write().save(path);
            RnnLanguageModelModel loaded = RnnLanguageModelModel.load(path);
            List<String> text = loaded.generate(List.of(), 50, 0, 0, 1);
            assertEquals("abc", String.join("", text).substring(0, 3));
            // Every row is the same document, so the loss of each, over all of its windows, is the mean of all.
            Row loss = model.withLoss(data, null).first();
            assertEquals(
                    model.summary().orElseThrow().result().loss(),
                    loss.<Double>getAs("loss"),
                    0.1,
                    "before the last update");
            assertTrue(loss.<Double>getAs("gradientNorm") > 0);
            assertEquals(loss, loaded.withLoss(data, null).first());
            assertEquals(loaded.generate(List.of(), 50, 1, 3, 9), model.generate(List.of(), 50, 1, 3, 9));
            if (window == 0) {
                assertEquals("abcabcabd", String.join("", text));
            }
        }
    }

    @Test
    void everyTask_partitionsEngineAndOrder_doNotChangeOneBit() {
        Dataset<Row> tags = dataset(repeats(), STRINGS, STRINGS);
        Dataset<Row> numbers = dataset(means(true), NUMBERS, org.apache.spark.ml.linalg.SQLDataTypes.VectorType());
        List<Row> lines = repeats().stream()
                .map(row -> RowFactory.create(String.join("", row.<List<String>>getAs(0)), ""))
                .toList();
        Dataset<Row> text = dataset(lines, DataTypes.StringType, DataTypes.StringType);
        assertSameBits(tags, d -> small(new RnnTagger()).setTokenizer("none").setClassWeights("balanced"));
        assertSameBits(numbers, d -> small(new RnnRegressor()).setStandardize(true));
        assertSameBits(tags, d -> small(new RnnTagger())
                .setTokenizer("none")
                .setCell("peephole")
                .setForgetBias(1)
                .setNumLayers(2));
        assertSameBits(tags, d -> small(new RnnTagger())
                .setTokenizer("none")
                .setCell("mingru")
                .setBidirectional(true));
        assertSameBits(text, d -> small(new RnnLanguageModel()).setWindow(3));
        assertSameBits(text, d -> small(new RnnLanguageModel())
                .setWindow(40)
                .setBatchSize(6)
                .setCarryState(true)
                .setNumShards(4)
                .setBpttMemory(22_000));
    }

    /** An update with a single sequence may look at none; the one before looked at a quarter. */
    @Test
    void lastUpdateOfOneSequence_trains() {
        List<Row> rows = new ArrayList<>();
        for (int n = 0; n < 65; n++) {
            rows.add(RowFactory.create(Integer.toString(1000 + n * n), n % 2 == 0 ? "even" : "odd"));
        }
        Dataset<Row> data = dataset(rows, DataTypes.StringType, DataTypes.StringType);
        for (long seed = 1; seed <= 4; seed++) {
            RnnClassifierModel model = small(new RnnClassifier())
                    .setBatchSize(64)
                    .setNumShards(1)
                    .setSeed(seed)
                    .setMaxIter(4)
                    .fit(data);
            assertTrue(model.summary()
                            .orElseThrow()
                            .gradientFlow()
                            .latest()
                            .orElseThrow()
                            .reach(0.01)
                    > 0);
        }
    }

    @Test
    void withLoss_labelsOfAnotherKind_areRefused() {
        Dataset<Row> tags = dataset(repeats(), STRINGS, STRINGS);
        RnnTaggerModel tagger =
                small(new RnnTagger()).setTokenizer("none").setMaxIter(2).fit(tags);
        Dataset<Row> single = tags.withColumn("one", org.apache.spark.sql.functions.element_at(tags.col("y"), 1));
        InputException one = Assertions.assertThrows(InputException.class, () -> tagger.withLoss(single, "one"));
        assertTrue(one.getMessage().startsWith("label-col one is of type string"), one.getMessage());
        IllegalArgumentException none =
                Assertions.assertThrows(IllegalArgumentException.class, () -> tagger.withLoss(single, null));
        assertTrue(none.getMessage().startsWith("label is null"), none.getMessage());
        assertEquals(
                80,
                tagger.withLoss(tags, "y")
                        .where("loss > 0 and gradientNorm > 0")
                        .count());
        Assertions.assertThrows(
                IllegalArgumentException.class, () -> tagger.withLoss(tags.withColumn("loss", tags.col("y")), "y"));
    }

    private static <E extends RnnEstimator<E, M>, M extends RnnModel<M>> void assertSameBits(
            Dataset<Row> data, java.util.function.Function<Dataset<Row>, E> maker) {
        String expected = null;
        for (int partitions : new int[] {1, 2, 3, 7, 0}) {
            E estimator = maker.apply(data).setMaxIter(10).setPartitions(partitions);
            estimator.setEngine(partitions == 0 ? "local" : "spark");
            List<Row> shuffled = new ArrayList<>(data.collectAsList());
            Collections.shuffle(shuffled, new Random(partitions));
            Dataset<Row> rows = spark.createDataFrame(shuffled, data.schema()).repartition(1 + partitions);
            String hash = ParameterHash.of(estimator.fit(rows).model().theta());
            expected = expected == null ? hash : expected;
            assertEquals(expected, hash, partitions + " partitions");
        }
    }

    @Test
    void rowWithAnotherNumberOfLabels_isNamed() {
        List<Row> rows = new ArrayList<>(repeats());
        rows.add(RowFactory.create(List.of("a", "b"), List.of("new")));
        InputException e = Assertions.assertThrows(
                InputException.class,
                () -> small(new RnnTagger()).setTokenizer("none").fit(dataset(rows, STRINGS, STRINGS)));
        assertTrue(e.getMessage().contains("number of labels unlike the number of steps"), e.getMessage());
    }
}
