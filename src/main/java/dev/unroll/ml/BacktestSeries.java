package dev.unroll.ml;

import dev.unroll.data.InputException;
import dev.unroll.spark.rows.TimeFormat;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.expressions.Window;
import org.apache.spark.sql.expressions.WindowSpec;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.TimestampType;

/**
 * The series of a table as an origin finds them: the last row before it, the rows of the horizon after that one with their
 * targets, and what forecasts that need no training say of these.
 *
 * @param windows how the table is read
 * @param dataset the table
 */
record BacktestSeries(SlidingWindows windows, Dataset<?> dataset) {

    /** Columns of a series at an origin, besides its keys k0, k1, ... and the time of its last row before it. */
    static final String ORIGIN = "origin";

    /** Structs, by step and within a step by target. */
    static final String LABELS = "labels";

    /** Why there may be no forecast. */
    static final String REASON = "reason";

    private static final String BEGINS_LATER = "begins at the origin or after it";
    private static final String UNTRAINED = "no window to train on before the origin";

    private DataType timeType() {
        return EventCells.type(dataset.schema(), "time-col", windows.text(windows.timeCol()));
    }

    private int horizon() {
        return windows.integer(windows.horizon());
    }

    /** The events with their targets y0, y1, ..., null where they are missing. */
    private Dataset<Row> events() {
        List<Column> targets = new ArrayList<>();
        Column missing = functions.lit(null).cast(DataTypes.DoubleType);
        for (String column : windows.targets()) {
            Column target = EventCells.number(EventCells.column(dataset, column));
            targets.add(functions.nanvl(target, missing).as("y" + targets.size()));
        }
        return windows.events(dataset, targets);
    }

    /**
     * The times of origins, ascending, as text that {@link TimeFormat} reads: the last of them has times for a horizon from
     * it on, of all times at which some series has its targets.
     *
     * @param step times from an origin to the next
     * @throws InputException if there are too few times
     */
    List<String> origins(int count, int step) {
        long needed = horizon() + (count - 1L) * step;
        Dataset<Row> labelled = events();
        for (int i = 0; i < windows.targets().size(); i++) {
            labelled = labelled.where(functions.col("y" + i).isNotNull());
        }
        Column time = functions.col(EventStage.TIME);
        boolean instants = timeType() instanceof TimestampType;
        List<String> latest = labelled
                .select(time)
                .distinct()
                .orderBy(time.desc())
                .limit((int) Math.min(needed, Integer.MAX_VALUE))
                .select((instants ? functions.unix_micros(time) : time).cast(DataTypes.StringType))
                .collectAsList()
                .stream()
                .map(row -> instants ? instant(Long.parseLong(row.getString(0))) : row.getString(0))
                .toList();
        if (latest.size() < needed) {
            throw new InputException("backtest has " + count + " origins, " + step + " times apart, and horizon is "
                    + horizon() + ", for which the data need " + needed + " times with a target; they have "
                    + latest.size());
        }
        List<String> origins = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            origins.add(latest.get(horizon() - 1 + i * step));
        }
        Collections.reverse(origins);
        return origins;
    }

    /** As text with its zone: Spark's own would have none, and be one of the session's. */
    private static String instant(long micros) {
        long second = TimeUnit.SECONDS.toMicros(1);
        return Instant.ofEpochSecond(Math.floorDiv(micros, second), Math.floorMod(micros, second) * 1000L)
                .toString();
    }

    Column timeOf(String origin) {
        return TimeFormat.timeOf(functions.lit(origin), timeType());
    }

    /**
     * A row for each series and origin.
     *
     * @param first step of the horizon with a label; the last one is the horizon
     * @param season steps of a season, by which scaled errors are scaled; 1 for none
     * @param trained whether the model of the origin can be of the series
     */
    Dataset<Row> at(List<String> origins, int first, int season, Column trained) {
        Column time = functions.col(EventStage.TIME);
        WindowSpec series = of().orderBy(time);
        WindowSpec session = of(functions.col(EventStage.SESSION)).orderBy(time);
        Dataset<Row> rows = events().withColumn("m", functions.row_number().over(series))
                .withColumn("n", functions.row_number().over(session))
                .withColumn("next", functions.lead(time, 1).over(series));
        WindowSpec phase = of(
                        functions.col(EventStage.SESSION), functions.col("n").mod(season))
                .orderBy(time);
        for (int i = 0; i < windows.targets().size(); i++) {
            Column value = functions.col("y" + i);
            Column change =
                    functions.abs(value.minus(functions.lag(value, season).over(session)));
            rows = rows.withColumn("change" + i, change)
                    .withColumn("naive" + i, latest(value, session))
                    .withColumn("seasonal" + i, latest(value, phase))
                    .withColumn("scale" + i, functions.avg("change" + i).over(past(series)));
        }
        Column next = functions.col("next");
        Column all = functions.array(origins.stream().map(this::timeOf).toArray(Column[]::new));
        Column there = functions.filter(all, origin -> {
            Column isLast = time.lt(origin).and(next.isNull().or(next.geq(origin)));
            return isLast.or(functions.col("m").equalTo(1).and(time.geq(origin)));
        });
        List<Column> result = windows.keys();
        result.add(time);
        result.add(functions.col(ORIGIN));
        result.add(functions.col(LABELS));
        result.add(reason(trained).as(REASON));
        return rows.withColumn(LABELS, labels(session, first, season))
                .withColumn(ORIGIN, functions.explode(there))
                .select(result.toArray(new Column[0]));
    }

    /** Whether there may be a forecast: of a row before the origin, by a model that can be of its series. */
    static Column isForecast() {
        return functions.not(functions.col(REASON).isin(BEGINS_LATER, UNTRAINED));
    }

    private WindowSpec of(Column... parts) {
        return Window.partitionBy(
                Stream.concat(windows.keys().stream(), Stream.of(parts)).toArray(Column[]::new));
    }

    private static WindowSpec past(WindowSpec rows) {
        return rows.rowsBetween(Window.unboundedPreceding(), Window.currentRow());
    }

    /** The latest value that is not missing. */
    private static Column latest(Column value, WindowSpec rows) {
        return functions.last(value, true).over(past(rows));
    }

    private Column labels(WindowSpec session, int first, int season) {
        List<Column> labels = new ArrayList<>();
        for (int step = first; step <= horizon(); step++) {
            int before = Math.floorMod(-step, season); // rows from the last one back to the latest of the same season
            for (int i = 0; i < windows.targets().size(); i++) {
                Column seasonal =
                        functions.lag(functions.col("seasonal" + i), before).over(session);
                Column none = functions.lit(null).cast(DataTypes.DoubleType);
                labels.add(functions.struct(
                        functions.lit(step).as("horizonStep"),
                        functions
                                .lead(functions.col(EventStage.TIME), step)
                                .over(session)
                                .as("labelTime"),
                        functions.lit(windows.targets().get(i)).as("target"),
                        functions
                                .lead(functions.col("y" + i), step)
                                .over(session)
                                .as("label"),
                        functions.col("naive" + i).as("naive"),
                        (season > 1 ? seasonal : none).as("seasonalNaive"),
                        functions.col("scale" + i).as("scale")));
            }
        }
        return functions.array(labels.toArray(new Column[0]));
    }

    private Column reason(Column trained) {
        int lag = Arrays.stream(windows.<int[]>value(windows.lags())).max().orElse(0);
        Column labels = functions.col(LABELS);
        Column lastTime = functions.element_at(labels, -1).getField("labelTime");
        Column isUnknown =
                functions.forall(labels, label -> label.getField("label").isNull());
        return functions
                .when(functions.col(EventStage.TIME).geq(functions.col(ORIGIN)), BEGINS_LATER)
                .when(lastTime.isNull(), "ends before the horizon")
                .when(
                        functions.col("n").lt(windows.integer(windows.windowLength()) + lag),
                        "shorter than a window at the origin")
                .when(functions.not(trained), UNTRAINED)
                .when(isUnknown, "has no target in the horizon")
                .otherwise("its window cannot be used");
    }
}
