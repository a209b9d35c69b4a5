package dev.unroll.nn;

/** How much arithmetic one update of a network takes, by its shape: what benchmarks and estimates of time count by. */
public record NetworkCost(NetworkSpec spec) {

    /**
     * Floating-point operations of the products of an update, forward and backward: 4 I G + 6 H G a step and 6 H C a
     * loss term, with P in place of H and 6 P H a step more where states are projected; 2 I G more where dL/dx is needed, for embeddings (of a mixed input their columns alone) or a layer below,
     * whose D H states are the I of the layer above. One-hot tokens are looked up. Statics take
     * 4 S n a sequence, and 2 E n more for embeddings, where n are the gates of the first layer and the outputs.
     */
    public double flops(double sequences, double steps) {
        Cell cell = Cells.named(spec.cell(), spec.activation());
        int hidden = spec.hiddenSize();
        double g = (double) cell.gates() * hidden;
        double recurrent = 6.0 * hidden * ((double) cell.recurrentGates() * spec.directionSize() + spec.projSize());
        NetworkSpec.Input input = spec.input();
        double inputs = input.isOneHot() ? 0 : 4.0 * input.size() + 2.0 * input.embeddingSize();
        double first = inputs * g + recurrent;
        double above = 6.0 * spec.stateSize() * g + recurrent;
        double statics = 4.0 * input.staticSize() + 2.0 * input.staticEmbeddingSize();
        return sequences * statics * (spec.directions() * g + spec.head().outputs())
                + steps * spec.directions() * (first + (spec.numLayers() - 1) * above)
                + lossTerms(sequences, steps)
                        * 6.0
                        * spec.stateSize()
                        * spec.head().outputs();
    }

    /**
     * Numbers of an update that go through an activation and not only through products: the gates of all layers at
     * every step, and the outputs of the head.
     */
    public double activations(double sequences, double steps) {
        double g = (double) Cells.named(spec.cell(), spec.activation()).gates() * spec.hiddenSize();
        return steps * spec.directions() * spec.numLayers() * g
                + lossTerms(sequences, steps) * spec.head().outputs();
    }

    private double lossTerms(double sequences, double steps) {
        return spec.head().everyStep() ? steps : sequences;
    }
}
