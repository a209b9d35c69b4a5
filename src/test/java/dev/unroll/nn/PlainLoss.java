package dev.unroll.nn;

import dev.unroll.data.Sequence;
import dev.unroll.math.Activations;

/** The losses of {@link PlainNetwork}. */
final class PlainLoss {

    private PlainLoss() {}

    /** What the terms of a sequence weigh together: in double, step by step. */
    static double termWeights(Sequence sequence) {
        double sum = 0;
        for (int t = 0; t < sequence.terms(); t++) {
            sum += sequence.termWeights() == null ? 1 : sequence.termWeights()[t];
        }
        return sum;
    }

    /** Whether the first of the greatest outputs is that of the label. */
    static boolean isCorrect(float[] o, int label) {
        int best = 0;
        for (int c = 1; c < o.length; c++) {
            best = o[c] > o[best] ? c : best;
        }
        return best == label;
    }

    /** l = log sum_c e^{o_c} - o_y; turns o into l'. */
    static double crossEntropy(float[] o, int label) {
        float max = Float.NEGATIVE_INFINITY;
        for (float one : o) {
            max = Math.max(max, one);
        }
        float logit = o[label];
        double logSum = Activations.softmax(o, 0, o.length, max, new float[Activations.VIRTUAL_LANES]);
        o[label] -= 1;
        return logSum - logit;
    }

    /** l = mean_c (o_c - y_c)^2: differences in float, squares and their sum in double; turns o into l'. */
    static double squaredError(float[] o, float[] targets, int at) {
        double sum = 0;
        for (int c = 0; c < o.length; c++) {
            float difference = o[c] - targets[at + c];
            sum += (double) difference * difference;
            o[c] = 2f / o.length * difference;
        }
        return sum / o.length;
    }
}
