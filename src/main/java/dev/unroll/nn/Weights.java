package dev.unroll.nn;

import dev.unroll.math.Panels;

/**
 * The parameters of one iteration, packed as the products of the time loop read them. {@link Network#bind} fills it;
 * until it is filled again, threads may share it.
 */
public final class Weights {

    float[] theta;
    boolean tokensTabled; // for forward passes
    final LayerWeights[][] layers; // by layer and direction
    final StaticWeights[] statics; // null where there are none
    final TransitionWeights transitions; // null without a conditional random field
    final Panels head = new Panels(); // W_qh', (D H, C)
    final Panels headBack = new Panels(); // W_qh, (C, D H)

    Weights(LayerWeights[][] layers, StaticWeights[] statics, TransitionWeights transitions) {
        this.layers = layers;
        this.statics = statics;
        this.transitions = transitions;
    }
}
