package dev.unroll.ml;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unroll.data.InputException;
import dev.unroll.testing.SparkTest;
import dev.unroll.worker.NaiveForecast;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
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
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Columns that stay apart, as both transformers make them of an event table, against sequences made by hand. */
@SparkTest
class EventColumnsTest {

    private static final StructType EVENTS = new StructType()
            .add("shop", DataTypes.StringType)
            .add("day", DataTypes.IntegerType)
            .add("sold", DataTypes.IntegerType)
            .add("price", DataTypes.DoubleType)
            .add("page", DataTypes.StringType)
            .add("kind", DataTypes.LongType)
            .add("size", DataTypes.FloatType)
            .add("town", DataTypes.StringType)
            .add("a.b", DataTypes.StringType);

    private static SparkSession spark;

    /** Every day of three shops, with holes in what may have holes; size and town are those of the shop. */
    private static List<Row> events(Random random) {
        List<Row> rows = new ArrayList<>();
        for (int shop = 0; shop < 3; shop++) {
            for (int day = 0; day < 8; day++) {
                rows.add(RowFactory.create(
                        "shop " + shop,
                        day,
                        random.nextInt(50),
                        random.nextInt(3) == 0 ? null : random.nextInt(100) / 4.0,
                        random.nextInt(3) == 0 ? null : "p" + random.nextInt(3),
                        random.nextInt(3) == 0 ? null : (long) random.nextInt(3),
                        shop == 1 ? null : 10f * shop,
                        shop == 2 ? null : "town " + shop,
                        "x"));
            }
        }
        Collections.shuffle(rows, random);
        return rows;
    }

    private static Dataset<Row> table(List<Row> rows) {
        return spark.createDataFrame(rows, EVENTS);
    }

    private static <S extends EventStage<S>> S stage(S stage) {
        return stage.setKeyCols("shop")
                .setTimeCol("day")
                .setNumericCols("sold", "price")
                .setCategoricalCols("page:8", "kind")
                .setStaticNumericCols("size")
                .setStaticCategoricalCols("town:2");
    }

    private static List<String> result(Dataset<Row> rows) {
        return rows.collectAsList().stream().map(Row::toString).sorted().toList();
    }

    private static Map<String, List<Row>> byShop(List<Row> rows) {
        Map<String, List<Row>> shops = new TreeMap<>();
        rows.forEach(row -> shops.computeIfAbsent(row.getString(0), shop -> new ArrayList<>())
                .add(row));
        shops.values().forEach(events -> events.sort(Comparator.comparingInt(row -> row.getInt(1))));
        return shops;
    }

    private static String array(List<Row> events, int column) {
        List<String> values = new ArrayList<>();
        for (Row row : events) {
            Object value = row.get(column);
            values.add(String.valueOf(value instanceof Integer number ? number.doubleValue() : value));
        }
        return "ArraySeq(" + String.join(", ", values) + ")";
    }

    /** The columns of some events of a shop, from numbers to statics. */
    private static String columns(List<Row> events, String more) {
        Row first = events.get(0);
        return array(events, 2) + "," + array(events, 3) + more + "," + array(events, 4) + "," + array(events, 5) + ","
                + (first.isNullAt(6) ? null : (double) first.getFloat(6)) + "," + first.get(7);
    }

    /** The target's own past is the first number that the network reads, not the first one that windows had. */
    @Test
    void otherFirstNumber_isNotTheTargetsPast() {
        Dataset<Row> windows = new SlidingWindows()
                .setKeyCols("shop")
                .setTimeCol("day")
                .setNumericCols("sold", "kind")
                .setTargetCols("sold")
                .setWindowLength(3)
                .transform(table(events(new Random(14))));
        RnnRegressor regressor = new RnnRegressor().setLabelCol("label").setNumericCols("kind", "sold");
        assertEquals(NaiveForecast.NONE, WindowTargets.naive(windows.schema(), regressor.rowSpec(), "label", 0));
        regressor.setScale("window");
        assertEquals(
                "scale window scales targets by the first number of a step, and numeric-cols are kind, sold;"
                        + " allowed are those that begin with sold, the target's own past",
                assertThrows(IllegalArgumentException.class, () -> regressor.config(windows.schema()))
                        .getMessage());
        regressor.setNumericCols("sold", "kind");
        assertTrue(WindowTargets.naive(windows.schema(), regressor.rowSpec(), "label", 0)
                .isSome());
        assertTrue(regressor.config(windows.schema()) != null);
    }

    /** A column is not of the time of a step because of its name. */
    @Test
    void columnNamedLikeATimeFeature_isOfTheUser() {
        Dataset<Row> windows = new SlidingWindows()
                .setKeyCols("shop")
                .setTimeCol("day")
                .setNumericCols("sold", "time_spent")
                .setTargetCols("sold")
                .setTimeFeatures("gap")
                .setWindowLength(3)
                .transform(table(events(new Random(13))).withColumnRenamed("price", "time_spent"));
        assertEquals(0, TimeFeatures.in(windows.schema(), List.of("sold", "time_spent")));
        assertEquals(1, TimeFeatures.in(windows.schema(), List.of("sold", "time_spent", "time_gap")));
    }

    /** A lag is a value of its column, and scaled as one. */
    @Test
    void lag_isNotOfTheTime() {
        SlidingWindows windows = new SlidingWindows()
                .setKeyCols("shop")
                .setTimeCol("day")
                .setNumericCols("sold", "price")
                .setTargetCols("sold")
                .setLags(1, 2)
                .setTimeFeatures("gap")
                .setWindowLength(3);
        Dataset<Row> table = table(events(new Random(14)));
        for (StructType schema : List.of(windows.transform(table).schema(), windows.transformSchema(table.schema()))) {
            assertEquals(1, TimeFeatures.in(schema, windows.numericOutputCols()));
        }
    }

    @Test
    void columnsOfSequences_areThoseOfAnySortingByHandWhateverThePartitions() {
        List<Row> rows = events(new Random(11));
        List<String> expected = new ArrayList<>();
        byShop(rows).forEach((shop, events) -> expected.add("[" + shop + ",0," + columns(events, "") + "]"));
        for (int partitions : new int[] {1, 2, 7}) {
            Dataset<Row> sequences =
                    stage(new SequenceAssembler()).transform(table(rows).repartition(partitions));
            assertEquals(expected, result(sequences), partitions + " partitions");
            assertArrayEquals(
                    new String[] {"shop", "start", "sold", "price", "page", "kind", "size", "town"},
                    sequences.columns());
        }
    }

    @Test
    void columnsOfWindows_areThoseOfTheirRowsWithLagsAndTimes() {
        List<Row> rows = events(new Random(12));
        List<String> expected = new ArrayList<>();
        byShop(rows).forEach((shop, events) -> {
            for (int end = 4; end < 7; end += 2) {
                List<Row> window = events.subList(end - 2, end + 1);
                List<Row> lagged = events.subList(end - 4, end - 1);
                String gaps = String.join(", ", Collections.nCopies(3, "" + StrictMath.log1p(1)));
                String more = "," + array(lagged, 2) + "," + array(lagged, 3) + ",ArraySeq(" + gaps + ")";
                expected.add("[" + shop + "," + end + "," + (end + 1) + "," + columns(window, more) + ","
                        + (double) events.get(end + 1).getInt(2) + "]");
            }
        });
        Collections.sort(expected);
        SlidingWindows windows = stage(new SlidingWindows())
                .setWindowLength(3)
                .setLags(2)
                .setStride(2)
                .setTimeFeatures("gap")
                .setTargetCols("sold");
        assertEquals(List.of("sold", "price", "sold_lag_2", "price_lag_2", "time_gap"), windows.numericOutputCols());
        for (int partitions : new int[] {1, 2, 7}) {
            assertEquals(expected, result(windows.transform(table(rows).repartition(partitions))));
        }
    }

    @Test
    void aKey_mayBeAStaticToo() {
        Dataset<Row> days = table(events(new Random(17)));
        for (EventStage<?> stage : List.of(
                new SequenceAssembler(), new SlidingWindows().setWindowLength(8).setRequireLabel(false))) {
            stage.setKeyCols("shop").setTimeCol("day").setNumericCols("sold").setStaticCategoricalCols("shop:2");
            Dataset<Row> sequences = stage.transform(days);
            assertEquals(List.of("[shop 0]", "[shop 1]", "[shop 2]"), result(sequences.select("shop")));
            assertArrayEquals(sequences.columns(), stage.transformSchema(EVENTS).fieldNames());
        }
    }

    @Test
    void timeFeatures_areColumnsOfTheirOwn() {
        SequenceAssembler assembler = stage(new SequenceAssembler()).setTimeFeatures("gap");
        Row first = assembler.transform(table(events(new Random(13)))).first();
        List<Double> expected = new ArrayList<>(Collections.nCopies(8, StrictMath.log1p(1)));
        expected.set(0, 0.0);
        assertEquals(expected, first.getList(first.fieldIndex("time_gap")));
        assertEquals(
                List.of("sold", "price", "time_hour_sin", "time_hour_cos", "time_month_sin", "time_month_cos"),
                stage(new SequenceAssembler()).setTimeFeatures("hour", "month").numericOutputCols());
    }

    @Test
    void severalValuesOfAStatic_areAnErrorOrLeaveTheSequenceOut() {
        List<Row> rows = events(new Random(14));
        rows.add(RowFactory.create("shop 1", 9, 1, 1.0, "p", 1L, 3f, "town 1", "x")); // whose size was null
        for (EventStage<?> stage : List.of(
                stage(new SequenceAssembler()),
                stage(new SlidingWindows()).setWindowLength(9).setRequireLabel(false))) {
            Exception refused = assertThrows(
                    Exception.class,
                    () -> stage.transform(table(rows).where("shop = 'shop 1'")).collectAsList(),
                    stage.getClass().toString());
            assertTrue(
                    refused.getMessage()
                            .contains("static-numeric-cols size has more than one value in a sequence: [null,3.0]"),
                    refused.getMessage());
        }
        assertEquals(
                2,
                stage(new SequenceAssembler())
                        .setHandleInvalid("skip")
                        .transform(table(rows))
                        .count());
        SlidingWindows windows = stage(new SlidingWindows())
                .setWindowLength(3)
                .setRequireLabel(false)
                .setTargetCols("sold");
        assertEquals(
                6 + 7 - 1 + 6,
                windows.setHandleInvalid("skip").transform(table(rows)).count());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            nullValues = "-",
            value = {
                "sold | - | - | - | price | numeric-cols and value-cols are both given; value-cols make up one column",
                "- | - | size | town | - | only static columns are given, size, town; a step needs numeric-cols or",
                "sold | page,kind:3 | - | page:4 | - | column page is in categorical-cols and static-categorical-cols",
                "sold,sold | - | - | - | - | column sold is in numeric-cols twice; allowed is once in one of them",
                "- | page | size | PAGE | - | column PAGE is in categorical-cols and static-categorical-cols",
                "- | a.b | - | - | - | categorical-cols has a.b, and PyTorch's names of tensors have no dot within",
                "- | page:0 | - | - | - | categorical-cols has page:0; allowed is a width of at least 1",
                "page | - | - | - | - | numeric-cols has page of type string; allowed are numbers",
                "sold | - | town | - | - | static-numeric-cols has town of type string; allowed are numbers",
                "sold | price | - | - | - | categorical-cols has price of type double; allowed are string, boolean",
                "sold | - | - | size | - | static-categorical-cols has size of type float; allowed are string",
                "gone | - | - | - | - | numeric-cols is gone, and there is no such column; there are shop",
                "- | gone:8 | - | - | - | categorical-cols is gone, and there is no such column; there are shop",
                "- | - | - | - | - | value-cols is empty; allowed are the columns that make up a step",
                "shop | - | - | - | - | numeric-cols has shop of type string",
                "- | shop | - | - | - | the result has two columns of the name shop",
            })
    void columns_thatDoNotGoTogether_areRefused(
            String numeric,
            String categorical,
            String staticNumeric,
            String staticCategorical,
            String values,
            String why) {
        for (EventStage<?> stage : List.of(new SequenceAssembler(), new SlidingWindows().setTargetCols("sold"))) {
            stage.setKeyCols("shop").setTimeCol("day");
            stage.setNumericCols(items(numeric)).setCategoricalCols(items(categorical));
            stage.setStaticNumericCols(items(staticNumeric)).setStaticCategoricalCols(items(staticCategorical));
            stage.setValueCols(items(values));
            InputException refused = assertThrows(InputException.class, () -> stage.transformSchema(EVENTS));
            assertTrue(refused.getMessage().startsWith(why), refused.getMessage());
        }
    }

    private static String[] items(String text) {
        return text == null
                ? new String[0]
                : Arrays.stream(text.split(",")).map(String::strip).toArray(String[]::new);
    }

    @Test
    void valueType_goesWithValueColumns() {
        SequenceAssembler assembler = stage(new SequenceAssembler()).setValueType("number");
        InputException refused = assertThrows(InputException.class, () -> assembler.transformSchema(EVENTS));
        assertEquals(
                "value-type is number, which goes with value-cols; numeric-cols are numbers whatever they are",
                refused.getMessage());
    }

    @Test
    void windows_withoutNumbers_needTargets() {
        SlidingWindows windows =
                new SlidingWindows().setKeyCols("shop").setTimeCol("day").setCategoricalCols("page");
        InputException refused = assertThrows(InputException.class, () -> windows.transformSchema(EVENTS));
        assertEquals(
                "target-cols is empty, and so is numeric-cols; allowed are the columns to predict",
                refused.getMessage());
        assertEquals(
                15,
                windows.setTargetCols("sold")
                        .setWindowLength(3)
                        .transform(table(events(new Random(15))))
                        .count());
    }

    @Test
    void stage_isSavedWithItsColumns(@TempDir Path directory) throws Exception {
        String path = directory.resolve("stage").toString();
        SequenceAssembler assembler = stage(new SequenceAssembler());
        assembler.write().save(path);
        List<Row> rows = events(new Random(16));
        assertEquals(
                result(assembler.transform(table(rows))),
                result(SequenceAssembler.load(path).transform(table(rows))));
    }
}
