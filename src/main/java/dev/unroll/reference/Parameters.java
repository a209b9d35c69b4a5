package dev.unroll.reference;

import dev.unroll.param.ParameterLayout;
import dev.unroll.param.ParameterLayout.Slot;
import java.util.Arrays;
import java.util.function.Function;

/** The flat theta as named matrices, and named gradients as one flat vector: both in the order of the layout. */
final class Parameters {

    private final ParameterLayout layout;
    private final double[] theta;

    Parameters(ParameterLayout layout, double[] theta) {
        if (theta.length != layout.size()) {
            throw new IllegalArgumentException(
                    "theta has " + theta.length + " parameters; the network has " + layout.size());
        }
        this.layout = layout;
        this.theta = theta;
    }

    boolean has(String name) {
        return layout.names().contains(name);
    }

    /** The tensor of that name; a vector is one column. */
    Matrix get(String name) {
        Slot slot = layout.slot(name);
        return Matrix.of(
                slot.rows(), slot.columns(), Arrays.copyOfRange(theta, slot.offset(), slot.offset() + slot.size()));
    }

    /** One vector of the tensors that {@code gradients} gives, by name and in the order of the layout. */
    double[] flatten(Function<String, Matrix> gradients) {
        return layout.slots().stream()
                .flatMapToDouble(
                        slot -> Arrays.stream(gradients.apply(slot.name()).toArray()))
                .toArray();
    }
}
