package dev.unroll.nn;

import dev.unroll.math.Activations;

/** Cross-entropy of the sigmoid of one output and a label of two, in nats: that of {@link MultiLabelLoss} with y the index of the label. */
public record BinaryLoss() implements Loss {

    @Override
    public Kind kind() {
        return Kind.BINARY;
    }

    @Override
    public Link link() {
        return Link.SIGMOID;
    }

    @Override
    public int labels(int outputs) {
        return 2;
    }

    /** One loss term, and l' = p - y in place of the output. */
    double term(float[] o, int at, int label) {
        double score = o[at];
        Activations.sigmoid(o, at, o, at, 1);
        float p = o[at];
        o[at] = p - label;
        return Math.max(score, 0) - label * score - StrictMath.log(Math.max(p, 1 - p));
    }

    @Override
    public String describe(int outputs) {
        return "sigmoid of one of 2 classes";
    }
}
