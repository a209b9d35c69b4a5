package dev.unroll.cli.command;

import dev.unroll.cli.frame.Option;
import dev.unroll.cli.frame.Settings;
import dev.unroll.cli.frame.Source;
import dev.unroll.cli.frame.UsageException;
import dev.unroll.ml.Backtest;
import dev.unroll.ml.BacktestResult;
import dev.unroll.ml.RnnEstimator;
import dev.unroll.ml.RnnModel;
import dev.unroll.ml.RnnRegressor;
import dev.unroll.ml.SlidingWindows;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.spark.ml.param.ParamMap;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/**
 * The backtest of a training on windows, which {@code train} makes before it: the keys {@code backtest}, {@code
 * backtest-refit}, and {@code output} for the forecasts.
 *
 * @param origins how many
 * @param step times from one to the next; 0 for the horizon
 */
record BacktestReport(int origins, int step, boolean refit, Optional<RowsOutput> output) {

    private static final String KEY = "backtest";
    private static final String REFIT = "backtest-refit";
    private static final int MOST_KEYS = 100; // of which the last line has the means of each
    private static final Pattern FORM = Pattern.compile("([1-9][0-9]{0,8})(?::([1-9][0-9]{0,8}))?");

    static List<Option> options() {
        List<Option> options = new ArrayList<>();
        options.add(
                Option.text(
                        KEY,
                        "with prepare windows and task regression: from how many times to forecast the end of the data, each time by"
                                + " a model of earlier labels alone; 3:12 is 3 times that are 12 apart, 3 alone the horizon apart"));
        options.add(Option.flag(
                        REFIT, "whether the backtest trains a model at each of its times, or one at the first of them")
                .orElse("true"));
        RowsOutput.options().stream()
                .filter(option -> !option.name().equals("overwrite")) // which train has
                .map(option -> option.name().equals("output")
                        ? option.describedAs("directory to write the forecasts of the backtest to, or table")
                        : option)
                .forEach(options::add);
        return options;
    }

    /**
     * What the settings ask for; empty for no backtest.
     *
     * @throws UsageException for keys that do not go together
     */
    static Optional<BacktestReport> of(Settings settings) {
        if (!settings.has(KEY)) {
            for (String key : List.of(REFIT, "output", "output-format")) {
                if (settings.has(key)) {
                    throw new UsageException(key + " is given without " + KEY);
                }
            }
            return Optional.empty();
        }
        String text = settings.require(KEY);
        Matcher form = FORM.matcher(text);
        if (!form.matches()) {
            throw new UsageException(KEY + " is " + text
                    + "; allowed are two whole numbers, at least 1, such as 3:12, or the" + " first of them");
        }
        if (!settings.has("output") && settings.has("output-format")) {
            throw new UsageException("output-format is given without output");
        }
        return Optional.of(new BacktestReport(
                Integer.parseInt(form.group(1)),
                form.group(2) == null ? 0 : Integer.parseInt(form.group(2)),
                settings.flag(REFIT),
                settings.has("output") ? Optional.of(RowsOutput.of(settings)) : Optional.empty()));
    }

    /** @throws UsageException for what has no forecasts */
    static void check(Settings settings) {
        if (of(settings).isPresent()) {
            RnnEstimator<?, ?> estimator = settings.applyTo(Estimators.of(settings));
            TrainingRows.preparation(settings, estimator).requireWindows(KEY);
            if (!(estimator instanceof RnnRegressor)) {
                throw new UsageException(KEY + " is given, and task is "
                        + Estimators.task(settings).key() + "; it goes with task regression");
            }
        }
    }

    /**
     * Trains and forecasts, and writes the forecasts where there is an output.
     *
     * @param estimator of the training, a regressor
     * @param preparation of its rows, windows
     * @return for the last line
     */
    Map<String, ?> run(SparkSession spark, Settings settings, RnnEstimator<?, ?> estimator, Preparation preparation) {
        output.ifPresent(written -> written.requireWritable(spark));
        Dataset<Row> rows = preparation
                .read(spark, Source.of(settings), settings.require("train"), SkippedRows.areAllowed(settings))
                .rows();
        SlidingWindows windows =
                settings.applyTo((SlidingWindows) preparation.toKeep().orElseThrow());
        List<String> keys = List.of(windows.getOrDefault(windows.keyCols()));
        RnnRegressor regressor = (RnnRegressor) estimator.copy(ParamMap.empty());
        regressor.addListener(new ProgressLine(System.out, false));
        BacktestResult result = new Backtest(regressor, windows)
                .setOrigins(origins)
                .setStep(step)
                .setRefit(refit)
                .run(rows);
        output.ifPresent(written -> written.write(result.forecasts().orderBy(order(keys)), Set.of()));
        return json(result, keys);
    }

    private static Column[] order(List<String> keys) {
        List<String> names = new ArrayList<>(List.of("origin"));
        names.addAll(keys);
        names.addAll(List.of("horizonStep", "target"));
        return names.stream().map(RnnModel::column).toArray(Column[]::new);
    }

    private Map<String, ?> json(BacktestResult result, List<String> keys) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("origins", result.origins());
        json.put("refit", refit);
        json.put(
                "parameterHashes",
                result.models().stream()
                        .map(model -> model.model().parameterHash())
                        .toList());
        json.put("metrics", means(result.errors().first()));
        json.put("byStep", means(result.errors("horizonStep").orderBy("horizonStep")));
        String[] names = keys.toArray(String[]::new);
        List<Map<String, Object>> byKey = keys.isEmpty()
                ? List.of()
                : means(result.errors(names)
                        .orderBy(keys.stream().map(RnnModel::column).toArray(Column[]::new))
                        .limit(MOST_KEYS + 1));
        if (!byKey.isEmpty() && byKey.size() <= MOST_KEYS) {
            json.put("byKey", byKey);
        }
        Map<String, Long> leftOut = new TreeMap<>();
        result.leftOut()
                .groupBy("reason")
                .count()
                .collectAsList()
                .forEach(row -> leftOut.put(row.getString(0), row.getLong(1)));
        json.put("skipped", leftOut);
        output.ifPresent(written -> json.put("output", written.name()));
        return json;
    }

    private static List<Map<String, Object>> means(Dataset<Row> rows) {
        return rows.collectAsList().stream().map(BacktestReport::means).toList();
    }

    /** Values by column; without means that there are none of. */
    private static Map<String, Object> means(Row row) {
        Map<String, Object> means = new LinkedHashMap<>();
        for (int i = 0; i < row.length(); i++) {
            Object value = row.get(i);
            if (value != null) {
                boolean plain = value instanceof Number || value instanceof Boolean;
                means.put(row.schema().fieldNames()[i], plain ? value : value.toString());
            }
        }
        return means;
    }
}
