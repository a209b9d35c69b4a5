package dev.unroll.ml;

import dev.unroll.data.InputException;
import dev.unroll.model.Model;
import dev.unroll.model.Predictor;
import dev.unroll.nn.HeadSpec;
import dev.unroll.nn.LearningTask;
import dev.unroll.nn.NetworkSpec;
import dev.unroll.nn.Pooling;
import dev.unroll.spark.rows.ColumnType;
import dev.unroll.spark.rows.RowSpec;
import dev.unroll.spark.source.ColumnName;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import org.apache.spark.api.java.function.MapFunction;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.streaming.OutputMode;
import org.apache.spark.sql.streaming.TimeMode;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/** A model over a stream of events, for {@link RnnModel#transformWithState}: what it needs, and what it adds. */
final class EventStream {

    private static final String PROVIDER = "spark.sql.streaming.stateStore.providerClass";
    private static final String IN_MEMORY =
            "org.apache.spark.sql.execution.streaming.state.HDFSBackedStateStoreProvider";
    private static final String ROCKS_DB = "org.apache.spark.sql.execution.streaming.state.RocksDBStateStoreProvider";

    private final Model model;
    private final List<Double> levels;
    private final RowSpec rows;
    private final ModelParams<?> stage;

    /**
     * @param levels of quantiles
     * @param rows how rows of whole sequences are read
     * @param stage whose Params name what is added
     * @throws IllegalArgumentException for a model that needs more than one step after another
     */
    EventStream(Model trained, List<Double> levels, RowSpec rows, ModelParams<?> stage) {
        this.model = ofLastState(trained);
        this.levels = levels;
        this.rows = rows;
        this.stage = stage;
        try {
            new Predictor(model, List.of()).stepper();
        } catch (IllegalStateException e) {
            throw new IllegalArgumentException("the model cannot predict a stream: " + e.getMessage(), e);
        }
    }

    /** After each step, what is predicted at every one is what would be predicted from the last one. */
    private static Model ofLastState(Model model) {
        NetworkSpec spec = model.spec();
        HeadSpec head = spec.head();
        if (!head.everyStep()
                || head.loss().joinsSteps()
                || model.horizon() > 0
                || model.task() == LearningTask.LANGUAGE_MODEL) {
            return model;
        }
        NetworkSpec last = new NetworkSpec(
                spec.input(),
                spec.cell(),
                spec.activation(),
                spec.hiddenSize(),
                spec.projSize(),
                spec.numLayers(),
                spec.bidirectional(),
                head.with(Pooling.LAST));
        LearningTask task =
                model.task() == LearningTask.TAGGING ? LearningTask.CLASSIFICATION : LearningTask.REGRESSION;
        return new Model(task, last, model.theta(), model.encoding(), model.provenance());
    }

    /**
     * Adds the predictions.
     *
     * @param timeout null for none
     */
    Dataset<Row> predict(Dataset<Row> events, String time, Duration timeout, String... keys) {
        if (timeout != null && timeout.toMillis() < 1) {
            throw new IllegalArgumentException("timeout is " + timeout + "; allowed is at least a millisecond");
        }
        StructType schema = events.schema();
        requireStore(events);
        StructType keySchema = keys(schema, keys);
        DataType timeType = EventCells.type(schema, "timeCol", time);
        if (!ColumnType.of(timeType).isTime()) {
            throw new InputException("timeCol " + time + " is of type " + ColumnType.shown(timeType)
                    + "; allowed are number, date and timestamp");
        }
        if (timeout != null && !timeType.equals(DataTypes.TimestampType)) {
            throw new InputException("timeCol " + time + " is of type " + ColumnType.shown(timeType)
                    + ", and there is a timeout; allowed is timestamp");
        }
        boolean language = model.task() == LearningTask.LANGUAGE_MODEL;
        PredictionColumns added = language ? null : new PredictionColumns(model, levels.size(), stage);
        StepParser parser = new StepParser(schema, rows, model);
        PredictFunction function = language
                ? null
                : new PredictFunction(
                        model, levels, Thresholds.of(stage, stage.thresholds()), null, false, added.values());
        int timeAt = schema.fieldIndex(time);
        EventPredictor predictor = new EventPredictor(
                model,
                levels,
                parser,
                function,
                schema.apply(timeAt),
                timeAt,
                ParamFactory.<String>get(stage, stage.handleInvalid()).equals("skip"),
                timeout);
        int[] places = Arrays.stream(keys).mapToInt(schema::fieldIndex).toArray();
        MapFunction<Row, Row> key = event ->
                RowFactory.create(Arrays.stream(places).mapToObj(event::get).toArray());
        return events.groupByKey(key, Encoders.row(keySchema))
                .transformWithState(
                        predictor,
                        timeout != null && events.isStreaming() && isWatermark(schema.apply(timeAt))
                                ? TimeMode.EventTime()
                                : TimeMode.None(),
                        OutputMode.Append(),
                        Encoders.row(language ? withToken(schema) : added.addTo(schema)));
    }

    /** Whether {@code withWatermark} was called with the column: Spark notes its delay in the column's metadata. */
    private static boolean isWatermark(StructField field) {
        return field.metadata().contains("spark.watermarkDelayMs");
    }

    /** A language model predicts the token that is most probable to come next. */
    private StructType withToken(StructType schema) {
        String column = ParamFactory.get(stage, stage.predictionCol());
        if (ColumnName.isIn(schema, column)) {
            throw new IllegalArgumentException(
                    "prediction-col is " + column + ", and the dataset has a column of that name already");
        }
        return schema.add(column, DataTypes.StringType);
    }

    private static StructType keys(StructType schema, String... keys) {
        if (keys.length == 0) {
            throw new IllegalArgumentException(
                    "keyCols has no column; allowed is one at least, whose events are a sequence");
        }
        StructType types = new StructType();
        for (String column : keys) {
            DataType type = EventCells.type(schema, "keyCols", column);
            if (!ColumnType.of(type).isKey()) {
                throw new InputException("keyCols has " + column + " of type " + ColumnType.shown(type)
                        + "; allowed are string, boolean, numbers, dates and timestamps");
            }
            types = types.add(column, type);
        }
        return types;
    }

    /** Spark would say so of its default too, but not how to mend it; a platform may have a store of its own that serves. */
    private static void requireStore(Dataset<Row> events) {
        String provider = events.sparkSession().conf().get(PROVIDER);
        if (events.isStreaming() && provider.equals(IN_MEMORY)) {
            throw new IllegalArgumentException(PROVIDER + " is " + provider + "; transformWithState needs " + ROCKS_DB);
        }
    }
}
