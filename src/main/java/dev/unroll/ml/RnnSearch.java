package dev.unroll.ml;

import dev.unroll.fit.CandidateTrainings;
import dev.unroll.fit.CandidateTrainings.Outcome;
import dev.unroll.fit.CandidateTrainings.Part;
import dev.unroll.fit.SearchByKey;
import dev.unroll.fit.SearchMetric;
import dev.unroll.fit.TrainingConfig;
import dev.unroll.nn.LearningTask;
import dev.unroll.train.TrainingException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.spark.ml.Model;
import org.apache.spark.ml.param.Param;
import org.apache.spark.ml.param.ParamMap;
import org.apache.spark.ml.param.ParamPair;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.types.StructType;
import scala.jdk.javaapi.CollectionConverters;

/**
 * Finds the best of several settings of an estimator: trains a model for each, in one task and one thread, as many at once as
 * Spark has cores. The rows are read once. Every model has the bits that {@code fit} with these Params gives.
 *
 * <p>What decides is a metric of rows that were not trained on: those that the estimator holds out (validationFraction,
 * validationIndicatorCol), or each of several folds in turns. With halving, all candidates make a part of their updates, the better
 * ones continue, and so forth.
 *
 * <p>Source of halving: Jamieson and Talwalkar 2016, Non-stochastic Best Arm Identification and Hyperparameter Optimization.
 *
 * @param <E> the estimator
 * @param <M> its model
 */
public final class RnnSearch<E extends RnnEstimator<E, M>, M extends Model<M>> {

    private final E estimator;
    private final List<ParamMap> candidates;
    private SearchMetric metric = new SearchMetric("loss");
    private int folds;
    private int halving;
    private boolean refit = true;

    /**
     * @param estimator whose other Params all candidates have
     * @param candidates as Spark's {@code ParamGridBuilder} or {@link ParamSpace} make them
     */
    public RnnSearch(E estimator, ParamMap... candidates) {
        if (candidates.length == 0) {
            throw new IllegalArgumentException("there is no candidate to search among; allowed is at least one");
        }
        this.estimator = estimator;
        this.candidates = List.of(candidates);
        for (ParamMap candidate : candidates) {
            for (ParamPair<?> pair : CollectionConverters.asJava(candidate.toSeq())) {
                if (!pair.param().parent().equals(estimator.uid())
                        || pair.param().equals(estimator.validationIndicatorCol())) {
                    throw new IllegalArgumentException("a candidate sets " + pair.param() + "; allowed are Params of "
                            + estimator.uid() + " but for validationIndicatorCol");
                }
            }
        }
    }

    /** @param name of a metric of the validation, as {@code train} shows it; loss where it is not set */
    public RnnSearch<E, M> setMetric(String name) {
        metric = new SearchMetric(name);
        return this;
    }

    /** @param count how many parts the rows are dealt to, of which each is held out once; 0, as where it is not set: what the estimator holds out */
    public RnnSearch<E, M> setFolds(int count) {
        if (count != 0 && count < 2) {
            throw new IllegalArgumentException("folds of a search is " + count + "; allowed are 0 and at least 2");
        }
        folds = count;
        return this;
    }

    /** @param divisor that the number of candidates is divided by, and their updates multiplied, from rung to rung; 0, as where it is not set: all make all updates */
    public RnnSearch<E, M> setHalving(int divisor) {
        if (divisor != 0 && divisor < 2) {
            throw new IllegalArgumentException("halving of a search is " + divisor + "; allowed are 0 and at least 2");
        }
        halving = divisor;
        return this;
    }

    /** @param always whether the best candidate is trained on the cluster in the end, as by {@code fit}; true where it is not set */
    public RnnSearch<E, M> setRefit(boolean always) {
        refit = always;
        return this;
    }

    /**
     * Trains the candidates.
     *
     * @throws dev.unroll.data.InputException if a row cannot be used (and handleInvalid is error), or the rows have no room in a task
     * @throws IllegalArgumentException for Params that do not go together, and if there is nothing to validate on
     * @throws TrainingException if no candidate could be trained
     */
    public SearchResult<M> run(Dataset<?> dataset) {
        for (int candidate = 0; candidate < candidates.size(); candidate++) {
            estimator(candidate).validation().requireFolds(folds);
        }
        List<TrainingConfig> configs = configs(dataset);
        configs.forEach(this::requireRefit);
        Dataset<?> marked = estimator.validation().marked(dataset);
        List<SearchCandidate> ranking; // the best first
        try (CandidateTrainings trainings = new CandidateTrainings(
                RnnEstimator.context(dataset),
                configs,
                marked,
                estimator.validation().indicator(),
                folds)) {
            ranking = ranking(trainings);
        }
        SearchResult<M> found = new SearchResult<>(dataset.sparkSession(), metric, ranking);
        return refit ? found.refitted(() -> estimator(found.bestCandidate()).fit(dataset)) : found;
    }

    /**
     * Searches for every key by itself, such as a store: the candidates are trained on the key's rows in one task and one thread, one after the
     * other, and the best model is that of the key, with the bits that {@link RnnEstimator#fitByKey} with its Params gives. The rows are read
     * and shuffled once for all candidates; refit is not asked, since the best model is there.
     *
     * @param keys columns; rows of one key have the same values in all of them
     * @throws dev.unroll.data.InputException if a row cannot be used (and handleInvalid is error), or a column is missing
     * @throws IllegalArgumentException for Params that do not go together, if there is nothing to validate on, for folds and halving, and for
     *     candidates that read, order or hold out rows in different ways
     * @throws TrainingException if not a single key has a model; otherwise the error of a key is in its row
     */
    public KeyedSearchResult runByKey(Dataset<?> dataset, String... keys) {
        if (folds > 0 || halving > 0) {
            throw new IllegalArgumentException("folds of a search is " + folds + " and halving is " + halving
                    + ", and by key every candidate makes all updates and is compared by what the estimator holds out;"
                    + " allowed is 0 for both");
        }
        for (int candidate = 0; candidate < candidates.size(); candidate++) {
            estimator(candidate).validation().requireFolds(0);
            estimator(candidate).requireNoScaleByKey();
        }
        List<TrainingConfig> configs = configs(dataset);
        requireOneReading(configs, dataset.schema());
        List<SearchByKey.Candidate> all = IntStream.range(0, configs.size())
                .mapToObj(n -> new SearchByKey.Candidate(configs.get(n), SearchResult.texts(candidates.get(n))))
                .toList();
        return SearchByKey.run(
                all,
                metric,
                RnnEstimator.context(dataset),
                estimator.validation().marked(dataset),
                List.of(keys),
                estimator.validation().indicator(),
                KeyedSearchResult::new);
    }

    private List<TrainingConfig> configs(Dataset<?> dataset) {
        List<TrainingConfig> configs = IntStream.range(0, candidates.size())
                .mapToObj(candidate -> estimator(candidate).config(dataset.schema()))
                .toList();
        configs.forEach(metric::requireOf);
        requireOneUnit(configs);
        return configs;
    }

    /** The rows of a key are read once for all candidates. */
    private void requireOneReading(List<TrainingConfig> configs, StructType schema) {
        TrainingConfig first = configs.get(0);
        for (int candidate = 1; candidate < configs.size(); candidate++) {
            if (configs.get(candidate).readsAs(first)) {
                continue;
            }
            E other = estimator(candidate);
            String params = Arrays.stream(estimator.params())
                    .filter(other::isDefined)
                    .filter(param -> changesReading(other, param, first, schema))
                    .map(Param::name)
                    .collect(Collectors.joining(", "));
            throw new IllegalArgumentException("candidates 0 and " + candidate + " of a search by key differ in "
                    + params + ", and the rows of a key are read, ordered and held out once for all candidates;"
                    + " search once for each of these values");
        }
    }

    /** Whether the first candidate with that one value of another reads rows in another way, or cannot have it alone. */
    @SuppressWarnings({"unchecked", "rawtypes"}) // the value is one of the Param
    private boolean changesReading(E other, Param<?> param, TrainingConfig first, StructType schema) {
        E changed = estimator(0);
        Object own = changed.isDefined(param) ? changed.getOrDefault(param) : null;
        Object value = other.getOrDefault(param);
        if (Objects.deepEquals(own, value)) {
            return false;
        }
        try {
            return !changed.copy(new ParamMap().put((Param) param, value))
                    .config(schema)
                    .readsAs(first);
        } catch (IllegalArgumentException e) {
            return true;
        }
    }

    /** In the end all rows are trained on, so that there is nothing left to have patience with. */
    private void requireRefit(TrainingConfig config) {
        if (folds > 0 && refit && config.limits().patience() > 0) {
            throw new IllegalArgumentException("patience is " + config.limits().patience() + ", folds of the search is "
                    + folds
                    + " and refit is true, which trains on all rows and validates on none; allowed is patience 0 or"
                    + " refit false");
        }
    }

    /** Losses of different kinds, and of targets that are scaled in different ways, say nothing beside each other. */
    private void requireOneUnit(List<TrainingConfig> configs) {
        long units = configs.stream()
                .map(config -> List.of(
                        config.loss().loss().key(),
                        config.task() == LearningTask.REGRESSION
                                && config.data().standardize(),
                        config.task() == LearningTask.REGRESSION ? config.data().scale() : ""))
                .distinct()
                .count();
        if (metric.name().equals("loss") && units > 1) {
            throw new IllegalArgumentException(
                    "the metric of the search is loss, and candidates differ in loss or in the scale"
                            + " of their targets, so that their losses have different units; allowed is a metric such as "
                            + (configs.get(0).task() == LearningTask.REGRESSION ? "meanAbsoluteError" : "accuracy"));
        }
    }

    /** The estimator with the Params of a candidate, by its number. */
    E estimator(int candidate) {
        return estimator.copy(candidates.get(candidate));
    }

    /** Trains rung after rung, on each of which those that are left continue. */
    private List<SearchCandidate> ranking(CandidateTrainings trainings) {
        List<SearchCandidate> ranking = new ArrayList<>();
        List<SearchCandidate> failed = new ArrayList<>();
        List<Integer> left = IntStream.range(0, candidates.size()).boxed().toList();
        for (double share : shares()) {
            List<SearchCandidate> rung = trained(trainings, left, share);
            rung.stream().filter(candidate -> candidate.error().isPresent()).forEach(failed::add);
            rung.removeIf(candidate -> candidate.error().isPresent());
            rung.sort(SearchCandidate.by(metric));
            int survivors = share == 1 ? 0 : (rung.size() + halving - 1) / halving;
            ranking.addAll(0, rung.subList(survivors, rung.size()));
            left = rung.subList(0, survivors).stream()
                    .map(SearchCandidate::number)
                    .toList();
        }
        ranking.addAll(failed);
        return ranking;
    }

    private List<SearchCandidate> trained(CandidateTrainings trainings, List<Integer> numbers, double share) {
        List<Part> parts = trainings.parts().stream()
                .filter(part -> numbers.contains(part.candidate()))
                .toList();
        Map<Integer, List<Outcome>> outcomes = trainings.train(parts, share).stream()
                .collect(Collectors.groupingBy(outcome -> outcome.part().candidate()));
        List<SearchCandidate> trained = new ArrayList<>();
        for (int number : numbers) {
            SearchCandidate candidate = new SearchCandidate(number, candidates.get(number), outcomes.get(number));
            candidate.mean(metric); // refuses one that there is not, beside a naive forecast that not every target has
            trained.add(candidate);
        }
        return trained;
    }

    /** Of all updates, at which rung after rung ends. */
    private double[] shares() {
        int rungs = 1;
        for (int left = candidates.size(); halving > 0 && left > 1; left = (left + halving - 1) / halving) {
            rungs++;
        }
        double[] shares = new double[rungs];
        for (int rung = 0; rung < rungs; rung++) {
            shares[rung] = 1 / Math.pow(halving, rungs - 1 - rung);
        }
        return shares;
    }
}
