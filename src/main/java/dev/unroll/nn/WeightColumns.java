package dev.unroll.nn;

/**
 * The columns of a layer's input weights: those of the statics, then those of what it reads at each step.
 *
 * @param statics S; 0 but for the first layer
 * @param inputs I
 * @param gradients how many of the inputs, the first of them, have dL/dx: embeddings, or states of the layer below. Of a
 *     mixed input some numbers behind the embeddings have it too, where a product of whole vectors is faster
 */
record WeightColumns(int statics, int inputs, int gradients) {

    /** The most numbers of one vector. */
    private static final int VECTOR = 16;

    static WeightColumns of(NetworkSpec spec, int layer) {
        int inputs = spec.inputs(layer);
        int wanted = layer == 0 ? spec.input().embeddingSize() : inputs;
        int gradients = Math.min(inputs, (wanted + VECTOR - 1) / VECTOR * VECTOR);
        return new WeightColumns(spec.statics(layer), inputs, gradients);
    }

    /** From one row of the weights to the next. */
    int row() {
        return statics + inputs;
    }
}
