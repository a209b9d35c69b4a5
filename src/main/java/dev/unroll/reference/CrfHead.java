package dev.unroll.reference;

import dev.unroll.data.Sequence;
import java.util.function.IntToDoubleFunction;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;

/**
 * A head whose labels y_1..y_T are one outcome: a linear-chain conditional random field (Lafferty, McCallum and Pereira 2001), by
 * forward and backward sums of logarithms. A sequence of classes has the score s(y), the sum of its outputs, of its transitions A
 * and of those to its first and from its last class; its probability is the share of e^s in the sum over all sequences.
 */
final class CrfHead extends UnrolledHead {

    private final Matrix start; // (C), crf.start_transitions
    private final Matrix end; // (C), crf.end_transitions
    private final Matrix a; // (C, C), crf.transitions, from row to column
    private final int[] labels; // (T)

    CrfHead(Parameters theta, Matrix[] h, Matrix statics, Sequence sequence, double scale) {
        super(theta, h, statics, sequence, scale);
        this.start = theta.get("crf.start_transitions");
        this.end = theta.get("crf.end_transitions");
        this.a = theta.get("crf.transitions");
        this.labels = sequence.labels();
    }

    /** (1): {@code l = log sum_y e^{s(y)} - log sum_{y as labelled} e^{s(y)}}, all of it with the first label. */
    @Override
    double loss(int t) {
        return t == firstLabel() ? logSum(false) - logSum(true) : 0;
    }

    /** (2): {@code dl/do_t = P(y_t) - P(y_t | labels)}. */
    @Override
    Matrix slope(int t) {
        return probabilities(t, false).minus(probabilities(t, true));
    }

    /** A step without a label has no term of its own, but is part of the only one. */
    @Override
    Matrix outputGradient(int t) {
        return firstLabel() > steps ? Matrix.zeros(bQ.rows(), 1) : slope(t).scale(scale);
    }

    /** o_t; minus infinity for every class but the label, where only sequences as labelled count. */
    private Matrix counted(int t, boolean labelled) {
        return labelled && weight(t) > 0
                ? column(j -> j == labels[t - 1] ? o[t].get(j, 0) : Double.NEGATIVE_INFINITY)
                : o[t];
    }

    /** {@code log alpha_tj = o_tj + log sum_i e^{log alpha_{t-1,i} + A_ij}}: all that leads to class j at step t. */
    private Matrix logAlpha(int t, boolean labelled) {
        if (t == 1) {
            return start.plus(counted(t, labelled));
        }
        Matrix before = logAlpha(t - 1, labelled);
        return counted(t, labelled).plus(column(j -> logSumExp(i -> before.get(i, 0) + a.get(i, j))));
    }

    /** {@code log beta_ti = log sum_j e^{A_ij + o_{t+1,j} + log beta_{t+1,j}}}: all that follows class i at step t. */
    private Matrix logBeta(int t, boolean labelled) {
        if (t == steps) {
            return end;
        }
        Matrix after = counted(t + 1, labelled).plus(logBeta(t + 1, labelled));
        return column(i -> logSumExp(j -> a.get(i, j) + after.get(j, 0)));
    }

    /** {@code log sum_y e^{s(y)}}, over all sequences, or over those that are as labelled. */
    private double logSum(boolean labelled) {
        Matrix all = logAlpha(steps, labelled).plus(end);
        return logSumExp(j -> all.get(j, 0));
    }

    /** {@code P(y_t = j) = e^{log alpha_tj + log beta_tj - log sum}}. */
    Matrix probabilities(int t, boolean labelled) {
        double logSum = logSum(labelled);
        return logAlpha(t, labelled).plus(logBeta(t, labelled)).map(v -> Math.exp(v - logSum));
    }

    /** {@code P(y_{t-1} = i, y_t = j)}, (C, C). */
    private Matrix pairs(int t, boolean labelled) {
        Matrix before = logAlpha(t - 1, labelled);
        Matrix after = counted(t, labelled).plus(logBeta(t, labelled));
        double logSum = logSum(labelled);
        int classes = bQ.rows();
        return Matrix.of(
                classes,
                classes,
                IntStream.range(0, classes * classes)
                        .mapToDouble(k -> {
                            int i = k / classes;
                            int j = k % classes;
                            return Math.exp(before.get(i, 0) + a.get(i, j) + after.get(j, 0) - logSum);
                        })
                        .toArray());
    }

    /** (5): {@code dL/dA = sum_{t > 1} P(y_{t-1}, y_t) - P(y_{t-1}, y_t | labels)}; dL/dstart = dL/do_1, dL/dend = dL/do_T. */
    @Override
    Matrix transitionGradient(String name) {
        return switch (name) {
            case "crf.start_transitions" -> dO[1];
            case "crf.end_transitions" -> dO[steps];
            default ->
                firstLabel() > steps || steps == 1
                        ? Matrix.zeros(a.rows(), a.columns())
                        : Places.sum(2, steps, t -> pairs(t, false).minus(pairs(t, true)))
                                .scale(scale);
        };
    }

    /** Behind the last step where none has a label. */
    private int firstLabel() {
        return IntStream.rangeClosed(1, steps)
                .filter(t -> weight(t) > 0)
                .findFirst()
                .orElse(steps + 1);
    }

    private Matrix column(IntToDoubleFunction number) {
        return Matrix.column(classes().mapToDouble(number).toArray());
    }

    private IntStream classes() {
        return IntStream.range(0, bQ.rows());
    }

    private double logSumExp(IntToDoubleFunction logarithm) {
        double[] all = classes().mapToDouble(logarithm).toArray();
        double max = DoubleStream.of(all).max().orElseThrow();
        return max == Double.NEGATIVE_INFINITY
                ? max
                : max
                        + Math.log(
                                DoubleStream.of(all).map(v -> Math.exp(v - max)).sum());
    }
}
