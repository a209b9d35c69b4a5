package dev.unroll.reference;

import dev.unroll.nn.NetworkSpec;
import java.util.function.IntFunction;

/**
 * Stacked recurrent layers, each in one direction or in two, unrolled over one sequence: takes x_1..x_T of the first
 * layer, gives the states that the head reads; takes what each of these receives, gives the gradients of all layers and
 * of x_1..x_T.
 *
 * <p>A layer that reads in reverse is the same graph over x_T..x_1: its place t is the sequence's place T + 1 - t. The
 * states of both directions are joined one under the other.
 */
final class UnrolledStack {

    private final UnrolledLayer[][] layers; // by layer and direction, from below
    private final Matrix[][] masks; // by layer: what dropout multiplies x_1..x_T by; null where nothing is dropped
    private final boolean everyState; // whether all states are read; otherwise the last ones
    private final int directions; // D
    final int steps; // T
    final Matrix[] states; // h_1 .. h_T of the last layer, of both directions; at the places that the head reads

    /**
     * Makes the graph of one layer and direction over its x_1..x_T, which are filled in when the layers below have run.
     */
    interface LayerFactory {
        UnrolledLayer make(int layer, int direction, Matrix[] x);
    }

    UnrolledStack(NetworkSpec spec, Matrix[] x, Matrix[][] masks, LayerFactory factory) {
        this.steps = x.length - 1;
        this.directions = spec.directions();
        this.everyState = spec.head().readsEveryState();
        this.masks = masks;
        this.layers = new UnrolledLayer[spec.numLayers()][directions];
        for (int l = 0; l < layers.length; l++) {
            for (int d = 0; d < directions; d++) {
                layers[l][d] = factory.make(l, d, l == 0 && d == 0 ? x : new Matrix[steps + 1]);
            }
        }
        this.states = directions == 1 ? layers[layers.length - 1][0].h : new Matrix[steps + 1];
    }

    /** The first layer, read forward. */
    UnrolledLayer first() {
        return layers[0][0];
    }

    /** (1), layer by layer. */
    void forward() {
        for (int l = 0; l < layers.length; l++) {
            for (int t = 1; t <= steps; t++) {
                if (l > 0) {
                    layers[l][0].x[t] = dropped(l, t, joined(l - 1, t));
                }
                if (directions == 2) {
                    layers[l][1].x[mirrored(t)] = layers[l][0].x[t];
                }
            }
            for (UnrolledLayer layer : layers[l]) {
                layer.forward();
            }
        }
        for (int t = 1; directions == 2 && t <= steps; t++) {
            states[t] = everyState ? joined(layers.length - 1, t) : last(t);
        }
    }

    /** (3) and (4), layer by layer from the last one down. */
    void backward(IntFunction<Matrix> stateGradientOfHead) {
        for (int l = layers.length - 1; l >= 0; l--) {
            int level = l;
            boolean top = l == layers.length - 1;
            IntFunction<Matrix> fromAbove =
                    top ? stateGradientOfHead : t -> dropped(level + 1, t, inputGradient(level + 1, t));
            for (int d = 0; d < directions; d++) {
                int direction = d;
                boolean own = direction == 0
                        || (top && !everyState); // the last states of both directions are read as they come
                layers[l][d].backward(
                        t -> fromAbove.apply(own ? t : mirrored(t)).block(direction, directions));
            }
        }
    }

    /** {@code dL/dx_t} of the first layer. */
    Matrix inputGradient(int t) {
        return inputGradient(0, t);
    }

    /** (5): the gradient of a parameter of one of the layers. */
    Matrix gradient(String name) {
        for (int l = 0; l < layers.length; l++) {
            for (int d = 0; d < directions; d++) {
                String suffix = "_" + NetworkSpec.suffix(l, d);
                if (name.endsWith(suffix)) {
                    UnrolledLayer layer = layers[l][d];
                    return switch (name.substring(0, name.length() - suffix.length())) {
                        case "rnn.weight_ih" -> layer.inputWeightGradient();
                        case "rnn.weight_hh" -> layer.recurrentWeightGradient();
                        case "rnn.bias_ih" -> layer.inputBiasGradient();
                        case "rnn.bias_hh" -> layer.recurrentBiasGradient();
                        case "rnn.weight_hr" -> layer.projectionGradient();
                        default -> throw unknown(name);
                    };
                }
            }
        }
        throw unknown(name);
    }

    private static IllegalArgumentException unknown(String name) {
        return new IllegalArgumentException("the reference does not know parameter " + name);
    }

    private Matrix inputGradient(int l, int t) {
        Matrix forward = layers[l][0].inputGradient(t);
        return directions == 1 ? forward : forward.plus(layers[l][1].inputGradient(mirrored(t)));
    }

    /** Both directions at the same step of the sequence. */
    private Matrix joined(int l, int t) {
        Matrix forward = layers[l][0].h[t];
        return directions == 1 ? forward : Matrix.stack(forward, layers[l][1].h[mirrored(t)]);
    }

    /** Both directions after the same number of steps. */
    private Matrix last(int t) {
        UnrolledLayer[] top = layers[layers.length - 1];
        return Matrix.stack(top[0].h[t], top[1].h[t]);
    }

    private Matrix dropped(int l, int t, Matrix m) {
        return masks[l] == null ? m : m.hadamard(masks[l][t]);
    }

    private int mirrored(int t) {
        return steps + 1 - t;
    }
}
