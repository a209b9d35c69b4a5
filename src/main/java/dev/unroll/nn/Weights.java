package dev.unroll.nn;

import dev.unroll.math.Activations;
import dev.unroll.math.Panels;
import java.util.stream.Stream;

/**
 * Parameters made ready for one iteration: theta itself, and every matrix laid out as the products of the time loop read it. {@link
 * Network#bind} fills it; while it is not filled anew, threads may share it.
 */
public final class Weights {

    float[] theta;
    final Panels[] input; // per input gate W_ih', (I, H)
    final float[][] inputColumns; // per input gate W_ih', (I, H), in place of panels where inputs are one-hot
    final Panels[] recurrent; // per gate W_hh', (H, H)
    final Panels[] inputBack; // per input gate W_ih, (H, I)
    final Panels[] recurrentBack; // per gate W_hh, (H, H)
    final float[][]
            bias; // per block (H), where every pre-activation starts; with room for a whole vector behind the last
    final Panels head = new Panels(); // W_qh', (H, C)
    final Panels headBack = new Panels(); // W_qh, (C, H)

    Weights(Cell cell, int hidden) {
        input = panels(cell.gates());
        inputColumns = new float[cell.gates()][0];
        recurrent = panels(cell.gates());
        inputBack = panels(cell.gates());
        recurrentBack = panels(cell.gates());
        bias = new float[cell.blocks()][hidden + Activations.VIRTUAL_LANES];
    }

    private static Panels[] panels(int count) {
        return Stream.generate(Panels::new).limit(count).toArray(Panels[]::new);
    }
}
