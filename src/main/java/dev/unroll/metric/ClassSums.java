package dev.unroll.metric;

import dev.unroll.math.ExactSum;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Metrics of predicted classes and their probabilities, but for those of {@link RankCurve}. They are those of scikit-learn with
 * {@code sample_weight}: a term counts as often as its weight says.
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
    private final ClassCounts byClass;
    private final ExactSum[]
            confusion; // (C, C), row = label, column = prediction; null where none; empty for many classes
    private final ExactSum logLoss = new ExactSum();
    private final ExactSum[] top = ClassCounts.zeros(TOP.size()); // weights of labels among the k most probable classes
    private final ExactSum[] confidence = ClassCounts.zeros(BINS); // weight times probability of the prediction
    private final ExactSum[] correct = ClassCounts.zeros(BINS); // weights of predictions that are the label

    /** @param classes C */
    public ClassSums(int classes) {
        this.classes = classes;
        this.byClass = new ClassCounts(classes);
        this.confusion = new ExactSum[classes <= MAX_CONFUSION ? classes * classes : 0];
    }

    @Override
    public void add(ClassTerm term) {
        double weight = term.weight();
        int label = term.label();
        boolean hit = label == term.predicted();
        byClass.addLabel(label, weight);
        byClass.addPrediction(term.predicted(), weight);
        if (confusion.length > 0) {
            cell(label * classes + term.predicted()).add(weight);
        }
        float[] p = term.probabilities();
        logLoss.add(-weight * boundedLog(p[label]));
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
            byClass.addHit(label, weight);
            correct[bin].add(weight);
        }
    }

    /** log p, of a p that is neither 0 nor 1. */
    static double boundedLog(double p) {
        return StrictMath.log(Math.max(LEAST, Math.min(p, 1 - LEAST)));
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
        return Map.of("terms", byClass.count());
    }

    /** By class. */
    public ClassCounts classes() {
        return byClass;
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
        double weight = byClass.labels();
        Map<String, Double> metrics = new LinkedHashMap<>();
        metrics.put("accuracy", byClass.hits() / weight);
        byClass.putAverages(metrics);
        metrics.put("logLoss", logLoss.value() / weight);
        for (int k = 0; k < top.length; k++) {
            if (TOP.get(k) < classes) {
                metrics.put("top" + TOP.get(k) + "Accuracy", top[k].value() / weight);
            }
        }
        metrics.put("expectedCalibrationError", calibrationError() / weight);
        return metrics;
    }

    /** The sum over bins of |weight of right predictions - sum of weighted confidences|. */
    private double calibrationError() {
        double error = 0;
        for (int bin = 0; bin < BINS; bin++) {
            error += Math.abs(correct[bin].value() - confidence[bin].value());
        }
        return error;
    }

    private List<ExactSum[]> dense() {
        return List.of(new ExactSum[] {logLoss}, top, confidence, correct);
    }

    @Override
    public void write(DataOutput out) throws IOException {
        byClass.write(out);
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
        byClass.merge(in);
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
