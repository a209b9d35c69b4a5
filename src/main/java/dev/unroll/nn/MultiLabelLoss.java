package dev.unroll.nn;

import dev.unroll.math.Activations;

/**
 * Cross-entropy of sigmoids, in nats: the mean over labels of log(1 + e^o) - y o, where y is 1 for a label of the set and 0 for
 * another. Labels do not exclude each other, and a set may have none.
 */
public record MultiLabelLoss() implements Loss {

    /** Factors from 1/2 to 1, whose product is far above the least double. */
    private static final int FACTORS = 32;

    @Override
    public Kind kind() {
        return Kind.MULTI_LABEL;
    }

    @Override
    public Link link() {
        return Link.SIGMOIDS;
    }

    /** Whether the labels whose sigmoid is above 1/2 are those of the set. */
    boolean isRight(float[] o, int at, int outputs, float[] y, int yAt) {
        for (int c = 0; c < outputs; c++) {
            if (o[at + c] > 0 != y[yAt + c] > 0) {
                return false;
            }
        }
        return true;
    }

    /**
     * One loss term, and l' = 1/C (p - y) in place of the outputs. With p = sigmoid(o), log(1 + e^o) is max(o, 0) - log max(p, 1 - p),
     * which does not overflow, and a product has one logarithm for some labels.
     *
     * @param o outputs, from {@code at} on
     * @param outputs C
     * @param y 1 or 0 for each label, from {@code yAt} on
     */
    double term(float[] o, int at, int outputs, float[] y, int yAt) {
        double sum = 0;
        for (int c = 0; c < outputs; c++) {
            double score = o[at + c];
            sum += Math.max(score, 0) - y[yAt + c] * score;
        }
        Activations.sigmoid(o, at, o, at, outputs);
        float share = 1f / outputs;
        double product = 1;
        for (int c = 0; c < outputs; c++) {
            float p = o[at + c];
            product *= Math.max(p, 1 - p);
            if (c % FACTORS == FACTORS - 1) {
                sum -= StrictMath.log(product);
                product = 1;
            }
            o[at + c] = share * (p - y[yAt + c]);
        }
        return (sum - StrictMath.log(product)) / outputs;
    }

    @Override
    public String describe(int outputs) {
        return "sigmoids of " + outputs + " labels";
    }
}
