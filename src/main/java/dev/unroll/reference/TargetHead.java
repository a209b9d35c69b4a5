package dev.unroll.reference;

import dev.unroll.data.Sequence;

/** A head whose y_t is a vector of numbers to hit. */
abstract class TargetHead extends UnrolledHead {

    private final float[] targets; // (T, C), or (1, C) for the last place

    TargetHead(Parameters theta, Matrix[] h, Matrix statics, Sequence sequence, double scale) {
        super(theta, h, statics, sequence, scale);
        this.targets = sequence.targets();
    }

    /** {@code o_t - y_t}. */
    final Matrix error(int t) {
        return o[t].minus(Matrix.row(targets, bQ.rows(), t - firstRead));
    }
}
