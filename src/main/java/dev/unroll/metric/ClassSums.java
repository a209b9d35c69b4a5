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
 * Metrics of predicted classes and their probabilities, but for those of {@link RankCurve}. They are those of scikit-learn with
 * {@code sample_weight}: a term counts as often as its weight says. Averages over classes are over those that occur, as label
 * or as prediction; what would be divided by 0 is 0.
 */
public final class ClassSums implements MetricSums<ClassTerm> {

    /** Classes up to which the whole confusion matrix is counted: its size is their square. */
    public static final int MAX_CONFUSION = 256;

    /** Bins of equal width that confidences are put into. */
    public static final int BINS = 15;

    private static final double LEAST =
            0x1p-52; // the least probability that the log loss knows, as scikit-learn has it
    private static final List<Integer> TOP = List.of(3, 5);

    private final int classes;
    private final long[] counts; // (C) labels, whatever they weigh
    private final ExactSum[] labels; // (C) weights by label
    private final ExactSum[] predicted; // (C) weights by prediction
    private final ExactSum[] hits; // (C) weights where both are that class
    private final ExactSum[]
            confusion; // (C, C), row = label, column = prediction; null where none; empty for many classes
    private final ExactSum logLoss = new ExactSum();
    private final ExactSum[] top = zeros(TOP.size()); // weights of labels among the k most probable classes
    private final ExactSum[] confidence = zeros(BINS); // weight times probability of the prediction
    private final ExactSum[] correct = zeros(BINS); // weights of predictions that are the label

    /** @param classes C */
    public ClassSums(int classes) {
        this.classes = classes;
        this.counts = new long[classes];
        this.labels = zeros(classes);
        this.predicted = zeros(classes);
        this.hits = zeros(classes);
        this.confusion = new ExactSum[classes <= MAX_CONFUSION ? classes * classes : 0];
    }

    private static ExactSum[] zeros(int count) {
        ExactSum[] zeros = new ExactSum[count];
        Arrays.setAll(zeros, i -> new ExactSum());
        return zeros;
    }

    @Override
    public void add(ClassTerm term) {
        double weight = term.weight();
        int label = term.label();
        boolean hit = label == term.predicted();
        counts[label]++;
        labels[label].add(weight);
        predicted[term.predicted()].add(weight);
        if (confusion.length > 0) {
            cell(label * classes + term.predicted()).add(weight);
        }
        float[] p = term.probabilities();
        logLoss.add(-weight * StrictMath.log(Math.max(LEAST, Math.min(p[label], 1 - LEAST))));
        int ahead = ahead(p, label);
        for (int k = 0; k < top.length; k++) {
            if (ahead < TOP.get(k)) {
                top[k].add(weight);
            }
        }
        double confident = p[term.predicted()];
        int bin = Math.max(0, Math.min((int) Math.ceil(confident * BINS), BINS) - 1); // ((m - 1) / M, m / M]
        confidence[bin].add(weight * confident);
        if (hit) {
            hits[label].add(weight);
            correct[bin].add(weight);
        }
    }

    /** How many classes are more probable than the label, or as probable with a higher index. */
    private static int ahead(float[] p, int label) {
        int ahead = 0;
        for (int c = 0; c < p.length; c++) {
            ahead += p[c] > p[label] || (p[c] == p[label] && c > label) ? 1 : 0;
        }
        return ahead;
    }

    private ExactSum cell(int at) {
        if (confusion[at] == null) {
            confusion[at] = new ExactSum();
        }
        return confusion[at];
    }

    @Override
    public Map<String, Long> counts() {
        return Map.of("terms", Arrays.stream(counts).sum());
    }

    /** How often class c is the label, whatever these terms weigh. */
    public long count(int c) {
        return counts[c];
    }

    /** The share of predictions of class c that are right. */
    public double precision(int c) {
        return share(hits[c].value(), predicted[c].value());
    }

    /** The share of labels c that are predicted. */
    public double recall(int c) {
        return share(hits[c].value(), labels[c].value());
    }

    /** The harmonic mean of precision and recall. */
    public double f1(int c) {
        return share(2 * hits[c].value(), labels[c].value() + predicted[c].value());
    }

    private static double share(double part, double whole) {
        return whole == 0 ? 0 : part / whole;
    }

    /** Whether {@link #confusion} is there: up to {@value #MAX_CONFUSION} classes. */
    public boolean hasConfusion() {
        return classes <= MAX_CONFUSION;
    }

    /** What the terms weigh whose label was predicted as {@code prediction}: how many they are, where each weighs 1. */
    public double confusion(int label, int prediction) {
        ExactSum cell = confusion[label * classes + prediction];
        return cell == null ? 0 : cell.value();
    }

    @Override
    public Map<String, Double> metrics() {
        double weight = sum(labels);
        Map<String, Double> metrics = new LinkedHashMap<>();
        metrics.put("accuracy", sum(hits) / weight);
        Averages precision = new Averages(this::precision);
        Averages recall = new Averages(this::recall);
        Averages f1 = new Averages(this::f1);
        metrics.put("macroF1", f1.macro());
        metrics.put("macroPrecision", precision.macro());
        metrics.put("macroRecall", recall.macro());
        metrics.put("weightedF1", f1.weighted(weight));
        metrics.put("weightedPrecision", precision.weighted(weight));
        metrics.put("weightedRecall", recall.weighted(weight));
        metrics.put("logLoss", logLoss.value() / weight);
        for (int k = 0; k < top.length; k++) {
            if (TOP.get(k) < classes) {
                metrics.put("top" + TOP.get(k) + "Accuracy", top[k].value() / weight);
            }
        }
        metrics.put("expectedCalibrationError", calibrationError() / weight);
        return metrics;
    }

    private static double sum(ExactSum[] parts) {
        ExactSum sum = new ExactSum();
        for (ExactSum part : parts) {
            sum.merge(part);
        }
        return sum.value();
    }

    /** The sum over bins of |weight of right predictions - sum of weighted confidences|. */
    private double calibrationError() {
        double error = 0;
        for (int bin = 0; bin < BINS; bin++) {
            error += Math.abs(correct[bin].value() - confidence[bin].value());
        }
        return error;
    }

    private interface OfClass {
        double value(int c);
    }

    /** The means over classes of one figure. */
    private final class Averages {

        private final OfClass figure;

        Averages(OfClass figure) {
            this.figure = figure;
        }

        /** Over the classes that occur. */
        double macro() {
            double sum = 0;
            int present = 0;
            for (int c = 0; c < classes; c++) {
                if (labels[c].value() + predicted[c].value() > 0) {
                    sum += figure.value(c);
                    present++;
                }
            }
            return sum / present;
        }

        /** By how much the labels of each weigh. */
        double weighted(double weight) {
            double sum = 0;
            for (int c = 0; c < classes; c++) {
                sum += labels[c].value() * figure.value(c);
            }
            return sum / weight;
        }
    }

    private List<ExactSum[]> dense() {
        return List.of(labels, predicted, hits, new ExactSum[] {logLoss}, top, confidence, correct);
    }

    @Override
    public void write(DataOutput out) throws IOException {
        for (long count : counts) {
            out.writeLong(count);
        }
        for (ExactSum[] part : dense()) {
            for (ExactSum sum : part) {
                sum.write(out);
            }
        }
        for (int i = 0; i < confusion.length; i++) {
            if (confusion[i] != null) {
                out.writeInt(i);
                confusion[i].write(out);
            }
        }
        out.writeInt(-1);
    }

    @Override
    public void merge(DataInput in) throws IOException {
        for (int c = 0; c < classes; c++) {
            counts[c] += in.readLong();
        }
        for (ExactSum[] part : dense()) {
            for (ExactSum sum : part) {
                sum.merge(ExactSum.read(in));
            }
        }
        for (int i = in.readInt(); i >= 0; i = in.readInt()) {
            cell(i).merge(ExactSum.read(in));
        }
    }
}
