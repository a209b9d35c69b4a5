package dev.unroll.nn;

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

    /** One loss term, and l' in place of the output. */
    double term(float[] o, int at, int label) {
        return MultiLabelLoss.crossEntropy(o, at, label);
    }

    @Override
    public String describe(int outputs) {
        return "sigmoid of one of 2 classes";
    }
}
