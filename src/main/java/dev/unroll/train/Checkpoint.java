package dev.unroll.train;

import dev.unroll.format.FormatException;
import java.io.Serializable;
import java.util.Map;
import java.util.TreeMap;

/**
 * All that a training remembers between two updates, as plain data: a training that is resumed from it has the bits of
 * one that never stopped.
 *
 * @param iteration updates made
 * @param theta the parameters after them
 * @param values numbers and texts by name; a double is written in hexadecimal, so no bit is lost
 * @param arrays the optimiser's state, the best parameters so far, and states of streams, by name
 */
public record Checkpoint(long iteration, float[] theta, Map<String, String> values, Map<String, float[]> arrays)
        implements Serializable {

    /** A checkpoint to which each class of the loop adds what it remembers. */
    public static final class Draft {
        private final Map<String, String> values = new TreeMap<>();
        private final Map<String, float[]> arrays = new TreeMap<>();

        void put(String name, double value) {
            values.put(name, Double.toHexString(value));
        }

        void put(String name, long value) {
            values.put(name, Long.toString(value));
        }

        void put(String name, String value) {
            values.put(name, value);
        }

        void put(String name, float[] array) {
            arrays.put(name, array);
        }

        /** The arrays are not copied: write them before the next update. */
        Checkpoint of(long iteration, float[] theta) {
            return new Checkpoint(iteration, theta, values, arrays);
        }
    }

    /** A number that may be NaN, where there is none yet. */
    double number(String name) throws FormatException {
        try {
            return Double.parseDouble(text(name));
        } catch (NumberFormatException e) {
            throw refused(name, "a number");
        }
    }

    double finite(String name) throws FormatException {
        double number = number(name);
        if (!Double.isFinite(number)) {
            throw refused(name, "a finite number");
        }
        return number;
    }

    /** What is counted: a whole number from 0 to {@code most}. */
    long count(String name, long most) throws FormatException {
        try {
            long count = Long.parseLong(text(name));
            if (count >= 0 && count <= most) {
                return count;
            }
        } catch (NumberFormatException e) {
            // refused below
        }
        throw refused(name, "a whole number from 0 to " + most);
    }

    boolean flag(String name) throws FormatException {
        if (!text(name).equals("true") && !text(name).equals("false")) {
            throw refused(name, "true or false");
        }
        return text(name).equals("true");
    }

    /** Refuses a value; says what is allowed. */
    FormatException refused(String name, String allowed) throws FormatException {
        return new FormatException(
                "a checkpoint's " + name + " is " + FormatException.shown(text(name)) + "; allowed is " + allowed);
    }

    /** Refuses an array of another size, or with a number that is not finite. */
    static void requireFinite(String name, float[] array, int size) throws FormatException {
        if (array.length != size) {
            throw new FormatException(
                    "a checkpoint's " + name + " has " + array.length + " numbers; allowed are " + size);
        }
        for (int i = 0; i < size; i++) {
            if (!Float.isFinite(array[i])) {
                throw new FormatException("a checkpoint's " + name + " has " + array[i] + " at place " + i
                        + "; allowed are finite numbers");
            }
        }
    }

    public String text(String name) throws FormatException {
        String text = values.get(name);
        if (text == null) {
            throw new FormatException("a checkpoint has no " + name);
        }
        return text;
    }

    boolean has(String name) {
        return values.containsKey(name);
    }

    /** The arrays whose names have that prefix, by the rest of their names. */
    Map<String, float[]> arrays(String prefix) {
        return named(arrays, prefix);
    }

    /** The values whose names have that prefix, by the rest of their names. */
    Map<String, String> values(String prefix) {
        return named(values, prefix);
    }

    private static <V> Map<String, V> named(Map<String, V> all, String prefix) {
        Map<String, V> some = new TreeMap<>();
        all.forEach((name, value) -> {
            if (name.startsWith(prefix)) {
                some.put(name.substring(prefix.length()), value);
            }
        });
        return some;
    }
}
