package dev.unroll.ml;

import dev.unroll.data.InputException;
import dev.unroll.nn.LearningTask;
import dev.unroll.spark.rows.RowSpec;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.expressions.Window;
import org.apache.spark.sql.expressions.WindowSpec;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataTypes;

/**
 * Windows that extend over the horizon: T steps, and the h steps after them with what is known of these ahead, such as a
 * calendar, a price, a promotion. Everything else is null there, but for a lag of a row that is among the first T steps
 * or before. Labels are T nulls and then the target of each step, or null where no step has a target.
 *
 * <p>Rows after the last one of their series that has its target are a future, of which only known columns are there. A
 * window ends at that row or before it, and before it where it must have a label.
 *
 * @param length T
 * @param horizon h
 * @param known names of the columns that are known ahead
 */
record HorizonWindows(int length, int horizon, List<String> known) {

    /** The times of a label. */
    static final String TIMES = "w";

    private static final String LAST = "k"; // the time of the last target of a series

    /**
     * Of the Params of windows, checked.
     *
     * @throws InputException for columns that cannot be known ahead, and for other than one target among the numbers
     */
    static HorizonWindows of(WindowParams<?> windows, List<String> targets) {
        List<String> known = windows.names(windows.knownCols());
        List<String> numbers = windows.inputs().numbers();
        List<String> columns = windows.inputs().ofSteps();
        for (String column : known) {
            if (targets.contains(column)) {
                throw new InputException("known-cols has " + column + ", which is the target");
            }
            if (!columns.contains(column) && !column.equals(windows.text(windows.timeCol()))) {
                throw new InputException("known-cols has " + column
                        + ", which is in neither numeric-cols nor categorical-cols; allowed are columns of these, and"
                        + " time-col for its time-features alone");
            }
        }
        if (targets.size() != 1 || !numbers.containsAll(targets)) {
            throw new InputException("known-cols goes with one target, a column of numeric-cols, and the targets are "
                    + String.join(", ", targets) + "; allowed is one of " + String.join(", ", numbers)
                    + " as target-cols");
        }
        return new HorizonWindows(windows.integer(windows.windowLength()), windows.integer(windows.horizon()), known);
    }

    /** @throws IllegalArgumentException for another task than regression, and where numbers may not be missing */
    static void requireGoesWith(RowSpec rows) {
        if (rows.task() != LearningTask.REGRESSION) {
            throw new IllegalArgumentException("known-cols goes with prepare windows and task regression, and task is "
                    + rows.task().key());
        }
        if (!rows.inputs().masked()) {
            throw new IllegalArgumentException("known-cols leaves what is not known ahead missing in the steps of the"
                    + " horizon: it goes with missing mask, and missing is error");
        }
    }

    /**
     * What a row has besides the steps of the window that it ends: a label, its times, and that of the series' last one.
     *
     * @param rows of a series, in the order of time
     * @param series what a series is one of
     */
    Map<String, Column> parts(Column value, Column time, WindowSpec rows, List<Column> series) {
        Column none = functions.array_repeat(functions.lit(null).cast(DataTypes.DoubleType), length);
        Column last = functions
                .max(functions.when(value.isNotNull(), time))
                .over(Window.partitionBy(series.toArray(new Column[0])));
        return Map.of("y", functions.concat(none, ahead(value, rows)), TIMES, ahead(time, rows), LAST, last);
    }

    /** Values of a column at the steps of the horizon. */
    private Column ahead(Column column, WindowSpec rows) {
        return functions.array(IntStream.rangeClosed(1, horizon)
                .mapToObj(step -> functions.lead(column, step).over(rows))
                .toArray(Column[]::new));
    }

    /**
     * The windows that there are, with what is known of their steps.
     *
     * @param windows with {@link #parts} and an array of structs, x, that have everything
     * @param lags in rows
     * @param numbers of a step: those of the columns, then for each lag as many, then those of its time
     * @param labelled whether they must have a label: later ones of the series may still leave it missing
     */
    Dataset<Row> of(Dataset<Row> windows, EventColumns columns, int[] lags, int numbers, boolean labelled) {
        Column time = functions.col(EventStage.TIME);
        Column last = functions.col(LAST);
        Column label = functions.col("y");
        Dataset<Row> some = windows.where(labelled ? time.lt(last) : time.leq(last))
                .withColumn("y", functions.when(functions.exists(label, Column::isNotNull), label));
        List<String> fields = columns.fields(numbers);
        List<Integer> until = new ArrayList<>(steps(columns.numbers(), 0));
        for (int lag : lags) {
            until.addAll(steps(columns.numbers(), lag));
        }
        until.addAll(Collections.nCopies(numbers - until.size(), length + horizon));
        until.addAll(steps(columns.categories(), 0));
        fields.addAll(columns.workingStatics());
        until.addAll(Collections.nCopies(columns.workingStatics().size(), length + horizon));
        return some.withColumn("x", functions.transform(functions.col("x"), (step, t) -> {
            List<Column> parts = new ArrayList<>();
            for (int i = 0; i < fields.size(); i++) {
                parts.add(functions.when(t.lt(until.get(i)), step.getField(fields.get(i))));
            }
            return EventColumns.struct(parts, fields);
        }));
    }

    /** At how many steps columns are there, with the values of so many rows before. */
    private List<Integer> steps(List<String> columns, int lag) {
        return columns.stream()
                .map(column -> known.contains(column) ? length + horizon : length + lag)
                .toList();
    }

    /** The first T steps, where statics are read: they need not be in a row of the future. */
    Column past(Column steps) {
        return functions.slice(steps, 1, length);
    }
}
