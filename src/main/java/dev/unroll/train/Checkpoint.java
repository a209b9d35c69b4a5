package dev.unroll.train;

import dev.unroll.format.FormatException;
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
public record Checkpoint(long iteration, float[] theta, Map<String, String> values, Map<String, float[]> arrays) {

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

    double number(String name) throws FormatException {
        try {
            return Double.parseDouble(text(name));
        } catch (NumberFormatException e) {
            throw new FormatException("a checkpoint's " + name + " is " + text(name) + ", which is no number", e);
        }
    }

    long count(String name) throws FormatException {
        try {
            return Long.parseLong(text(name));
        } catch (NumberFormatException e) {
            throw new FormatException("a checkpoint's " + name + " is " + text(name) + ", which is no whole number", e);
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
