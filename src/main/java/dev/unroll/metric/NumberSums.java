package dev.unroll.metric;

import dev.unroll.math.ExactSum;
import dev.unroll.nn.Loss.Quantile;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Errors of predicted numbers, in the units of the data. They are those of scikit-learn with {@code sample_weight}: a number
 * counts as often as its weight says.
 */
public final class NumberSums implements MetricSums<NumberTerm> {

    /** What is summed, each times the weight of the number. */
    private enum Part {
        WEIGHT,
        SQUARED,
        ABSOLUTE,
        RELATIVE,
        RELATIVE_WEIGHT,
        SYMMETRIC,
        PINBALL,
        COVERED,
        CRPS,
        NAIVE_SQUARED,
        NAIVE_ABSOLUTE,
        NAIVE_SCALED,
        SEASONAL_SQUARED,
        SEASONAL_ABSOLUTE,
        SEASONAL_SCALED,
        OWN_SCALED,
        CHANGE
    }

    private final List<Double> levels;
    private final boolean distributed;
    private final int season;
    private final Map<Part, ExactSum> sums = new EnumMap<>(Part.class);
    private long terms;
    private long zeros;

    /**
     * @param levels of quantiles; empty where none are predicted
     * @param distributed whether distributions are predicted; otherwise quantiles alone, or numbers
     * @param season steps of a season, 1 where only the last value is a forecast; 0 where there is no naive forecast
     */
    public NumberSums(List<Double> levels, boolean distributed, int season) {
        this.levels = List.copyOf(levels);
        this.distributed = distributed;
        this.season = season;
        for (Part part : Part.values()) {
            sums.put(part, new ExactSum());
        }
    }

    @Override
    public void add(NumberTerm term) {
        terms++;
        double weight = term.weight();
        double size = Math.abs(term.target());
        double error = Math.abs(term.prediction() - term.target());
        add(Part.WEIGHT, weight);
        add(Part.SQUARED, weight * (error * error));
        add(Part.ABSOLUTE, weight * error);
        if (size > 0) {
            add(Part.RELATIVE, weight * (error / size));
            add(Part.RELATIVE_WEIGHT, weight);
        } else {
            zeros++;
        }
        if (error != 0) { // both 0: no error
            add(Part.SYMMETRIC, weight * (2 * error / (size + Math.abs(term.prediction()))));
        }
        if (!levels.isEmpty()) {
            addQuantiles(term);
        }
        if (distributed) {
            add(Part.CRPS, weight * term.crps());
        }
        if (season > 0) {
            addNaive(term, error);
        }
    }

    private void add(Part part, double value) {
        sums.get(part).add(value);
    }

    private void addQuantiles(NumberTerm term) {
        double[] quantiles = term.quantiles();
        double sum = 0;
        for (int k = 0; k < quantiles.length; k++) {
            sum += Quantile.pinball(levels.get(k), quantiles[k] - term.target());
        }
        add(Part.PINBALL, term.weight() * (sum / quantiles.length));
        if (quantiles[0] <= term.target() && term.target() <= quantiles[quantiles.length - 1]) {
            add(Part.COVERED, term.weight());
        }
    }

    private void addNaive(NumberTerm term, double error) {
        double weight = term.weight();
        double naive = Math.abs(term.naive() - term.target());
        double seasonal = season > 1 ? Math.abs(term.seasonal() - term.target()) : 0;
        add(Part.NAIVE_SQUARED, weight * (naive * naive));
        add(Part.NAIVE_ABSOLUTE, weight * naive);
        add(Part.SEASONAL_SQUARED, weight * (seasonal * seasonal));
        add(Part.SEASONAL_ABSOLUTE, weight * seasonal);
        if (!Double.isNaN(term.change())) { // a past shorter than a season says nothing
            add(Part.CHANGE, weight * term.change());
            add(Part.OWN_SCALED, weight * error);
            add(Part.NAIVE_SCALED, weight * naive);
            add(Part.SEASONAL_SCALED, weight * seasonal);
        }
    }

    /** {@code zeroTargets} are those that are 0, and so have no relative error. */
    @Override
    public Map<String, Long> counts() {
        Map<String, Long> counts = new LinkedHashMap<>();
        counts.put("terms", terms);
        counts.put("zeroTargets", zeros);
        return counts;
    }

    @Override
    public Map<String, Double> metrics() {
        Map<String, Double> metrics = new LinkedHashMap<>();
        metrics.put("meanSquaredError", mean(Part.SQUARED, Part.WEIGHT));
        metrics.put("rootMeanSquaredError", Math.sqrt(mean(Part.SQUARED, Part.WEIGHT)));
        metrics.put("meanAbsoluteError", mean(Part.ABSOLUTE, Part.WEIGHT));
        metrics.put("meanAbsolutePercentageError", mean(Part.RELATIVE, Part.RELATIVE_WEIGHT));
        metrics.put("symmetricMeanAbsolutePercentageError", mean(Part.SYMMETRIC, Part.WEIGHT));
        if (!levels.isEmpty()) {
            metrics.put("pinballLoss", mean(Part.PINBALL, Part.WEIGHT));
        }
        if (levels.size() > 1) {
            metrics.put("coverage", mean(Part.COVERED, Part.WEIGHT));
        }
        if (distributed || levels.size() > 1) {
            double score = distributed ? mean(Part.CRPS, Part.WEIGHT) : 2 * mean(Part.PINBALL, Part.WEIGHT);
            metrics.put("continuousRankedProbabilityScore", score);
        }
        if (season > 0) {
            metrics.put("naiveMeanSquaredError", mean(Part.NAIVE_SQUARED, Part.WEIGHT));
            metrics.put("naiveMeanAbsoluteError", mean(Part.NAIVE_ABSOLUTE, Part.WEIGHT));
        }
        if (season > 1) {
            metrics.put("seasonalNaiveMeanSquaredError", mean(Part.SEASONAL_SQUARED, Part.WEIGHT));
            metrics.put("seasonalNaiveMeanAbsoluteError", mean(Part.SEASONAL_ABSOLUTE, Part.WEIGHT));
        }
        if (season > 0) {
            metrics.put("meanAbsoluteScaledError", scaled(Part.OWN_SCALED));
            metrics.put("naiveMeanAbsoluteScaledError", scaled(Part.NAIVE_SCALED));
        }
        if (season > 1) {
            metrics.put("seasonalNaiveMeanAbsoluteScaledError", scaled(Part.SEASONAL_SCALED));
        }
        return metrics;
    }

    private double mean(Part part, Part weight) {
        return sums.get(part).value() / sums.get(weight).value();
    }

    /** NaN where nothing changes, so that there is no scale. */
    private double scaled(Part part) {
        double change = sums.get(Part.CHANGE).value();
        return change == 0 ? Double.NaN : sums.get(part).value() / change;
    }

    @Override
    public void write(DataOutput out) throws IOException {
        out.writeLong(terms);
        out.writeLong(zeros);
        for (ExactSum sum : sums.values()) {
            sum.write(out);
        }
    }

    @Override
    public void merge(DataInput in) throws IOException {
        terms += in.readLong();
        zeros += in.readLong();
        for (ExactSum sum : sums.values()) {
            sum.merge(ExactSum.read(in));
        }
    }
}
