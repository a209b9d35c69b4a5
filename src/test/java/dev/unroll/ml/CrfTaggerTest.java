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
import java.util.List;
import java.util.Locale;
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

/**
 * {@code loss crf}, from a table to predictions. The labels go round, a, b, c, a, ..., from one that the last step alone
 * shows; a few are missing.
 */
@Tag("slow")
@SparkTest(settings = "spark.sql.shuffle.partitions=1")
class CrfTaggerTest {

    private static final StructType SCHEMA = new StructType()
            .add("k", DataTypes.IntegerType)
            .add("x", DataTypes.createArrayType(DataTypes.StringType))
            .add("y", DataTypes.createArrayType(DataTypes.StringType))
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
            CounterRandom random = new CounterRandom(13, n);
            int phase = random.below(3, -1);
            int steps = 2 + random.below(6, -2);
            List<String> x = new ArrayList<>();
            List<String> y = new ArrayList<>();
            for (int t = 0; t < steps; t++) {
                String label = List.of("a", "b", "c").get((phase + t) % 3);
                x.add(t == steps - 1 ? label.toUpperCase(Locale.ROOT) : "?");
                y.add(
                        n % 3 > 0 && t > 0 && random.below(4, t) == 0
                                ? null
                                : label); // none of every third row is missing
            }
            rows.add(RowFactory.create(n % 2, x, y, n % 3 == 0));
        }
    }

    private static Dataset<Row> data(int partitions) {
        return Shuffled.rows(session, rows, SCHEMA, partitions);
    }

    private static RnnTagger tagger(String loss) {
        return new RnnTagger()
                .setFeaturesCol("x")
                .setLabelCol("y")
                .setLoss(loss)
                .setHiddenSize(6)
                .setEmbeddingSize(4)
                .setBatchSize(16)
                .setNumShards(4)
                .setMaxIter(8)
                .setEngine("local");
    }

    private static String hash(RnnTaggerModel model) {
        return model.model().parameterHash();
    }

    @Test
    void bits_areTheSame_whateverTheWay() throws Exception {
        String expected = SameBits.whateverTheWay(() -> tagger("crf"), CrfTaggerTest::data, directory);
        assertEquals(expected, hash(tagger("crf").setBpttMemory(60_000).fit(data(4))));

        RnnTaggerModel model = tagger("crf").fit(data(1));
        model.save(directory.resolve("model").toString());
        RnnTaggerModel loaded = RnnTaggerModel.load(directory.resolve("model").toString());
        assertEquals(model.model().spec(), loaded.model().spec());
        for (Row row : loaded.transform(data(2)).collectAsList()) {
            Prediction local = model.local().predict(row.<String>getList(row.fieldIndex("x")));
            List<String> tags = row.getList(row.fieldIndex("prediction"));
            List<Vector> probabilities = row.getList(row.fieldIndex("probability"));
            for (int t = 0; t < tags.size(); t++) {
                assertEquals(tags.get(t), model.local().label(local, t));
                for (int c = 0; c < 3; c++) {
                    assertEquals(local.values()[t * 3 + c], probabilities.get(t).apply(c));
                }
            }
        }
    }

    @Test
    void fitByKey_hasTheBitsOfFit() {
        KeyedModels models = tagger("crf").fitByKey(data(3), "k");
        assertEquals(hash(tagger("crf").fit(data(1).where("k = 1"))), hash((RnnTaggerModel) models.model(1)));
    }

    private static double accuracy(String loss) {
        RnnTagger tagger = tagger(loss).setMaxIter(400).setStepSize(0.02).setValidationIndicatorCol("held");
        return tagger.fit(data(1)).summary().orElseThrow().result().validation().get("accuracy");
    }

    /** A network that reads forward cannot know the labels before the last step; a sequence of labels can. */
    @Test
    void whatComesLater_isKnownByTheTransitions() {
        double crf = accuracy("crf");
        double softmax = accuracy("softmax");
        assertEquals(1, crf, 0.001);
        assertTrue(softmax < 0.75, "softmax " + softmax);
    }

    @Test
    void whatGoesWithSingleLabels_isRefused() {
        RnnTaggerModel model = tagger("crf").setMaxIter(1).fit(data(1));
        assertEquals(
                "loss crf needs the outputs of all steps; a stepper sees one step after another",
                assertThrows(IllegalStateException.class, () -> model.local().stepper())
                        .getMessage());
        Dataset<Row> weighted =
                data(1).withColumn("w", functions.transform(functions.col("x"), step -> functions.lit(0.5)));
        String sentence =
                "weight-col w is an array, a weight for every step, and loss crf is of the labels of all steps together;"
                        + " allowed is a number (a step whose label is null counts as one without)";
        assertEquals(
                sentence,
                assertThrows(
                                InputException.class,
                                () -> tagger("crf").setWeightCol("w").fit(weighted))
                        .getMessage());
        Evaluation evaluation = new Evaluation(model).setLabelCol("y").setWeightCol("w");
        assertEquals(
                sentence,
                assertThrows(InputException.class, () -> evaluation.run(weighted))
                        .getMessage());
        assertEquals(
                "class-weights balanced weighs each label by itself, and loss crf is of all labels of a sequence"
                        + " together; with it class-weights is none",
                assertThrows(
                                IllegalArgumentException.class,
                                () -> tagger("crf").setClassWeights("balanced").fit(data(1)))
                        .getMessage());
    }
}
