package dev.unroll.ml;

import dev.unroll.fit.TaskTrainings;
import dev.unroll.fit.Trained;
import dev.unroll.fit.TrainingConfig;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.types.StructType;

/**
 * Fits of several estimators on the same rows. Where that can be, and at least half of Spark's cores have something to do, they are
 * trained at the same time, each in one task, on rows that are read once; the models, their histories and metrics are those of {@code fit}.
 * Otherwise each is fitted by itself: with an {@code engine} other than auto, with {@code checkpointDir} or {@code init},
 * with listeners, with indicator columns that differ, of rows or trainings that have no room in tasks, and where anything is wrong with them,
 * which {@code fit} then says.
 *
 * @param <M> model of the estimators
 */
public final class SeveralFits<M> {

    private final List<Fit<M>> fits;
    private final Optional<TaskTrainings> trained;

    /**
     * One of them.
     *
     * @param config of the training, by the schema of the rows
     * @param model of a training
     * @param alone the model where it is fitted by itself
     */
    record Fit<M>(
            Function<StructType, TrainingConfig> config,
            ValidationRows validation,
            boolean hasListeners,
            Function<Trained, M> model,
            Supplier<M> alone) {}

    private SeveralFits(List<Fit<M>> fits, Optional<TaskTrainings> trained) {
        this.fits = fits;
        this.trained = trained;
    }

    /**
     * Trains those that can be trained at the same time.
     *
     * @throws dev.unroll.train.TrainingException if somebody cancelled that
     */
    static <M> SeveralFits<M> of(JavaSparkContext context, Dataset<?> dataset, List<Fit<M>> fits) {
        return new SeveralFits<>(List.copyOf(fits), trained(context, dataset, fits));
    }

    private static <M> Optional<TaskTrainings> trained(
            JavaSparkContext context, Dataset<?> dataset, List<Fit<M>> fits) {
        long indicators = fits.stream()
                .map(fit -> fit.validation().indicator())
                .distinct()
                .count();
        if (indicators != 1 || fits.stream().anyMatch(Fit::hasListeners)) {
            return Optional.empty();
        }
        ValidationRows validation = fits.get(0).validation();
        List<TrainingConfig> configs = new ArrayList<>();
        Dataset<?> marked;
        try {
            for (Fit<M> fit : fits) {
                fit.validation().requireFolds(0);
                configs.add(fit.config().apply(dataset.schema()));
            }
            if (!TaskTrainings.areWorthIt(configs, context)) {
                return Optional.empty(); // before a look at the rows
            }
            marked = validation.marked(dataset);
        } catch (IllegalArgumentException e) {
            return Optional.empty(); // the fit that it is wrong for says so
        }
        return TaskTrainings.run(configs, context, marked, validation.indicator());
    }

    /**
     * The model of an estimator.
     *
     * @param number from 0
     * @return empty where it is to be fitted by itself
     * @throws dev.unroll.train.TrainingException if its training could not continue
     */
    public Optional<M> model(int number) {
        return trained.flatMap(trainings -> trainings.get(number))
                .map(training -> fits.get(number).model().apply(training));
    }

    /** The models of all estimators, or what {@code fit} throws for the first that has none. */
    List<M> models() {
        List<M> models = new ArrayList<>();
        for (int number = 0; number < fits.size(); number++) {
            models.add(model(number).orElseGet(fits.get(number).alone()));
        }
        return models;
    }
}
