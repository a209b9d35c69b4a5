package dev.unroll.ml;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unroll.math.CounterRandom;
import dev.unroll.testing.Shuffled;
import dev.unroll.testing.SparkTest;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
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
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

/** The key {@code label-smoothing}, from a table to predictions. */
@Tag("slow")
@SparkTest(settings = "spark.sql.shuffle.partitions=1")
class SmoothedLabelsTest {

    private static final StructType SCHEMA = new StructType()
            .add("k", DataTypes.IntegerType)
            .add("x", DataTypes.createArrayType(DataTypes.StringType))
            .add("y", DataTypes.StringType)
            .add("tags", DataTypes.createArrayType(DataTypes.StringType))
            .add("size", DataTypes.DoubleType)
            .add("held", DataTypes.BooleanType);

    private static SparkSession session;
    private static List<Row> rows;

    @TempDir
    private Path directory;

    @BeforeAll
    static void makeRows(SparkSession spark) {
        session = spark;
        rows = new ArrayList<>();
        for (int n = 0; n < 120; n++) {
            CounterRandom random = new CounterRandom(14, n);
            List<String> x = new ArrayList<>();
            for (int t = 0; t < 1 + n % 6; t++) {
                x.add(List.of("a", "b", "c").get(random.below(3, t)));
            }
            rows.add(RowFactory.create(n % 2, x, x.get(0), x, (double) x.size(), n % 5 == 0));
        }
    }

    private static Dataset<Row> data(int partitions) {
        return Shuffled.rows(session, rows, SCHEMA, partitions);
    }

    private static <E extends RnnEstimator<E, ?>> E small(E estimator, double share) {
        return estimator
                .setFeaturesCol("x")
                .setLabelSmoothing(share)
                .setHiddenSize(6)
                .setEmbeddingSize(4)
                .setBatchSize(16)
                .setNumShards(4)
                .setMaxIter(8)
                .setEngine("local");
    }

    private static RnnClassifier classifier(double share) {
        return small(new RnnClassifier().setLabelCol("y"), share);
    }

    private static String hash(RnnClassifierModel model) {
        return model.model().parameterHash();
    }

    @Test
    void bits_areTheSame_whateverTheWay() throws Exception {
        String expected = SameBits.whateverTheWay(() -> classifier(0.1), SmoothedLabelsTest::data, directory);
        assertNotEquals(expected, hash(classifier(0.2).fit(data(1))));
        RnnClassifier other = classifier(0.2)
                .setCheckpointDir(directory.resolve("checkpoints").toString())
                .setResume(true);
        String refusal =
                assertThrows(RuntimeException.class, () -> other.fit(data(2))).getMessage();
        assertTrue(refusal.contains("labels smoothed by 0.1") && refusal.contains("labels smoothed by 0.2"), refusal);
    }

    @Test
    void fitByKey_hasTheBitsOfFit() {
        KeyedModels models = classifier(0.1).fitByKey(data(3), "k");
        assertEquals(hash(classifier(0.1).fit(data(1).where("k = 1"))), hash((RnnClassifierModel) models.model(1)));
    }

    /** A tagger and a language model whose state is carried on, in windows and in bounded memory. */
    @Test
    void otherTasks_haveTheSameBitsFromAnyPartitions() {
        RnnTagger tagger = small(new RnnTagger().setLabelCol("tags"), 0.1);
        String tags = tagger.fit(data(1)).model().parameterHash();
        tagger.setEngine("spark").setPartitions(3).setBpttMemory(60_000);
        assertEquals(tags, tagger.fit(data(4)).model().parameterHash());
        assertNotEquals(
                tags,
                small(new RnnTagger().setLabelCol("tags"), 0)
                        .fit(data(1))
                        .model()
                        .parameterHash());

        RnnLanguageModel language = small(new RnnLanguageModel(), 0.1)
                .setCarryState(true)
                .setWindow(5)
                .setBatchSize(4);
        String words = language.fit(data(1)).model().parameterHash();
        language.setEngine("spark").setPartitions(2);
        assertEquals(words, language.fit(data(3)).model().parameterHash());
    }

    /** What training minimises, of a model that one update has not moved: cross-entropy with the smoothed label. */
    @Test
    void loss_ofTraining_isSmoothed() {
        List<Double> losses = new ArrayList<>();
        RnnClassifierModel model = classifier(0.3)
                .setBatchSize(0)
                .setMaxIter(1)
                .setStepSize(1e-9)
                .addListener(report -> losses.add(report.loss()))
                .fit(data(1));
        double expected = 0;
        for (Row row : model.transform(data(1)).collectAsList()) {
            double[] p = row.<Vector>getAs("probability").toArray();
            int label = List.of("a", "b", "c").indexOf(row.<String>getAs("y"));
            for (int c = 0; c < p.length; c++) {
                expected -= (0.1 + (c == label ? 0.7 : 0)) * Math.log(p[c]) / rows.size();
            }
        }
        assertEquals(expected, losses.get(0), 1e-6);
    }

    /** Perplexity is of the labels as they are, and models of different smoothing must compare. */
    @Test
    void loss_ofValidationAndEvaluate_isNot() {
        RnnClassifierModel model =
                classifier(0.3).setValidationIndicatorCol("held").fit(data(2));
        double expected = 0;
        List<Row> held = model.transform(data(1).where("held")).collectAsList();
        for (Row row : held) {
            int label = List.of("a", "b", "c").indexOf(row.<String>getAs("y"));
            expected -= Math.log(row.<Vector>getAs("probability").apply(label)) / held.size();
        }
        assertEquals(
                expected, model.summary().orElseThrow().result().validation().get("loss"), 1e-6);
        Evaluation evaluation = new Evaluation(model).setLabelCol("y");
        assertEquals(expected, evaluation.run(data(3).where("held")).metrics().get("logLoss"), 1e-6);
    }

    /** What it is for: of labels that are certain, the best model is as sure as 1 - eps + eps / C, and no surer. */
    @Test
    void probability_isNoSurerThanTheSmoothedLabel() {
        double smoothed = meanProbability(0.3);
        double plain = meanProbability(0);
        assertEquals(0.8, smoothed, 0.03);
        assertTrue(plain > 0.95, "plain " + plain);
    }

    private static double meanProbability(double share) {
        RnnClassifierModel model =
                classifier(share).setMaxIter(300).setStepSize(0.02).fit(data(1));
        double sum = 0;
        for (Row row : model.transform(data(1)).collectAsList()) {
            int label = List.of("a", "b", "c").indexOf(row.<String>getAs("y"));
            sum += row.<Vector>getAs("probability").apply(label);
        }
        return sum / rows.size();
    }

    private static String refusal(Executable fit) {
        return assertThrows(IllegalArgumentException.class, fit).getMessage();
    }

    @Test
    void otherLossesAndShares_areRefused() {
        RnnTagger crf = small(new RnnTagger().setLabelCol("tags").setLoss("crf"), 0.1);
        assertEquals(
                "label-smoothing is 0.1, which goes with loss softmax, and loss is crf; with it label-smoothing is 0",
                refusal(() -> crf.fit(data(1))));
        RnnRegressor regressor = small(new RnnRegressor().setLabelCol("size"), 0.1);
        assertEquals(
                "label-smoothing is 0.1, which goes with loss softmax, and loss is squared; with it label-smoothing is 0",
                refusal(() -> regressor.fit(data(1))));
        assertTrue(refusal(() -> classifier(1)).contains("from 0 to below 1"));
        assertTrue(refusal(() -> classifier(-0.1)).contains("from 0 to below 1"));
    }
}
