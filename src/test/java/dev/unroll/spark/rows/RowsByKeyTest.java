package dev.unroll.spark.rows;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.unroll.data.CanonicalRow;
import dev.unroll.data.Labels;
import dev.unroll.data.Scaling;
import dev.unroll.data.Shard;
import dev.unroll.data.Vocabulary;
import dev.unroll.nn.LearningTask;
import dev.unroll.spark.shards.RowDecoder;
import dev.unroll.testing.SparkTest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Work on the rows of each key by itself, in the canonical order of that key. */
@SparkTest
class RowsByKeyTest {

    private static final long SEED = 5;
    private static final RowSpec SPEC = new RowSpec(LearningTask.CLASSIFICATION, "x", "y", null, "whitespace", 0, 0);
    private static final StructType RESULT =
            StructType.fromDDL("training string, heldOut string, skipped string, sequences bigint");

    private static SparkSession spark;
    private static JavaSparkContext context;

    @BeforeAll
    static void startSpark() {
        context = JavaSparkContext.fromSparkContext(spark.sparkContext());
    }

    /** One word a row; keys are a letter and a number, and one of them is null. */
    private static List<Row> rows() {
        List<Row> rows = new ArrayList<>();
        for (int n = 0; n < 60; n++) {
            String letter = n % 3 == 0 ? null : n % 3 == 1 ? "a" : "b";
            rows.add(RowFactory.create(letter, n % 2, "w" + n / 4, "l" + n % 5, n % 7 == 0));
        }
        return rows;
    }

    private static Dataset<Row> dataset(List<Row> rows, int partitions) {
        return spark.createDataFrame(
                context.parallelize(rows, partitions),
                StructType.fromDDL("k string, `j.k` int, x string, y string, validates boolean"));
    }

    /** Says which words there are in which order, and what is known of them. */
    private static Object[] described(CanonicalRows<?> rows) {
        RowStatistics statistics = rows.statistics();
        return new Object[] {
            words(rows, true), words(rows, false), statistics.skipped().toString(), statistics.sequences()
        };
    }

    private static String words(CanonicalRows<?> rows, boolean training) {
        Vocabulary words = Vocabulary.ofTokens(
                IntStream.range(0, 15).mapToObj(n -> "w" + n).toList());
        Labels labels = Labels.ofText(List.of("l0", "l1", "l2", "l3", "l4"));
        RowDecoder decoder = new RowDecoder(LearningTask.CLASSIFICATION, words, labels, Scaling.NONE);
        Shard shard = (training ? rows.training(1, 1, decoder) : rows.heldOut(1, 1, decoder))
                .collect()
                .get(0);
        List<String> text = new ArrayList<>();
        for (int place = 0; place < shard.size(); place++) {
            text.add(words.token(shard.sequence(place).tokens()[0])
                    + labels.value(shard.sequence(place).labels()[0]));
        }
        return text.toString();
    }

    /** The words and labels of some rows, sorted here. */
    private static String sorted(List<Row> rows) {
        record Ranked(String text, CanonicalRow row) {}
        return rows.stream()
                .map(row -> new Ranked(
                        row.getString(2) + row.getString(3),
                        CanonicalRow.ofTokens(List.of(row.getString(2)), List.of(row.getString(3)), 1f)))
                .sorted(Comparator.comparing((Ranked ranked) -> ranked.row.hash(SEED), Long::compareUnsigned)
                        .thenComparing(ranked -> ranked.row.bytes(), Arrays::compareUnsigned))
                .map(Ranked::text)
                .toList()
                .toString();
    }

    private static Map<String, Row> byKey(Dataset<Row> results) {
        Map<String, Row> map = new TreeMap<>();
        results.collectAsList().forEach(row -> map.put(row.get(0) + " " + row.get(1), row));
        return map;
    }

    private static List<Row> ofKey(String key) {
        return rows().stream()
                .filter(row -> (row.get(0) + " " + row.get(1)).equals(key))
                .toList();
    }

    @Test
    void rowsOfEachKey_areInCanonicalOrder() {
        SequenceReader reader = new SequenceReader(context, SPEC, false, SEED);
        for (int partitions : new int[] {1, 4}) {
            try (RowsByKey rows = reader.read(dataset(rows(), partitions), List.of("k", "j.k"), 0, "")) {
                assertEquals(60, rows.statistics().trainingSequences());
                Map<String, Row> results = byKey(rows.map(RESULT, 3, RowsByKeyTest::described));
                assertEquals(List.of("a 0", "a 1", "b 0", "b 1", "null 0", "null 1"), List.copyOf(results.keySet()));
                results.forEach((key, row) -> {
                    assertEquals(sorted(ofKey(key)), row.getAs("training"), key);
                    assertEquals("[]", row.getAs("heldOut"), key);
                    assertEquals(10L, row.<Long>getAs("sequences"), key);
                });
            }
        }
    }

    @Test
    void markedRows_areHeldOutWhereTheirLabelsAreKnown() {
        List<Row> all = rows();
        all.add(RowFactory.create("a", 0, "w1", "l9", true)); // a label that no row to train on has
        SequenceReader reader = new SequenceReader(context, SPEC, true, SEED);
        try (RowsByKey rows = reader.read(dataset(all, 3), List.of("k", "j.k"), 0, "validates")) {
            Map<String, Row> results = byKey(rows.map(RESULT, 2, RowsByKeyTest::described));
            results.forEach((key, row) -> {
                List<Row> training =
                        ofKey(key).stream().filter(r -> !r.getBoolean(4)).toList();
                List<String> known = training.stream().map(r -> r.getString(3)).toList();
                List<Row> validation = ofKey(key).stream()
                        .filter(r -> r.getBoolean(4) && known.contains(r.getString(3)))
                        .toList();
                assertEquals(sorted(training), row.getAs("training"), key);
                assertEquals(sorted(validation), row.getAs("heldOut"), key);
                long expected =
                        (long) ofKey(key).size() - training.size() - validation.size() + (key.equals("a 0") ? 1 : 0);
                assertEquals(
                        expected == 0 ? "{}" : "{y: label never seen in training=" + expected + "}",
                        row.getAs("skipped"),
                        key);
            });
        }
    }
}
