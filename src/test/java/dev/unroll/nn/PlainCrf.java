package dev.unroll.nn;

import dev.unroll.data.Sequence;
import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * The conditional random field of {@link PlainNetwork}, in double: what leads to a class at a step, times the softmax of the
 * outputs, which is the kernel's own, scaled to the sum 1.
 *
 * @param classes C
 * @param at where start (C), end (C) and transitions (C, C) begin in theta
 */
record PlainCrf(float[] theta, int classes, int at) {

    /**
     * What is found going forward and back, over all sequences, or over those as labelled.
     *
     * @param alpha (T, C) what leads to a class
     * @param beta (T, C) what follows it
     * @param after (T, C) what follows it at a step, with what the step itself says
     */
    private record Found(double log, double[][] alpha, double[][] beta, double[][] after) {}

    /**
     * Adds the loss of a sequence, and turns its outputs into dL/do.
     *
     * @param o (T, C)
     */
    void accumulate(float[][] o, Sequence s, LossReduction reduction, PlainNetwork sums, float[] gradient) {
        if (s.weight() == 0 || PlainLoss.termWeights(s) == 0) {
            Arrays.stream(o).forEach(one -> Arrays.fill(one, 0));
            return;
        }
        double scale = PlainLoss.scale(s, s.weight(), reduction);
        sums.terms += Arrays.stream(labels(s)).filter(label -> label >= 0).count();
        sums.correct += correct(o, s);
        sums.lossSum += scale * loss(o, s, (float) scale, gradient);
    }

    /**
     * l of a sequence; turns outputs into l' times the factor, and adds the gradients of start, end and transitions.
     *
     * @param o (T, C)
     */
    private double loss(float[][] o, Sequence s, float factor, float[] gradient) {
        int steps = o.length;
        int[] labels = labels(s);
        double[] shares = new double[steps];
        for (int t = 0; t < steps; t++) {
            float logit = labels[t] < 0 ? 0 : o[t][labels[t]];
            shares[t] = logit - PlainLoss.softmax(o[t]);
        }
        Found all = find(o, null, shares);
        Found labelled = find(o, labels, shares);
        for (int t = 0; t < steps; t++) {
            for (int j = 0; j < classes; j++) {
                double free = all.alpha[t][j] * all.beta[t][j];
                o[t][j] = factor * (float) (free - labelled.alpha[t][j] * labelled.beta[t][j]);
            }
        }
        double[] e = exponentials(2 * classes, classes * classes);
        for (int i = 0; i < classes; i++) {
            gradient[at + i] += o[0][i];
            gradient[at + classes + i] += o[steps - 1][i];
            for (int j = 0; j < classes; j++) {
                double both = 0;
                for (int t = steps - 1; t > 0; t--) {
                    both = Math.fma(all.alpha[t - 1][i], all.after[t][j], both);
                }
                for (int t = steps - 1; t > 0; t--) {
                    both = Math.fma(-labelled.alpha[t - 1][i], labelled.after[t][j], both);
                }
                int k = i * classes + j;
                gradient[at + 2 * classes + k] += factor * (float) (e[k] * both);
            }
        }
        return all.log - labelled.log;
    }

    /** Of a sequence, by step; -1 where none counts. */
    private static int[] labels(Sequence s) {
        int[] labels = s.labels().clone();
        for (int t = 0; t < labels.length; t++) {
            labels[t] = s.termWeights() == null || s.termWeights()[t] > 0 ? labels[t] : -1;
        }
        return labels;
    }

    /** How many of them the best sequence has. */
    private long correct(float[][] o, Sequence s) {
        int[] labels = labels(s);
        int[] best = best(o);
        return IntStream.range(0, best.length).filter(t -> labels[t] == best[t]).count();
    }

    /** The first of the best sequences of classes, as the last step has them, then the one before, and so on. */
    private int[] best(float[][] o) {
        double[][] scores = new double[o.length][classes];
        int[][] from = new int[o.length][classes];
        for (int t = 0; t < o.length; t++) {
            for (int j = 0; j < classes; j++) {
                double most = t == 0 ? theta[at + j] : Double.NEGATIVE_INFINITY;
                for (int i = 0; t > 0 && i < classes; i++) {
                    double score = scores[t - 1][i] + theta[at + 2 * classes + i * classes + j];
                    from[t][j] = score > most ? i : from[t][j];
                    most = Math.max(score, most);
                }
                scores[t][j] = most + o[t][j];
            }
        }
        int[] best = new int[o.length];
        int last = o.length - 1;
        for (int j = 1; j < classes; j++) {
            double other = scores[last][best[last]] + theta[at + classes + best[last]];
            best[last] = scores[last][j] + theta[at + classes + j] > other ? j : best[last];
        }
        for (int t = last; t > 0; t--) {
            best[t - 1] = from[t][best[t]];
        }
        return best;
    }

    /** @param labels null where every class counts at every step */
    private Found find(float[][] p, int[] labels, double[] shares) {
        int steps = p.length;
        double[] start = exponentials(0, classes);
        double[] end = exponentials(classes, classes);
        double[] e = exponentials(2 * classes, classes * classes);
        Found found = new Found(0, new double[steps][classes], new double[steps][classes], new double[steps][classes]);
        double[] scale = new double[steps];
        double log = 0;
        for (int t = 0; t < steps; t++) {
            for (int j = 0; j < classes; j++) {
                double sum = t == 0 ? start[j] : 0;
                for (int i = 0; t > 0 && i < classes; i++) {
                    sum = Math.fma(found.alpha[t - 1][i], e[i * classes + j], sum);
                }
                found.alpha[t][j] = sum * share(p[t], labels, t, j);
                scale[t] += found.alpha[t][j];
            }
            for (int j = 0; j < classes; j++) {
                found.alpha[t][j] /= scale[t];
            }
            log += labels == null || labels[t] < 0 ? 0 : shares[t];
            log += StrictMath.log(scale[t]);
        }
        double sum = 0;
        for (int j = 0; j < classes; j++) {
            sum += found.alpha[steps - 1][j] * end[j];
        }
        for (int t = steps - 1; t >= 0; t--) {
            for (int i = 0; i < classes; i++) {
                double follows = t == steps - 1 ? end[i] / sum : chains(e, i, found.after[t + 1]);
                found.beta[t][i] = found.alpha[t][i] == 0 && t < steps - 1 ? 0 : follows;
                found.after[t][i] = found.beta[t][i] * share(p[t], labels, t, i) / scale[t];
            }
        }
        return new Found(log + StrictMath.log(sum), found.alpha, found.beta, found.after);
    }

    private static double share(float[] p, int[] labels, int t, int j) {
        return labels == null || labels[t] < 0 ? p[j] : labels[t] == j ? 1 : 0;
    }

    /** A product of row i and a vector, in four chains, of every fourth class each; those that are left go to the first. */
    private double chains(double[] e, int i, double[] y) {
        double[] chains = new double[4];
        for (int j = 0; j < classes; j++) {
            int chain = j < classes / 4 * 4 ? j % 4 : 0;
            chains[chain] = Math.fma(e[i * classes + j], y[j], chains[chain]);
        }
        return (chains[0] + chains[1]) + (chains[2] + chains[3]);
    }

    /** e to the power of each parameter minus the greatest of them. */
    private double[] exponentials(int from, int count) {
        float greatest = Float.NEGATIVE_INFINITY;
        for (int k = 0; k < count; k++) {
            greatest = Math.max(greatest, theta[at + from + k]);
        }
        double[] e = new double[count];
        for (int k = 0; k < count; k++) {
            e[k] = StrictMath.exp(Math.max((double) theta[at + from + k] - greatest, -700));
        }
        return e;
    }
}
