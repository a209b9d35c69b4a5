package dev.unroll.optim;

import java.util.Map;

/**
 * One link of a {@link GradientChain}: turns what it is handed into what the next link is handed, in place. The first link gets the
 * mean gradient; what leaves the last one, times the step size, is subtracted from theta.
 *
 * <p>The contract: element i of the result depends on element i of the arguments, of the state, and on numbers that are the same
 * for all elements. Arithmetic per element is float, each operation rounded on its own in the written order (no fma); factors are
 * computed in double from the iteration alone, and rounded to float once. Nothing of theta's size is allocated per update.
 */
public interface GradientTransform {

    /** Computes what depends on the iteration alone, once for all blocks of an update, whose {@link #apply} follow. */
    default void begin(long iteration) {}

    /**
     * @param gradient the mean gradient as the links before have left it; overwritten
     * @param theta the parameters before this update; only read
     * @param iteration 1 for the first update of a run, and counted on after a resume
     * @param from the first element to transform; blocks of one update may be transformed at the same time
     * @param to the element after the last
     */
    void apply(float[] gradient, float[] theta, long iteration, int from, int to);

    /** All that the transform remembers between updates, by name: the live arrays, for saving and for restoring into. */
    default Map<String, float[]> state() {
        return Map.of();
    }
}
