package dev.unroll.ml;

import dev.unroll.spark.rows.RowSpec;
import dev.unroll.worker.NaiveForecast;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.Metadata;
import org.apache.spark.sql.types.MetadataBuilder;
import org.apache.spark.sql.types.StructType;

/**
 * What the labels of windows are, as {@link SlidingWindows} says it to whoever reads them: in the metadata of their
 * column, and the first number of a step in those of the column of steps too. Spark keeps them in tables and in Parquet,
 * and a computed column has none.
 *
 * @param horizon steps from the end of a window to the last target
 * @param first column of the first number of a step; empty where no column is one of numbers
 * @param targets columns that are predicted
 * @param keys columns that say whose a window is
 */
record WindowTargets(int horizon, String first, List<String> targets, List<String> keys) {

    private static final String KEY = "unrollTargets";
    private static final String KEYS = "keys";
    private static final String FIRST = "unrollFirst";

    /** Of the column of labels. */
    Metadata metadata() {
        Metadata own = new MetadataBuilder()
                .putLong("horizon", horizon)
                .putString("first", first)
                .putStringArray("targets", targets.toArray(new String[0]))
                .putStringArray(KEYS, keys.toArray(new String[0]))
                .build();
        return new MetadataBuilder().putMetadata(KEY, own).build();
    }

    /** Of the column of steps, with what it says besides. */
    Metadata stepMetadata(Metadata besides) {
        return new MetadataBuilder()
                .withMetadata(besides)
                .putString(FIRST, first)
                .build();
    }

    /** Whether the steps that are read begin with the first number of these windows. */
    private boolean areOf(StructType schema, RowSpec steps) {
        if (steps.inputs().isSome()) {
            return steps.inputs().numbers().indexOf(first) == 0;
        }
        String features = steps.featuresCol();
        return Arrays.asList(schema.fieldNames()).contains(features)
                && schema.apply(features).metadata().contains(FIRST)
                && schema.apply(features).metadata().getString(FIRST).equals(first);
    }

    /** Of a column of labels; empty where it is not one of windows. */
    private static Optional<WindowTargets> of(StructType schema, String column) {
        if (!Arrays.asList(schema.fieldNames()).contains(column)
                || !schema.apply(column).metadata().contains(KEY)) {
            return Optional.empty();
        }
        Metadata own = schema.apply(column).metadata().getMetadata(KEY);
        return Optional.of(new WindowTargets(
                (int) own.getLong("horizon"),
                own.getString("first"),
                List.of(own.getStringArray("targets")),
                own.contains(KEYS) ? List.of(own.getStringArray(KEYS)) : List.of()));
    }

    /**
     * The columns that say whose a row is, as their column of labels says.
     *
     * @throws IllegalArgumentException if it says nothing of it
     */
    static List<String> requireKeys(StructType schema, String column) {
        List<String> keys = of(schema, column).map(WindowTargets::keys).orElse(List.of());
        if (keys.isEmpty()) {
            throw new IllegalArgumentException("scale by-key goes with windows of several series, prepare windows with"
                    + " key-cols (in Java SlidingWindows with keyCols), and label-col " + column
                    + " is not that of such windows; allowed besides are none, standard and window");
        }
        return keys;
    }

    /** How many of the last steps of a sequence have targets, as their column says; 0 where it says nothing of it. */
    static int stepsAhead(StructType schema, String column) {
        return of(schema, column)
                .filter(windows -> schema.apply(column).dataType() instanceof ArrayType)
                .map(WindowTargets::horizon)
                .orElse(0);
    }

    /** @throws IllegalArgumentException if a column of labels is known not to be the future of the first number of a step */
    static void requireOwnPast(StructType schema, RowSpec steps, String column, String why) {
        of(schema, column).ifPresent(windows -> {
            windows.requireOwnPast(why);
            if (steps.inputs().isSome() && !windows.areOf(schema, steps)) {
                throw new IllegalArgumentException(why + ", and numeric-cols are "
                        + String.join(", ", steps.inputs().numbers()) + "; allowed are those that begin with "
                        + windows.first + ", the target's own past");
            }
        });
    }

    /** @throws IllegalArgumentException unless the targets are the future of the first number of a step */
    void requireOwnPast(String why) {
        if (first.isEmpty()) {
            throw new IllegalArgumentException(why + ", and the windows' numeric-cols is empty; allowed are those that"
                    + " begin with " + String.join(", ", targets) + ", the target's own past");
        }
        if (!areOwnFuture()) {
            throw new IllegalArgumentException(why + ", and the targets are " + String.join(", ", targets)
                    + "; allowed is " + first + ", the first of value-cols or numeric-cols, as target-cols");
        }
    }

    private boolean areOwnFuture() {
        return targets.equals(List.of(first));
    }

    /**
     * The naive forecasts of a column of labels: of windows whose steps and labels are both as they were made those of
     * season 1 at least, of other sequences those that are asked for.
     *
     * @param steps what is read of a row
     * @param season steps of a season; 0 where nothing is said of it
     * @throws IllegalArgumentException for a season where targets are known not to be the future of the first number
     */
    static NaiveForecast naive(StructType schema, RowSpec steps, String column, int season) {
        Optional<WindowTargets> windows = of(schema, column);
        boolean within = stepsAhead(schema, column) > 0;
        if (season > 0) {
            requireOwnPast(
                    schema,
                    steps,
                    column,
                    "season is " + season + ", a naive forecast is made of the first number of a step");
            return new NaiveForecast(season, windows.map(WindowTargets::horizon).orElse(0)).within(within);
        }
        return windows.filter(own -> own.areOwnFuture() && own.areOf(schema, steps))
                .map(own -> NaiveForecast.unasked(own.horizon).within(within))
                .orElse(NaiveForecast.NONE);
    }
}
