package dev.unroll.ml;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unroll.data.InputException;
import dev.unroll.math.CounterRandom;
import dev.unroll.model.Prediction;
import dev.unroll.testing.Shuffled;
import dev.unroll.testing.SparkTest;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.apache.spark.ml.linalg.Vector;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * {@code loss multi-label} and {@code loss binary}, from a table to predictions. A sequence has each of the labels a, b, c where its
 * letter occurs, so that the labels say nothing of each other.
 */
@Tag("slow")
@SparkTest(settings = "spark.sql.shuffle.partitions=1")
class MultiLabelTest {

    private static final DataType TEXTS = DataTypes.createArrayType(DataTypes.StringType);
    private static final StructType SCHEMA = new StructType()
            .add("k", DataTypes.IntegerType)
            .add("x", TEXTS)
            .add("y", TEXTS)
            .add("tags", DataTypes.createArrayType(TEXTS))
            .add("one", DataTypes.StringType)
            .add("numbers", DataTypes.createArrayType(DataTypes.IntegerType))
            .add("held", DataTypes.BooleanType);

    private static SparkSession session;
    private static List<Row> rows;

    @TempDir
    private Path directory;

    @BeforeAll
    static void makeRows(SparkSession spark) {
        session = spark;
        rows = new ArrayList<>();
        for (int n = 0; n < 240; n++) {
            CounterRandom random = new CounterRandom(17, n);
            List<String> x = new ArrayList<>();
            List<List<String>> tags = new ArrayList<>();
            List<String> seen = new ArrayList<>();
            int steps = 2 + random.below(6, -1);
            for (int t = 0; t < steps; t++) {
                String letter = List.of("a", "b", "c", "-", "-", "-").get(random.below(6, t));
                x.add(letter);
                if (!letter.equals("-") && !seen.contains(letter)) {
                    seen.add(0, letter);
                }
                tags.add(n % 5 == 0 && t == 1 ? null : List.copyOf(seen));
            }
            List<Integer> numbers =
                    seen.stream().map(letter -> letter.charAt(0) - 'a').toList();
            String one = seen.contains("a") ? "yes" : "no";
            rows.add(RowFactory.create(n % 2, x, seen, tags, one, numbers, n % 3 == 0));
        }
    }

    private static Dataset<Row> data(int partitions) {
        return Shuffled.rows(session, rows, SCHEMA, partitions);
    }

    private static RnnClassifier classifier(String loss, String label) {
        return new RnnClassifier()
                .setFeaturesCol("x")
                .setLabelCol(label)
                .setLoss(loss)
                .setHiddenSize(6)
                .setEmbeddingSize(4)
                .setBatchSize(16)
                .setNumShards(4)
                .setMaxIter(8)
                .setEngine("local");
    }

    private static String hash(RnnModel<?> model) {
        return model.model().parameterHash();
    }

    @Test
    void bits_areTheSame_whateverTheWay() throws Exception {
        for (String loss : List.of("multi-label y", "binary one")) {
            String[] both = loss.split(" ");
            String expected = SameBits.whateverTheWay(
                    () -> classifier(both[0], both[1]), MultiLabelTest::data, directory.resolve(both[0]));
            assertEquals(
                    expected,
                    hash(classifier(both[0], both[1]).setBpttMemory(60_000).fit(data(4))));
            RnnClassifierModel model = classifier(both[0], both[1]).fit(data(1));
            String saved = directory.resolve(both[0] + "-model").toString();
            model.save(saved);
            assertEquals(
                    model.model().spec(), RnnClassifierModel.load(saved).model().spec());
        }
    }

    @Test
    void fitByKey_hasTheBitsOfFit() {
        KeyedModels models = classifier("multi-label", "y").fitByKey(data(3), "k");
        assertEquals(hash(classifier("multi-label", "y").fit(data(1).where("k = 1"))), hash((RnnClassifierModel)
                models.model(1)));
    }

    /** The order of a set and a label that is in it twice leave no trace; nor does their type. */
    @Test
    void sets_haveNoOrder() {
        String expected = hash(classifier("multi-label", "y").fit(data(1)));
        Dataset<Row> other =
                data(1).withColumn("y", functions.concat(functions.sort_array(functions.col("y")), functions.col("y")));
        assertEquals(expected, hash(classifier("multi-label", "y").fit(other)));
    }

    @Test
    void predictions_areTheLabelsMoreProbableThanNot() {
        RnnClassifierModel model = classifier("multi-label", "y")
                .setMaxIter(150)
                .setStepSize(0.03)
                .setRawPredictionCol("raw")
                .fit(data(2));
        int equal = 0;
        int none = 0;
        for (Row row : model.transform(data(3)).collectAsList()) {
            Prediction local = model.local().predict(row.<String>getList(row.fieldIndex("x")));
            List<String> predicted = row.getList(row.fieldIndex("prediction"));
            assertEquals(predicted, model.local().labels(local, 0));
            Vector probability = row.getAs("probability");
            Vector raw = row.getAs("raw");
            for (int c = 0; c < 3; c++) {
                assertEquals(local.values()[c], probability.apply(c));
                assertEquals(1 / (1 + Math.exp(-raw.apply(c))), probability.apply(c), 1e-6);
                assertEquals(
                        raw.apply(c) > 0,
                        predicted.contains(List.of("a", "b", "c").get(c)));
            }
            List<String> wanted = new ArrayList<>(row.getList(row.fieldIndex("y")));
            wanted.sort(null);
            equal += wanted.equals(predicted) ? 1 : 0;
            none += predicted.isEmpty() ? 1 : 0;
        }
        assertEquals(240, equal, "sets that were predicted as they are");
        assertTrue(none > 0);

        EvaluationResult found =
                new Evaluation(model).setLabelCol("y").setBy("k").run(data(2));
        assertEquals(1, found.metrics().get("accuracy"));
        assertEquals(0, found.metrics().get("hammingLoss"));
        assertEquals(1, found.metrics().get("macroAreaUnderROC"));
        assertEquals(3, found.classes().size());
        assertTrue(found.confusion().isEmpty());
        assertEquals(2, found.groups().orElseThrow().count());
    }

    /** A softmax has one label for a sequence: here the first of the set, or none. */
    @Test
    void setsOfLabels_areMoreThanTheMostProbableLabel() {
        Dataset<Row> single = data(1).withColumn(
                        "first",
                        functions.coalesce(
                                functions.get(functions.sort_array(functions.col("y")), functions.lit(0)),
                                functions.lit("none")));
        RnnClassifierModel softmax =
                classifier("softmax", "first").setMaxIter(150).setStepSize(0.03).fit(single);
        RnnClassifierModel sets =
                classifier("multi-label", "y").setMaxIter(150).setStepSize(0.03).fit(data(1));
        assertTrue(found(sets, data(1)) > found(softmax, single) + 0.3);
        assertEquals(1, found(sets, data(1)), 0.01);
    }

    /** Of all labels of all rows, how many were predicted. */
    private static double found(RnnClassifierModel model, Dataset<Row> data) {
        int labels = 0;
        int found = 0;
        for (Row row : model.transform(data).collectAsList()) {
            Object predicted = row.getAs("prediction");
            List<?> all = predicted instanceof String ? List.of(predicted) : row.getList(row.fieldIndex("prediction"));
            for (Object label : row.getList(row.fieldIndex("y"))) {
                labels++;
                found += all.contains(label) ? 1 : 0;
            }
        }
        return (double) found / labels;
    }

    @Test
    void binary_hasBothProbabilities_andLearns() {
        RnnClassifierModel model = classifier("binary", "one")
                .setMaxIter(120)
                .setStepSize(0.03)
                .setRawPredictionCol("raw")
                .setValidationIndicatorCol("held")
                .fit(data(2));
        assertEquals(1, model.model().spec().head().outputs());
        assertEquals(1.0, model.summary().orElseThrow().result().validation().get("accuracy"));
        for (Row row : model.transform(data(3)).collectAsList()) {
            Vector probability = row.getAs("probability");
            Vector raw = row.getAs("raw");
            assertEquals(2, probability.size());
            assertEquals(1, probability.apply(0) + probability.apply(1), 1e-6);
            assertEquals(-raw.apply(0), raw.apply(1));
            assertEquals(1 / (1 + Math.exp(-2 * raw.apply(1))), probability.apply(1), 1e-6);
            assertEquals(raw.apply(1) > 0 ? "yes" : "no", row.getAs("prediction"));
        }
        Map<String, Double> metrics =
                new Evaluation(model).setLabelCol("one").run(data(2)).metrics();
        assertEquals(1, metrics.get("areaUnderROC"));
    }

    /** A stepper sees the letters as they come; tags that are missing weigh nothing. */
    @Test
    void tagger_hasSetsOfEveryStep() {
        RnnTagger tagger = new RnnTagger()
                .setFeaturesCol("x")
                .setLabelCol("tags")
                .setLoss("multi-label")
                .setHiddenSize(8)
                .setEmbeddingSize(4)
                .setBatchSize(16)
                .setNumShards(4)
                .setMaxIter(150)
                .setStepSize(0.03)
                .setEngine("local");
        RnnTaggerModel model = tagger.fit(data(2));
        assertEquals(hash(model), hash(tagger.copy(tagger.extractParamMap()).fit(data(5))));
        var stepper = model.local().stepper();
        for (String[] step : new String[][] {{"-"}, {"c", "c"}, {"-", "c"}, {"a", "a", "c"}}) {
            Prediction prediction = stepper.step(step[0]);
            List<String> wanted = Arrays.asList(step).subList(1, step.length);
            assertEquals(wanted, model.local().labels(prediction, 0), "after " + step[0]);
        }
        Row first = model.transform(data(1)).select("prediction").first();
        assertTrue(first.getList(0).get(0) instanceof scala.collection.Iterable, "a set for every step");
        Map<String, Double> metrics =
                new Evaluation(model).setLabelCol("tags").run(data(2)).metrics();
        assertTrue(metrics.get("microF1") > 0.99, metrics.toString());
    }

    @Test
    void numbers_areLabelsToo() {
        RnnClassifierModel model = classifier("multi-label", "numbers").fit(data(1));
        assertEquals(List.of("0", "1", "2"), model.model().labels().values());
        assertEquals(
                DataTypes.createArrayType(DataTypes.DoubleType),
                model.transform(data(1)).schema().apply("prediction").dataType());
    }

    @Test
    void whatMakesNoSense_isOneSentence() {
        assertMessage(
                "label-col one is of type string; for task classification and loss multi-label allowed are array of string, of boolean"
                        + " and of numbers (any number of labels)",
                assertThrows(InputException.class, () -> classifier("multi-label", "one")
                        .fit(data(1))));
        assertMessage(
                "class-weights balanced weighs a sequence or step by its label, and with loss multi-label it may have several; with it"
                        + " class-weights is none",
                assertThrows(IllegalArgumentException.class, () -> classifier("multi-label", "y")
                        .setClassWeights("balanced")
                        .fit(data(1))));
        Dataset<Row> three = data(1).withColumn("k3", functions.expr("size(x) % 3"));
        assertMessage(
                "loss binary is of 2 labels, and there are 3; allowed is loss softmax, or multi-label where labels do not exclude each"
                        + " other",
                assertThrows(IllegalArgumentException.class, () -> classifier("binary", "k3")
                        .fit(three)));
        Dataset<Row> gap = data(1).withColumn("y", functions.array(functions.lit("a"), functions.lit(null)));
        assertTrue(assertThrows(InputException.class, () -> classifier("multi-label", "y")
                        .fit(gap))
                .getMessage()
                .contains("null in a set of labels"));
        assertMessage(
                "the model's loss is binary, which has one label; allowed is multi-label",
                assertThrows(IllegalStateException.class, () -> {
                    RnnClassifierModel model =
                            classifier("binary", "one").setMaxIter(1).fit(data(1));
                    model.local().labels(model.local().predict(List.of("a")), 0);
                }));
    }

    private static void assertMessage(String expected, Exception actual) {
        assertEquals(expected, actual.getMessage());
    }
}
