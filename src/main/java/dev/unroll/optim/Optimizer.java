package dev.unroll.optim;

import java.util.Map;
import java.util.SortedMap;

/**
 * Takes theta and the loss as a function of it, gives the next theta.
 *
 * <p>Mutable and for one thread. A loss or a gradient that is NaN or infinite at theta passes through; whoever calls looks at the loss
 * and the reported norm.
 */
public interface Optimizer {

    /**
     * One update.
     *
     * @param theta the parameters, moved in place
     * @param function the mean loss; asked for theta first
     * @param iteration 1 for the first update of a run, and counted on after a resume
     */
    StepReport step(float[] theta, LossFunction function, long iteration);

    /**
     * Whether a step asks for the loss more than once, and begins where the one before has ended: then it must be the same function each
     * time, to the bit.
     */
    default boolean isFullBatch() {
        return false;
    }

    /**
     * What is validated, and what the model gets, after an update: the average of theta where the optimiser has one, a
     * live array; or else theta itself.
     */
    default float[] averaged(float[] theta) {
        return theta;
    }

    /** All that the optimiser remembers, by name and each of theta's size: live arrays, to be written before the next step. */
    SortedMap<String, float[]> state();

    /**
     * Goes on from a saved state, whose arrays are copied.
     *
     * @throws IllegalArgumentException if its names or sizes are not this optimiser's; nothing is changed then
     */
    void restore(Map<String, float[]> saved);
}
