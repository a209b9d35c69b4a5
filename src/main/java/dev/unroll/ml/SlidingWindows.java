package dev.unroll.ml;

import dev.unroll.data.InputException;
import dev.unroll.spark.rows.RowSpec;
import dev.unroll.spark.rows.TimeFormat;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.spark.ml.linalg.SQLDataTypes;
import org.apache.spark.ml.param.ParamMap;
import org.apache.spark.ml.util.Identifiable$;
import org.apache.spark.ml.util.MLReader;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.expressions.Window;
import org.apache.spark.sql.expressions.WindowSpec;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/**
 * Time series to windows for forecasting: takes a row per time (and key), gives a row per window: {@code windowLength} steps, and as its
 * label what the target is {@code horizon} steps behind the last of them.
 *
 * <p>A window is of rows that follow each other in time, however far apart they are (unless {@code sessionGap} cuts the series). The first
 * begins at the first row of the series (with {@code lags} at the first that has them all), the next {@code stride} rows later. A step has
 * the value columns of its row, then those of the row of each lag, and then the time features of its row. Rows of one time are ordered by their values and then by
 * their targets, so the result does not depend on partitions or on the order of rows.
 *
 * <p>With {@code numericCols} and {@code categoricalCols} in place of value columns, each of them is a column of the
 * result under its own name, an array with a value for each step, as is each number of a lag ({@code sold_lag_7}) and of
 * {@code timeFeatures}; a lag is of the columns of numbers. Static columns are one value, which all rows of a window have.
 *
 * <p>With {@code knownCols} a window extends over the horizon: it has the {@code windowLength} steps and the {@code
 * horizon} ones after them, of which only known columns, time features and lags of the first steps are there. Its label
 * is an array with null for the first steps and then the targets, and so is the time of the label one of times.
 *
 * <p>The result has the key columns, the time of the window's last step, the time of the label (split by it, and no label of the test
 * part stands in a window of the training part's labels), the sequence, and the label: a double for one target, a vector for several or
 * with {@code multiStep}. A null among the values or targets stays, and the estimator then says that the row cannot be used; NaN
 * among the targets says the same as null.
 */
public final class SlidingWindows extends WindowParams<SlidingWindows> {

    private static final long serialVersionUID = 1L;

    public SlidingWindows() {
        this(Identifiable$.MODULE$.randomUID("slidingWindows"));
    }

    public SlidingWindows(String uid) {
        super(uid);
    }

    /** What is to be predicted: the target columns, or the value columns. */
    public List<String> targets() {
        return names(targetCols()).isEmpty() ? columns().numbers() : names(targetCols());
    }

    private WindowTargets windowTargets() {
        List<String> numbers = columns().numbers();
        return new WindowTargets(
                integer(horizon()), numbers.isEmpty() ? "" : numbers.get(0), targets(), names(keyCols()));
    }

    /**
     * Checks that what is predicted is the future of the first number of a step.
     *
     * @param why begins the message
     * @throws IllegalArgumentException if it is not
     */
    public void requireOwnPast(String why) {
        if (!columns().numbers().isEmpty()) {
            windowTargets().requireOwnPast(why);
        }
    }

    /** Numbers of a step. */
    private int width() {
        return columns().numbers().size() * (1 + this.<int[]>value(lags()).length)
                + TimeFeatures.width(names(timeFeatures()));
    }

    @Override
    public List<String> numericOutputCols() {
        List<String> all = super.numericOutputCols();
        if (all.isEmpty()) {
            return all;
        }
        List<String> numbers = columns().numbers();
        List<String> names = new ArrayList<>(numbers);
        for (int lag : this.<int[]>value(lags())) {
            numbers.forEach(name -> names.add(name + "_lag_" + lag));
        }
        names.addAll(all.subList(numbers.size(), all.size()));
        return names;
    }

    private boolean vector() {
        return !reachAhead() && (targets().size() > 1 || flag(multiStep()));
    }

    /** Whether windows extend over the horizon, where some columns are known. */
    private boolean reachAhead() {
        return !names(knownCols()).isEmpty();
    }

    /** How many steps of a window are those of the horizon; 0 where they are not in it. */
    public int stepsAhead() {
        return reachAhead() ? integer(horizon()) : 0;
    }

    /** The columns of which the last values are those of {@link #stepsAhead}: the times and the labels. */
    public List<String> columnsAhead() {
        return reachAhead() ? List.of(text(labelTimeCol()), text(labelCol())) : List.of();
    }

    /** @throws IllegalArgumentException for rows that do not go with windows like these */
    public void requireGoesWith(RowSpec rows) {
        int predicted = rows.inputs().horizon(); // by a model that there is
        if (predicted > 0 && predicted != stepsAhead()) {
            throw new IllegalArgumentException("the windows have " + stepsAhead()
                    + " steps of known-cols ahead, and the model predicts " + predicted
                    + "; allowed are known-cols and horizon of the training");
        }
        if (reachAhead()) {
            HorizonWindows.requireGoesWith(rows);
        }
    }

    /** The type of what a window has one of, or one for each step of the horizon that is in it. */
    private DataType each(DataType one) {
        return reachAhead() ? DataTypes.createArrayType(one) : one;
    }

    /** Whether a window is one only where the rows of its horizon are there. */
    private boolean needsHorizon() {
        return flag(requireLabel()) || reachAhead();
    }

    private Optional<HorizonWindows> ahead() {
        return reachAhead() ? Optional.of(HorizonWindows.of(this, targets())) : Optional.empty();
    }

    @Override
    public StructType transformSchema(StructType schema) {
        requireEvents(schema);
        EventCells.requireNumbers(schema, "value-cols", names(valueCols()));
        if (targets().isEmpty()) {
            throw new InputException(
                    "target-cols is empty, and so is numeric-cols; allowed are the columns to predict");
        }
        if (flag(requireLabel())) {
            EventCells.requireNumbers(schema, "target-cols", targets());
        }
        boolean known = targets().stream().anyMatch(columns().numbers()::contains);
        if (integer(horizon()) == 0 && (known || flag(multiStep()))) {
            throw new InputException("horizon is 0, where a target of the window itself would be the label;"
                    + " allowed is 0 for target-cols that are neither value-cols nor numeric-cols, without multi-step");
        }
        ahead();
        StructType result = keySchema(schema);
        DataType time = EventCells.type(schema, "time-col", text(timeCol()));
        result = result.add(text(timeCol()), time).add(text(labelTimeCol()), each(time));
        if (columns().areApart()) {
            result = columns().addTo(result, schema, numericOutputCols());
        } else {
            DataType step = width() == 1 ? DataTypes.DoubleType : DataTypes.createArrayType(DataTypes.DoubleType);
            result = result.add(
                    text(featuresCol()),
                    DataTypes.createArrayType(step),
                    true,
                    windowTargets().stepMetadata(stepMetadata()));
        }
        DataType label = vector() ? SQLDataTypes.VectorType() : each(DataTypes.DoubleType);
        return EventCells.requireDistinct(
                result.add(text(labelCol()), label, true, windowTargets().metadata()));
    }

    @Override
    public Dataset<Row> transform(Dataset<?> dataset) {
        transformSchema(dataset.schema());
        EventColumns columns = columns();
        List<Column> further = columns.read(dataset, EventCells::number);
        List<Column> values = columns(columns.workingNumbers());
        List<Column> order = new ArrayList<>(List.of(functions.col(TIME)));
        List<Column> targets = new ArrayList<>();
        for (String column : targets()) {
            boolean known =
                    flag(requireLabel()) || Arrays.asList(dataset.columns()).contains(column);
            Column unknown = functions.lit(null).cast(DataTypes.DoubleType);
            further.add(
                    (known ? functions.nanvl(EventCells.number(EventCells.column(dataset, column)), unknown) : unknown)
                            .as("y" + targets.size()));
            targets.add(functions.col("y" + targets.size()));
        }
        order.addAll(values);
        order.addAll(columns(columns.workingCategories()));
        order.addAll(columns(columns.workingStatics()));
        order.addAll(targets);
        List<Column> series = keys();
        series.add(functions.col(SESSION));
        WindowSpec rows = Window.partitionBy(series.toArray(new Column[0])).orderBy(order.toArray(new Column[0]));

        int length = integer(windowLength());
        int before = 0;
        Map<String, Column> added = new LinkedHashMap<>();
        List<Column> step = new ArrayList<>(values);
        for (int lag : this.<int[]>value(lags())) {
            before = Math.max(before, lag);
            for (Column value : values) {
                String name = "l" + added.size();
                added.put(name, functions.lag(value, lag).over(rows));
                step.add(functions.col(name));
            }
        }
        Column time = functions.col(TIME);
        Column timeBefore = functions.lag(time, 1).over(rows);
        for (Column number : timeFeatures(dataset.schema()).columns(time, timeBefore)) {
            String name = "l" + added.size();
            added.put(name, number);
            step.add(functions.col(name));
        }
        int first = before + length; // number of the row that ends the first window
        Column last = functions.lead(functions.col(TIME), 1).over(rows).isNull();
        // An array or a struct a step, since a list leaves out what is null, and these never are.
        Column steps = functions
                .collect_list(columns.areApart() ? struct(columns, step) : functions.array(step.toArray(new Column[0])))
                .over(rows.rowsBetween(1 - length, stepsAhead()));
        Map<String, Column> parts = new LinkedHashMap<>();
        parts.put("n", functions.row_number().over(rows));
        parts.put("e", last);
        parts.put("x", steps);
        parts.put("u", ahead(TIME, integer(horizon()), rows)); // the time of the last target
        parts.put("f", ahead(TIME, flag(multiStep()) || reachAhead() ? 1 : integer(horizon()), rows)); // of the first
        Optional<HorizonWindows> horizon = ahead();
        horizon.ifPresentOrElse(
                windows -> parts.putAll(windows.parts(targets.get(0), time, rows, series)),
                () -> parts.put("y", label(targets, rows)));
        Dataset<Row> windows = events(dataset, further)
                .withColumns(added)
                .withColumns(parts)
                .where(series().longEnough(functions.col("e"), functions.col("n")))
                .where("n >= " + first + " and (n - " + first + ") % " + integer(stride()) + " = 0");
        if (needsHorizon()) {
            windows = windows.where("u is not null");
        }
        if (horizon.isPresent()) {
            windows = horizon.get().of(windows, columns, this.<int[]>value(lags()), step.size(), flag(requireLabel()));
        }
        // A window is no row of a file, and a name ends what Spark hands on of the file of a row.
        return named(split(windows, dataset)).alias("windows");
    }

    @Override
    Dataset<Row> usable(Dataset<Row> events) {
        return series().usable(events);
    }

    /** Rows that a window takes, with its lags before it and its label after it. */
    private int needed() {
        int before = Arrays.stream(this.<int[]>value(lags())).max().orElse(0);
        return before + integer(windowLength()) + (needsHorizon() ? integer(horizon()) : 0);
    }

    private WindowSeries series() {
        String settings = "window-length " + integer(windowLength())
                + (needsHorizon() ? ", horizon " + integer(horizon()) : "")
                + (this.<int[]>value(lags()).length == 0 ? "" : ", lags " + ParamDocs.text(value(lags())));
        return new WindowSeries(this, needed(), settings);
    }

    /**
     * What of a table is in no window, by reason: rows of a time that their series has several times, series shorter
     * than a window, and sessions of other series that are. No series is counted where none is long enough.
     *
     * @throws InputException for the first such rows or series, unless they are skipped
     */
    public Map<String, Long> leftOut(Dataset<?> dataset, boolean skip) {
        transformSchema(dataset.schema());
        return copy(ParamMap.empty()).setHandleInvalid("skip").series().leftOut(dataset, skip);
    }

    private static Column ahead(String column, int steps, WindowSpec rows) {
        return steps == 0
                ? functions.col(column)
                : functions.lead(functions.col(column), steps).over(rows);
    }

    /** One number, or an array of them: by step, within a step by target. */
    private Column label(List<Column> targets, WindowSpec rows) {
        List<Column> labels = new ArrayList<>();
        for (int ahead = flag(multiStep()) ? 1 : integer(horizon()); ahead <= integer(horizon()); ahead++) {
            for (int i = 0; i < targets.size(); i++) {
                labels.add(ahead("y" + i, ahead, rows));
            }
        }
        return vector() ? functions.array(labels.toArray(new Column[0])) : labels.get(0);
    }

    private Dataset<Row> split(Dataset<Row> windows, Dataset<?> dataset) {
        Dataset<Row> some = windows;
        if (!text(labelFrom()).isEmpty()) {
            Column from = time(dataset, "label-from", text(labelFrom()));
            // All of the label is of that time or a later one: with several steps it begins before the label time.
            some = some.where(functions.col("f").geq(from).or(functions.col("f").isNull()));
        }
        if (!text(labelBefore()).isEmpty()) {
            // A label that is not there yet is of a later time than any that is.
            some = some.where(functions.col("u").lt(time(dataset, "label-before", text(labelBefore()))));
        }
        return some;
    }

    /** @throws InputException unless the text is a time of the type of the time column; {@code key} is for the message */
    public void requireTime(Dataset<?> dataset, String key, String text) {
        time(dataset, key, text);
    }

    private Column time(Dataset<?> dataset, String key, String text) {
        DataType type = EventCells.type(dataset.schema(), "time-col", text(timeCol()));
        SparkSession spark = dataset.sparkSession();
        Column time = TimeFormat.timeOf(functions.lit(text), type);
        if (spark.range(1).select(time).first().isNullAt(0)) {
            throw new InputException(key + " is " + text + "; allowed is a time of the type of time-col, "
                    + type.simpleString() + ", as a " + TimeFormat.names(type));
        }
        return time;
    }

    private static List<Column> columns(List<String> names) {
        return names.stream().map(functions::col).toList();
    }

    /** A step of which the columns stay apart, and the statics of its row. */
    private static Column struct(EventColumns columns, List<Column> numbers) {
        List<String> fields = columns.fields(numbers.size());
        List<Column> parts = new ArrayList<>(numbers);
        parts.addAll(columns(columns.workingCategories()));
        parts.addAll(columns(columns.workingStatics()));
        fields.addAll(columns.workingStatics());
        return EventColumns.struct(parts, fields);
    }

    private Dataset<Row> named(Dataset<Row> windows) {
        Column steps = functions.col("x");
        Dataset<Row> some = windows;
        Column label = functions.col("y");
        if (vector()) {
            Column missing = functions.exists(label, Column::isNull); // which the vector would hold as a zero
            label = functions.when(functions.not(missing), org.apache.spark.ml.functions.array_to_vector(label));
        }
        List<Column> result = namedKeys();
        result.add(functions.col(TIME).as(text(timeCol())));
        result.add(functions.col(reachAhead() ? HorizonWindows.TIMES : "u").as(text(labelTimeCol())));
        EventColumns columns = columns();
        if (columns.areApart()) {
            List<String> numbers = numericOutputCols();
            result.addAll(columns.apart(steps, columns.fields(numbers.size()), numbers));
            for (ConstantColumn constant :
                    columns.constants(ahead().map(own -> own.past(steps)).orElse(steps), skips())) {
                some = constant.in(some);
                result.add(constant.column());
            }
        } else {
            result.add((width() == 1 ? functions.transform(steps, step -> step.getItem(0)) : steps)
                    .as(text(featuresCol()), windowTargets().stepMetadata(stepMetadata())));
        }
        result.add(label.as(text(labelCol()), windowTargets().metadata()));
        return some.select(result.toArray(new Column[0]));
    }

    public static MLReader<SlidingWindows> read() {
        return StageFiles.reader(SlidingWindows.class, SlidingWindows::new);
    }

    public static SlidingWindows load(String path) {
        return read().load(path);
    }
}
