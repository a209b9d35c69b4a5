package dev.unroll.metric;

import dev.unroll.math.ExactSum;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.IntToDoubleFunction;

/**
 * What terms weigh by class, as label, as prediction and as both, and the figures made of that. Averages over classes are over those
 * that occur, as label or as prediction; what would be divided by 0 is 0.
 */
public final class ClassCounts {

    private final int classes;
    private final long[] counts; // (C) labels, whatever they weigh
    private final ExactSum[] labels; // (C) weights by label
    private final ExactSum[] predicted; // (C) weights by prediction
    private final ExactSum[] hits; // (C) weights where both are that class

    ClassCounts(int classes) {
        this.classes = classes;
        this.counts = new long[classes];
        this.labels = zeros(classes);
        this.predicted = zeros(classes);
        this.hits = zeros(classes);
    }

    static ExactSum[] zeros(int count) {
        ExactSum[] zeros = new ExactSum[count];
        Arrays.setAll(zeros, i -> new ExactSum());
        return zeros;
    }

    void addLabel(int c, double weight) {
        counts[c]++;
        labels[c].add(weight);
    }

    void addPrediction(int c, double weight) {
        predicted[c].add(weight);
    }

    void addHit(int c, double weight) {
        hits[c].add(weight);
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

    static double share(double part, double whole) {
        return whole == 0 ? 0 : part / whole;
    }

    /** How many labels there are, whatever they weigh. */
    long count() {
        return Arrays.stream(counts).sum();
    }

    /** What all labels weigh. */
    double labels() {
        return sum(labels);
    }

    /** What all predictions weigh. */
    double predicted() {
        return sum(predicted);
    }

    /** What all predictions weigh that are right. */
    double hits() {
        return sum(hits);
    }

    private static double sum(ExactSum[] parts) {
        ExactSum sum = new ExactSum();
        for (ExactSum part : parts) {
            sum.merge(part);
        }
        return sum.value();
    }

    /** Adds {@code macro} and {@code weighted} means over classes of F1, precision and recall. */
    void putAverages(Map<String, Double> metrics) {
        metrics.put("macroF1", macro(this::f1));
        metrics.put("macroPrecision", macro(this::precision));
        metrics.put("macroRecall", macro(this::recall));
        metrics.put("weightedF1", weighted(this::f1));
        metrics.put("weightedPrecision", weighted(this::precision));
        metrics.put("weightedRecall", weighted(this::recall));
    }

    /** Over the classes that occur. */
    private double macro(IntToDoubleFunction figure) {
        double sum = 0;
        int present = 0;
        for (int c = 0; c < classes; c++) {
            if (labels[c].value() + predicted[c].value() > 0) {
                sum += figure.applyAsDouble(c);
                present++;
            }
        }
        return share(sum, present);
    }

    /** By how much the labels of each weigh. */
    private double weighted(IntToDoubleFunction figure) {
        double sum = 0;
        for (int c = 0; c < classes; c++) {
            sum += labels[c].value() * figure.applyAsDouble(c);
        }
        return share(sum, labels());
    }

    void write(DataOutput out) throws IOException {
        for (long count : counts) {
            out.writeLong(count);
        }
        for (ExactSum[] part : List.of(labels, predicted, hits)) {
            for (ExactSum sum : part) {
                sum.write(out);
            }
        }
    }

    void merge(DataInput in) throws IOException {
        for (int c = 0; c < classes; c++) {
            counts[c] += in.readLong();
        }
        for (ExactSum[] part : List.of(labels, predicted, hits)) {
            for (ExactSum sum : part) {
                sum.merge(ExactSum.read(in));
            }
        }
    }
}
