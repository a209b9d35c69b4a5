package dev.unroll.nn;

import dev.unroll.math.Elementwise;
import dev.unroll.math.Transposition;
import dev.unroll.param.ParameterLayout;
import dev.unroll.param.ParameterLayout.Slot;
import java.util.Arrays;

/** Where the parameters of a {@link RecurrentLayer} are in theta, gate by gate, and how they are packed for its products. */
final class LayerParameters {

    private final Cell cell;
    private final boolean oneHot; // whether the inputs are tokens without an embedding
    private final WeightColumns columns; // of W_ih
    private final int hidden; // H
    private final int width; // of a state: P with a projection, otherwise H
    private final Slot weightIh; // (G, S + I)
    private final Slot weightHh; // (G, width of a state); null for a cell without a recurrent product
    private final Slot biasIh; // (G)
    private final Slot biasHh; // (G)
    private final Slot[] own; // the cell's own parameters

    /** @param suffix of the names of the layer's parameters, see {@link NetworkSpec#suffix} */
    LayerParameters(NetworkSpec spec, Cell cell, int layer, ParameterLayout layout, String suffix) {
        this.cell = cell;
        this.oneHot = layer == 0 && spec.input().isOneHot();
        this.columns = WeightColumns.of(spec, layer);
        this.hidden = spec.hiddenSize();
        this.width = spec.directionSize();
        this.weightIh = layout.slot("rnn.weight_ih_" + suffix);
        this.biasIh = layout.slot("rnn.bias_ih_" + suffix);
        boolean recurrent = cell.recurrentGates() > 0;
        this.weightHh = recurrent ? layout.slot("rnn.weight_hh_" + suffix) : null;
        this.biasHh = recurrent ? layout.slot("rnn.bias_hh_" + suffix) : null;
        this.own = cell.parameters(hidden).stream()
                .map(parameter -> layout.slot("rnn." + parameter.name() + "_" + suffix))
                .toArray(Slot[]::new);
    }

    /** Packs the weights, and adds up the biases at which each pre-activation starts. */
    void bind(float[] theta, LayerWeights w) {
        for (float[] bias : w.bias) {
            Arrays.fill(bias, 0f);
        }
        for (int block = 0; block < cell.gates(); block++) {
            if (oneHot) {
                w.inputColumns[block] = FloatArrays.grow(w.inputColumns[block], columns.inputs(), hidden);
                Transposition.copy(hidden, columns.inputs(), theta, inputWeight(block), w.inputColumns[block]);
            } else {
                w.input[block].packTransposed(columns.inputs(), hidden, theta, inputWeight(block), columns.row());
                w.inputBack[block].pack(hidden, columns.gradients(), theta, inputWeight(block), columns.row());
            }
            Elementwise.add(theta, inputBias(block), w.bias[block], 0, hidden);
        }
        for (int gate = 0; gate < cell.recurrentGates(); gate++) {
            w.recurrent[gate].packTransposed(width, hidden, theta, recurrentWeight(gate), width);
            w.recurrentBack[gate].pack(hidden, width, theta, recurrentWeight(gate), width);
            Elementwise.add(theta, recurrentBias(gate), w.bias[cell.recurrentBlock() + gate], 0, hidden);
        }
        for (int n = 0; n < own.length; n++) {
            System.arraycopy(theta, own[n].offset(), w.own[n], 0, own[n].size());
        }
    }

    /** The offset in theta of the input weights (H, I) of a block, whose rows are {@link WeightColumns#row} apart. */
    int inputWeight(int block) {
        return weightIh.offset() + cell.inputGate(block) * hidden * columns.row() + columns.statics();
    }

    int inputBias(int block) {
        return biasIh.offset() + cell.inputGate(block) * hidden;
    }

    /** The offset in theta of the recurrent weights (H, width of a state) of a gate. */
    int recurrentWeight(int gate) {
        return weightHh.offset() + gate * hidden * width;
    }

    int recurrentBias(int gate) {
        return biasHh.offset() + gate * hidden;
    }

    /** Of the cell's own parameters the n-th, in the order of {@link Cell#parameters}. */
    Slot own(int n) {
        return own[n];
    }

    /** Clears the gradients that do not start with a product; those of input weights do where inputs are dense. */
    void clearWhatNoProductBegins(float[] gradient, boolean dense) {
        clear(biasIh, gradient);
        if (biasHh != null) {
            clear(biasHh, gradient);
        }
        if (!dense) {
            clear(weightIh, gradient);
        }
        for (Slot slot : own) {
            clear(slot, gradient);
        }
    }

    private static void clear(Slot slot, float[] gradient) {
        Arrays.fill(gradient, slot.offset(), slot.offset() + slot.size(), 0f);
    }
}
