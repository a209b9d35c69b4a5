package dev.unroll.ml;

import dev.unroll.data.Labels;
import dev.unroll.metric.ClassCounts;
import dev.unroll.metric.ClassSums;
import dev.unroll.metric.RankCurve;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/**
 * What came of an {@link Evaluation}.
 */
public final class EvaluationResult {

    /**
     * Figures of one class.
     *
     * @param label as predictions show it
     * @param precision share of its predictions that are right; 0 without any
     * @param recall share of its labels that are predicted; 0 without any
     * @param f1 harmonic mean of both
     * @param count how often it is the label, whatever these weigh
     * @param areaUnderROC of its probability against all other classes; NaN where it is never the label, or always, or there
     *     are more than 64 classes
     * @param averagePrecision the area under its curve of precision and recall; NaN where it is never the label, or there are
     *     more than 64 classes
     */
    public record OfClass(
            String label,
            double precision,
            double recall,
            double f1,
            long count,
            double areaUnderROC,
            double averagePrecision) {}

    private final Map<String, Double> metrics;
    private final Map<String, Long> counts;
    private final List<OfClass> classes;
    private final Optional<ClassSums> sums;
    private final Optional<Dataset<Row>> groups;

    EvaluationResult(
            Map<String, Double> metrics,
            Map<String, Long> counts,
            List<OfClass> classes,
            Optional<ClassSums> sums,
            Optional<Dataset<Row>> groups) {
        this.metrics = Collections.unmodifiableMap(metrics);
        this.counts = counts;
        this.classes = classes;
        this.sums = sums;
        this.groups = groups;
    }

    static List<OfClass> ofClasses(Labels labels, ClassCounts sums, List<RankCurve> curves) {
        List<OfClass> classes = new ArrayList<>();
        for (int c = 0; c < labels.size(); c++) {
            classes.add(new OfClass(
                    labels.areDoubles() ? labels.value(c) : labels.digits(c),
                    sums.precision(c),
                    sums.recall(c),
                    sums.f1(c),
                    sums.count(c),
                    curves.isEmpty() ? Double.NaN : curves.get(c).areaUnderRoc(),
                    curves.isEmpty() ? Double.NaN : curves.get(c).averagePrecision()));
        }
        return classes;
    }

    /** Metrics by name; without those that such rows do not have, such as the area under a curve without a positive label. */
    public Map<String, Double> metrics() {
        return metrics;
    }

    /** {@code terms}, labels or numbers of targets that were counted, and of numbers {@code zeroTargets}, those that are 0. */
    public Map<String, Long> counts() {
        return counts;
    }

    /** Figures of every class, in the order of the model's labels; empty for a regression. */
    public List<OfClass> classes() {
        return classes;
    }

    /**
     * What the terms weigh of each label (row) that were predicted as each class (column), in the order of {@link #classes};
     * empty for a regression, for sets of labels, and for more than 256 classes.
     */
    public Optional<double[][]> confusion() {
        return sums.filter(ClassSums::hasConfusion).map(counted -> {
            double[][] rows = new double[classes.size()][classes.size()];
            for (int label = 0; label < rows.length; label++) {
                for (int prediction = 0; prediction < rows.length; prediction++) {
                    rows[label][prediction] = counted.confusion(label, prediction);
                }
            }
            return rows;
        });
    }

    /**
     * A row for each group, in ascending order of its values: the columns it is by, the {@link #counts} and the {@link
     * #metrics}, null where the group does not have one; empty unless the evaluation is by some column.
     */
    public Optional<Dataset<Row>> groups() {
        return groups;
    }
}
