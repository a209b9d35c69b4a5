package dev.unroll.ml;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.UnaryOperator;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataTypes;

/**
 * What came of a {@link Backtest}: forecasts beside what was to be forecast, and their errors.
 *
 * <p>Naive forecasts are of the whole series before the origin: the latest target that is known, and of a season (the
 * regressor's {@code season}) the latest one that is whole seasons before the target. Scaled errors are divided by the mean
 * |y_t - y_{t - season}| of the series before the origin (of season 1 where there is none).
 *
 * <p>Source: Hyndman and Koehler 2006, Another look at measures of forecast accuracy, equation (6), with a season in place
 * of 1.
 */
public final class BacktestResult {

    private static final String LABEL = "label";
    private static final String PREDICTION = "prediction";
    private static final String QUANTILES = "quantiles";
    private static final String PINBALL_LOSS = "pinballLoss";
    private static final String COVERED = "covered";

    private final List<String> origins;
    private final List<RnnRegressorModel> models;
    private final Dataset<Row> forecasts;
    private final Dataset<Row> series;
    private final List<String> keys;

    BacktestResult(
            List<String> origins,
            List<RnnRegressorModel> models,
            Dataset<Row> forecasts,
            Dataset<Row> series,
            List<String> keys) {
        this.origins = List.copyOf(origins);
        this.models = List.copyOf(models);
        this.forecasts = forecasts;
        this.series = series;
        this.keys = keys;
    }

    /** The times from which on nothing was known, ascending, as {@code label-before} takes them. */
    public List<String> origins() {
        return origins;
    }

    /** The model of each origin: one and the same where it was trained once. */
    public List<RnnRegressorModel> models() {
        return models;
    }

    /**
     * A row for each series, origin, step of the horizon and target: the key columns, {@code origin}, {@code horizonStep}
     * (rows from the last one before the origin), {@code labelTime}, {@code target} (its column), {@code label} (null where
     * it is missing), {@code prediction}, {@code naive}, {@code seasonalNaive} (null without a season), {@code error},
     * {@code naiveError}, {@code seasonalNaiveError} (forecast less label) and {@code scale}, by which a scaled error is
     * divided. With {@code loss quantile}, and of distributions, also {@code quantiles}, their {@code pinballLoss}, a mean over levels, and whether
     * the label is {@code covered}, between the lowest and the highest of them.
     */
    public Dataset<Row> forecasts() {
        return forecasts;
    }

    /** What a forecast of {@link #forecast} has where there are levels. */
    static Column withQuantiles(Column prediction, Column quantiles) {
        return functions.struct(prediction.as(PREDICTION), quantiles.as(QUANTILES));
    }

    /** @param value the prediction, or where there are levels {@link #withQuantiles} */
    static Column forecast(Column label, Column value, List<Double> levels) {
        Column prediction = levels.isEmpty() ? value : value.getField(PREDICTION);
        List<Column> parts = new ArrayList<>();
        for (String field : List.of("horizonStep", "labelTime", "target", LABEL)) {
            parts.add(label.getField(field).as(field));
        }
        Column naive = label.getField("naive");
        Column seasonal = label.getField("seasonalNaive");
        parts.addAll(List.of(prediction.as(PREDICTION), naive.as("naive"), seasonal.as("seasonalNaive")));
        parts.add(prediction.minus(label.getField(LABEL)).as("error"));
        parts.add(naive.minus(label.getField(LABEL)).as("naiveError"));
        parts.add(seasonal.minus(label.getField(LABEL)).as("seasonalNaiveError"));
        parts.add(label.getField("scale").as("scale"));
        if (!levels.isEmpty()) {
            Column quantiles = value.getField(QUANTILES);
            parts.add(quantiles.as(QUANTILES));
            parts.add(pinballLoss(label.getField(LABEL), quantiles, levels).as(PINBALL_LOSS));
            Column covered = label.getField(LABEL)
                    .between(functions.element_at(quantiles, 1), functions.element_at(quantiles, levels.size()));
            parts.add(covered.as(COVERED));
        }
        return functions.struct(parts.toArray(new Column[0]));
    }

    private static Column pinballLoss(Column label, Column quantiles, List<Double> levels) {
        Column sum = functions.lit(0.0);
        for (int k = 0; k < levels.size(); k++) {
            Column below = label.minus(functions.element_at(quantiles, k + 1));
            sum = sum.plus(functions.greatest(below.multiply(levels.get(k)), below.multiply(levels.get(k) - 1)));
        }
        return sum.divide(levels.size());
    }

    /**
     * Means of the errors, a row for each value of some columns of the forecasts: of keys, {@code horizonStep}, {@code
     * origin}, {@code target}; of none one row. Columns: {@code forecasts} that have a label; {@code meanAbsoluteError},
     * {@code meanSquaredError} and {@code mase}, the mean of the scaled absolute errors, over those that have a scale above
     * 0; and the same of both naive forecasts, {@code naiveMase} and so on. A naive one is null where a series has none, so
     * that all are means over the same targets. With quantiles also {@code pinballLoss} and, of two levels or more,
     * {@code coverage}, the share of labels that are covered.
     */
    public Dataset<Row> errors(String... by) {
        Column[] groups = Arrays.stream(by).map(RnnModel::column).toArray(Column[]::new);
        List<Column> means = new ArrayList<>();
        Column scale = functions.when(functions.col("scale").gt(0), functions.col("scale"));
        Column scaled = functions.count(functions.col("error").divide(scale));
        Column targets = functions.count("error");
        addMean(means, "MeanAbsoluteError", functions::abs, targets);
        addMean(means, "MeanSquaredError", error -> error.multiply(error), targets);
        addMean(means, "Mase", error -> functions.abs(error).divide(scale), scaled);
        int levels = models.get(0).levels().size();
        if (levels > 0) {
            means.add(functions.avg(PINBALL_LOSS).as(PINBALL_LOSS));
        }
        if (levels > 1) {
            means.add(functions
                    .avg(functions.col(COVERED).cast(DataTypes.IntegerType))
                    .as("coverage"));
        }
        return forecasts.groupBy(groups).agg(targets.as("forecasts"), means.toArray(new Column[0]));
    }

    private static void addMean(List<Column> means, String name, UnaryOperator<Column> of, Column targets) {
        for (String forecast : List.of("", "naive", "seasonalNaive")) {
            Column error = of.apply(functions.col(forecast.isEmpty() ? "error" : forecast + "Error"));
            String full = forecast + name;
            means.add(functions
                    .when(functions.count(error).equalTo(targets), functions.avg(error))
                    .as(full.substring(0, 1).toLowerCase(Locale.ROOT) + full.substring(1)));
        }
    }

    /** The series without a forecast at an origin: the key columns, {@code origin}, and the {@code reason}. */
    public Dataset<Row> leftOut() {
        Column isIn = series.col(BacktestSeries.ORIGIN).equalTo(forecasts.col(BacktestSeries.ORIGIN));
        List<Column> result = new ArrayList<>();
        for (int i = 0; i < keys.size(); i++) {
            Column key = series.col("k" + i);
            isIn = isIn.and(key.equalTo(EventCells.column(forecasts, keys.get(i))));
            result.add(key.as(keys.get(i)));
        }
        result.add(series.col(BacktestSeries.ORIGIN));
        result.add(series.col(BacktestSeries.REASON));
        return series.join(forecasts, isIn, "left_anti").select(result.toArray(new Column[0]));
    }
}
