package dev.unroll.ml;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unroll.data.InputException;
import dev.unroll.spark.source.ReadFailure;
import dev.unroll.testing.SparkTest;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@SparkTest
class SlidingWindowsTest {

    private static final StructType SERIES = new StructType()
            .add("city", DataTypes.StringType)
            .add("day", DataTypes.IntegerType)
            .add("rain", DataTypes.IntegerType)
            .add("heat", DataTypes.DoubleType);

    private static SparkSession spark;

    /** Days 0 to 9 of two cities; rain is the day, heat ten times it. */
    private static List<Row> days() {
        List<Row> rows = new ArrayList<>();
        for (String city : new String[] {"a", "b"}) {
            for (int day = 0; day < 10; day++) {
                rows.add(RowFactory.create(city, day, day + (city.equals("a") ? 0 : 100), day * 10.0));
            }
        }
        Collections.shuffle(rows, new Random(2));
        return rows;
    }

    private static Dataset<Row> table(List<Row> rows) {
        return spark.createDataFrame(rows, SERIES);
    }

    private static SlidingWindows windows() {
        return new SlidingWindows()
                .setKeyCols("city")
                .setTimeCol("day")
                .setValueCols("rain")
                .setWindowLength(3);
    }

    private static List<String> result(Dataset<Row> rows) {
        return rows.collectAsList().stream().map(Row::toString).sorted().toList();
    }

    @Test
    void windows_haveTheStepsAndTheLabelBehindThem() {
        List<String> expected = new ArrayList<>();
        for (int end = 2; end < 9; end++) {
            for (int base : new int[] {0, 100}) {
                expected.add(String.format(
                        java.util.Locale.ROOT,
                        "[%s,%d,%d,ArraySeq(%.1f, %.1f, %.1f),%.1f]",
                        base == 0 ? "a" : "b",
                        end,
                        end + 1,
                        base + end - 2.0,
                        base + end - 1.0,
                        base + end * 1.0,
                        base + end + 1.0));
            }
        }
        Collections.sort(expected);
        for (int partitions : new int[] {1, 2, 7}) {
            assertEquals(expected, result(windows().transform(table(days()).repartition(partitions))));
        }
    }

    @Test
    void strideHorizonAndTargets_chooseWindowsAndLabels() {
        Dataset<Row> one = table(days()).where("city = 'a'");
        assertEquals(
                List.of("[a,2,4,ArraySeq(0.0, 1.0, 2.0),40.0]", "[a,6,8,ArraySeq(4.0, 5.0, 6.0),80.0]"),
                result(windows()
                        .setStride(4)
                        .setHorizon(2)
                        .setTargetCols("heat")
                        .transform(one)));
        assertEquals(
                List.of("[a,5,7,ArraySeq(ArraySeq(4.0, 40.0), ArraySeq(5.0, 50.0)),[6.0,60.0,7.0,70.0]]"),
                result(windows()
                        .setValueCols("rain", "heat")
                        .setWindowLength(2)
                        .setHorizon(2)
                        .setStride(4)
                        .setMultiStep(true)
                        .setLabelFrom("6")
                        .setLabelBefore("9")
                        .transform(one)));
        // What is not known yet: the window is there for predictions, its label is null.
        assertEquals(
                List.of("[a,8,9,ArraySeq(6.0, 7.0, 8.0),9.0]", "[a,9,null,ArraySeq(7.0, 8.0, 9.0),null]"),
                result(windows().setRequireLabel(false).setLabelFrom("9").transform(one)));
        assertEquals(
                List.of("[a,9,9,ArraySeq(7.0, 8.0, 9.0),90.0]"),
                result(windows()
                        .setHorizon(0)
                        .setTargetCols("heat")
                        .setLabelFrom("9")
                        .transform(one)));
    }

    @Test
    void lags_addTheValuesOfEarlierRowsToAStep() {
        Dataset<Row> one = table(days()).where("city = 'a'");
        assertEquals(
                List.of(
                        "[a,7,8,ArraySeq(ArraySeq(6.0, 5.0, 1.0), ArraySeq(7.0, 6.0, 2.0)),8.0]",
                        "[a,8,9,ArraySeq(ArraySeq(7.0, 6.0, 2.0), ArraySeq(8.0, 7.0, 3.0)),9.0]"),
                result(windows()
                        .setWindowLength(2)
                        .setLags(1, 5)
                        .setLabelFrom("8")
                        .transform(one)));
        assertEquals(
                List.of(
                        "[a,1,2,ArraySeq(ArraySeq(1.0, 10.0, 0.0, 0.0)),2.0]",
                        "[a,5,6,ArraySeq(ArraySeq(5.0, 50.0, 4.0, 40.0)),6.0]"),
                result(windows()
                        .setValueCols("rain", "heat")
                        .setTargetCols("rain")
                        .setWindowLength(1)
                        .setLags(1)
                        .setStride(4)
                        .transform(one)));
    }

    @Test
    void targetsThatAreNotThere_areNoLabelsWhereNoneIsRequired() {
        Dataset<Row> one = table(days()).where("city = 'a' and day < 4");
        assertEquals(
                List.of("[a,2,2,ArraySeq(0.0, 1.0, 2.0),null]", "[a,3,3,ArraySeq(1.0, 2.0, 3.0),null]"),
                result(windows()
                        .setTargetCols("heat")
                        .setHorizon(0)
                        .setRequireLabel(false)
                        .transform(one.drop("heat"))));
    }

    @Test
    void windowsOfRandomSeries_areThoseByHand() {
        Random random = new Random(11);
        double[] values = {-0.0, 0.0, 1, 2};
        Map<String, Row> once = new HashMap<>(); // a series has one row of a time
        for (int i = 0; i < 300; i++) {
            Row row = RowFactory.create(
                    "c" + random.nextInt(3), random.nextInt(100), random.nextInt(3), values[random.nextInt(4)]);
            once.put(row.getString(0) + row.getInt(1), row);
        }
        List<Row> rows = new ArrayList<>(once.values());
        SlidingWindows stage = windows()
                .setValueCols("rain", "heat")
                .setWindowLength(4)
                .setStride(3)
                .setHorizon(2)
                .setSessionGap(2);
        List<String> expected = byHand(rows, 4, 3, 2, 2);
        assertTrue(expected.size() > 10, expected.toString());
        for (int partitions : new int[] {1, 2, 5}) {
            Collections.shuffle(rows, random);
            assertEquals(expected, result(stage.transform(table(rows).repartition(partitions))));
        }
    }

    private static List<String> byHand(List<Row> rows, int length, int stride, int horizon, int gap) {
        List<Row> sorted = new ArrayList<>(rows);
        sorted.sort(java.util.Comparator.<Row, String>comparing(r -> r.getString(0))
                .thenComparingInt(r -> r.getInt(1))
                .thenComparingInt(r -> r.getInt(2))
                .thenComparingDouble(r -> r.getDouble(3) + 0.0));
        List<String> result = new ArrayList<>();
        List<Row> series = new ArrayList<>();
        for (int i = 0; i <= sorted.size(); i++) {
            Row last = series.isEmpty() ? null : series.get(series.size() - 1);
            boolean cut = i == sorted.size()
                    || (last != null
                            && (!last.getString(0).equals(sorted.get(i).getString(0))
                                    || sorted.get(i).getInt(1) - last.getInt(1) > gap));
            if (cut) {
                for (int start = 0; start + length - 1 + horizon < series.size(); start += stride) {
                    Row end = series.get(start + length - 1);
                    Row label = series.get(start + length - 1 + horizon);
                    List<String> steps = series.subList(start, start + length).stream()
                            .map(SlidingWindowsTest::numbers)
                            .map(step -> "ArraySeq(" + step + ")")
                            .toList();
                    result.add("[" + end.getString(0) + "," + end.getInt(1) + "," + label.getInt(1) + ",ArraySeq("
                            + String.join(", ", steps) + "),[" + numbers(label).replace(" ", "") + "]]");
                }
                series.clear();
            }
            if (i < sorted.size()) {
                series.add(sorted.get(i));
            }
        }
        Collections.sort(result);
        return result;
    }

    private static String numbers(Row row) {
        return (double) row.getInt(2) + ", " + (row.getDouble(3) + 0.0);
    }

    /** In a query there is no count: the first such row or series that Spark meets is the failure's. */
    @Test
    void rowsThatAreInNoWindow_failTheQueryOrAreLeftOut() {
        List<Row> twice = days();
        twice.add(RowFactory.create("a", 4, 7, 1.0));
        List<Row> tiny = days();
        tiny.add(RowFactory.create("c", 4, 7, 1.0));
        for (List<Row> rows : List.of(twice, tiny)) {
            Exception failure = assertThrows(
                    Exception.class, () -> windows().transform(table(rows)).collectAsList());
            String said = ReadFailure.of(failure).orElseThrow().getMessage();
            String expected = rows == twice
                    ? "series city a has several rows of day 4, and a window needs one row of a time"
                    : "series city c has 1 rows, and a window needs 4: window-length 3, horizon 1";
            assertTrue(said.startsWith(expected), said);
            Dataset<Row> skipping = windows().setHandleInvalid("skip").transform(table(rows));
            assertEquals(rows == twice ? 13 : 14, skipping.count());
        }
        assertEquals(14, windows().setSessionGap(1).transform(table(tiny)).count(), "pieces between gaps may be short");
    }

    @Test
    void nulls_stayForTheEstimatorToSee() {
        List<Row> rows = new ArrayList<>();
        for (int day = 0; day < 6; day++) {
            rows.add(RowFactory.create("a", day, day == 3 ? null : day, day == 4 ? null : day == 5 ? Double.NaN : 1.0));
        }
        List<Row> found = windows()
                .setWindowLength(2)
                .setTargetCols("rain", "heat")
                .transform(table(rows))
                .orderBy("day")
                .collectAsList();
        assertEquals(Arrays.asList(2.0, null), found.get(2).getList(3));
        assertTrue(found.get(1).isNullAt(4), "a vector cannot hold a null, so the label is one");
        assertTrue(found.get(2).isNullAt(4));
        assertTrue(found.get(3).isNullAt(4), "NaN says the same as null");
        assertEquals("[2.0,1.0]", found.get(0).get(4).toString());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "city | rain | heat | value-cols has city of type string; allowed are numbers",
                "rain | city | heat | target-cols has city of type string",
                "rain | wind | heat | target-cols is wind, and there is no such column",
                "rain | heat | day | two columns of the name day",
            })
    void wrongColumns_areRefusedByName(String value, String target, String features, String said) {
        SlidingWindows stage =
                windows().setValueCols(value).setTargetCols(target).setFeaturesCol(features);
        InputException refused = assertThrows(InputException.class, () -> stage.transformSchema(SERIES));
        assertTrue(refused.getMessage().contains(said), refused.getMessage());
    }

    @Test
    void valuesThatMakeNoSense_areRefusedByName() {
        InputException horizon =
                assertThrows(InputException.class, () -> windows().setHorizon(0).transformSchema(SERIES));
        assertTrue(horizon.getMessage().contains("horizon is 0"), horizon.getMessage());
        InputException unit = assertThrows(
                InputException.class, () -> windows().setGapUnit("days").transformSchema(SERIES));
        assertTrue(
                unit.getMessage()
                        .contains("gap-unit is days, and time-col day is of type int; allowed are auto and numbers"),
                unit.getMessage());
        InputException from = assertThrows(
                InputException.class, () -> windows().setLabelFrom("soon").transform(table(days())));
        assertTrue(from.getMessage().contains("label-from is soon; allowed is a time of the type of time-col, int"));
        IllegalArgumentException length =
                assertThrows(IllegalArgumentException.class, () -> windows().setWindowLength(0));
        assertTrue(length.getMessage().contains("window-length is 0; allowed is a whole number, at least 1"));
    }

    /** What the text of a time means never depends on the session's time zone. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "timestamp_ntz '2024-01-02 00:00:00' | 2024-01-02 | 2024-01-02T00:01 | 2024-01-02T00:00Z",
                "timestamp '2024-01-02 00:00:00Z' | 2024-01-02T00:00Z | 2024-01-02T01:01:00+01:00 | 2024-01-02 00:00",
                "1704067200000000000L | 1704067200000000000 | 1704067200000000001 | 1e18",
                "1234567890123.123456BD | 1234567890123.123456 | 1234567890123.123457 | 0x1",
                "1D | 1.0 | 1.5 | 1e400",
            })
    void labelFrom_isTheSameTimeInEveryTimeZone(String time, String from, String after, String wrong) {
        for (String zone : List.of("Pacific/Auckland", "America/Los_Angeles")) {
            spark.conf().set("spark.sql.session.timeZone", zone);
            try {
                labelFrom_isThatTime(time, from, after, wrong);
            } finally {
                spark.conf().unset("spark.sql.session.timeZone");
            }
        }
    }

    private static void labelFrom_isThatTime(String time, String from, String after, String wrong) {
        String step = time.startsWith("timestamp") ? "make_dt_interval(id)" : "id";
        Dataset<Row> rows =
                spark.sql("select " + time + " + " + step + " as day, double(id) as heat from range(-3, 2)");
        SlidingWindows windows =
                new SlidingWindows().setTimeCol("day").setValueCols("heat").setWindowLength(1);
        assertEquals(2, windows.setLabelFrom(from).transform(rows).count());
        assertEquals(1, windows.setLabelFrom(after).transform(rows).count());
        InputException refused = assertThrows(
                InputException.class, () -> windows.setLabelFrom(wrong).transform(rows));
        assertTrue(refused.getMessage().contains("label-from is " + wrong + "; allowed"), refused.getMessage());
    }

    @Test
    void stage_isSavedAndItsSchemaIsThatOfTheResult(@TempDir Path directory) throws Exception {
        SlidingWindows stage = windows()
                .setTargetCols("rain", "heat")
                .setMultiStep(true)
                .setHorizon(3)
                .setLags(1, 2);
        stage.write().save(directory.resolve("stage").toString());
        SlidingWindows loaded = SlidingWindows.load(directory.resolve("stage").toString());
        assertEquals(result(stage.transform(table(days()))), result(loaded.transform(table(days()))));
        assertEquals(
                loaded.transformSchema(SERIES).simpleString(),
                loaded.transform(table(days())).schema().simpleString());
    }
}
