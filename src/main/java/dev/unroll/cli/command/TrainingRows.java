package dev.unroll.cli.command;

import dev.unroll.cli.frame.Option;
import dev.unroll.cli.frame.Settings;
import dev.unroll.cli.frame.Source;
import dev.unroll.cli.frame.UsageException;
import dev.unroll.ml.RnnEstimator;
import dev.unroll.nn.LearningTask;
import dev.unroll.spark.source.FileSource;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/**
 * The rows of a training, from the keys that {@code train}, {@code plan} and {@code replay} share: those of files, or
 * of the {@link DefaultJob} where none are given.
 *
 * @param skipped how many rows were left out on the way to them, by reason
 * @param preparation how they were prepared, as the rows to train on decided it
 */
public record TrainingRows(
        Dataset<Row> training, Optional<Dataset<Row>> validation, Map<String, Long> skipped, Preparation preparation) {

    private static final String TRAIN = "train";
    private static final String VALIDATION = "validation";
    private static final String VALIDATION_FROM = "validation-from";

    /** Defaults that depend on other keys, in the order in which they are looked at. */
    public static final List<ConditionalDefaults> DEFAULTS = List.of(
            new ConditionalDefaults(
                    "without `train`: the default job", settings -> !areGiven(settings), DefaultJob.DEFAULTS),
            new ConditionalDefaults(
                    "with `prepare windows`",
                    settings -> settings.require(Preparation.KEY).equals(Preparation.WINDOWS),
                    Map.of(Estimators.TASK.name(), LearningTask.REGRESSION.key())),
            new ConditionalDefaults(
                    "with `known-cols`", settings -> settings.has(Preparation.KNOWN), Map.of("missing", "mask")),
            new ConditionalDefaults(
                    "with `prepare sequences` and `task tagging`",
                    settings -> settings.require(Preparation.KEY).equals(Preparation.SEQUENCES)
                            && Estimators.task(settings) == LearningTask.TAGGING,
                    Map.of("label-per-step", "true")));

    /** The keys that say what is trained on, and for which task. */
    static List<Option> options() {
        List<Option> options = new ArrayList<>();
        options.add(Estimators.TASK);
        options.add(Option.text(TRAIN, "files to train on, or a table"));
        options.add(Option.text(VALIDATION, "files to validate on, or a table"));
        options.add(Option.text(
                VALIDATION_FROM,
                "with prepare windows: windows whose label is of this time or later are validated on, earlier ones"
                        + " trained on; of the files of train, or of those of validation where these are given"));
        options.add(Preparation.OPTION);
        options.addAll(Source.options());
        return options;
    }

    /** Whether rows are given; else they are those of the default job. */
    static boolean areGiven(Settings settings) {
        return settings.has(TRAIN);
    }

    /** The settings with those of the {@link #DEFAULTS} whose condition holds. */
    static Settings withDefaults(Settings given) {
        Settings settings = given;
        for (ConditionalDefaults defaults : DEFAULTS) {
            settings = defaults.applyTo(settings);
        }
        return settings;
    }

    /** @throws UsageException for keys that do not go together */
    static void check(Settings given) {
        for (String key : List.of(VALIDATION, Preparation.KEY)) {
            if (given.has(key) && !areGiven(given)) {
                throw new UsageException(key + " is given without train");
            }
        }
        Settings settings = withDefaults(given);
        Source.of(settings);
        Preparation preparation = preparation(settings, settings.applyTo(Estimators.of(settings)));
        if (settings.has(VALIDATION_FROM)) {
            preparation.requireWindows(VALIDATION_FROM);
        }
        if (preparation.isWindows() && settings.number("validation-fraction") > 0) {
            throw new UsageException("validation-fraction is " + settings.require("validation-fraction") + ", and "
                    + Preparation.KEY + " is " + Preparation.WINDOWS + ", which overlap; " + VALIDATION_FROM
                    + " splits them by time");
        }
    }

    /** How the rows of files become those that the estimator takes. */
    static Preparation preparation(Settings settings, RnnEstimator<?, ?> estimator) {
        Preparation preparation = Preparation.of(settings, estimator.rowSpec());
        List<String> numbers = preparation.numericCols();
        if (!numbers.isEmpty()) {
            estimator.setNumericCols(numbers.toArray(String[]::new)); // with those that the preparation adds
        }
        return preparation;
    }

    /**
     * Reads the rows.
     *
     * @param settings with their defaults
     * @param given how they are prepared, as the settings say
     * @throws IOException if the program's own file cannot be read
     */
    static TrainingRows read(SparkSession spark, Settings settings, Preparation given) throws IOException {
        if (!areGiven(settings)) {
            return new TrainingRows(DefaultJob.rows(spark), Optional.empty(), Map.of(), given);
        }
        FileSource source = Source.of(settings);
        boolean skip = SkippedRows.areAllowed(settings);
        Optional<String> from = settings.get(VALIDATION_FROM);
        Preparation.Input train = given.read(spark, source, settings.require(TRAIN), skip);
        Preparation preparation = given.measuringAs(train);
        Optional<Preparation.Input> other =
                settings.get(VALIDATION).map(path -> preparation.read(spark, source, path, skip));
        if (from.isEmpty()) {
            return of(preparation.sequences(train), other.map(preparation::sequences), preparation);
        }
        preparation.requireTime(train, VALIDATION_FROM, from.get());
        Preparation.Input later = preparation.labelsFrom(from.get()).sequences(other.orElse(train.counted()));
        return of(preparation.labelsBefore(from.get()).sequences(train), Optional.of(later), preparation);
    }

    private static TrainingRows of(
            Preparation.Input training, Optional<Preparation.Input> validation, Preparation preparation) {
        return new TrainingRows(
                training.rows(),
                validation.map(Preparation.Input::rows),
                SkippedRows.sum(
                        training.skipped(),
                        validation.map(Preparation.Input::skipped).orElse(Map.of())),
                preparation);
    }
}
