package dev.unroll.ml;

import dev.unroll.fit.CandidateTrainings.Outcome;
import dev.unroll.spark.source.BadRow;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.apache.spark.ml.param.ParamMap;

/**
 * A candidate of a search, and what came of it.
 *
 * @param number from 0
 * @param outcomes one for each fold
 */
record SearchCandidate(int number, ParamMap params, List<Outcome> outcomes) {

    /** Metrics of which more is better; of the others less is. */
    private static final Set<String> MORE_IS_BETTER = Set.of("accuracy", "macroF1");

    /** The better candidates first, by a metric. */
    static Comparator<SearchCandidate> byMetric(String metric) {
        double sign = MORE_IS_BETTER.contains(metric) ? -1 : 1;
        return Comparator.comparingDouble(candidate -> sign * candidate.mean(metric));
    }

    /** Why the first training that failed did. */
    Optional<String> error() {
        return outcomes.stream().map(Outcome::error).filter(Objects::nonNull).findFirst();
    }

    /** Of a metric over the folds; NaN where a training failed. */
    double mean(String metric) {
        return outcomes.stream()
                .mapToDouble(outcome -> of(metric, outcome))
                .average()
                .orElse(Double.NaN);
    }

    /** The standard deviation of a metric over the folds; NaN where there are no two, or a training failed. */
    double deviation(String metric) {
        double mean = mean(metric);
        double squares = outcomes.stream()
                .mapToDouble(outcome -> Math.pow(of(metric, outcome) - mean, 2))
                .sum();
        return Math.sqrt(squares / (outcomes.size() - 1));
    }

    private static double of(String metric, Outcome outcome) {
        if (outcome.error() != null) {
            return Double.NaN;
        }
        Double value = outcome.validation().get(metric);
        if (value == null) {
            throw new IllegalArgumentException("the metric of the search is " + BadRow.shown(metric)
                    + "; the validation has "
                    + String.join(
                            ", ",
                            outcome.validation().keySet().stream().sorted().toList()));
        }
        return value;
    }
}
