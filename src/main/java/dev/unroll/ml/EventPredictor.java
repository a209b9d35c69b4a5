package dev.unroll.ml;

import dev.unroll.data.CanonicalRow;
import dev.unroll.model.Model;
import dev.unroll.model.Prediction;
import dev.unroll.model.Predictor;
import dev.unroll.nn.LearningTask;
import dev.unroll.spark.source.Fault;
import java.sql.Timestamp;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.streaming.ExpiredTimerInfo;
import org.apache.spark.sql.streaming.OutputMode;
import org.apache.spark.sql.streaming.StatefulProcessor;
import org.apache.spark.sql.streaming.TTLConfig;
import org.apache.spark.sql.streaming.TimeMode;
import org.apache.spark.sql.streaming.TimerValues;
import org.apache.spark.sql.streaming.ValueState;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import scala.collection.Iterator;
import scala.jdk.javaapi.CollectionConverters;

/**
 * Takes the events of a key in the order of their time, gives each with the prediction from all up to it: the network's
 * state is kept from one micro-batch to the next, with the hash of its model and the time of the latest event.
 */
final class EventPredictor extends StatefulProcessor<Row, Row, Row> {

    private static final long serialVersionUID = 1L;

    private final Model model;
    private final List<Double> levels;
    private final StepParser parser;
    private final PredictFunction function; // null of a language model
    private final StructField time;
    private final int timeAt;
    private final boolean skip;
    private final Duration timeout; // null for none
    private transient Predictor predictor;
    private transient ValueState<Row> state;
    private transient boolean timed; // whether a watermark says when a state is dropped

    /**
     * @param model that predicts from the last state, or a language model
     * @param function what makes columns of its predictions; null of a language model
     * @param time the column of times
     * @param timeAt its place
     * @param timeout between two events of a key, after which the second begins a new sequence; null for never
     */
    EventPredictor(
            Model model,
            List<Double> levels,
            StepParser parser,
            PredictFunction function,
            StructField time,
            int timeAt,
            boolean skip,
            Duration timeout) {
        this.model = model;
        this.levels = List.copyOf(levels);
        this.parser = parser;
        this.function = function;
        this.time = time;
        this.timeAt = timeAt;
        this.skip = skip;
        this.timeout = timeout;
    }

    @Override
    public void init(OutputMode outputMode, TimeMode timeMode) {
        predictor = new Predictor(model, levels);
        StructType saved = new StructType().add("state", DataTypes.BinaryType).add("time", time.dataType());
        state = getHandle().getValueState("state", Encoders.row(saved), TTLConfig.NONE());
        timed = timeMode.equals(TimeMode.EventTime());
    }

    /** An event that can be used. */
    private record Event(Row row, CanonicalRow step, Object time) {

        /** Events of the same time are ordered by their values. */
        static final Comparator<Event> ORDER = Comparator.<Event, Object>comparing(Event::time, Event::compareTimes)
                .thenComparing(event -> event.step().bytes(), Arrays::compareUnsigned);

        /** All are of the column's type. */
        @SuppressWarnings("unchecked")
        static int compareTimes(Object one, Object other) {
            return ((Comparable<Object>) one).compareTo(other);
        }
    }

    @Override
    public Iterator<Row> handleInputRows(Row key, Iterator<Row> rows, TimerValues timers) {
        List<Event> events = new ArrayList<>();
        for (Row row : CollectionConverters.asJava(rows.toSeq())) {
            try {
                events.add(new Event(row, parser.parse(row), timeOf(row)));
            } catch (Fault fault) {
                PredictFunction.unusable(fault, skip);
            }
        }
        events.sort(Event.ORDER);
        Predictor.Stepper stepper = predictor.stepper();
        Object before = null;
        if (state.exists()) {
            Row saved = state.get();
            resume(stepper, saved.getAs(0), key);
            before = saved.get(1);
        }
        Object latest = before;
        List<Row> predicted = new ArrayList<>();
        for (Event event : events) {
            if (latest != null && Event.compareTimes(event.time(), latest) < 0) {
                Fault early = new Fault(time.name(), "earlier than " + latest + " of its key", event.time());
                PredictFunction.unusable(early, skip);
                continue;
            }
            if (timeout != null && latest != null && end(latest).isBefore(instant(event.time()))) {
                stepper.reset();
            }
            predicted.add(joined(event.row(), added(stepper.step(event.step()))));
            latest = event.time();
        }
        if (!predicted.isEmpty()) {
            state.update(RowFactory.create(stepper.state(), latest));
            setTimer(before, latest);
        }
        return CollectionConverters.asScala(predicted.iterator());
    }

    private void setTimer(Object before, Object latest) {
        if (timed && before != null) {
            getHandle().deleteTimer(end(before).toEpochMilli());
        }
        if (timed) {
            getHandle().registerTimer(end(latest).toEpochMilli());
        }
    }

    /** Drops the state of a sequence that no event can continue. */
    @Override
    public Iterator<Row> handleExpiredTimer(Row key, TimerValues timers, ExpiredTimerInfo timer) {
        if (state.exists() && end(state.get().get(1)).toEpochMilli() <= timer.getExpiryTimeInMs()) {
            state.clear();
        }
        return CollectionConverters.asScala(Collections.emptyIterator());
    }

    /** Until when an event continues the sequence whose latest one was then. */
    private Instant end(Object latest) {
        return instant(latest).plus(timeout);
    }

    private static Instant instant(Object time) {
        return time instanceof Timestamp timestamp ? timestamp.toInstant() : (Instant) time;
    }

    private Object timeOf(Row row) throws Fault {
        if (row.isNullAt(timeAt)) {
            throw new Fault(time.name(), "null", null);
        }
        return row.get(timeAt);
    }

    private static void resume(Predictor.Stepper stepper, byte[] saved, Row key) {
        try {
            stepper.resume(saved);
        } catch (IllegalArgumentException e) {
            throw new IllegalStateException(
                    "the stream cannot continue the sequence of key " + key + ": " + e.getMessage()
                            + ", or another checkpoint directory of the stream",
                    e);
        }
    }

    private Row added(Prediction prediction) {
        return model.task() == LearningTask.LANGUAGE_MODEL
                ? RowFactory.create(predictor.label(prediction, 0))
                : function.row(prediction);
    }

    private static Row joined(Row event, Row added) {
        Object[] values = new Object[event.length() + added.length()];
        for (int i = 0; i < values.length; i++) {
            values[i] = i < event.length() ? event.get(i) : added.get(i - event.length());
        }
        return RowFactory.create(values);
    }
}
