package dev.unroll.ml;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.unroll.math.CounterRandom;
import dev.unroll.model.Predictor;
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
import org.junit.jupiter.api.io.TempDir;

/** The key {@code proj-size}, from a table to predictions: whatever the partitions, stopped and resumed, by key, and without Spark. */
@Tag("slow")
@SparkTest(settings = "spark.sql.shuffle.partitions=1")
class ProjectedStatesTest {

    private static final StructType SCHEMA = new StructType()
            .add("k", DataTypes.IntegerType)
            .add("word", DataTypes.StringType)
            .add("first", DataTypes.StringType);

    private static SparkSession session;
    private static List<Row> rows;

    @TempDir
    private Path directory;

    @BeforeAll
    static void makeRows(SparkSession spark) {
        session = spark;
        rows = new ArrayList<>();
        for (int n = 0; n < 80; n++) {
            CounterRandom random = new CounterRandom(13, n);
            StringBuilder word = new StringBuilder();
            for (int t = 0; t < 1 + n % 9; t++) {
                word.append((char) ('a' + random.below(4, t)));
            }
            rows.add(RowFactory.create(n % 2, word.toString(), word.substring(0, 1)));
        }
    }

    private static Dataset<Row> data(int partitions) {
        return Shuffled.rows(session, rows, SCHEMA, partitions);
    }

    private static <E extends RnnEstimator<E, ?>> E small(E estimator) {
        return estimator
                .setFeaturesCol("word")
                .setHiddenSize(7)
                .setProjSize(3)
                .setEmbeddingSize(4)
                .setNumLayers(2)
                .setBatchSize(16)
                .setNumShards(4)
                .setMaxIter(8)
                .setEngine("local");
    }

    private static RnnClassifier classifier() {
        return small(new RnnClassifier())
                .setLabelCol("first")
                .setBidirectional(true)
                .setDropout(0.2);
    }

    private static RnnLanguageModel languageModel() {
        return small(new RnnLanguageModel()).setBatchSize(5).setCarryState(true).setWindow(4);
    }

    private static String hash(RnnModel<?> model) {
        return model.model().parameterHash();
    }

    @Test
    void bits_areTheSame_whateverTheWay() throws Exception {
        String expected =
                SameBits.whateverTheWay(ProjectedStatesTest::classifier, ProjectedStatesTest::data, directory);
        assertEquals(
                expected,
                hash(classifier()
                        .setEngine("spark")
                        .setPartitions(3)
                        .setBpttMemory(60_000)
                        .fit(data(5))));
        assertNotEquals(expected, hash(classifier().setProjSize(0).fit(data(1))));
        RnnClassifier other = classifier()
                .setProjSize(4)
                .setCheckpointDir(directory.resolve("checkpoints").toString())
                .setResume(true);
        assertThrows(IllegalArgumentException.class, () -> other.fit(data(1)));

        RnnClassifierModel model = classifier().fit(data(1));
        model.save(directory.resolve("model").toString());
        RnnClassifierModel loaded =
                RnnClassifierModel.load(directory.resolve("model").toString());
        assertEquals(3, loaded.model().spec().projSize());
        for (Row row : loaded.transform(data(2)).collectAsList()) {
            float[] local = model.local().predict(row.<String>getAs("word")).values();
            double[] probabilities = row.<Vector>getAs("probability").toArray();
            for (int c = 0; c < local.length; c++) {
                assertEquals(local[c], probabilities[c]);
            }
        }
    }

    @Test
    void fitByKey_hasTheBitsOfFit() {
        KeyedModels models = classifier().fitByKey(data(3), "k");
        assertEquals(hash(classifier().fit(data(1).where("k = 1"))), hash((RnnClassifierModel) models.model(1)));
    }

    /** States of streams have P numbers of h and H of c a layer, over partitions and in checkpoints. */
    @Test
    void carriedStates_haveTheirBits_whateverTheWay() {
        String expected = hash(languageModel().fit(data(1)));
        assertEquals(
                expected,
                hash(languageModel().setEngine("spark").setPartitions(3).fit(data(4))));
        String checkpoints = directory.resolve("streams").toString();
        languageModel().setMaxIter(3).setCheckpointDir(checkpoints).fit(data(1));
        assertEquals(
                expected,
                hash(languageModel()
                        .setCheckpointDir(checkpoints)
                        .setResume(true)
                        .fit(data(2))));
    }

    /** A stepper, which keeps the state between steps, says of every prefix what all of it together say. */
    @Test
    void stepper_saysOfEveryPrefixWhatPredictSays() {
        RnnClassifierModel model = classifier().setBidirectional(false).fit(data(1));
        Predictor.Stepper stepper = model.local().stepper();
        String word = "abacada";
        for (int t = 1; t <= word.length(); t++) {
            float[] whole = model.local().predict(word.substring(0, t)).values();
            float[] step = stepper.step(word.substring(t - 1, t)).values();
            for (int c = 0; c < whole.length; c++) {
                assertEquals(whole[c], step[c], 1e-6f, word.substring(0, t));
            }
        }
    }

    /** The embedding is as wide as a state, which has P numbers. */
    @Test
    void tiedEmbeddings_areAsWideAsAState() {
        RnnLanguageModel tied = languageModel().setTiedEmbeddings(true);
        assertEquals(
                "tied-embeddings is true and embedding-size is 4; allowed is proj-size, 3",
                assertThrows(IllegalArgumentException.class, () -> tied.fit(data(1)))
                        .getMessage());
        RnnLanguageModelModel model = tied.setEmbeddingSize(3).fit(data(1));
        assertEquals(3, model.model().spec().stateSize());
    }

    @Test
    void otherCells_areRefused() {
        RnnClassifier gru = classifier().setCell("gru");
        assertEquals(
                "proj-size is 3, which goes with cell lstm only, and cell is gru; allowed is 0 (no projection)",
                assertThrows(IllegalArgumentException.class, () -> gru.fit(data(1)))
                        .getMessage());
        RnnClassifier wide = classifier().setProjSize(7);
        assertEquals(
                "proj-size is 7 and hidden-size is 7; allowed is 0 (no projection), or at least 1 and less than hidden-size",
                assertThrows(IllegalArgumentException.class, () -> wide.fit(data(1)))
                        .getMessage());
        assertThrows(IllegalArgumentException.class, () -> classifier().setProjSize(-1));
    }
}
