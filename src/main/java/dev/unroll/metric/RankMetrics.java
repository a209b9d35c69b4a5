package dev.unroll.metric;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/**
 * The areas under the curves of all classes as metrics: of two classes that exclude each other those of the second, otherwise the
 * means over classes, each ranked against all others. A class that never is the label has none, and is left out of the means; scikit-learn
 * averages an average precision of 0 in for it. A class that always is the label has no area under the ROC curve, and the
 * average precision 1.
 */
public final class RankMetrics {

    /** Classes up to which terms are ranked: each term has a score to sort for each of them. */
    public static final int MAX_CLASSES = 64;

    private RankMetrics() {}

    /**
     * @param curves of all classes, in their order
     * @param exclusive whether a term has one class
     */
    public static Map<String, Double> of(List<RankCurve> curves, boolean exclusive) {
        Map<String, Double> metrics = new LinkedHashMap<>();
        put(metrics, curves, exclusive, "areaUnderROC", RankCurve::areaUnderRoc);
        put(metrics, curves, exclusive, "averagePrecision", RankCurve::averagePrecision);
        return metrics;
    }

    private static void put(
            Map<String, Double> metrics,
            List<RankCurve> curves,
            boolean exclusive,
            String name,
            ToDoubleFunction<RankCurve> area) {
        if (exclusive && curves.size() == 2) {
            metrics.put(name, area.applyAsDouble(curves.get(1)));
            return;
        }
        double sum = 0;
        double weighted = 0;
        double weights = 0;
        int present = 0;
        for (RankCurve curve : curves) {
            double value = area.applyAsDouble(curve);
            if (!Double.isNaN(value)) {
                sum += value;
                weighted += curve.positives() * value;
                weights += curve.positives();
                present++;
            }
        }
        String mean = Character.toUpperCase(name.charAt(0)) + name.substring(1);
        metrics.put("macro" + mean, sum / present);
        metrics.put("weighted" + mean, weighted / weights);
    }
}
