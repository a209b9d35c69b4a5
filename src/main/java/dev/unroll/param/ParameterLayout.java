package dev.unroll.param;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Where each named tensor is in the one flat parameter vector theta (and in every gradient and optimiser moment, which
 * have the same layout). Names and order are those of a PyTorch module with members {@code embedding}, {@code rnn} and
 * {@code head}, so theta equals {@code parameters_to_vector(module.parameters())} element by element. Immutable.
 */
public final class ParameterLayout implements Serializable {

    private static final long serialVersionUID = 1L;

    /**
     * One tensor, row-major from {@code offset}.
     *
     * @param shape (rows, columns), or (length) for a vector
     * @param initialization what decides its initial values
     */
    public record Slot(String name, List<Integer> shape, int offset, Initialization initialization)
            implements Serializable {

        /** One that begins as the initializer's scheme says. */
        public Slot(String name, List<Integer> shape, int offset) {
            this(name, shape, offset, new Initialization.ByScheme());
        }

        public int rows() {
            return shape.get(0);
        }

        /** Columns of a matrix; 1 for a vector. */
        public int columns() {
            return shape.size() == 1 ? 1 : shape.get(1);
        }

        public int size() {
            return rows() * columns();
        }
    }

    private final Map<String, Slot> slots;
    private final int size;
    private final int hiddenSize;

    private ParameterLayout(Map<String, Slot> slots, int size, int hiddenSize) {
        this.slots = slots;
        this.size = size;
        this.hiddenSize = hiddenSize;
    }

    /** Number of parameters. */
    public int size() {
        return size;
    }

    /** H of the recurrent tensors, by which they are initialised; 0 where there are none. */
    public int hiddenSize() {
        return hiddenSize;
    }

    /** All slots, in the order of theta. */
    public List<Slot> slots() {
        return List.copyOf(slots.values());
    }

    /**
     * The slot of that name.
     *
     * @throws IllegalArgumentException if there is none; the message lists the names
     */
    public Slot slot(String name) {
        Slot slot = slots.get(name);
        if (slot == null) {
            throw new IllegalArgumentException("no parameter named " + name + "; there are " + names());
        }
        return slot;
    }

    public Set<String> names() {
        return slots.keySet();
    }

    /** Adds slots one after the other. */
    public static final class Builder {
        private final Map<String, Slot> slots = new LinkedHashMap<>();
        private long size;
        private int hiddenSize;

        /** H of the recurrent tensors. */
        public Builder hiddenSize(int numbers) {
            hiddenSize = numbers;
            return this;
        }

        /** A matrix (rows, columns). */
        public Builder matrix(String name, int rows, int columns) {
            return add(name, List.of(rows, columns), new Initialization.ByScheme());
        }

        /** A vector (length). */
        public Builder vector(String name, int length) {
            return add(name, List.of(length), new Initialization.ByScheme());
        }

        /** A matrix or a vector. */
        public Builder add(String name, List<Integer> shape, Initialization initialization) {
            long count = shape.stream().mapToLong(Integer::longValue).reduce(1, Math::multiplyExact);
            if (slots.put(name, new Slot(name, shape, (int) size, initialization)) != null) {
                throw new IllegalArgumentException("parameter " + name + " is named twice");
            }
            size += count;
            if (size > Integer.MAX_VALUE - 8) {
                throw new IllegalArgumentException("the network has more than 2^31 parameters (at " + name + ", shape "
                        + new ArrayList<>(shape) + "); make its sizes smaller");
            }
            return this;
        }

        public ParameterLayout build() {
            return new ParameterLayout(new LinkedHashMap<>(slots), (int) size, hiddenSize);
        }
    }
}
