package dev.unroll.data;

import java.io.Serializable;

/**
 * How dense inputs and targets are scaled, by statistics of the training part.
 *
 * @param inputs of D numbers
 * @param targets of C numbers
 */
public record Scaling(Standardization inputs, Standardization targets) implements Serializable {

    /** Leaves everything as it is. */
    public static final Scaling NONE = new Scaling(Standardization.NONE, Standardization.NONE);

    /** In float32. */
    public Scaling(float[] inputMeans, float[] inputDeviations, float[] targetMeans, float[] targetDeviations) {
        this(Standardization.of(inputMeans, inputDeviations), Standardization.of(targetMeans, targetDeviations));
    }

    /** Whether nothing is scaled. */
    public boolean isNone() {
        return inputs.means().length + targets.means().length == 0;
    }
}
