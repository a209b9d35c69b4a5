package dev.unroll.train;

/**
 * A number of an update without which training cannot go on: one that is NaN or infinite ends it, with what to change.
 */
enum FiniteValue {
    LOSS("loss", true),
    GRADIENT_NORM("gradient norm", true),
    PARAMETERS("parameters' norm", false),
    VALIDATION_LOSS("validation loss", false);

    private final String label;
    private final boolean beforeUpdate; // whether it is computed before the parameters are updated

    FiniteValue(String label, boolean beforeUpdate) {
        this.label = label;
        this.beforeUpdate = beforeUpdate;
    }

    /** @throws TrainingException if the value is not finite */
    void require(double value, long iteration) {
        if (!Double.isFinite(value)) {
            throw new TrainingException("the " + label + " is " + value + " at iteration " + iteration
                    + (iteration == 1 && beforeUpdate
                            ? ", before any update: the numbers of the data are too large for this network; scale them"
                            : "; lower step-size, or lower clip-norm (0 turns clipping off)"));
        }
    }
}
