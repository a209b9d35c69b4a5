package dev.unroll.metric;

import dev.unroll.math.ExactSum;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Metrics of predicted sets of labels and their probabilities, but for those of {@link RankCurve}. They are those of scikit-learn of
 * indicator matrices, with {@code sample_weight}: a term, which is a whole set, counts as often as its weight says.
 */
public final class LabelSetSums implements MetricSums<LabelSetTerm> {

    private final ClassCounts classes;
    private final int size;
    private long terms;
    private final ExactSum weight = new ExactSum();
    private final ExactSum equal = new ExactSum(); // weights of sets that were predicted as they are
    private final ExactSum logLoss = new ExactSum(); // over terms and labels

    /** @param labels C */
    public LabelSetSums(int labels) {
        this.classes = new ClassCounts(labels);
        this.size = labels;
    }

    @Override
    public void add(LabelSetTerm term) {
        boolean[] label = indicators(term.labels());
        boolean[] prediction = indicators(term.predicted());
        terms++;
        weight.add(term.weight());
        for (int c = 0; c < size; c++) {
            if (label[c]) {
                classes.addLabel(c, term.weight());
            }
            if (prediction[c]) {
                classes.addPrediction(c, term.weight());
            }
            if (label[c] && prediction[c]) {
                classes.addHit(c, term.weight());
            }
            double p = term.probabilities()[c];
            double ofOutcome = label[c] ? p : 1 - p;
            logLoss.add(-term.weight() * ClassSums.boundedLog(ofOutcome));
        }
        if (Arrays.equals(label, prediction)) {
            equal.add(term.weight());
        }
    }

    private boolean[] indicators(int[] set) {
        boolean[] indicators = new boolean[size];
        for (int c : set) {
            indicators[c] = true;
        }
        return indicators;
    }

    @Override
    public Map<String, Long> counts() {
        return Map.of("terms", terms);
    }

    /** By label. */
    public ClassCounts classes() {
        return classes;
    }

    @Override
    public Map<String, Double> metrics() {
        double labels = classes.labels();
        double predicted = classes.predicted();
        double hits = classes.hits();
        Map<String, Double> metrics = new LinkedHashMap<>();
        metrics.put("accuracy", equal.value() / weight.value());
        metrics.put("hammingLoss", (labels + predicted - 2 * hits) / (size * weight.value()));
        metrics.put("microF1", ClassCounts.share(2 * hits, labels + predicted));
        metrics.put("microPrecision", ClassCounts.share(hits, predicted));
        metrics.put("microRecall", ClassCounts.share(hits, labels));
        classes.putAverages(metrics);
        metrics.put("logLoss", logLoss.value() / (size * weight.value()));
        return metrics;
    }

    private List<ExactSum> sums() {
        return List.of(weight, equal, logLoss);
    }

    @Override
    public void write(DataOutput out) throws IOException {
        out.writeLong(terms);
        classes.write(out);
        for (ExactSum sum : sums()) {
            sum.write(out);
        }
    }

    @Override
    public void merge(DataInput in) throws IOException {
        terms += in.readLong();
        classes.merge(in);
        for (ExactSum sum : sums()) {
            sum.merge(ExactSum.read(in));
        }
    }
}
