package dev.unroll.spark.rows;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unroll.data.CanonicalRow;
import dev.unroll.data.InputException;
import dev.unroll.data.Labels;
import dev.unroll.data.Scaling;
import dev.unroll.data.Shard;
import dev.unroll.data.Vocabulary;
import dev.unroll.nn.LearningTask;
import dev.unroll.spark.shards.RowDecoder;
import dev.unroll.spark.shards.Shards;
import dev.unroll.spark.source.FileSource;
import dev.unroll.testing.SparkTest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Rows in canonical order, and what is known of them, whatever partitions they come in. */
@SparkTest
class SequenceReaderTest {

    private static final long SEED = 11;
    private static final RowSpec SPEC = new RowSpec(LearningTask.CLASSIFICATION, "x", "y", null, "char", 0, 0);
    private static final Vocabulary LETTERS = Vocabulary.ofTokens(List.of("a", "b", "c", "d"));
    private static final Labels LABELS = Labels.ofText(List.of("even", "odd"));
    private static final RowDecoder DECODER =
            new RowDecoder(LearningTask.CLASSIFICATION, LETTERS, LABELS, Scaling.NONE);

    private static SparkSession spark;
    private static JavaSparkContext context;

    @TempDir
    Path directory;

    @BeforeAll
    static void startSpark() {
        context = JavaSparkContext.fromSparkContext(spark.sparkContext());
    }

    private static SequenceReader reader(boolean skipInvalid) {
        return new SequenceReader(context, SPEC, skipInvalid, SEED);
    }

    /** Texts of one to six letters, some of them more than once. */
    private static List<String> texts() {
        Random random = new Random(4);
        List<String> texts = new ArrayList<>();
        for (int n = 0; n < 300; n++) {
            StringBuilder text = new StringBuilder();
            for (int t = 1 + random.nextInt(6); t > 0; t--) {
                text.append((char) ('a' + random.nextInt(4)));
            }
            texts.add(text.toString());
        }
        return texts;
    }

    private static String label(String text) {
        return text.length() % 2 == 0 ? "even" : "odd";
    }

    private static Dataset<Row> dataset(List<String> texts, int partitions) {
        List<Row> rows =
                texts.stream().map(text -> RowFactory.create(text, label(text))).toList();
        return spark.createDataFrame(context.parallelize(rows, partitions), StructType.fromDDL("x string, y string"));
    }

    /** Texts sorted here: by the hash of the canonical row as an unsigned number, then by its bytes. */
    private static List<String> sorted(List<String> texts) {
        record Ranked(String text, CanonicalRow row) {}
        return texts.stream()
                .map(text -> new Ranked(text, CanonicalRow.ofCharacters(text, List.of(label(text)), 1f)))
                .sorted(Comparator.comparing((Ranked ranked) -> ranked.row.hash(SEED), Long::compareUnsigned)
                        .thenComparing(ranked -> ranked.row.bytes(), Arrays::compareUnsigned))
                .map(Ranked::text)
                .toList();
    }

    /** The texts of shards, by ordinal. */
    private static List<String> texts(Shards shards) {
        List<String> texts = new ArrayList<>();
        List<Shard> all = shards.collect();
        int most = all.get(0).size();
        for (int place = 0; place < most; place++) {
            for (Shard shard : all) {
                if (place < shard.size()) {
                    StringBuilder text = new StringBuilder();
                    for (int id : shard.sequence(place).tokens()) {
                        text.append(LETTERS.token(id));
                    }
                    texts.add(text.toString());
                }
            }
        }
        return texts;
    }

    @Test
    void order_isThatOfTheHashesWhateverThePartitions() {
        List<String> texts = texts();
        List<String> expected = sorted(texts);
        for (int partitions : new int[] {1, 3, 7}) {
            Collections.shuffle(texts, new Random(partitions));
            try (SparkCanonicalRows rows = reader(false).read(dataset(texts, partitions), 0);
                    Shards one = rows.training(1, 1, DECODER);
                    Shards three = rows.training(3, 2, DECODER)) {
                assertEquals(expected, texts(one), partitions + " partitions");
                assertEquals(expected, texts(three), "three shards of " + partitions + " partitions");
                assertEquals(300, rows.statistics().trainingSequences());
                assertEquals(
                        texts.stream().mapToInt(String::length).sum(),
                        rows.statistics().trainingSteps());
                assertEquals(LABELS, rows.statistics().labels());
            }
        }
    }

    @Test
    void share_isHeldOutByTheStepsAlone() {
        List<String> texts = texts();
        try (SparkCanonicalRows rows = reader(false).read(dataset(texts, 4), 0.3);
                Shards training = rows.training(1, 1, DECODER);
                Shards heldOut = rows.heldOut(1, 1, DECODER);
                Shards all = rows.all(2, 2, DECODER)) {
            List<String> trained = texts(training);
            List<String> held = texts(heldOut);
            assertTrue(held.size() > 50 && held.size() < 130, held.size() + " of 300");
            assertEquals(300, trained.size() + held.size());
            assertTrue(held.stream().noneMatch(trained::contains), "equal texts are on one side");
            // Both parts are in the order of all rows.
            assertEquals(sorted(trained), trained);
            assertEquals(sorted(held), held);
            assertEquals(sorted(texts), texts(all));
            assertEquals(held.size(), rows.statistics().heldOutSequences());
            assertEquals(300, rows.statistics().sequences());
        }
    }

    @Test
    void rowsThatAreAllRead_areInTheSameOrder() {
        List<String> texts = texts();
        try (SparkCanonicalRows rows = reader(false).readAll(dataset(texts, 4), LABELS);
                Shards all = rows.all(3, 2, DECODER);
                Shards heldOut = rows.heldOut(3, 2, DECODER)) {
            assertEquals(sorted(texts), texts(all));
            assertEquals(sorted(texts), texts(heldOut), "none of them is trained on");
            assertEquals(0, rows.statistics().trainingSequences());
            assertEquals(300, rows.statistics().sequences());
        }
    }

    /** Two files, read in parts of 40 bytes. */
    private Dataset<Row> files() throws IOException {
        Files.writeString(directory.resolve("a.csv"), "x,y\n" + "ab,even\n".repeat(10) + ",odd\n" + "abc\n");
        Files.writeString(directory.resolve("b.csv"), "x,y\n" + ",even\n" + "ab,even\n".repeat(20));
        return new FileSource("csv", Map.of()).read(spark, directory.toString(), List.of("x", "y"));
    }

    @Test
    void firstBadRow_isTheFirstByItsPlace() throws IOException {
        spark.conf().set("spark.sql.files.maxPartitionBytes", "40");
        spark.conf().set("spark.sql.files.openCostInBytes", "1");
        try {
            Dataset<Row> rows = files();
            assertTrue(rows.javaRDD().getNumPartitions() > 4);
            String expected = directory.resolve("a.csv") + ", line 12: column x: null, value null"
                    + "; 3 rows cannot be used: {malformed line: too few columns=1, x: null=2}"
                    + " (handle-invalid skip leaves such rows out and counts them)";
            for (Dataset<Row> order : List.of(
                    rows, rows.repartition(5), rows.orderBy(rows.col("x").desc()))) {
                assertEquals(
                        expected,
                        assertThrows(InputException.class, () -> reader(false).read(order, 0))
                                .getMessage());
            }
        } finally {
            spark.conf().unset("spark.sql.files.maxPartitionBytes");
            spark.conf().unset("spark.sql.files.openCostInBytes");
        }
    }

    @Test
    void width_isThatOfMostRows() {
        List<Row> rows = new ArrayList<>();
        for (int n = 0; n < 9; n++) {
            double[][] steps = n % 3 == 0 ? new double[][] {{1}} : new double[][] {{1, 2}, {n + 0.5, 4}};
            rows.add(RowFactory.create((Object) steps));
        }
        Dataset<Row> dataset =
                spark.createDataFrame(context.parallelize(rows, 3), StructType.fromDDL("x array<array<double>>"));
        RowSpec unlabelled = SPEC.unlabelled();
        RowStatistics statistics = new SequenceReader(context, unlabelled, true, SEED)
                .read(dataset, 0)
                .statistics();
        assertEquals(2, statistics.width());
        assertEquals(6, statistics.sequences());
        assertEquals(Map.of("x: steps of another width", 3L), statistics.skipped());
        InputException refused = assertThrows(
                InputException.class, () -> new SequenceReader(context, unlabelled, false, SEED).read(dataset, 0));
        assertTrue(
                refused.getMessage().startsWith("a row of the dataset: column x: steps of another width, value ")
                        && refused.getMessage().contains("; 3 rows cannot be used"),
                refused.getMessage());
    }

    @Test
    void dataWithoutAUsableRow_areRefused() {
        Dataset<Row> empty = dataset(List.of("", ""), 2);
        InputException refused =
                assertThrows(InputException.class, () -> reader(true).readAll(empty, null));
        assertEquals("there is no usable row in the data; skipped were {x: empty sequence=2}", refused.getMessage());
        assertEquals(0, context.getPersistentRDDs().size());
    }
}
