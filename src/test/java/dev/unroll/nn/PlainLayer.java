package dev.unroll.nn;

/**
 * The parameters of one layer in one direction of {@link PlainNetwork}: offsets in theta. Inputs of the first level begin
 * with statics.
 *
 * @param projection of what the cell gives, m, to the state; null where m is the state
 */
record PlainLayer(
        int level,
        int direction,
        int inputs,
        int weightIh,
        int weightHh,
        int biasIh,
        int biasHh,
        PlainProjection projection) {

    float[] state(float[] m) {
        return projection == null ? m : projection.forward(m);
    }

    /** dL/dm. */
    float[] outputGradient(float[] dState) {
        return projection == null ? dState : projection.backward(dState);
    }
}
