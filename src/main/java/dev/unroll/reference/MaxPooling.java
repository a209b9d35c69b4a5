package dev.unroll.reference;

import java.util.stream.IntStream;

/** The maximum of each unit over the steps of a sequence. */
final class MaxPooling extends UnrolledPooling {

    MaxPooling(Matrix[] h, int steps) {
        super(h, steps);
    }

    /** (1): {@code c_k = max_t h_tk}. */
    @Override
    Matrix pooled() {
        return Matrix.column(
                IntStream.range(0, units()).mapToDouble(k -> value(place(k), k)).toArray());
    }

    /** (4): {@code dL/dh_tk = dL/dc_k} at the place of the maximum, the first of several, and 0 elsewhere: the local term. */
    @Override
    Matrix stateGradient(int t, Matrix dC) {
        return Matrix.column(IntStream.range(0, units())
                .mapToDouble(k -> place(k) == t ? dC.get(k, 0) : 0)
                .toArray());
    }

    /** A maximum that another place is near to may move there; places that have the very same state are those of a relu that is 0, and do not move. */
    @Override
    boolean isAwayFromKinks(double margin) {
        return IntStream.range(0, units()).allMatch(k -> IntStream.rangeClosed(1, steps)
                .mapToDouble(t -> value(place(k), k) - value(t, k))
                .allMatch(gap -> gap == 0 || gap > margin));
    }

    /** The first place at which unit k is greatest. */
    private int place(int k) {
        return IntStream.rangeClosed(1, steps).reduce(1, (best, t) -> value(t, k) > value(best, k) ? t : best);
    }

    private double value(int t, int k) {
        return h[t].get(k, 0);
    }

    private int units() {
        return h[1].rows();
    }
}
