package dev.unroll.nn;

/**
 * Parameters made ready for one iteration: theta itself, and the transposed copies that the forward products read row by row. Made
 * by {@link Network#bind}; immutable from then on, so threads may share them.
 */
public final class Weights {

    final float[] theta;
    float[] inputTransposed; // (I, gates x H), columns in the order of the blocks of a
    float[] inputByBlock; // (gates x H, I), rows in the order of the blocks of a
    float[] recurrentTransposed; // (H, gates x H)
    float[] bias; // (columns x H), where every pre-activation starts
    float[] headTransposed; // (H, C)

    Weights(float[] theta) {
        this.theta = theta;
    }
}
