package dev.unroll.ml;

import dev.unroll.fit.TaskTrainings;
import dev.unroll.fit.TrainingConfig;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.spark.ml.Model;
import org.apache.spark.sql.Dataset;

/**
 * Fits of several estimators on the same rows. Where that can be, and at least half of Spark's cores have something to do, they are
 * trained at the same time, each in one task, on rows that are read once; the models and what is told of their trainings are those of
 * {@code fit}. Otherwise each is fitted by itself: with an {@code engine} other than auto, with {@code checkpointDir} or {@code init},
 * with listeners, with indicator columns that differ, of rows that have no room in a task, and where anything is wrong with them,
 * which {@code fit} then says.
 *
 * @param <E> the estimators
 * @param <M> their model
 */
public final class SeveralFits<E extends RnnEstimator<E, M>, M extends Model<M>> {

    private final Dataset<?> dataset;
    private final List<E> estimators;
    private final Optional<TaskTrainings> trained;

    private SeveralFits(Dataset<?> dataset, List<E> estimators, Optional<TaskTrainings> trained) {
        this.dataset = dataset;
        this.estimators = List.copyOf(estimators);
        this.trained = trained;
    }

    /**
     * Trains those that can be trained at the same time.
     *
     * @throws dev.unroll.train.TrainingException if somebody cancelled that
     */
    public static <E extends RnnEstimator<E, M>, M extends Model<M>> SeveralFits<E, M> of(
            Dataset<?> dataset, List<E> estimators) {
        return new SeveralFits<>(dataset, estimators, trained(dataset, estimators));
    }

    private static Optional<TaskTrainings> trained(Dataset<?> dataset, List<? extends RnnEstimator<?, ?>> estimators) {
        long indicators = estimators.stream()
                .map(estimator -> estimator.validation().indicator())
                .distinct()
                .count();
        if (indicators != 1 || estimators.stream().anyMatch(RnnEstimator::hasListeners)) {
            return Optional.empty();
        }
        ValidationRows validation = estimators.get(0).validation();
        List<TrainingConfig> configs = new ArrayList<>();
        Dataset<?> marked;
        try {
            for (RnnEstimator<?, ?> estimator : estimators) {
                estimator.validation().requireFolds(0);
                configs.add(estimator.config(dataset.schema()));
            }
            marked = validation.marked(dataset);
        } catch (IllegalArgumentException e) {
            return Optional.empty(); // the fit that it is wrong for says so
        }
        return TaskTrainings.run(configs, RnnEstimator.context(dataset), marked, validation.indicator());
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
                .map(training -> estimators.get(number).model(training));
    }

    /** The models of all estimators, or what {@code fit} throws for the first that has none. */
    List<M> models() {
        List<M> models = new ArrayList<>();
        for (int number = 0; number < estimators.size(); number++) {
            E estimator = estimators.get(number);
            models.add(model(number).orElseGet(() -> estimator.fit(dataset)));
        }
        return models;
    }
}
