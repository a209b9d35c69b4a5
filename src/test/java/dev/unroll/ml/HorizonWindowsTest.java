package dev.unroll.ml;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unroll.data.InputException;
import dev.unroll.spark.source.ReadFailure;
import dev.unroll.testing.SparkTest;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.apache.spark.ml.param.ParamMap;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Windows that extend over the horizon: made as by hand, blind to what is not known, and trained on as arrays of one's own are. */
@Tag("slow")
@SparkTest
class HorizonWindowsTest {

    private static final int LENGTH = 5;
    private static final int HORIZON = 3;
    private static final int DAYS = 24;
    private static final int KNOWN = 20; // days of which sold and heat are there

    private static final StructType SALES = new StructType()
            .add("shop", DataTypes.StringType)
            .add("size", DataTypes.DoubleType)
            .add("day", DataTypes.IntegerType)
            .add("sold", DataTypes.DoubleType)
            .add("heat", DataTypes.DoubleType)
            .add("price", DataTypes.DoubleType)
            .add("promotion", DataTypes.StringType)
            .add("weather", DataTypes.StringType);

    private static SparkSession spark;

    /** Days of three shops, with holes; those from {@link #KNOWN} on have only what is known ahead. */
    private static List<Row> sales() {
        Random random = new Random(5);
        List<Row> rows = new ArrayList<>();
        for (int shop = 0; shop < 3; shop++) {
            for (int day = 0; day < DAYS; day++) {
                boolean known = day < KNOWN;
                double price = random.nextInt(4);
                rows.add(RowFactory.create(
                        "shop " + shop,
                        known ? 10.0 * shop : null,
                        day,
                        known && !(shop == 1 && day / HORIZON == 4) && (random.nextInt(8) > 0 || day == KNOWN - 1)
                                ? 50.0 * shop + 5 * price + random.nextInt(9)
                                : null,
                        known ? (Double) random.nextDouble() : null,
                        price,
                        "p" + random.nextInt(3),
                        known ? "w" + random.nextInt(3) : null));
            }
        }
        Collections.shuffle(rows, random);
        return rows;
    }

    private static Dataset<Row> table(List<Row> rows) {
        return spark.createDataFrame(rows, SALES);
    }

    private static SlidingWindows windows() {
        return new SlidingWindows()
                .setKeyCols("shop")
                .setTimeCol("day")
                .setNumericCols("sold", "heat", "price")
                .setCategoricalCols("promotion", "weather")
                .setStaticNumericCols("size")
                .setKnownCols("promotion", "price")
                .setTargetCols("sold")
                .setWindowLength(LENGTH)
                .setHorizon(HORIZON);
    }

    /** Windows to train on. */
    private static Dataset<Row> labelled(SlidingWindows windows) {
        return windows.transform(table(sales())).where("label is not null");
    }

    private static RnnRegressor regressor(SlidingWindows windows) {
        return new RnnRegressor()
                .setNumericCols(windows.numericOutputCols().toArray(String[]::new))
                .setCategoricalCols("promotion", "weather:2")
                .setStaticNumericCols("size")
                .setMissing("mask")
                .setScale("window")
                .setCell("gru")
                .setHiddenSize(6)
                .setBatchSize(8)
                .setNumShards(2)
                .setMaxIter(8);
    }

    private static List<String> result(Dataset<Row> rows) {
        return rows.collectAsList().stream().map(Row::toString).sorted().toList();
    }

    /** The windows by hand, as the columns of the result in their order; lags are 1 and 4. */
    private static List<String> byHand(List<Row> rows, boolean labelled, boolean lagged) {
        List<String> result = new ArrayList<>();
        for (String shop : List.of("shop 0", "shop 1", "shop 2")) {
            Row[] days = new Row[DAYS];
            rows.stream().filter(row -> row.getString(0).equals(shop)).forEach(row -> days[row.getInt(2)] = row);
            int before = lagged ? 4 : 0;
            for (int last = before + LENGTH - 1; last + HORIZON < DAYS; last++) {
                int end = last;
                boolean ahead = IntStream.rangeClosed(1, HORIZON).anyMatch(k -> !days[end + k].isNullAt(3));
                boolean known =
                        IntStream.range(labelled ? last + 1 : last, DAYS).anyMatch(day -> !days[day].isNullAt(3));
                if (!known) {
                    continue;
                }
                List<Object> cells = new ArrayList<>(List.of(shop, last));
                cells.add(list(
                        IntStream.rangeClosed(1, HORIZON).mapToObj(k -> end + k).toList()));
                for (int lag : lagged ? new int[] {0, 1, 4} : new int[] {0}) {
                    for (int column : new int[] {3, 4, 5}) {
                        cells.add(steps(days, last, lag, column, column == 5));
                    }
                }
                cells.add(steps(days, last, 0, 6, true));
                cells.add(steps(days, last, 0, 7, false));
                cells.add(days[last].get(1));
                List<Object> label = new ArrayList<>(Collections.nCopies(LENGTH, null));
                IntStream.rangeClosed(1, HORIZON).forEach(k -> label.add(days[end + k].get(3)));
                cells.add(ahead ? list(label) : null);
                result.add(RowFactory.create(cells.toArray()).toString());
            }
        }
        return result.stream().sorted().toList();
    }

    private static String steps(Row[] days, int last, int lag, int column, boolean known) {
        List<Object> values = new ArrayList<>();
        for (int day = last - LENGTH + 1; day <= last + HORIZON; day++) {
            values.add(known || day - lag <= last ? days[day - lag].get(column) : null);
        }
        return list(values);
    }

    private static String list(List<?> values) {
        return "ArraySeq("
                + String.join(", ", values.stream().map(String::valueOf).toList()) + ")";
    }

    @Test
    void windows_areThoseByHand() {
        List<Row> rows = sales();
        assertTrue(byHand(rows, true, true).size() > 30);
        assertNotEquals(byHand(rows, true, false), byHand(rows, false, false));
        assertTrue(byHand(rows, false, false).stream().anyMatch(window -> window.endsWith("null]")));
        assertTrue(byHand(rows, true, false).stream().anyMatch(window -> window.endsWith("null]")));
        for (int partitions : new int[] {1, 3, 8}) {
            Dataset<Row> given = table(rows).repartition(partitions);
            assertEquals(byHand(rows, true, false), result(windows().transform(given)));
            assertEquals(
                    byHand(rows, true, true), result(windows().setLags(1, 4).transform(given)));
            assertEquals(
                    byHand(rows, false, false),
                    result(windows().setRequireLabel(false).transform(given)));
        }
        Dataset<Row> made = windows().transform(table(rows));
        assertEquals(
                windows().transformSchema(SALES).catalogString(), made.schema().catalogString());
    }

    @Test
    void timeFeatures_areKnownAhead() {
        SlidingWindows windows = windows()
                .setKnownCols("day")
                .setCategoricalCols()
                .setNumericCols("sold")
                .setTimeFeatures("gap");
        Row one = windows.transform(table(sales())).first();
        List<Double> gaps = one.getList(one.fieldIndex("time_gap"));
        assertEquals(Collections.nCopies(LENGTH + HORIZON - 1, StrictMath.log1p(1)), gaps.subList(1, LENGTH + HORIZON));
        List<Double> sold = one.getList(one.fieldIndex("sold"));
        assertEquals(Collections.nCopies(HORIZON, null), sold.subList(LENGTH, LENGTH + HORIZON));
    }

    /** The rule of validation-from: no label of a training window is one of a validation window. */
    @Test
    void splitByTime_leavesNoLabelInBothParts() {
        Dataset<Row> rows = table(sales());
        Dataset<Row> before = windows().setLabelBefore("15").transform(rows);
        Dataset<Row> after = windows().setLabelFrom("15").transform(rows);
        assertEquals(
                14,
                before.select(functions.max(functions.array_max(functions.col("labelTime"))))
                        .first()
                        .getInt(0));
        assertEquals(
                15,
                after.select(functions.min(functions.array_min(functions.col("labelTime"))))
                        .first()
                        .getInt(0));
        // Nor does any number of such a window that is not known ahead: of its last day, 14 - HORIZON, at most.
        assertEquals(14 - HORIZON, before.select(functions.max("day")).first().getInt(0));
    }

    private static List<Row> withFuture(List<Row> rows, int from, double sold) {
        return rows.stream()
                .map(row -> row.getInt(2) <= from
                        ? row
                        : RowFactory.create(
                                row.get(0), row.get(1), row.get(2), sold, sold, row.get(5), row.get(6), "w0"))
                .toList();
    }

    @Test
    void whatIsNotKnown_changesNothing() {
        SlidingWindows windows = windows().setLags(2).setRequireLabel(false);
        RnnRegressorModel model = regressor(windows).fit(labelled(windows().setLags(2)));
        for (int end : new int[] {10, KNOWN - 1}) {
            List<List<String>> seen = new ArrayList<>();
            for (double sold : new double[] {1, -1e6}) {
                Dataset<Row> made =
                        windows.transform(table(withFuture(sales(), end, sold))).where("day <= " + end);
                seen.add(result(model.transform(made).drop("label")));
            }
            assertEquals(3 * (end - LENGTH - 2 + 2), seen.get(0).size());
            assertEquals(seen.get(0), seen.get(1));
        }
    }

    @Test
    void lastWindow_endsWithTheLastTarget_andNeedsTheWholeHorizon() {
        SlidingWindows windows = windows().setRequireLabel(false);
        for (int future = 0; future <= DAYS - KNOWN; future++) {
            Dataset<Row> rows = table(sales()).where("day < " + (KNOWN + future));
            int last =
                    windows.transform(rows).select(functions.max("day")).first().getInt(0);
            assertEquals(Math.min(KNOWN - 1, KNOWN - 1 + future - HORIZON), last);
        }
    }

    /** The same arrays, without any word of where they are from. */
    private static Dataset<Row> byOneself(Dataset<Row> windows) {
        return spark.createDataFrame(
                windows.select("sold", "heat", "price", "promotion", "weather", "size", "label")
                        .collectAsList(),
                new StructType()
                        .add("sold", each(DataTypes.DoubleType))
                        .add("heat", each(DataTypes.DoubleType))
                        .add("price", each(DataTypes.DoubleType))
                        .add("promotion", each(DataTypes.StringType))
                        .add("weather", each(DataTypes.StringType))
                        .add("size", DataTypes.DoubleType)
                        .add("label", each(DataTypes.DoubleType)));
    }

    private static DataType each(DataType type) {
        return DataTypes.createArrayType(type);
    }

    @Test
    void model_isThatOfArraysByHand_andPredictsTheHorizonAlone(@TempDir Path directory) throws Exception {
        for (String scale : List.of("window", "standard")) {
            Dataset<Row> rows = labelled(windows());
            RnnRegressorModel model = regressor(windows()).setScale(scale).fit(rows);
            RnnRegressorModel same = regressor(windows()).setScale(scale).fit(byOneself(rows));
            assertEquals(same.model().parameterHash(), model.model().parameterHash());
            for (int partitions : new int[] {1, 3, 8}) {
                RnnRegressorModel again = regressor(windows())
                        .setScale(scale)
                        .setPartitions(partitions)
                        .fit(rows);
                assertEquals(model.model().parameterHash(), again.model().parameterHash());
            }
            assertEquals(HORIZON, model.model().horizon());
            assertEquals(0, same.model().horizon());

            String path = directory.resolve(scale).toString();
            model.save(path);
            RnnRegressorModel loaded = RnnRegressorModel.load(path);
            assertEquals(HORIZON, loaded.model().horizon());
            Dataset<Row> future = windows().setRequireLabel(false).transform(table(sales()));
            List<Row> predicted = loaded.transform(future).collectAsList();
            List<Row> all = same.transform(future).collectAsList();
            assertEquals(result(model.transform(future)), result(loaded.transform(future)));
            for (int i = 0; i < predicted.size(); i++) {
                Row row = predicted.get(i);
                List<Double> numbers = row.getList(row.fieldIndex("prediction"));
                List<Double> ofAll = all.get(i).getList(row.fieldIndex("prediction"));
                assertEquals(ofAll.subList(LENGTH, LENGTH + HORIZON), numbers);
                Map<String, Object> given = new LinkedHashMap<>();
                for (String column : List.of("sold", "heat", "price", "promotion", "weather", "size")) {
                    Object value = row.get(row.fieldIndex(column));
                    given.put(column, column.equals("size") ? value : row.getList(row.fieldIndex(column)));
                }
                double[] local = loaded.local().predict(given).numbers();
                assertArrayEquals(
                        numbers.stream().mapToDouble(Double::doubleValue).toArray(), local);
            }
        }
    }

    @Test
    void modelsByKey_predictTheHorizonToo() {
        Dataset<Row> rows = labelled(windows());
        Row one = regressor(windows())
                .fitByKey(rows, "shop")
                .transform(rows)
                .where("shop = 'shop 1'")
                .first();
        Row alone = regressor(windows())
                .fit(rows.where("shop = 'shop 1'"))
                .transform(rows.where("shop = 'shop 1' and day = " + one.getInt(one.fieldIndex("day"))))
                .first();
        List<Double> numbers = one.getList(one.fieldIndex("prediction"));
        assertEquals(HORIZON, numbers.size());
        assertEquals(alone.getList(alone.fieldIndex("prediction")), numbers);
    }

    @Test
    void naiveErrors_areThoseByHand() {
        Dataset<Row> rows = labelled(windows()).where("shop <> 'shop 1'"); // where no forecast lacks its value
        RnnRegressorModel model = regressor(windows()).setSeason(2).fit(rows, rows);
        Map<String, Double> metrics = model.summary().orElseThrow().result().validation();
        double[] naive = new double[3]; // of season 1, of season 2, of the model
        int count = 0;
        for (Row row : model.transform(rows).collectAsList()) {
            List<Double> sold = row.getList(row.fieldIndex("sold"));
            List<Double> label = row.getList(row.fieldIndex("label"));
            List<Double> predicted = row.getList(row.fieldIndex("prediction"));
            for (int k = 1; k <= HORIZON; k++) {
                Double target = label.get(LENGTH + k - 1);
                if (target == null) {
                    continue;
                }
                count++;
                naive[2] += Math.abs(predicted.get(k - 1) - target);
                for (int season = 1; season <= 2; season++) {
                    int t = LENGTH + k - 1;
                    while (t >= LENGTH || sold.get(t) == null) {
                        t -= season;
                    }
                    naive[season - 1] += Math.abs(sold.get(t) - target);
                }
            }
        }
        assertTrue(count > 50, "terms " + count);
        assertEquals(naive[0] / count, metrics.get("naiveMeanAbsoluteError"), 1e-4);
        assertEquals(naive[1] / count, metrics.get("seasonalNaiveMeanAbsoluteError"), 1e-4);
        assertEquals(naive[2] / count, metrics.get("meanAbsoluteError"), 1e-4);
    }

    @Test
    void sequencesWithoutAPast_andStepsOneByOne_areRefused() {
        Dataset<Row> rows = labelled(windows());
        RnnRegressorModel model = regressor(windows()).setMaxIter(1).fit(rows);
        Dataset<Row> ofHorizon = byOneself(rows);
        for (String column : ofHorizon.columns()) {
            if (!column.equals("size")) {
                ofHorizon = ofHorizon.withColumn(column, functions.slice(functions.col(column), LENGTH, HORIZON));
            }
        }
        Dataset<Row> few = ofHorizon;
        Exception failure =
                assertThrows(Exception.class, () -> model.transform(few).collectAsList());
        String said = ReadFailure.of(failure).map(Throwable::getMessage).orElse(failure.getMessage());
        assertTrue(said.contains("no more steps than the 3 that are predicted"), said);
        assertEquals(
                0,
                model.copy(ParamMap.empty())
                        .setHandleInvalid("skip")
                        .transform(few)
                        .count());
        assertThrows(IllegalStateException.class, () -> model.local().stepper());
        Row row = few.first();
        Map<String, Object> given = new LinkedHashMap<>();
        for (String column : List.of("sold", "heat", "price", "promotion", "weather")) {
            given.put(column, row.getList(row.fieldIndex(column)));
        }
        given.put("size", 1);
        IllegalArgumentException refused =
                assertThrows(IllegalArgumentException.class, () -> model.local().predict(given));
        assertEquals(
                "the sequence has 3 steps, and the model predicts the last 3; allowed are more steps",
                refused.getMessage());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "sold | sold | known-cols has sold, which is the target",
                "size | sold | known-cols has size, which is in neither numeric-cols nor categorical-cols; allowed are",
                "price | sold,heat | known-cols goes with one target, a column of numeric-cols, and the targets are sold, heat",
                "price | day | known-cols goes with one target, a column of numeric-cols, and the targets are day",
            })
    void columnsThatCannotBeKnown_areRefusedByName(String known, String targets, String said) {
        SlidingWindows stage = windows().setKnownCols(known).setTargetCols(targets.split(","));
        InputException refused = assertThrows(InputException.class, () -> stage.transformSchema(SALES));
        assertTrue(refused.getMessage().startsWith(said), refused.getMessage());
    }

    @Test
    void otherTasks_andErrorsForWhatIsMissing_areRefused() {
        Dataset<Row> rows = labelled(windows());
        IllegalArgumentException refused = assertThrows(
                IllegalArgumentException.class,
                () -> regressor(windows()).setMissing("error").fit(rows));
        assertEquals(
                "known-cols leaves what is not known ahead missing in the steps of the horizon: it goes with missing mask,"
                        + " and missing is error",
                refused.getMessage());
        refused = assertThrows(IllegalArgumentException.class, () -> new RnnTagger()
                .setNumericCols("sold")
                .setMissing("mask")
                .setScale("window")
                .fit(rows));
        assertEquals(
                "known-cols goes with prepare windows and task regression, and task is tagging", refused.getMessage());
        InputException none =
                assertThrows(InputException.class, () -> windows().setHorizon(0).transformSchema(SALES));
        assertTrue(none.getMessage().startsWith("horizon is 0"), none.getMessage());
        assertFalse(new TreeSet<>(Arrays.asList(rows.columns())).contains("features"));
    }
}
