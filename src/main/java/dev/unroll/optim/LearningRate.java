package dev.unroll.optim;

/** Takes an iteration (1 for the first), gives its step size. A pure function, so that a resumed run goes on as it would have. */
@FunctionalInterface
public interface LearningRate {

    double stepSize(long iteration);

    /** The same step size for ever. */
    static LearningRate constant(double stepSize) {
        return iteration -> stepSize;
    }
}
