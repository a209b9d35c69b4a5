package dev.unroll.model;

import dev.unroll.data.Columns;
import dev.unroll.data.RowColumns;
import dev.unroll.data.TextTokens;
import java.lang.reflect.Array;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Values by column name, as a program has them, to the columns of a row.
 *
 * @param columns that a model reads
 * @param masked whether values may be missing
 * @param ofOneStep whether each column of steps has one value, in place of a list of them
 */
record ColumnValues(Columns columns, boolean masked, boolean ofOneStep) {

    /** @throws IllegalArgumentException if a column is missing, or has values of another kind or number */
    RowColumns row(Map<String, ?> given) {
        List<List<?>> steps = new ArrayList<>();
        for (String name : columns.numbers()) {
            steps.add(steps(given, name));
        }
        for (Columns.Category category : columns.categories()) {
            steps.add(steps(given, category.column()));
        }
        int width = columns.numbers().size();
        int length = steps.get(0).size();
        double[] numbers = new double[length * width];
        List<List<String>> categories = new ArrayList<>();
        for (int j = 0; j < steps.size(); j++) {
            String name = columns.names().get(j);
            requireLength(name, steps.get(j).size(), length);
            if (j >= width) {
                List<String> texts = new ArrayList<>();
                steps.get(j).forEach(value -> texts.add(category(value, name)));
                categories.add(texts);
                continue;
            }
            for (int t = 0; t < length; t++) {
                numbers[t * width + j] = number(steps.get(j).get(t), name);
            }
        }
        double[] staticNumbers = new double[columns.staticNumbers().size()];
        for (int j = 0; j < staticNumbers.length; j++) {
            String name = columns.staticNumbers().get(j);
            staticNumbers[j] = number(value(given, name), name);
        }
        List<String> statics = new ArrayList<>();
        for (Columns.Category category : columns.statics()) {
            statics.add(category(value(given, category.column()), category.column()));
        }
        return new RowColumns(numbers, width, categories, staticNumbers, statics);
    }

    private void requireLength(String name, int size, int length) {
        if (size != length || length == 0) {
            throw new IllegalArgumentException("column " + name + " has " + size + " steps"
                    + (length == 0
                            ? "; allowed is at least 1"
                            : ", and " + columns.names().get(0) + " has " + length));
        }
    }

    private Object value(Map<String, ?> given, String name) {
        if (!given.containsKey(name)) {
            throw new IllegalArgumentException("the model reads columns " + String.join(", ", columns.names())
                    + ", and there is no " + name + "; there are " + String.join(", ", given.keySet()));
        }
        return given.get(name);
    }

    private List<?> steps(Map<String, ?> given, String name) {
        Object value = value(given, name);
        if (ofOneStep) {
            List<Object> one = new ArrayList<>();
            one.add(value);
            return one;
        }
        if (value instanceof List<?> list) {
            return list;
        }
        if (value == null || !value.getClass().isArray()) {
            throw new IllegalArgumentException("column " + name + " is " + kind(value)
                    + "; allowed is an array or a list, with a value for each step");
        }
        List<Object> list = new ArrayList<>();
        for (int t = 0; t < Array.getLength(value); t++) {
            list.add(Array.get(value, t));
        }
        return list;
    }

    private double number(Object value, String name) {
        double number = value instanceof Number given ? given.doubleValue() : Double.NaN;
        if (masked && (value == null || value instanceof Number) && Double.isNaN(number)) {
            return Double.NaN;
        }
        if (!Float.isFinite((float) number)) {
            throw new IllegalArgumentException("column " + name + " has "
                    + (value instanceof Number ? value : kind(value)) + "; allowed are finite numbers"
                    + (masked ? ", and null and NaN for one that is missing" : ""));
        }
        return number;
    }

    private String category(Object value, String name) {
        if (value == null && masked) {
            return null;
        }
        if (value instanceof String || value instanceof Boolean) {
            return value.toString();
        }
        if (value instanceof Number number) {
            try {
                return TextTokens.ofNumber(number);
            } catch (ArithmeticException | NumberFormatException e) {
                throw new IllegalArgumentException(
                        "column " + name + " has " + value
                                + "; allowed of numbers are whole ones, which name categories",
                        e);
            }
        }
        throw new IllegalArgumentException(
                "column " + name + " has " + kind(value) + "; allowed are text, booleans and whole numbers"
                        + (masked ? ", and null for one that is missing" : ""));
    }

    private static String kind(Object value) {
        return value == null ? "null" : "a " + value.getClass().getSimpleName();
    }
}
