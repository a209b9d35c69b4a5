package dev.unroll.ml;

import dev.unroll.fit.CandidateTrainings.Outcome;
import dev.unroll.fit.SearchMetric;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.apache.spark.ml.param.ParamMap;

/**
 * A candidate of a search, and what came of it.
 *
 * @param number from 0
 * @param outcomes one for each fold
 */
record SearchCandidate(int number, ParamMap params, List<Outcome> outcomes) {

    /** The better candidates first, by a metric. */
    static Comparator<SearchCandidate> by(SearchMetric metric) {
        return Comparator.comparingDouble(candidate -> metric.cost(candidate.mean(metric)));
    }

    /** Why the first training that failed did. */
    Optional<String> error() {
        return outcomes.stream().map(Outcome::error).filter(Objects::nonNull).findFirst();
    }

    /** Of a metric over the folds; NaN where a training failed. */
    double mean(SearchMetric metric) {
        return outcomes.stream()
                .mapToDouble(outcome -> of(metric, outcome))
                .average()
                .orElse(Double.NaN);
    }

    /** The standard deviation of a metric over the folds; NaN where there are no two, or a training failed. */
    double deviation(SearchMetric metric) {
        double mean = mean(metric);
        double squares = outcomes.stream()
                .mapToDouble(outcome -> Math.pow(of(metric, outcome) - mean, 2))
                .sum();
        return Math.sqrt(squares / (outcomes.size() - 1));
    }

    private static double of(SearchMetric metric, Outcome outcome) {
        return outcome.error() == null ? metric.of(outcome.validation()) : Double.NaN;
    }
}
