package dev.unroll.nn;

import dev.unroll.math.Activations;
import dev.unroll.math.Panels;
import java.util.stream.Stream;

/** The parameters of one layer and direction, packed as the products of the time loop read them. */
final class LayerWeights {

    final Panels[] input; // per input gate W_ih', (I, H)
    final float[][] inputColumns; // per input gate W_ih', (I, H), in place of panels where inputs are one-hot
    final float[][]
            tokenStarts; // per input gate W_ih x + b of each token x, (V, H), where they are tabled; otherwise empty
    final Panels[] recurrent; // per gate W_hh', (width of a state, H)
    final Panels[] inputBack; // per input gate W_ih, (H, I)
    final Panels[] recurrentBack; // per gate W_hh, (H, width of a state)
    final float[][]
            bias; // per block (H), where every pre-activation starts; with room for a whole vector after the last
    final float[][] own; // the cell's own parameters
    final Panels projection = new Panels(); // W_hr', (H, P); empty where states are not projected
    final Panels projectionBack = new Panels(); // W_hr, (P, H)

    LayerWeights(Cell cell, int hidden) {
        input = panels(cell.gates());
        inputColumns = new float[cell.gates()][0];
        tokenStarts = new float[cell.gates()][0];
        recurrent = panels(cell.recurrentGates());
        inputBack = panels(cell.gates());
        recurrentBack = panels(cell.recurrentGates());
        bias = new float[cell.blocks()][hidden + Activations.VIRTUAL_LANES];
        own = cell.parameters(hidden).stream()
                .map(parameter -> new float[parameter.size()])
                .toArray(float[][]::new);
    }

    private static Panels[] panels(int count) {
        return Stream.generate(Panels::new).limit(count).toArray(Panels[]::new);
    }
}
