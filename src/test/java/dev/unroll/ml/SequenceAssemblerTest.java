package dev.unroll.ml;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unroll.data.InputException;
import dev.unroll.testing.SparkTest;
import java.nio.file.Path;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@SparkTest
class SequenceAssemblerTest {

    private static final StructType EVENTS = new StructType()
            .add("machine", DataTypes.StringType)
            .add("site", DataTypes.IntegerType)
            .add("at", DataTypes.LongType)
            .add("a", DataTypes.DoubleType)
            .add("b", DataTypes.FloatType)
            .add("state", DataTypes.StringType);

    private static SparkSession spark;

    private static List<Row> events(Random random) {
        double[] values = {-0.0, 0.0, 1, -1, 2.5, 1e9};
        List<Row> rows = new ArrayList<>();
        for (int i = 0; i < 300; i++) {
            rows.add(RowFactory.create(
                    "m" + random.nextInt(4),
                    random.nextInt(2),
                    (long) random.nextInt(60), // many ties
                    values[random.nextInt(values.length)],
                    (float) values[random.nextInt(values.length)],
                    "s" + random.nextInt(3)));
        }
        return rows;
    }

    private static Dataset<Row> table(List<Row> rows) {
        return spark.createDataFrame(rows, EVENTS);
    }

    private static SequenceAssembler assembler() {
        return new SequenceAssembler()
                .setKeyCols("machine", "site")
                .setTimeCol("at")
                .setValueCols("a", "b");
    }

    /** Sequences as text, bits of numbers and all, in an order of their own. */
    private static List<String> result(Dataset<Row> rows) {
        return rows.collectAsList().stream().map(Row::toString).sorted().toList();
    }

    /** The same by hand: sort, cut where the gap is longer. */
    private static List<String> expected(List<Row> rows, double gap) {
        Map<String, List<Row>> byKey = new TreeMap<>();
        for (Row row : rows) {
            byKey.computeIfAbsent(row.getString(0) + "," + row.getInt(1), k -> new ArrayList<>())
                    .add(row);
        }
        List<String> result = new ArrayList<>();
        byKey.forEach((key, events) -> {
            events.sort(Comparator.<Row>comparingLong(r -> r.getLong(2))
                    .thenComparingDouble(r -> r.getDouble(3) + 0.0)
                    .thenComparingDouble(r -> r.getFloat(4) + 0.0));
            List<String> steps = new ArrayList<>();
            long start = events.get(0).getLong(2);
            long before = start;
            for (Row event : events) {
                if (gap > 0 && event.getLong(2) - before > gap) {
                    result.add("[" + key + "," + start + ",ArraySeq(" + String.join(", ", steps) + ")]");
                    steps.clear();
                    start = event.getLong(2);
                }
                before = event.getLong(2);
                steps.add("ArraySeq(" + (event.getDouble(3) + 0.0) + ", " + ((double) event.getFloat(4) + 0.0) + ")");
            }
            result.add("[" + key + "," + start + ",ArraySeq(" + String.join(", ", steps) + ")]");
        });
        Collections.sort(result);
        return result;
    }

    @ParameterizedTest
    @ValueSource(doubles = {0, 1, 3})
    void sequences_areThoseOfAnySortingByHandWhateverThePartitions(double gap) {
        List<Row> rows = events(new Random(7));
        List<String> expected = expected(rows, gap);
        assertTrue(gap == 0 ? expected.size() == 8 : expected.size() > 20, "" + expected.size());
        for (int partitions : new int[] {1, 2, 7}) {
            Collections.shuffle(rows, new Random(partitions));
            Dataset<Row> shuffled = table(rows).repartition(partitions);
            assertEquals(
                    expected, result(assembler().setSessionGap(gap).transform(shuffled)), partitions + " partitions");
        }
    }

    @Test
    void tieBreakColumns_comeBeforeValues() {
        List<Row> rows = List.of(
                RowFactory.create("m", 1, 5L, 1.0, 9f, "z"),
                RowFactory.create("m", 1, 5L, 2.0, 8f, "a"),
                RowFactory.create("m", 1, 4L, 3.0, 7f, "b"));
        SequenceAssembler one = assembler().setValueCols("a");
        assertEquals(List.of(3.0, 1.0, 2.0), one.transform(table(rows)).first().getList(3));
        assertEquals(
                List.of(3.0, 2.0, 1.0),
                one.setTieBreakCols("state").transform(table(rows)).first().getList(3));
    }

    @Test
    void strings_areTokensAndLabelsAreConstantOrOnePerStep() {
        List<Row> rows = List.of(
                RowFactory.create("m", 1, 5L, 1.0, 9f, "z"),
                RowFactory.create("m", 1, 4L, 1.0, 8f, "b"),
                RowFactory.create("n", 1, 4L, 2.0, 8f, "b"));
        SequenceAssembler tokens =
                assembler().setKeyCols("machine").setValueCols("state").setLabelCol("a");
        assertEquals(
                List.of("[m,4,ArraySeq(b, z),1.0]", "[n,4,ArraySeq(b),2.0]"), result(tokens.transform(table(rows))));
        assertEquals(
                List.of("[m,4,ArraySeq(b, z),ArraySeq(1.0, 1.0)]", "[n,4,ArraySeq(b),ArraySeq(2.0)]"),
                result(tokens.setLabelPerStep(true).transform(table(rows))));
        // One sequence, two labels.
        SequenceAssembler mixed = assembler().setKeyCols("site").setLabelCol("machine");
        Exception refused =
                assertThrows(Exception.class, () -> mixed.transform(table(rows)).collectAsList());
        assertTrue(
                refused.getMessage().contains("more than one value in a sequence: [\"m\",\"n\"]"),
                refused.getMessage());
        assertEquals(List.of(), result(mixed.setHandleInvalid("skip").transform(table(rows))));
    }

    @Test
    void eventsWithoutKeyOrTime_failTheQueryOrAreLeftOut() {
        List<Row> rows = List.of(
                RowFactory.create("m", 1, null, 1.0, 9f, "z"),
                RowFactory.create(null, 1, 4L, 1.0, 8f, "b"),
                RowFactory.create("n", 1, 4L, null, 8f, "b"));
        Exception refused = assertThrows(
                Exception.class, () -> assembler().transform(table(rows)).collectAsList());
        assertTrue(refused.getMessage().contains("an event has no machine, site or at"), refused.getMessage());
        assertEquals(
                List.of("[n,1,4,ArraySeq(ArraySeq(null, 8.0))]"),
                result(assembler().setHandleInvalid("skip").transform(table(rows))));
    }

    @Test
    void gaps_areSecondsForTimestampsAndDaysForDates() {
        assertEquals(2, sessions(DataTypes.TimestampType, Instant.EPOCH, Instant.EPOCH.plusMillis(1500), 1.4));
        assertEquals(1, sessions(DataTypes.TimestampType, Instant.EPOCH, Instant.EPOCH.plusMillis(1500), 1.5));
        LocalDateTime noon = LocalDateTime.of(2024, 3, 31, 0, 0);
        assertEquals(1, sessions(DataTypes.TimestampNTZType, noon, noon.plusHours(24), 86400));
        assertEquals(2, sessions(DataTypes.TimestampNTZType, noon, noon.plusHours(24), 86399));
        LocalDate day = LocalDate.of(2024, 2, 28);
        assertEquals(1, sessions(DataTypes.DateType, day, day.plusDays(2), 2));
        assertEquals(2, sessions(DataTypes.DateType, day, day.plusDays(2), 1.5));
        assertEquals(2, sessions(DataTypes.LongType, Long.MIN_VALUE, Long.MAX_VALUE, 1e18));
        assertEquals(1, sessions(DataTypes.createDecimalType(4, 2), dec("1.25"), dec("2.25"), 1));
        assertEquals(2, sessions(DataTypes.DoubleType, 1.25, 2.5, 1));
    }

    private static java.math.BigDecimal dec(String text) {
        return new java.math.BigDecimal(text);
    }

    /** From 9 to 10 o'clock UTC of that day it becomes summer in Los Angeles: from half past 1 to half past 3 is an hour. */
    @ParameterizedTest
    @ValueSource(strings = {"UTC", "America/Los_Angeles"})
    void gaps_areTheSameInEveryTimeZone(String zone) {
        spark.conf().set("spark.sql.session.timeZone", zone);
        try {
            Instant before = Instant.parse("2024-03-10T09:30:00Z");
            Instant after = Instant.parse("2024-03-10T10:30:00Z");
            assertEquals(1, sessions(DataTypes.TimestampType, before, after, 3600));
            assertEquals(2, sessions(DataTypes.TimestampType, before, after, 3599));
            LocalDateTime noSuchHour = LocalDateTime.of(2024, 3, 10, 2, 30); // in Los Angeles
            assertEquals(1, sessions(DataTypes.TimestampNTZType, noSuchHour.minusHours(1), noSuchHour, 3600));
            assertEquals(2, sessions(DataTypes.TimestampNTZType, noSuchHour, noSuchHour.plusHours(1), 3599));
        } finally {
            spark.conf().unset("spark.sql.session.timeZone");
        }
    }

    private static long sessions(DataType type, Object first, Object second, double gap) {
        StructType schema = new StructType().add("at", type).add("a", DataTypes.IntegerType);
        Dataset<Row> rows =
                spark.createDataFrame(List.of(RowFactory.create(second, 2), RowFactory.create(first, 1)), schema);
        return new SequenceAssembler()
                .setTimeCol("at")
                .setValueCols("a")
                .setSessionGap(gap)
                .transform(rows)
                .count();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "nope | at | a | | key-cols is nope, and there is no such column; there are machine",
                "machine | when | a | | time-col is when",
                "machine | state | a | | time-col state is of type string; allowed are number, date and timestamp",
                "machine | at | state,a | | value-cols has state of type string",
                "machine | at | c | | value-cols is c",
                "machine | at | '' | | value-cols is empty",
                "machine | at | a | machine | two columns of the name machine",
                "machine | at | a | y | label-col is y",
            })
    void wrongColumns_areRefusedByNameBeforeAnythingRuns(
            String key, String time, String values, String label, String said) {
        SequenceAssembler stage = new SequenceAssembler()
                .setKeyCols(key)
                .setTimeCol(time)
                .setValueCols(values.isEmpty() ? new String[0] : values.split(","))
                .setLabelCol(label == null ? "" : label);
        InputException refused = assertThrows(InputException.class, () -> stage.transformSchema(EVENTS));
        assertTrue(refused.getMessage().contains(said), refused.getMessage());
    }

    @Test
    void aUnitThatTimesAreNotMeasuredIn_isRefusedBeforeAnythingRuns() {
        SequenceAssembler stage = assembler().setGapUnit("seconds");
        InputException refused = assertThrows(InputException.class, () -> stage.transformSchema(EVENTS));
        assertEquals(
                "gap-unit is seconds, and time-col at is of type bigint; allowed are auto and numbers",
                refused.getMessage());
    }

    @Test
    void schema_isThatOfTheResult() {
        Dataset<Row> events = table(events(new Random(1)));
        for (SequenceAssembler stage : List.of(
                assembler(),
                assembler().setValueCols("a").setFeaturesCol("x").setStartCol("since"),
                assembler().setValueCols("state").setLabelCol("b").setLabelPerStep(true))) {
            assertEquals(
                    stage.transformSchema(EVENTS).simpleString(),
                    stage.transform(events).schema().simpleString());
        }
    }

    @Test
    void stage_isSavedAndFeedsAClassifier(@TempDir Path directory) throws Exception {
        SequenceAssembler stage = assembler().setSessionGap(2.5).setLabelCol("state");
        stage.write().save(directory.resolve("stage").toString());
        SequenceAssembler loaded =
                SequenceAssembler.load(directory.resolve("stage").toString());
        Dataset<Row> events = table(events(new Random(3))).withColumn("state", functions.col("machine"));
        assertEquals(result(stage.transform(events)), result(loaded.transform(events)));
        RnnClassifierModel model = new RnnClassifier()
                .setLabelCol("state")
                .setHiddenSize(2)
                .setMaxIter(1)
                .setNumShards(1)
                .fit(loaded.transform(events));
        assertEquals(List.of("m0", "m1", "m2", "m3"), model.model().labels().values());
    }
}
