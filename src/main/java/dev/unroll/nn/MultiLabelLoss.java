package dev.unroll.nn;

/**
 * Cross-entropy of sigmoids, in nats: the mean over labels of log(1 + e^o) - y o, where y is 1 for a label of the set and 0 for
 * another. Labels do not exclude each other, and a set may have none.
 */
public record MultiLabelLoss() implements Loss.TargetLoss {

    @Override
    public Kind kind() {
        return Kind.MULTI_LABEL;
    }

    @Override
    public Link link() {
        return Link.SIGMOIDS;
    }

    @Override
    public double ofTarget(float[] o, int at, float y, double level) {
        return crossEntropy(o, at, y);
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

    /** The same as max(o, 0) - y o + log(1 + e^-|o|), which no exponential overflows in; sigmoid(o) - y in place of o. */
    static double crossEntropy(float[] o, int at, float y) {
        double score = o[at];
        double small = StrictMath.exp(-Math.abs(score));
        o[at] = (float) ((score > 0 ? 1 : small) / (1 + small) - y);
        return Math.max(score, 0) - y * score + StrictMath.log1p(small);
    }

    @Override
    public String describe(int outputs) {
        return "sigmoids of " + outputs + " labels";
    }
}
