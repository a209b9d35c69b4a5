package dev.unroll.nn;

import dev.unroll.data.SequenceBatch;
import dev.unroll.math.Activations;
import dev.unroll.math.Elementwise;
import dev.unroll.param.Initialization;
import dev.unroll.param.ParameterLayout;
import dev.unroll.param.ParameterLayout.Slot;
import java.util.Arrays;
import java.util.List;

/**
 * A linear-chain conditional random field over the outputs of all steps of a sequence (Lafferty, McCallum and Pereira
 * 2001): takes outputs, gives the most probable sequence of classes, the probability of each class at each step, and the
 * loss with its gradients.
 *
 * <pre>
 * s(y) = start_{y_1} + sum_t o_{t, y_t} + sum_{t > 1} A_{y_{t-1}, y_t} + end_{y_T}
 * l = log sum_y e^{s(y)} - log sum_{y as labelled} e^{s(y)}
 * dl/do_t = P(y_t) - P(y_t | labels)
 * dl/dA = sum_{t > 1} P(y_{t-1}, y_t) - P(y_{t-1}, y_t | labels)
 * dl/dstart = dl/do_1         dl/dend = dl/do_T
 * </pre>
 *
 * <p>"As labelled" are the sequences that have the label at every step with one; at a step without, every class counts. So
 * both terms of l are the same pass, over all sequences and over those: forward sums alpha, and in backward the
 * probabilities P, by products of exponentials that are scaled to the sum 1 at each step (Rabiner 1989, A tutorial on hidden
 * Markov models, section V.A). What scales the exponentials is the same in both terms, and is left out of both.
 *
 * <p>Order of additions: docs/bits.md.
 */
final class ConditionalRandomField {

    /** The arrays of one sequence, except where another size is given. */
    static final class Buffers {
        private double[] alpha = {}; // (T, C) scaled to the sum 1 at each step
        private double[] marginals = {}; // (T, C) P(y_t) - P(y_t | labels)
        private double[] scales = {}; // (T) what alpha of the step was divided by
        private double[] labelled = {}; // (T) log of the label's share of the softmax of a step
        private int[] labels = {}; // (T) -1 for none
        private int[] from = {}; // (T, C) the best class before each
        private double[] pairs = {}; // (C, C) P(y_{t-1}, y_t) - P(y_{t-1}, y_t | labels) over e^A, summed over t
        private double[] now = {}; // (C)
        private double[] next = {}; // (C)
        private double[] product = {}; // (C)

        private void reserve(int steps, int classes) {
            if (now.length < classes) {
                pairs = new double[classes * classes];
                now = new double[classes];
                next = new double[classes];
                product = new double[classes];
            }
            int all = Math.multiplyExact(steps, classes);
            if (alpha.length < all) {
                alpha = new double[all];
                marginals = new double[all];
                from = new int[all];
            }
            if (scales.length < steps) {
                scales = new double[steps];
                labelled = new double[steps];
                labels = new int[steps];
            }
        }

        long bytes() {
            long doubles = (long) alpha.length + marginals.length + scales.length + labelled.length + pairs.length;
            return Double.BYTES * doubles + (long) Integer.BYTES * (labels.length + from.length);
        }
    }

    private static final String START = "crf.start_transitions";
    private static final String END = "crf.end_transitions";
    private static final String TRANSITIONS = "crf.transitions";

    private final int classes; // C
    private final Slot start; // (C)
    private final Slot end; // (C)
    private final Slot transitions; // (C, C), from row to column

    ConditionalRandomField(ParameterLayout layout) {
        this.start = layout.slot(START);
        this.end = layout.slot(END);
        this.transitions = layout.slot(TRANSITIONS);
        this.classes = start.size();
    }

    /** Adds its parameters. */
    static void layOut(ParameterLayout.Builder layout, int classes) {
        Initialization small = new Initialization.Uniform(-0.1f, 0.1f);
        layout.add(START, List.of(classes), small);
        layout.add(END, List.of(classes), small);
        layout.add(TRANSITIONS, List.of(classes, classes), small);
    }

    /** Bytes that {@link Buffers} and the outputs have for each row at most: of one sequence as many as of all. */
    static long bytesPerRow(int classes) {
        long ofClass = 2 * Double.BYTES + Integer.BYTES + Float.BYTES;
        return classes * ofClass + 2 * Double.BYTES + 2 * Integer.BYTES;
    }

    TransitionWeights newWeights() {
        return new TransitionWeights(classes);
    }

    void bind(float[] theta, TransitionWeights w) {
        w.bind(theta, start.offset(), end.offset(), transitions.offset());
    }

    /**
     * Finds the sequence of classes of the greatest s for each sequence of a batch; of equal ones, going back from the end,
     * that of the first class (Viterbi 1967).
     *
     * @param outputs o, (N, C)
     * @param predictions takes the class of each row, (N)
     */
    void decode(float[] theta, SequenceBatch batch, float[] outputs, int[] predictions, Buffers b) {
        for (int s = 0; s < batch.size(); s++) {
            int steps = batch.length(s);
            b.reserve(steps, classes);
            for (int j = 0; j < classes; j++) {
                b.now[j] = (double) theta[start.offset() + j] + outputs[row(batch, s, 0) * classes + j];
            }
            for (int t = 1; t < steps; t++) {
                advance(theta, outputs, row(batch, s, t) * classes, t * classes, b);
            }
            for (int j = 0; j < classes; j++) {
                b.now[j] += theta[end.offset() + j];
            }
            int best = 0;
            for (int j = 1; j < classes; j++) {
                best = b.now[j] > b.now[best] ? j : best;
            }
            for (int t = steps - 1; t >= 0; t--) {
                predictions[row(batch, s, t)] = best;
                best = t == 0 ? best : b.from[t * classes + best];
            }
        }
    }

    /** From the best scores up to one step to those up to the next one. */
    private void advance(float[] theta, float[] outputs, int row, int step, Buffers b) {
        Arrays.fill(b.next, 0, classes, Double.NEGATIVE_INFINITY);
        Arrays.fill(b.from, step, step + classes, 0);
        for (int i = 0; i < classes; i++) {
            double before = b.now[i];
            int scores = transitions.offset() + i * classes;
            for (int j = 0; j < classes; j++) {
                double score = before + theta[scores + j];
                if (score > b.next[j]) {
                    b.next[j] = score;
                    b.from[step + j] = i;
                }
            }
        }
        for (int j = 0; j < classes; j++) {
            b.next[j] += outputs[row + j];
        }
        swap(b);
    }

    /**
     * Turns the outputs of a batch into probabilities P(y_t).
     *
     * @param outputs o, (N, C)
     */
    void probabilities(TransitionWeights w, SequenceBatch batch, float[] outputs, float[] lanes, Buffers b) {
        for (int s = 0; s < batch.size(); s++) {
            int steps = begin(batch, s, b);
            for (int t = 0; t < steps; t++) {
                softmax(outputs, row(batch, s, t) * classes, lanes);
            }
            pass(w, batch, s, outputs, false, b);
            for (int t = 0; t < steps; t++) {
                for (int j = 0; j < classes; j++) {
                    outputs[row(batch, s, t) * classes + j] = (float) b.marginals[t * classes + j];
                }
            }
        }
    }

    /**
     * The loss of one sequence, of a weight above 0, whose outputs become dl/do, times the factor that the loss has for its
     * terms.
     *
     * @param outputs o, (N, C)
     * @param predictions of every row, (N)
     * @param terms steps of it with a label, at least one
     * @param sum takes loss and gradients; no gradients where it has no room for them
     */
    void loss(
            TransitionWeights w,
            SequenceBatch batch,
            int s,
            LossSpec loss,
            double terms,
            float[] outputs,
            int[] predictions,
            float[] lanes,
            Buffers b,
            PartialSum sum) {
        int steps = begin(batch, s, b);
        for (int t = 0; t < steps; t++) {
            int row = row(batch, s, t);
            float weight = batch.termWeight(row);
            if (weight != 0 && weight != 1) {
                throw new IllegalArgumentException(
                        "a step weighs " + weight
                                + ", and the labels of all steps have one loss together; allowed is 0, as without a label, or 1");
            }
            int label = weight == 0 ? -1 : batch.label(row);
            float logit = label < 0 ? 0 : outputs[row * classes + label];
            double logSum = softmax(outputs, row * classes, lanes);
            b.labels[t] = label;
            b.labelled[t] = logit - logSum;
        }
        double l = pass(w, batch, s, outputs, false, b);
        l -= pass(w, batch, s, outputs, true, b);
        float factor = 0;
        for (int t = 0; t < steps; t++) { // all of l counts with its first term
            if (b.labels[t] >= 0) {
                boolean correct = predictions[row(batch, s, t)] == b.labels[t];
                factor = loss.addTerm(l, batch.weight(s), terms, correct, sum.loss());
                l = 0;
            }
        }
        for (int t = 0; t < steps; t++) {
            for (int j = 0; j < classes; j++) {
                outputs[row(batch, s, t) * classes + j] = factor * (float) b.marginals[t * classes + j];
            }
        }
        float[] gradient = sum.gradient();
        if (gradient.length > 0) {
            Elementwise.add(outputs, row(batch, s, 0) * classes, gradient, start.offset(), classes);
            Elementwise.add(outputs, row(batch, s, steps - 1) * classes, gradient, end.offset(), classes);
            for (int k = 0; k < classes * classes; k++) {
                gradient[transitions.offset() + k] += factor * (float) (w.transitions[k] * b.pairs[k]);
            }
        }
    }

    /** Sets its gradients to zero. */
    void clear(float[] gradient) {
        for (Slot slot : List.of(start, end, transitions)) {
            Arrays.fill(gradient, slot.offset(), slot.offset() + slot.size(), 0f);
        }
    }

    /** Makes room for a sequence and clears what both passes add to; gives its steps. */
    private int begin(SequenceBatch batch, int s, Buffers b) {
        int steps = batch.length(s);
        b.reserve(steps, classes);
        Arrays.fill(b.marginals, 0, steps * classes, 0);
        Arrays.fill(b.pairs, 0, classes * classes, 0);
        return steps;
    }

    /**
     * Goes forward and backward through one sequence, and adds the probabilities that it finds to marginals and pairs, or
     * subtracts those that are given the labels.
     *
     * @param p the softmax of the outputs, (N, C)
     * @return the logarithm of its sum of e^s, without what it shares with the other pass
     */
    private double pass(TransitionWeights w, SequenceBatch batch, int s, float[] p, boolean labelled, Buffers b) {
        int steps = batch.length(s);
        double log = 0;
        for (int t = 0; t < steps; t++) {
            int at = t * classes;
            sumOverPrevious(w, t, b.alpha);
            int label = labelled ? b.labels[t] : -1;
            double scale = 0;
            for (int j = 0; label < 0 && j < classes; j++) {
                b.alpha[at + j] *= p[row(batch, s, t) * classes + j];
                scale += b.alpha[at + j];
            }
            if (label >= 0) {
                scale = b.alpha[at + label];
                Arrays.fill(b.alpha, at, at + classes, 0);
                b.alpha[at + label] = scale;
                log += b.labelled[t];
            }
            for (int j = at; j < at + classes; j++) {
                b.alpha[j] /= scale;
            }
            b.scales[t] = scale;
            log += StrictMath.log(scale);
        }
        double sum = 0;
        for (int j = 0; j < classes; j++) {
            sum += b.alpha[(steps - 1) * classes + j] * w.end[j];
        }
        for (int j = 0; j < classes; j++) {
            b.now[j] = w.end[j] / sum;
        }
        double sign = labelled ? -1 : 1;
        for (int t = steps - 1; t >= 0; t--) {
            for (int j = 0; j < classes; j++) {
                b.marginals[t * classes + j] += sign * (b.alpha[t * classes + j] * b.now[j]);
            }
            if (t > 0) {
                int label = labelled ? b.labels[t] : -1;
                for (int j = 0; j < classes; j++) {
                    double share = label < 0 ? p[row(batch, s, t) * classes + j] : j == label ? 1 : 0;
                    b.product[j] = b.now[j] * share / b.scales[t];
                }
                addPairs(w, t, sign, b);
            }
        }
        return log + StrictMath.log(sum);
    }

    /** alpha of step t, before what the step itself says: sum_i alpha_i e^{A_ij} of the step before. */
    private void sumOverPrevious(TransitionWeights w, int t, double[] alpha) {
        int at = t * classes;
        if (t == 0) {
            System.arraycopy(w.start, 0, alpha, 0, classes);
            return;
        }
        Arrays.fill(alpha, at, at + classes, 0);
        for (int i = 0; i < classes; i++) {
            double before = alpha[at - classes + i];
            if (before != 0) {
                for (int j = 0; j < classes; j++) {
                    alpha[at + j] = Math.fma(before, w.transitions[i * classes + j], alpha[at + j]);
                }
            }
        }
    }

    /** Adds the probabilities of the pairs of steps t - 1 and t, over e^A, and goes back to beta of step t - 1. */
    private void addPairs(TransitionWeights w, int t, double sign, Buffers b) {
        for (int i = 0; i < classes; i++) {
            double before = sign * b.alpha[(t - 1) * classes + i];
            b.next[i] = 0; // where no sequence goes, no probability comes from
            if (before != 0) {
                b.next[i] = dot(w.transitions, i * classes, b.product);
                for (int j = 0; j < classes; j++) {
                    b.pairs[i * classes + j] = Math.fma(before, b.product[j], b.pairs[i * classes + j]);
                }
            }
        }
        swap(b);
    }

    /** Four chains of fma, as {@link Elementwise#dot}, in double. */
    private double dot(double[] x, int offset, double[] y) {
        double s0 = 0;
        double s1 = 0;
        double s2 = 0;
        double s3 = 0;
        int j = 0;
        for (; j + 4 <= classes; j += 4) {
            s0 = Math.fma(x[offset + j], y[j], s0);
            s1 = Math.fma(x[offset + j + 1], y[j + 1], s1);
            s2 = Math.fma(x[offset + j + 2], y[j + 2], s2);
            s3 = Math.fma(x[offset + j + 3], y[j + 3], s3);
        }
        for (; j < classes; j++) {
            s0 = Math.fma(x[offset + j], y[j], s0);
        }
        return (s0 + s1) + (s2 + s3);
    }

    private static void swap(Buffers b) {
        double[] other = b.now;
        b.now = b.next;
        b.next = other;
    }

    private double softmax(float[] outputs, int at, float[] lanes) {
        float max = Activations.max(outputs, at, classes, lanes);
        return Activations.softmax(outputs, at, classes, max, lanes);
    }

    private static int row(SequenceBatch batch, int s, int t) {
        return batch.offset(t) + s;
    }
}
