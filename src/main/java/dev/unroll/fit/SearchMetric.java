package dev.unroll.fit;

import dev.unroll.spark.source.BadRow;
import dev.unroll.worker.EvaluationSum;
import java.io.Serializable;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * What decides which candidate of a search is the best.
 *
 * @param name of a metric of the validation
 */
public record SearchMetric(String name) implements Serializable {

    /** Metrics of which more is better; of the others less is. */
    private static final Set<String> MORE_IS_BETTER = Set.of("accuracy", "macroF1");

    /** @throws IllegalArgumentException for one of which neither more nor less is better */
    public SearchMetric {
        if (name.equals("coverage")) {
            throw new IllegalArgumentException("the metric of the search is coverage, of which neither more nor less is"
                    + " better; pinballLoss is less for better quantiles");
        }
    }

    /**
     * Checks before a training that there may be such a metric.
     *
     * @throws IllegalArgumentException otherwise, naming those that there may be
     */
    public void requireOf(TrainingConfig config) {
        requireIn(EvaluationSum.names(config.task(), config.loss().loss(), config.naive()));
    }

    /** @throws IllegalArgumentException if the validation does not have it */
    public double of(Map<String, Double> validation) {
        requireIn(validation.keySet());
        return validation.get(name);
    }

    private void requireIn(Set<String> names) {
        if (!names.contains(name)) {
            throw new IllegalArgumentException("the metric of the search is " + BadRow.shown(name)
                    + "; the validation has " + String.join(", ", new TreeSet<>(names)));
        }
    }

    /** A number that is less where the value is better. */
    public double cost(double value) {
        return MORE_IS_BETTER.contains(name) ? -value : value;
    }
}
