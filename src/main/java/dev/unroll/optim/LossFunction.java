package dev.unroll.optim;

/** What an optimiser minimises. */
@FunctionalInterface
public interface LossFunction {

    /**
     * Loss and gradient at one place.
     *
     * @param loss the mean loss
     * @param gradient its gradient, for the optimiser to overwrite
     */
    record Point(double loss, float[] gradient) {}

    /**
     * Evaluates, which costs a pass over the batch. At the parameters that it was asked for last, a function should know the answer
     * without another pass: L-BFGS begins each step where its line search has ended.
     *
     * @param theta only read, and only while the call lasts
     */
    Point at(float[] theta);
}
