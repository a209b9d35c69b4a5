package dev.unroll.ml;

import dev.unroll.data.InputException;
import dev.unroll.param.Keyed;
import dev.unroll.spark.rows.ColumnType;
import dev.unroll.spark.rows.InputColumns;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.spark.ml.Transformer;
import org.apache.spark.ml.param.DoubleParam;
import org.apache.spark.ml.param.Param;
import org.apache.spark.ml.param.ParamMap;
import org.apache.spark.ml.param.StringArrayParam;
import org.apache.spark.ml.util.MLWritable;
import org.apache.spark.ml.util.MLWriter;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.expressions.Window;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DoubleType;
import org.apache.spark.sql.types.FloatType;
import org.apache.spark.sql.types.Metadata;
import org.apache.spark.sql.types.StructType;

/**
 * What {@link SequenceAssembler} and {@link SlidingWindows} share: a table with an event a row, of which key columns say whose it is, a
 * time column when, and value columns what.
 *
 * <p>Neither depends on partitions or on the order of rows: events are ordered by time, and events of one time by their values, so that
 * only equal events could change places.
 *
 * @param <S> the stage itself, for setters that can be chained
 */
public abstract class EventStage<S extends EventStage<S>> extends Transformer implements MLWritable {

    private static final long serialVersionUID = 1L;

    // Names while the work goes on; the user's names come back at its end.
    static final String TIME = "t";
    static final String SESSION = "s";

    private final String uid;

    private final StringArrayParam keyCols;
    private final Param<String> timeCol;
    private final StringArrayParam valueCols;
    private final StringArrayParam numericCols;
    private final StringArrayParam categoricalCols;
    private final StringArrayParam staticNumericCols;
    private final StringArrayParam staticCategoricalCols;
    private final StringArrayParam timeFeatures;
    private final DoubleParam sessionGap;
    private final Param<String> gapUnit;
    private final Param<String> featuresCol;
    private final Param<String> handleInvalid;

    EventStage(String uid) {
        SparkVersion.require();
        this.uid = uid;
        keyCols = ParamFactory.names(this, "keyCols", "columns that say whose an event is; none for one series");
        timeCol = ParamFactory.text(
                this,
                "timeCol",
                "column that orders events: number, date or timestamp",
                "time",
                AllowedValues.any("a column name"));
        valueCols = ParamFactory.names(
                this,
                "valueCols",
                "columns that make up a step, as one column of features: numbers; in prepare sequences a single one of text gives"
                        + " tokens");
        numericCols = ParamFactory.names(this, "numericCols", InputParams.NUMERIC);
        categoricalCols = ParamFactory.names(this, "categoricalCols", InputParams.CATEGORICAL);
        staticNumericCols = ParamFactory.names(this, "staticNumericCols", InputParams.STATIC_NUMERIC);
        staticCategoricalCols = ParamFactory.names(this, "staticCategoricalCols", InputParams.STATIC_CATEGORICAL);
        timeFeatures = ParamFactory.words(
                this,
                "timeFeatures",
                "numbers of its time that a step has after its values: gap, log(1 + time since the step before) in"
                        + " gap-unit; hour, weekday and month, each as sine and cosine, in UTC for timestamps with a zone",
                AllowedValues.someOf(TimeFeatures.Feature.class));
        sessionGap = ParamFactory.number(
                this,
                "sessionGap",
                "a longer time between two events begins a new sequence, in gap-unit; 0 = off",
                0,
                AllowedValues.atLeast(0));
        gapUnit = ParamFactory.text(
                this,
                "gapUnit",
                "what session-gap and the gap of time-features are measured in; auto: seconds for timestamps, days for dates,"
                        + " numbers for numbers; train keeps in the model what that was, in Java and Python name it",
                "auto",
                AllowedValues.oneOf(ElapsedTime.Unit.class));
        featuresCol = ParamFactory.text(
                this, "featuresCol", "column to add: the sequence", "features", AllowedValues.any("a column name"));
        handleInvalid = ParamFactory.text(
                this,
                "handleInvalid",
                "events without key or time, and for windows rows of one time and series that are too short: error"
                        + " fails the query, skip leaves them out",
                "error",
                AllowedValues.oneOf("error", "skip"));
    }

    @Override
    public final String uid() {
        return uid;
    }

    @SuppressWarnings("unchecked")
    final S with(Param<?> param, Object value) {
        set(
                param.name(),
                value instanceof String[] ? value : ParamDocs.of(param).parse(ParamDocs.text(value)));
        return (S) this;
    }

    final <T> T value(Param<?> param) {
        return ParamFactory.get(this, param);
    }

    final String text(Param<String> param) {
        return value(param);
    }

    final List<String> names(StringArrayParam param) {
        return Arrays.asList(this.<String[]>value(param));
    }

    public final StringArrayParam keyCols() {
        return keyCols;
    }

    public final S setKeyCols(String... columns) {
        return with(keyCols, columns);
    }

    public final Param<String> timeCol() {
        return timeCol;
    }

    public final S setTimeCol(String column) {
        return with(timeCol, column);
    }

    public final StringArrayParam valueCols() {
        return valueCols;
    }

    public final S setValueCols(String... columns) {
        return with(valueCols, columns);
    }

    public final StringArrayParam numericCols() {
        return numericCols;
    }

    public final S setNumericCols(String... columns) {
        return with(numericCols, columns);
    }

    public final StringArrayParam categoricalCols() {
        return categoricalCols;
    }

    /** @param columns names; the widths of embeddings, as in {@code page:8}, are for an estimator */
    public final S setCategoricalCols(String... columns) {
        return with(categoricalCols, columns);
    }

    public final StringArrayParam staticNumericCols() {
        return staticNumericCols;
    }

    public final S setStaticNumericCols(String... columns) {
        return with(staticNumericCols, columns);
    }

    public final StringArrayParam staticCategoricalCols() {
        return staticCategoricalCols;
    }

    /** @param columns as in {@link #setCategoricalCols} */
    public final S setStaticCategoricalCols(String... columns) {
        return with(staticCategoricalCols, columns);
    }

    public final StringArrayParam timeFeatures() {
        return timeFeatures;
    }

    /** @param features some of gap, hour, weekday and month */
    public final S setTimeFeatures(String... features) {
        return with(timeFeatures, ParamDocs.text(features));
    }

    public final DoubleParam sessionGap() {
        return sessionGap;
    }

    public final S setSessionGap(double gap) {
        return with(sessionGap, gap);
    }

    public final Param<String> gapUnit() {
        return gapUnit;
    }

    /** @param unit auto, seconds, days or numbers */
    public final S setGapUnit(String unit) {
        return with(gapUnit, unit);
    }

    private ElapsedTime.Unit unit() {
        return Keyed.of(ElapsedTime.Unit.class, "gap-unit", text(gapUnit));
    }

    /** @throws InputException if times of this type are not measured in the unit */
    private ElapsedTime.Unit unitOf(DataType time) {
        if (!unit().measures(time)) {
            boolean numbers = ElapsedTime.Unit.of(time) == ElapsedTime.Unit.NUMBERS;
            throw new InputException("gap-unit is " + text(gapUnit) + ", and time-col " + text(timeCol) + " is of type "
                    + ColumnType.shown(time) + "; allowed are "
                    + (numbers ? "auto and numbers" : "auto, seconds and days"));
        }
        return unit();
    }

    /**
     * This stage, measuring gaps of all tables in the unit of one: its sequences of a table of dates are then those of
     * the same days as timestamps.
     *
     * @param schema of that table
     */
    public final S measuringAs(StructType schema) {
        S copy = copy(ParamMap.empty());
        boolean measures =
                this.<Double>value(sessionGap) > 0 || names(timeFeatures).contains(TimeFeatures.Feature.GAP.key());
        DataType time = EventCells.type(schema, "time-col", text(timeCol));
        return measures && unit() == ElapsedTime.Unit.AUTO
                ? copy.with(copy.gapUnit(), ElapsedTime.Unit.of(time).key())
                : copy;
    }

    public final Param<String> featuresCol() {
        return featuresCol;
    }

    public final S setFeaturesCol(String column) {
        return with(featuresCol, column);
    }

    public final Param<String> handleInvalid() {
        return handleInvalid;
    }

    public final S setHandleInvalid(String value) {
        return with(handleInvalid, value);
    }

    @Override
    public final S copy(ParamMap extra) {
        return defaultCopy(extra);
    }

    @Override
    public final MLWriter write() {
        return StageFiles.writer(this);
    }

    // checks

    /** Keys, time and values; the values themselves are for each stage to check. */
    final void requireEvents(StructType schema) {
        for (String column : names(keyCols)) {
            DataType type = EventCells.type(schema, "key-cols", column);
            if (!ColumnType.of(type).isKey()) {
                throw new InputException("key-cols has " + column + " of type " + ColumnType.shown(type)
                        + "; allowed are string, boolean, numbers, dates and timestamps");
            }
        }
        DataType time = EventCells.type(schema, "time-col", text(timeCol));
        if (!ColumnType.of(time).isTime()) {
            throw new InputException("time-col " + text(timeCol) + " is of type " + ColumnType.shown(time)
                    + "; allowed are number, date and timestamp"
                    + (ColumnType.of(time) == ColumnType.TEXT ? ": cast the column first" : ""));
        }
        timeFeatures(schema).requireTime(text(timeCol));
        columns().require(schema);
    }

    /** The columns that steps and sequences are made of, where they stay apart. */
    public InputColumns inputs() {
        return columns().inputs();
    }

    /** Whether what cannot be used is left out. */
    final boolean skips() {
        return text(handleInvalid).equals("skip");
    }

    /** What steps and sequences are made of. */
    final EventColumns columns() {
        return new EventColumns(
                names(valueCols),
                InputColumns.of(
                        names(numericCols),
                        names(categoricalCols),
                        names(staticNumericCols),
                        names(staticCategoricalCols),
                        false,
                        false),
                TimeFeatures.width(names(timeFeatures)));
    }

    /**
     * The columns of numbers that a step of the result has: those that were given, and those that the stage makes, of which
     * those of time are the last.
     */
    public List<String> numericOutputCols() {
        if (!columns().areApart()) {
            return List.of();
        }
        List<String> names = new ArrayList<>(names(numericCols));
        names.addAll(TimeFeatures.names(names(timeFeatures)));
        return names;
    }

    // columns

    final TimeFeatures timeFeatures(StructType schema) {
        DataType time = schema.apply(text(timeCol)).dataType();
        return TimeFeatures.of(names(timeFeatures), time, unitOf(time));
    }

    /** What the column of steps says of itself. */
    final Metadata stepMetadata() {
        return names(timeFeatures).isEmpty() ? Metadata.empty() : TimeFeatures.metadata(names(timeFeatures));
    }

    /** Keys k0, k1, ... */
    final List<Column> keys() {
        List<Column> keys = new ArrayList<>();
        for (int i = 0; i < names(keyCols).size(); i++) {
            keys.add(functions.col("k" + i));
        }
        return keys;
    }

    /** The keys under the user's names, but for those that are statics too. */
    final List<Column> namedKeys() {
        List<Column> named = new ArrayList<>();
        for (int i = 0; i < names(keyCols).size(); i++) {
            if (!columns().statics().contains(names(keyCols).get(i))) {
                named.add(functions.col("k" + i).as(names(keyCols).get(i)));
            }
        }
        return named;
    }

    /** The schema of {@link #namedKeys}. */
    final StructType keySchema(StructType schema) {
        StructType keys = new StructType();
        for (String key : names(keyCols)) {
            if (!columns().statics().contains(key)) {
                keys = keys.add(key, schema.apply(key).dataType());
            }
        }
        return keys;
    }

    /**
     * The events as columns k0, k1, ..., {@link #TIME}, {@link #SESSION} and further ones.
     *
     * @param further columns of the dataset under names of their own
     */
    final Dataset<Row> events(Dataset<?> dataset, List<Column> further) {
        return sessions(dataset, usable(timed(dataset, further)));
    }

    /** The events as columns k0, k1, ..., {@link #TIME} and further ones: those that have keys and a time. */
    final Dataset<Row> timed(Dataset<?> dataset, List<Column> further) {
        List<Column> columns = new ArrayList<>();
        Column missing = functions.lit(false);
        for (int i = 0; i < names(keyCols).size(); i++) {
            Column key = EventCells.column(dataset, names(keyCols).get(i));
            missing = missing.or(key.isNull());
            columns.add(key.as("k" + i));
        }
        Column time = EventCells.column(dataset, text(timeCol));
        DataType type = dataset.schema().apply(text(timeCol)).dataType();
        missing = missing.or(time.isNull());
        if (type instanceof DoubleType || type instanceof FloatType) {
            missing = missing.or(time.isNaN());
            time = time.plus(functions.lit(0.0).cast(type)); // as in number
        }
        columns.addAll(further);
        if (skips()) {
            columns.add(time.as(TIME));
            return dataset.where(functions.not(missing)).select(columns.toArray(new Column[0]));
        }
        String places = String.join(", ", names(keyCols)) + (names(keyCols).isEmpty() ? "" : " or ") + text(timeCol);
        Column error = functions.raise_error(
                functions.lit("an event has no " + places + " (handle-invalid skip leaves such events out)"));
        columns.add(functions.when(missing, error).otherwise(time).as(TIME));
        return dataset.select(columns.toArray(new Column[0]));
    }

    /** Those of the events that the stage can use, before they are cut into sessions. */
    Dataset<Row> usable(Dataset<Row> events) {
        return events;
    }

    /**
     * The events with their {@link #SESSION}.
     *
     * @param dataset that they are of
     * @param apart what tells events of one series apart that are in no session together
     */
    final Dataset<Row> sessions(Dataset<?> dataset, Dataset<Row> events, Column... apart) {
        DataType type = dataset.schema().apply(text(timeCol)).dataType();
        double gap = this.<Double>value(sessionGap);
        if (gap == 0) {
            return events.withColumn(SESSION, functions.lit(0L));
        }
        List<Column> series = keys();
        series.addAll(List.of(apart));
        var inOrder = Window.partitionBy(series.toArray(new Column[0])).orderBy(functions.col(TIME));
        Column time = functions.col(TIME);
        Column before = functions.lag(time, 1).over(inOrder);
        Column begins = functions
                .when(ElapsedTime.between(before, time, type, unitOf(type)).gt(functions.lit(gap)), 1L)
                .otherwise(0L);
        // Events of one time may stand in any order here: all but the first of them have a gap of 0.
        return events.withColumn("b", begins)
                .withColumn(
                        SESSION,
                        functions.sum("b").over(inOrder.rowsBetween(Window.unboundedPreceding(), Window.currentRow())))
                .drop("b");
    }
}
