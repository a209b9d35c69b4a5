package dev.unroll.ml;

import dev.unroll.data.InputException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.expressions.Window;
import org.apache.spark.sql.expressions.WindowSpec;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataTypes;

/**
 * What a series must be for windows to be cut from it: it has one row of a time, since the order of several is not
 * known, and as many rows as a window needs. Rows and series that are not so are an error, or are left out and counted.
 */
final class WindowSeries {

    private static final String SAME = "d"; // rows of that time in the series
    private static final String COUNT = "c";
    private static final int MAX_SHOWN = 80; // characters of a key in a message

    private final EventStage<?> stage;
    private final int needed;
    private final String settings;

    /**
     * @param stage that cuts the windows
     * @param needed rows that a window takes
     * @param settings what that number is made of, for a message
     */
    WindowSeries(EventStage<?> stage, int needed, String settings) {
        this.stage = stage;
        this.needed = needed;
        this.settings = settings;
    }

    private double gap() {
        return stage.<Double>value(stage.sessionGap());
    }

    /** The events of times that are there once; with handle-invalid error the query fails where one is not. */
    Dataset<Row> usable(Dataset<Row> events) {
        Column several = isSeveral();
        Column once = stage.skips() ? functions.not(several) : unless(several, twice(functions.lit("several")));
        return marked(events).where(once).drop(SAME);
    }

    private static Column isSeveral() {
        return functions.col(SAME).gt(1);
    }

    private Dataset<Row> marked(Dataset<Row> events) {
        WindowSpec sameTime = Window.partitionBy(keys())
                .orderBy(functions.col(EventStage.TIME))
                .rangeBetween(Window.currentRow(), Window.currentRow());
        return events.withColumn(SAME, functions.count("*").over(sameTime));
    }

    /**
     * True, or a failure of the query for a series that is too short. With a session-gap it is true: pieces may be
     * short, and whether all of a series are is not known at its rows.
     *
     * @param isLast whether a row is the last of its series
     * @param number of the row in its series, from 1
     */
    Column longEnough(Column isLast, Column number) {
        return stage.skips() || gap() > 0
                ? functions.lit(true)
                : unless(isLast.and(number.lt(needed)), tooShort(number));
    }

    private static Column unless(Column isWrong, Column sentence) {
        Column failure = functions.raise_error(sentence).cast(DataTypes.BooleanType);
        return functions.when(isWrong, failure).otherwise(true);
    }

    private Column[] keys(String... more) {
        List<Column> columns = stage.keys();
        List.of(more).forEach(name -> columns.add(functions.col(name)));
        return columns.toArray(new Column[0]);
    }

    private Column name() {
        List<String> names = stage.names(stage.keyCols());
        if (names.isEmpty()) {
            return functions.lit("the series");
        }
        List<Column> parts = new ArrayList<>();
        for (int i = 0; i < names.size(); i++) {
            Column key = functions.col("k" + i).cast(DataTypes.StringType);
            parts.add(functions.concat(functions.lit(names.get(i) + " "), functions.substring(key, 1, MAX_SHOWN)));
        }
        return functions.concat(functions.lit("series "), functions.concat_ws(", ", parts.toArray(new Column[0])));
    }

    private Column twice(Column rows) {
        return functions.concat(
                name(),
                functions.lit(" has "),
                rows.cast(DataTypes.StringType),
                functions.lit(" rows of " + stage.text(stage.timeCol()) + " "),
                functions.col(EventStage.TIME).cast(DataTypes.StringType),
                functions.lit(
                        ", and a window needs one row of a time: key-cols tell several series apart, and a zone the"
                                + " hour that summer time repeats (handle-invalid skip leaves such rows out and counts them)"));
    }

    private Column tooShort(Column rows) {
        return functions.concat(
                name(),
                functions.lit(gap() == 0 ? " has " : " has no session of more than "),
                rows.cast(DataTypes.StringType),
                functions.lit(" rows, and a window needs " + needed + ": " + settings
                        + (gap() == 0 ? "" : ", session-gap " + gap())
                        + " (handle-invalid skip leaves such series out and counts them)"));
    }

    /** What of a table is in no window, by reason; the stage skips. */
    Map<String, Long> leftOut(Dataset<?> dataset, boolean skip) {
        Map<String, Long> counts = new TreeMap<>();
        Row found = found(dataset);
        if (!found.isNullAt(0)) {
            refuse(found.getString(1), skip);
            counts.put(stage.text(stage.timeCol()) + ": more than one row of a time in a series", found.getLong(0));
        }
        boolean some = found.getLong(2) > 0;
        if (some && found.getLong(3) > 0) {
            refuse(found.getString(5), skip);
            counts.put("series shorter than a window", found.getLong(3));
        }
        if (some && !found.isNullAt(4) && found.getLong(4) > 0) {
            counts.put("session shorter than a window", found.getLong(4));
        }
        return counts;
    }

    private static void refuse(String sentence, boolean skip) {
        if (!skip) {
            throw new InputException(sentence);
        }
    }

    /**
     * What there is to say of all series, found in one pass over the data: how many rows have a time that is not theirs
     * alone, and a sentence about the first; then, of the other rows, series that are long enough, those that are not,
     * short sessions of the first, and a sentence about the second.
     */
    private Row found(Dataset<?> dataset) {
        Column n = functions.col("n");
        Column several = functions.col("several");
        Column moment = functions.col("moment");
        Column isShort = functions.col(COUNT).lt(needed);
        Column isLong = functions.col(COUNT).geq(needed);
        Dataset<Row> events = marked(stage.timed(dataset, List.of())).withColumn("several", isSeveral());
        Dataset<Row> bySeries = stage.sessions(dataset, events, several)
                .groupBy(keys("several", EventStage.SESSION))
                .agg(
                        functions.count("*").as("n"),
                        functions
                                .min(functions.struct(functions.col(EventStage.TIME), functions.col(SAME)))
                                .as("moment"))
                .groupBy(keys())
                .agg(
                        functions.sum(functions.when(several, n)).as("repeated"),
                        functions.min(functions.when(several, moment)).as("moment"),
                        functions.max(functions.when(functions.not(several), n)).as(COUNT),
                        functions
                                .count_if(functions.not(several).and(n.lt(needed)))
                                .as("sessions"))
                .withColumn(EventStage.TIME, moment.getField(EventStage.TIME));
        return bySeries.agg(
                        functions.sum("repeated"),
                        functions.min_by(
                                twice(moment.getField(SAME)),
                                functions.when(moment.isNotNull(), functions.struct(keys(EventStage.TIME)))),
                        functions.count_if(isLong),
                        functions.count_if(isShort),
                        functions.sum(functions.when(isLong, functions.col("sessions"))),
                        functions.min_by(
                                tooShort(functions.col(COUNT)), functions.when(isShort, functions.struct(keys(COUNT)))))
                .first();
    }
}
