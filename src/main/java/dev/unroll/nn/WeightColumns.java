package dev.unroll.nn;

/**
 * The columns of a layer's input weights: those of the statics, then those of what it reads at each step.
 *
 * @param statics S; 0 but for the first layer
 * @param inputs I
 * @param gradients how many of the inputs, the first of them, have dL/dx: embeddings, or states of the layer below
 */
record WeightColumns(int statics, int inputs, int gradients) {

    static WeightColumns of(NetworkSpec spec, int layer) {
        int inputs = spec.inputs(layer);
        boolean mixed = layer == 0 && spec.input() instanceof NetworkSpec.Mixed;
        return new WeightColumns(
                spec.statics(layer), inputs, mixed ? ((NetworkSpec.Mixed) spec.input()).embedded() : inputs);
    }

    /** From one row of the weights to the next. */
    int row() {
        return statics + inputs;
    }
}
