package dev.unroll.ml;

import dev.unroll.data.InputException;
import java.util.ArrayList;
import java.util.List;
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
 * <p>The result has the key columns, the time of the first event, the sequence, and the label if there is a label column: one value for
 * all events of a sequence, or with {@code labelPerStep} one for each. A null among the values stays where it is, and the estimator then
 * says that the row cannot be used.
 */
public final class SequenceAssembler extends EventStage<SequenceAssembler> {

    private static final long serialVersionUID = 1L;

    private final Param<String> valueType;
    private final StringArrayParam tieBreakCols;
    private final Param<String> labelCol;
    private final BooleanParam labelPerStep;
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

    public Param<String> startCol() {
        return startCol;
    }

    public SequenceAssembler setStartCol(String column) {
        return with(startCol, column);
    }

    private boolean hasLabel() {
        return !text(labelCol).isEmpty();
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
        names(tieBreakCols).forEach(column -> type(schema, "tie-break-cols", column));
        DataType steps = DataTypes.StringType;
        if (!tokens(schema)) {
            requireNumbers(schema, "value-cols", names(valueCols()));
            boolean single = names(valueCols()).size() + TimeFeatures.width(names(timeFeatures())) == 1;
            steps = single ? DataTypes.DoubleType : DataTypes.createArrayType(DataTypes.DoubleType);
        } else if (!names(timeFeatures()).isEmpty()) {
            throw new InputException("time-features " + String.join(",", names(timeFeatures()))
                    + " goes with numbers, and value-cols " + names(valueCols()).get(0)
                    + " is text, which gives tokens; allowed is text of numbers, with value-type number");
        }
        StructType result = new StructType();
        for (String key : names(keyCols())) {
            result = result.add(key, schema.apply(key).dataType());
        }
        result = result.add(text(startCol), type(schema, "time-col", text(timeCol())))
                .add(text(featuresCol()), DataTypes.createArrayType(steps));
        if (hasLabel()) {
            DataType label = type(schema, "label-col", text(labelCol));
            boolean perStep = this.<Boolean>value(labelPerStep);
            result = result.add(text(labelCol), perStep ? DataTypes.createArrayType(label) : label);
        } else if (this.<Boolean>value(labelPerStep)) {
            throw new InputException("label-per-step goes with a label-col");
        }
        return requireDistinct(result);
    }

    @Override
    public Dataset<Row> transform(Dataset<?> dataset) {
        transformSchema(dataset.schema());
        List<Column> further = new ArrayList<>();
        List<String> order = new ArrayList<>(List.of(TIME));
        for (String column : names(tieBreakCols)) {
            order.add("o" + order.size());
            further.add(column(dataset, column).as(order.get(order.size() - 1)));
        }
        List<String> values = new ArrayList<>();
        for (String column : names(valueCols())) {
            values.add("v" + values.size());
            Column value = column(dataset, column);
            further.add((tokens(dataset.schema()) ? value : number(value)).as(values.get(values.size() - 1)));
        }
        order.addAll(values);
        if (hasLabel()) {
            further.add(column(dataset, text(labelCol)).as("l"));
            order.add("l");
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
        return label(sequences, values, timeFeatures(dataset.schema()));
    }

    private Dataset<Row> label(Dataset<Row> sequences, List<String> values, TimeFeatures timeFeatures) {
        Column events = functions.col("e");
        List<Column> result = namedKeys();
        result.add(events.getItem(0).getField(TIME).as(text(startCol)));
        Column steps = functions.transform(events, (event, number) -> {
            Column before = functions.get(events, number.minus(1)).getField(TIME); // null before the first
            List<Column> step =
                    new ArrayList<>(values.stream().map(event::getField).toList());
            step.addAll(timeFeatures.columns(event.getField(TIME), before));
            return step.size() == 1 ? step.get(0) : functions.array(step.toArray(new Column[0]));
        });
        result.add(steps.as(text(featuresCol())));
        if (!hasLabel()) {
            return sequences.select(result.toArray(new Column[0]));
        }
        Column labels = functions.transform(events, event -> event.getField("l"));
        if (this.<Boolean>value(labelPerStep)) {
            result.add(labels.as(text(labelCol)));
            return sequences.select(result.toArray(new Column[0]));
        }
        Column several = functions.size(functions.array_distinct(labels)).gt(1);
        if (text(handleInvalid()).equals("skip")) {
            result.add(labels.getItem(0).as(text(labelCol)));
            return sequences.where(functions.not(several)).select(result.toArray(new Column[0]));
        }
        Column error = functions.raise_error(functions.concat(
                functions.lit("label-col " + text(labelCol) + " has more than one value in a sequence: "),
                functions.to_json(functions.array_distinct(labels)),
                functions.lit(" (handle-invalid skip leaves such sequences out)")));
        result.add(functions.when(several, error).otherwise(labels.getItem(0)).as(text(labelCol)));
        return sequences.select(result.toArray(new Column[0]));
    }

    public static MLReader<SequenceAssembler> read() {
        return StageFiles.reader(SequenceAssembler.class, SequenceAssembler::new);
    }

    public static SequenceAssembler load(String path) {
        return read().load(path);
    }
}
