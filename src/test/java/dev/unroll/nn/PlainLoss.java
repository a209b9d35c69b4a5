package dev.unroll.nn;

import dev.unroll.data.Sequence;
import dev.unroll.math.Activations;
import dev.unroll.math.GammaFunctions;
import java.util.List;
import java.util.stream.IntStream;

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

    /** The factor of an l of that sequence, where its term and sequence weigh that together. */
    static double scale(Sequence sequence, float weight, LossReduction reduction) {
        return reduction == LossReduction.STEP ? weight : weight / termWeights(sequence);
    }

    /** Equation (2): what one output adds, but for statics, with which the state begins. */
    static void addHeadGradients(float[] state, int statics, float[] dO, int weight, int bias, float[] gradient) {
        for (int c = 0; c < dO.length; c++) {
            for (int k = statics; k < state.length; k++) {
                int at = weight + c * state.length + k;
                gradient[at] = Math.fma(dO[c], state[k], gradient[at]);
            }
            gradient[bias + c] += dO[c];
        }
    }

    /** Whether what is predicted is the label, or the set of labels; false for numbers. */
    static boolean isCorrect(Loss loss, float[] o, Sequence sequence, int term) {
        return switch (loss.kind()) {
            case CROSS_ENTROPY -> isCorrect(o, sequence.labels()[term]);
            case BINARY -> o[0] > 0 == (sequence.labels()[term] == 1);
            case MULTI_LABEL -> isCorrect(o, sequence.targets(), term * o.length);
            default -> false;
        };
    }

    /** Whether the first of the greatest outputs is that of the label. */
    static boolean isCorrect(float[] o, int label) {
        int best = 0;
        for (int c = 1; c < o.length; c++) {
            best = o[c] > o[best] ? c : best;
        }
        return best == label;
    }

    /** Whether the outputs above 0 are those of the labels in the set. */
    private static boolean isCorrect(float[] o, float[] set, int at) {
        boolean correct = true;
        for (int c = 0; c < o.length; c++) {
            correct &= o[c] > 0 == (set[at + c] == 1);
        }
        return correct;
    }

    /** l of a term, whose label is smoothed so much; turns o into l'. */
    static double of(Loss loss, float[] o, Sequence sequence, int term, double smoothing) {
        return switch (loss.kind()) {
            case CROSS_ENTROPY -> crossEntropy(o, sequence.labels()[term], smoothing);
            case BINARY -> sigmoids(o, new float[] {sequence.labels()[term]}, 0);
            default -> ofNumbers(loss, o, sequence, term * sequence.targetWidth());
        };
    }

    /**
     * l = log sum_c e^{o_c} - ((1 - eps) o_y + eps mean_c o_c), the mean in double in four chains; turns o into l': less eps / C
     * everywhere, then less 1 - eps at the label. For eps 0 these change no bit.
     */
    static double crossEntropy(float[] o, int label, double eps) {
        double[] chains = new double[4];
        for (int c = 0; c < o.length; c++) {
            chains[c < o.length / 4 * 4 ? c % 4 : 0] += o[c];
        }
        double mean = (chains[0] + chains[1] + (chains[2] + chains[3])) / o.length;
        double expected = (1 - eps) * o[label] + eps * mean;
        double logSum = softmax(o);
        for (int c = 0; c < o.length; c++) {
            o[c] = o[c] - (float) (eps / o.length);
            o[c] = c == label ? o[c] - (float) (1 - eps) : o[c];
        }
        return logSum - expected;
    }

    /** Turns o into probabilities; gives log sum_c e^{o_c}. */
    static double softmax(float[] o) {
        float max = Float.NEGATIVE_INFINITY;
        for (float one : o) {
            max = Math.max(max, one);
        }
        return Activations.softmax(o, 0, o.length, max, new float[Activations.VIRTUAL_LANES]);
    }

    /** l of numbers; turns o into l'. */
    private static double ofNumbers(Loss loss, float[] o, Sequence sequence, int at) {
        float[] targets = sequence.targets();
        double level = sequence.level() == 0 ? 1 : sequence.level();
        return switch (loss.kind()) {
            case CROSS_ENTROPY, CRF, BINARY -> throw new IllegalArgumentException("y is numbers");
            case MULTI_LABEL -> sigmoids(o, targets, at);
            case SQUARED_ERROR -> squaredError(o, targets, at);
            case ABSOLUTE -> absoluteError(o, targets, at);
            case HUBER -> huber(o, targets, at);
            case QUANTILE -> pinball(((Loss.Quantile) loss).levels(), o, targets, at);
            case GAUSSIAN -> gaussian(o, targets, at);
            case STUDENT_T -> studentT(o, targets, at);
            case POISSON -> poisson(o, counts(targets, at, o.length, level), level);
            case NEGATIVE_BINOMIAL -> negativeBinomial(o, counts(targets, at, o.length / 2, level), level);
        };
    }

    /**
     * l = (sum of max(o, 0) - y o, minus the logarithms of the products of max(p, 1 - p) of 32 outputs each) / C, in double, with float p
     * of the sigmoid; l' is a rounded 1 / C times p - y.
     */
    private static double sigmoids(float[] o, float[] y, int at) {
        double sum = 0;
        for (int c = 0; c < o.length; c++) {
            sum += Math.max((double) o[c], 0) - (double) y[at + c] * o[c];
        }
        for (int first = 0; first < o.length; first += 32) {
            double product = 1;
            for (int c = first; c < Math.min(first + 32, o.length); c++) {
                Activations.sigmoid(o, c, o, c, 1);
                product *= Math.max(o[c], 1 - o[c]);
                o[c] = 1f / o.length * (o[c] - y[at + c]);
            }
            sum -= StrictMath.log(product);
        }
        return sum / o.length;
    }

    /** l = mean of s + z^2 / 2 + log(2 pi) / 2, in double; l' is a rounded 1 / numbers times the rounded derivatives of mu and of s. */
    private static double gaussian(float[] o, float[] targets, int at) {
        double sum = 0;
        int numbers = o.length / 2;
        for (int j = 0; j < numbers; j++) {
            double mu = o[2 * j];
            double s = o[2 * j + 1];
            double inverse = StrictMath.exp(-s);
            double z = (targets[at + j] - mu) * inverse;
            sum += s + z * z / 2 + StrictMath.log(2 * Math.PI) / 2;
            o[2 * j] = 1f / numbers * (float) (-z * inverse);
            o[2 * j + 1] = 1f / numbers * (float) (1 - z * z);
        }
        return sum / numbers;
    }

    /** l = mean of s - rise + log(nu pi) / 2 + (nu + 1) / 2 log(1 + z^2 / nu), in double; l' as of the normal distribution. */
    private static double studentT(float[] o, float[] targets, int at) {
        double sum = 0;
        int numbers = o.length / 3;
        for (int j = 0; j < numbers; j++) {
            double mu = o[3 * j];
            double s = o[3 * j + 1];
            double e = StrictMath.exp(o[3 * j + 2]);
            double nu = e + 2;
            double inverse = StrictMath.exp(-s);
            double z = (targets[at + j] - mu) * inverse;
            double weight = (nu + 1) / (nu + z * z);
            double log = StrictMath.log1p(z * z / nu);
            sum += s - GammaFunctions.logGammaRise(nu / 2, 0.5) + StrictMath.log(nu * Math.PI) / 2 + (nu + 1) / 2 * log;
            double ofFreedom = 1 / nu - GammaFunctions.digammaRise(nu / 2, 0.5) + log - weight * z * z / nu;
            o[3 * j] = 1f / numbers * (float) (-weight * z * inverse);
            o[3 * j + 1] = 1f / numbers * (float) (1 - weight * z * z);
            o[3 * j + 2] = 1f / numbers * (float) (e / 2 * ofFreedom);
        }
        return sum / numbers;
    }

    private static double[] counts(float[] targets, int at, int numbers, double level) {
        return IntStream.range(at, at + numbers)
                .mapToDouble(i -> Math.rint(targets[i] * level))
                .toArray();
    }

    /** l = mean of rate - y (log m + o) + log y!, in double; l' is a rounded 1 / numbers times a rounded rate - y. */
    private static double poisson(float[] o, double[] counts, double level) {
        double sum = 0;
        for (int c = 0; c < o.length; c++) {
            double rate = StrictMath.exp(o[c]) * level;
            double y = counts[c];
            sum += rate - y * (StrictMath.log(level) + o[c]) + GammaFunctions.logGamma(y + 1);
            o[c] = 1f / o.length * (float) (rate - y);
        }
        return sum / o.length;
    }

    /**
     * l = mean of log y! - (log Gamma(y + r) - log Gamma(r)) + (y + r) log(1 + alpha mu) - y (a + log m + o), in double; l' is a rounded 1 /
     * numbers times the rounded derivatives in place of o and of a.
     */
    private static double negativeBinomial(float[] o, double[] counts, double level) {
        double sum = 0;
        float share = 1f / counts.length;
        for (int j = 0; j < counts.length; j++) {
            float a = o[2 * j + 1];
            double mu = StrictMath.exp(o[2 * j]) * level;
            double product = StrictMath.exp(a) * mu;
            double r = StrictMath.exp(-a);
            double y = counts[j];
            double log = StrictMath.log1p(product);
            double logProduct = a + StrictMath.log(level) + o[2 * j];
            sum += GammaFunctions.logGamma(y + 1) - GammaFunctions.logGammaRise(r, y) + (y + r) * log - y * logProduct;
            double excess = (mu - y) / (1 + product);
            o[2 * j] = share * (float) excess;
            o[2 * j + 1] = share * (float) (r * (GammaFunctions.digammaRise(r, y) - log) + excess);
        }
        return sum / counts.length;
    }

    /**
     * l = mean over numbers of the mean over levels q of q (y - o) or (1 - q) (o - y): differences in float, the rest in
     * double; l' is a rounded 1 / numbers times (a rounded 1 / levels times a rounded 1 - q or -q).
     */
    private static double pinball(List<Double> levels, float[] o, float[] targets, int at) {
        int numbers = o.length / levels.size();
        double mean = 0;
        for (int number = 0; number < numbers; number++) {
            float y = targets[at + number];
            double sum = 0;
            for (int k = 0; k < levels.size(); k++) {
                int c = number * levels.size() + k;
                double up = 1 - levels.get(k);
                double down = levels.get(k);
                float above = o[c] - y;
                sum += above > 0 ? up * above : down * -above;
                float slope = o[c] > y ? (float) up : o[c] < y ? -(float) down : 0f;
                o[c] = 1f / numbers * (1f / levels.size() * slope);
            }
            mean += sum / levels.size();
        }
        return mean / numbers;
    }

    /** l = mean_c |o_c - y_c|: differences in float, their sum in double; l' is a rounded 1 / C, or minus that, or 0. */
    private static double absoluteError(float[] o, float[] targets, int at) {
        double sum = 0;
        float up = 1f / o.length;
        for (int c = 0; c < o.length; c++) {
            float y = targets[at + c];
            sum += Math.abs(o[c] - y);
            o[c] = o[c] > y ? up : o[c] < y ? -up : 0f;
        }
        return sum / o.length;
    }

    /** l = mean_c of d^2 / 2 or |d| - 1/2, of differences d in float, in double; l' is a rounded 1 / C times d, but at most 1 in size. */
    private static double huber(float[] o, float[] targets, int at) {
        double sum = 0;
        for (int c = 0; c < o.length; c++) {
            float d = o[c] - targets[at + c];
            boolean near = d >= -1 && d <= 1;
            sum += near ? (double) d * d / 2 : Math.abs((double) d) - 0.5;
            o[c] = 1f / o.length * (near ? d : d > 0 ? 1 : -1);
        }
        return sum / o.length;
    }

    /** l = mean_c (o_c - y_c)^2: differences in float, squares and their sum in double; turns o into l'. */
    private static double squaredError(float[] o, float[] targets, int at) {
        double sum = 0;
        for (int c = 0; c < o.length; c++) {
            float difference = o[c] - targets[at + c];
            sum += (double) difference * difference;
            o[c] = 2f / o.length * difference;
        }
        return sum / o.length;
    }
}
