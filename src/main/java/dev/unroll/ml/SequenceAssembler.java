package dev.unroll.ml;

import dev.unroll.data.InputException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.apache.spark.ml.param.BooleanParam;
import org.apache.spark.ml.param.Param;
import org.apache.spark.ml.param.StringArrayParam;
import org.apache.spark.ml.util.Identifiable$;
import org.apache.spark.ml.util.MLReader;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StringType;
import org.apache.spark.sql.types.StructType;

/**
 * Event tables to sequences: takes a row per event, gives a row per key (and session) with the steps in order of time.
 *
 * <p>Steps are numbers where there is one value column of numbers, arrays of numbers where there are several or time features after
 * them, and tokens where there is one of strings. <b>Ties:</b> events of one time are ordered by the tie-break columns, and then by their values, column by column: numbers
 * by value, strings by UTF-8 bytes. So the result depends on the events alone, whatever the partitions and the order of rows.
 *
 * <p>With {@code numericCols} and {@code categoricalCols} in place of value columns, each of them is a column of the
 * result under its own name, an array with a value for each step, as is each number of {@code timeFeatures}: {@code time_gap},
 * {@code time_hour_sin}, {@code time_hour_cos} and so on. Static columns are one value, which all events of a sequence have.
 *
 * <p>The result has the key columns, the time of the first event, the sequence, and the label and the weight if there are such columns: one
 * value for all events of a sequence, or with {@code labelPerStep} one for each. A null among the values stays where it is, and the estimator then
 * says that the row cannot be used.
 */
public final class SequenceAssembler extends EventStage<SequenceAssembler> {

    private static final long serialVersionUID = 1L;

    private final Param<String> valueType;
    private final StringArrayParam tieBreakCols;
    private final Param<String> labelCol;
    private final BooleanParam labelPerStep;
    private final Param<String> weightCol;
    private final Param<String> startCol;

    public SequenceAssembler() {
        this(Identifiable$.MODULE$.randomUID("sequenceAssembler"));
    }

    public SequenceAssembler(String uid) {
        super(uid);
        valueType = ParamFactory.text(
                this,
                "valueType",
                "auto: one value column of strings gives tokens, any others give numbers; number: numbers, in csv too, where every"
                        + " column is text",
                "auto",
                AllowedValues.oneOf("auto", "number"));
        tieBreakCols = ParamFactory.names(
                this, "tieBreakCols", "columns that order events of one time; after them, their values do");
        labelCol = ParamFactory.text(
                this, "labelCol", "column of the label; none if it is empty", "", AllowedValues.any("a column name"));
        labelPerStep = ParamFactory.flag(
                this,
                "labelPerStep",
                "whether every event has a label of its own; otherwise all events of a sequence have the same",
                false);
        weightCol = ParamFactory.text(
                this,
                "weightCol",
                "column of the weight; none if it is empty: with labelPerStep a number for every event, otherwise the same one in"
                        + " all events of a sequence",
                "",
                AllowedValues.any("a column name"));
        startCol = ParamFactory.text(
                this,
                "startCol",
                "column to add: the time of the first event",
                "start",
                AllowedValues.any("a column name"));
    }

    public Param<String> valueType() {
        return valueType;
    }

    public SequenceAssembler setValueType(String value) {
        return with(valueType, value);
    }

    public StringArrayParam tieBreakCols() {
        return tieBreakCols;
    }

    public SequenceAssembler setTieBreakCols(String... columns) {
        return with(tieBreakCols, columns);
    }

    public Param<String> labelCol() {
        return labelCol;
    }

    public SequenceAssembler setLabelCol(String column) {
        return with(labelCol, column);
    }

    public BooleanParam labelPerStep() {
        return labelPerStep;
    }

    public SequenceAssembler setLabelPerStep(boolean value) {
        return with(labelPerStep, value);
    }

    public Param<String> weightCol() {
        return weightCol;
    }

    public SequenceAssembler setWeightCol(String column) {
        return with(weightCol, column);
    }

    public Param<String> startCol() {
        return startCol;
    }

    public SequenceAssembler setStartCol(String column) {
        return with(startCol, column);
    }

    private boolean hasLabel() {
        return !text(labelCol).isEmpty();
    }

    private boolean hasWeight() {
        return !text(weightCol).isEmpty();
    }

    private boolean isPerStep() {
        return this.<Boolean>value(labelPerStep);
    }

    /** Whether steps are numbers whatever the columns are; otherwise one column of strings gives tokens. */
    public boolean numbers() {
        return names(valueCols()).size() != 1 || text(valueType).equals("number");
    }

    private boolean tokens(StructType schema) {
        return !numbers() && schema.apply(names(valueCols()).get(0)).dataType() instanceof StringType;
    }

    @Override
    public StructType transformSchema(StructType schema) {
        requireEvents(schema);
        names(tieBreakCols).forEach(column -> EventCells.type(schema, "tie-break-cols", column));
        StructType result = keySchema(schema);
        result = result.add(text(startCol), EventCells.type(schema, "time-col", text(timeCol())));
        if (columns().areApart()) {
            if (!text(valueType).equals("auto")) {
                throw new InputException("value-type is " + text(valueType)
                        + ", which goes with value-cols; numeric-cols are numbers whatever they are");
            }
            result = columns().addTo(result, schema, numericOutputCols());
        } else {
            result = result.add(text(featuresCol()), DataTypes.createArrayType(step(schema)), true, stepMetadata());
        }
        if (hasLabel()) {
            DataType label = EventCells.type(schema, "label-col", text(labelCol));
            result = result.add(text(labelCol), isPerStep() ? DataTypes.createArrayType(label) : label);
        } else if (isPerStep()) {
            throw new InputException("label-per-step goes with a label-col");
        }
        if (hasWeight()) {
            EventCells.requireNumbers(schema, "weight-col", List.of(text(weightCol)));
            DataType weight = DataTypes.DoubleType;
            result = result.add(text(weightCol), isPerStep() ? DataTypes.createArrayType(weight) : weight);
        }
        return EventCells.requireDistinct(result);
    }

    /** The type of a step of the one column of features. */
    private DataType step(StructType schema) {
        if (!tokens(schema)) {
            EventCells.requireNumbers(schema, "value-cols", names(valueCols()));
            boolean single = names(valueCols()).size() + TimeFeatures.width(names(timeFeatures())) == 1;
            return single ? DataTypes.DoubleType : DataTypes.createArrayType(DataTypes.DoubleType);
        }
        if (!names(timeFeatures()).isEmpty()) {
            throw new InputException("time-features " + String.join(",", names(timeFeatures()))
                    + " goes with numbers, and value-cols " + names(valueCols()).get(0)
                    + " is text, which gives tokens; allowed is text of numbers, with value-type number");
        }
        return DataTypes.StringType;
    }

    @Override
    public Dataset<Row> transform(Dataset<?> dataset) {
        transformSchema(dataset.schema());
        List<Column> further = new ArrayList<>();
        List<String> order = new ArrayList<>(List.of(TIME));
        for (String column : names(tieBreakCols)) {
            order.add("o" + order.size());
            further.add(EventCells.column(dataset, column).as(order.get(order.size() - 1)));
        }
        EventColumns columns = columns();
        boolean tokens = tokens(dataset.schema());
        further.addAll(columns.read(dataset, value -> tokens ? value : EventCells.number(value)));
        order.addAll(columns.workingNumbers());
        order.addAll(columns.workingCategories());
        order.addAll(columns.workingStatics());
        if (hasLabel()) {
            further.add(EventCells.column(dataset, text(labelCol)).as("l"));
            order.add("l");
        }
        if (hasWeight()) {
            further.add(EventCells.number(EventCells.column(dataset, text(weightCol)))
                    .as("w"));
            order.add("w");
        }
        Column[] fields = order.stream().map(functions::col).toArray(Column[]::new);
        List<Column> groups = keys();
        groups.add(functions.col(SESSION));
        // The list is in the order of arrival until it is sorted; equal structs are equal events.
        Dataset<Row> sequences = events(dataset, further)
                .groupBy(groups.toArray(new Column[0]))
                .agg(functions
                        .array_sort(functions.collect_list(functions.struct(fields)))
                        .as("e"));
        return named(sequences, columns, timeFeatures(dataset.schema()));
    }

    private Dataset<Row> named(Dataset<Row> sequences, EventColumns columns, TimeFeatures timeFeatures) {
        Column events = functions.col("e");
        List<Column> result = namedKeys();
        result.add(events.getItem(0).getField(TIME).as(text(startCol)));
        Dataset<Row> some = sequences;
        if (columns.areApart()) {
            List<String> fields = columns.fields(numericOutputCols().size());
            Column steps = steps(columns, timeFeatures, step -> EventColumns.struct(step, fields));
            result.addAll(columns.apart(steps, fields, numericOutputCols()));
            for (ConstantColumn constant : columns.constants(events, skips())) {
                some = constant.in(some);
                result.add(constant.column());
            }
        } else {
            result.add(steps(
                            columns,
                            timeFeatures,
                            step -> step.size() == 1 ? step.get(0) : functions.array(step.toArray(new Column[0])))
                    .as(text(featuresCol()), stepMetadata()));
        }
        if (hasLabel()) {
            some = outcome(some, "l", "label-col", text(labelCol), result);
        }
        if (hasWeight()) {
            some = outcome(some, "w", "weight-col", text(weightCol), result);
        }
        return some.select(result.toArray(new Column[0]));
    }

    /**
     * Adds to the columns of the result what the events of a sequence have: a value each, or the same one.
     *
     * @param field of the events
     * @return the sequences that can be used
     */
    private Dataset<Row> outcome(Dataset<Row> sequences, String field, String key, String column, List<Column> result) {
        Column events = functions.col("e");
        if (isPerStep()) {
            result.add(
                    functions.transform(events, event -> event.getField(field)).as(column));
            return sequences;
        }
        ConstantColumn constant = new ConstantColumn(events, field, column, key, skips());
        result.add(constant.column());
        return constant.in(sequences);
    }

    /** The steps of a sequence: of each the numbers of the event, those of its time, and its categories. */
    private static Column steps(EventColumns columns, TimeFeatures timeFeatures, Function<List<Column>, Column> step) {
        Column events = functions.col("e");
        return functions.transform(events, (event, number) -> {
            Column before = functions.get(events, number.minus(1)).getField(TIME); // null before the first
            List<Column> parts = new ArrayList<>();
            columns.workingNumbers().forEach(name -> parts.add(event.getField(name)));
            parts.addAll(timeFeatures.columns(event.getField(TIME), before));
            columns.workingCategories().forEach(name -> parts.add(event.getField(name)));
            return step.apply(parts);
        });
    }

    public static MLReader<SequenceAssembler> read() {
        return StageFiles.reader(SequenceAssembler.class, SequenceAssembler::new);
    }

    public static SequenceAssembler load(String path) {
        return read().load(path);
    }
}
