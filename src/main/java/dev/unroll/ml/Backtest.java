package dev.unroll.ml;

import dev.unroll.data.InputException;
import dev.unroll.data.SeriesScales;
import dev.unroll.spark.rows.KnownSeries;
import dev.unroll.spark.source.ColumnName;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.ml.linalg.VectorUDT;
import org.apache.spark.ml.param.ParamMap;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.storage.StorageLevel;

/**
 * How a regression would have forecast the past: at each of several times, its origins, it is trained on the windows whose
 * labels are all before that time, and forecasts each series from its last row before it.
 *
 * <p>An origin is one time for all series, so no training sees of any of them what is forecast. The last origin is that
 * from which on the table has as many different times as the horizon; the others are {@code step} times apart before it.
 * The model of an origin has the bits of {@code fit} on these windows, and a forecast those of its {@code transform}.
 *
 * <p>A training has the Params of the regressor, but no checkpoints, and validates on nothing.
 *
 * <p>Source: Hyndman and Athanasopoulos, Forecasting: Principles and Practice, 3rd edition, section 5.10.
 */
public final class Backtest {

    private final RnnRegressor regressor;
    private final SlidingWindows windows;
    private int origins = 1;
    private int step;
    private boolean refit = true;

    /**
     * @param regressor that is tested; it reads the columns that the windows have
     * @param windows how a table becomes windows; their horizon is that of the test
     */
    public Backtest(RnnRegressor regressor, SlidingWindows windows) {
        this.regressor = regressor;
        this.windows = windows;
    }

    /** @param count from how many times there are forecasts; 1 where it is not set */
    public Backtest setOrigins(int count) {
        origins = atLeast(1, "origins", count);
        return this;
    }

    /** @param times from an origin to the next; 0, as where it is not set: the horizon, so that a time is forecast once */
    public Backtest setStep(int times) {
        step = atLeast(0, "step", times);
        return this;
    }

    /** @param always whether a model is trained at each origin, or only at the first one; true where it is not set */
    public Backtest setRefit(boolean always) {
        refit = always;
        return this;
    }

    private static int atLeast(int least, String name, int value) {
        if (value < least) {
            throw new IllegalArgumentException(
                    name + " of a backtest is " + value + "; allowed is a whole number, at least " + least);
        }
        return value;
    }

    /**
     * Trains at the origins and forecasts. The forecasts stay on executors, in memory or on disk, while the result is in use.
     *
     * @param dataset as for the windows: a row per time and series
     * @throws InputException if the table is too short, or for what {@code transform} and {@code fit} throw it
     * @throws IllegalArgumentException for Params that do not go together
     */
    public BacktestResult run(Dataset<?> dataset) {
        SlidingWindows labelled = labelled();
        labelled.transformSchema(dataset.schema());
        BacktestSeries series = new BacktestSeries(labelled, dataset);
        int horizon = labelled.integer(labelled.horizon());
        List<String> times = series.origins(origins, step == 0 ? horizon : step);
        List<RnnRegressorModel> models = new ArrayList<>();
        for (String origin : refit ? times : times.subList(0, 1)) {
            models.add(fit(labelled, dataset, origin));
        }
        boolean manySteps = labelled.flag(labelled.multiStep()) || labelled.stepsAhead() > 0;
        int season = Math.max(1, ParamFactory.<Integer>get(regressor, regressor.season()));
        Dataset<Row> found = kept(series.at(times, manySteps ? 1 : horizon, season, trained(series, times, models)));
        Dataset<Row> forecasts = null;
        for (int i = 0; i < models.size(); i++) {
            Dataset<Row> own =
                    refit ? found.where(column(BacktestSeries.ORIGIN).equalTo(series.timeOf(times.get(i)))) : found;
            Dataset<Row> some = forecasts(models.get(i), labelled, dataset, own);
            forecasts = forecasts == null ? some : forecasts.unionAll(some);
        }
        EventCells.requireDistinct(forecasts.schema());
        return new BacktestResult(
                times,
                refit ? models : Collections.nCopies(times.size(), models.get(0)),
                kept(forecasts),
                found,
                labelled.names(labelled.keyCols()));
    }

    /** Whether the model of an origin can be of a series: with {@code scale by-key} only if it was trained on it. */
    private static Column trained(BacktestSeries series, List<String> times, List<RnnRegressorModel> models) {
        Column trained = functions.lit(true);
        for (int i = models.size() - 1; i >= 0; i--) {
            SeriesScales scales = models.get(i).model().scaling().series();
            if (scales != null) {
                Column key = functions.struct(series.windows().keys().toArray(Column[]::new));
                Column known = functions
                        .udf(new KnownSeries(scales), DataTypes.BooleanType)
                        .apply(key);
                Column isThere = functions.col(BacktestSeries.ORIGIN).equalTo(series.timeOf(times.get(i)));
                trained = models.size() == 1
                        ? known
                        : functions.when(isThere, known).otherwise(trained);
            }
        }
        return trained;
    }

    /** The same rows, computed once. Spark's cache of tables would leave its many partitions as they are, even of few rows. */
    private static Dataset<Row> kept(Dataset<Row> rows) {
        JavaRDD<Row> computed = rows.javaRDD().persist(StorageLevel.MEMORY_AND_DISK());
        return rows.sparkSession().createDataFrame(computed, rows.schema());
    }

    /** The windows, of which each must have a label. */
    private SlidingWindows labelled() {
        SlidingWindows labelled = windows.copy(ParamMap.empty()).setRequireLabel(true);
        if (!labelled.text(labelled.labelBefore()).isEmpty()) {
            throw new IllegalArgumentException("label-before is " + labelled.text(labelled.labelBefore())
                    + ", and a backtest sets it at each origin; leave it out");
        }
        if (labelled.integer(labelled.horizon()) == 0) {
            throw new IllegalArgumentException("horizon is 0, and a backtest is of forecasts; allowed is at least 1");
        }
        return labelled;
    }

    private RnnRegressorModel fit(SlidingWindows labelled, Dataset<?> dataset, String origin) {
        Dataset<Row> training =
                labelled.copy(ParamMap.empty()).setLabelBefore(origin).transform(dataset);
        boolean masked = regressor.rowSpec().inputs().masked();
        if (masked) { // then a label may be missing, of which nothing is learned
            training = training.where(column(labelled.text(labelled.labelCol())).isNotNull());
        }
        if (training.isEmpty()) {
            throw new InputException(
                    "the origin " + origin + " of the backtest leaves no window to train on, one with its"
                            + " label before it; allowed are fewer origins, a shorter window-length, or more data");
        }
        RnnRegressor trainer = regressor.copy(ParamMap.empty());
        trainer.clear(trainer.checkpointDir());
        trainer.clear(trainer.resume());
        return trainer.fit(training);
    }

    /** A row for each step of the horizon and target of the series that have a window at their origin. */
    private static Dataset<Row> forecasts(
            RnnRegressorModel model, SlidingWindows labelled, Dataset<?> dataset, Dataset<Row> series) {
        SlidingWindows every = labelled.copy(ParamMap.empty()).setStride(1);
        every.clear(every.labelFrom());
        Dataset<Row> all = every.transform(dataset);
        String origin = ColumnName.free(all.schema(), "atOrigin");
        Column there = column(origin);
        List<String> keys = every.names(every.keyCols());
        Column isLast = column(every.text(every.timeCol())).equalTo(there.getField(EventStage.TIME));
        List<Column> result = new ArrayList<>();
        for (int i = 0; i < keys.size(); i++) {
            Column key = there.getField("k" + i);
            DataType type = series.schema().apply("k" + i).dataType(); // a static that is a number is a double there
            isLast = isLast.and(column(keys.get(i)).cast(type).equalTo(key));
            result.add(key.as(keys.get(i)));
        }
        Dataset<Row> last = all.join(
                series.where(BacktestSeries.isForecast())
                        .select(functions.struct(functions.col("*")).as(origin)),
                isLast);
        Dataset<Row> predicted = model.transform(last);
        Column labels = there.getField(BacktestSeries.LABELS);
        Column count = functions.size(labels);
        Column values = values(predicted, model.getOrDefault(model.predictionCol()));
        List<Double> levels = model.levels();
        if (!levels.isEmpty()) {
            Column quantiles = quantiles(predicted, model.getOrDefault(model.quantilesCol()), levels.size());
            values = functions.zip_with(values, quantiles, BacktestResult::withQuantiles);
        }
        result.add(there.getField(BacktestSeries.ORIGIN).as(BacktestSeries.ORIGIN));
        result.add(functions.inline(functions.zip_with(
                labels,
                functions.slice(values, count.unary_$minus(), count),
                (label, value) -> BacktestResult.forecast(label, value, levels))));
        return predicted.select(result.toArray(new Column[0]));
    }

    /** Predictions as an array: one number, several, or one a step. */
    private static Column values(Dataset<Row> predicted, String name) {
        DataType type = predicted.schema().apply(name).dataType();
        if (type instanceof VectorUDT) {
            return array(column(name));
        }
        return type instanceof ArrayType ? column(name) : functions.array(column(name));
    }

    /** The quantiles of each of {@link #values}, as an array of arrays. */
    private static Column quantiles(Dataset<Row> predicted, String name, int levels) {
        if (predicted.schema().apply(name).dataType() instanceof ArrayType) {
            return functions.transform(column(name), Backtest::array);
        }
        Column all = array(column(name));
        Column last = functions.size(all).divide(levels).minus(1).cast(DataTypes.IntegerType);
        return functions.transform(
                functions.sequence(functions.lit(0), last),
                target -> functions.slice(all, target.multiply(levels).plus(1), functions.lit(levels)));
    }

    private static Column array(Column vector) {
        return org.apache.spark.ml.functions.vector_to_array(vector, "float64");
    }

    private static Column column(String name) {
        return RnnModel.column(name);
    }
}
