package dev.unroll.nn;

import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

/**
 * A parameter of a cell's own, besides the weights and biases of its gates: every layer and direction has one, called
 * {@code rnn.NAME_l0} and so on. Its initial values are uniform in [low, high], whatever the initializer; equal bounds
 * are a constant.
 *
 * @param name lower-case letters, digits and {@code _}, such as {@code weight_ci}
 * @param shape (length), or (rows, columns)
 */
public record CellParameter(String name, List<Integer> shape, float low, float high) {

    private static final Pattern NAME = Pattern.compile("[a-z][a-z0-9_]*");
    private static final List<String> TAKEN = List.of("weight_ih", "weight_hh", "bias_ih", "bias_hh");

    /** @throws IllegalArgumentException for another name, no shape of one or two sizes that one array holds, or bounds that are none */
    public CellParameter {
        if (!NAME.matcher(name).matches() || TAKEN.contains(name)) {
            throw new IllegalArgumentException("a cell's parameter is called " + name
                    + "; allowed are lower-case letters, digits and _, and no name of " + TAKEN);
        }
        shape = List.copyOf(shape);
        if (shape.isEmpty() || shape.size() > 2 || shape.stream().anyMatch(size -> size < 1)) {
            throw new IllegalArgumentException(
                    "the cell's parameter " + name + " has shape " + shape + "; allowed are one or two sizes above 0");
        }
        if (shape.stream().mapToLong(size -> size).reduce(1, (a, b) -> a * b) > Integer.MAX_VALUE - 8) {
            throw new IllegalArgumentException("the cell's parameter " + name + " has shape " + shape
                    + ", which is more numbers than one array holds; allowed are less than 2^31");
        }
        if (!Float.isFinite(low) || !Float.isFinite(high) || low > high) {
            throw new IllegalArgumentException("the cell's parameter " + name + " begins between " + low + " and "
                    + high + "; allowed are finite numbers, the lower one first");
        }
    }

    /** One that begins at a constant. */
    public static CellParameter constant(String name, float value, int... shape) {
        return uniform(name, value, value, shape);
    }

    /** One that begins uniform in [low, high]. */
    public static CellParameter uniform(String name, float low, float high, int... shape) {
        return new CellParameter(name, IntStream.of(shape).boxed().toList(), low, high);
    }

    /** How many numbers it has. */
    public int size() {
        return shape.stream().reduce(1, (a, b) -> a * b);
    }
}
