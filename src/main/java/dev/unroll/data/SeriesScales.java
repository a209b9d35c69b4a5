package dev.unroll.data;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * Means and deviations of many series, by key: of each number of a step over the steps of the series' training rows. Immutable by
 * convention.
 *
 * @param columns that say whose a row is
 * @param keys their values as text, (series, columns), each key once and in ascending order
 * @param numbers means and deviations, (series, numbers), in double
 */
public record SeriesScales(List<String> columns, List<String> keys, Standardization numbers) implements Serializable {

    /** Series at most: the whole table is in memory, on the driver and in every task. */
    public static final int MAX_SERIES = 1 << 17;

    /** Key columns at most. */
    public static final int MAX_COLUMNS = 16;

    /** Means at most, of all series; their deviations are as many. */
    public static final int MAX_NUMBERS = 1 << 23;

    /** @throws InputException for too many key columns, series, or numbers of them */
    public SeriesScales {
        columns = List.copyOf(columns);
        keys = List.copyOf(keys);
        int means = numbers.means().length;
        int series = columns.isEmpty() ? 0 : keys.size() / columns.size();
        if (series == 0 || series * columns.size() != keys.size() || means == 0 || means % series != 0) {
            throw new IllegalArgumentException(
                    "scales by key have " + columns.size() + " key columns, " + keys.size() + " values of them and "
                            + means + " means; allowed is at least one of each, and as many of each key");
        }
        requireSize(columns, series, means / series);
        if (!numbers.inDouble()) {
            throw new IllegalArgumentException("scales by key are in float32; allowed is double");
        }
        for (int i = 1; i < series; i++) {
            if (compare(key(keys, columns, i - 1), key(keys, columns, i)) >= 0) {
                throw new IllegalArgumentException("the keys of series " + (i - 1) + " and " + i
                        + " are equal or in another order; allowed is ascending");
            }
        }
    }

    /**
     * From the scale of each series.
     *
     * @throws InputException for too many key columns, series, or numbers of them
     */
    public static SeriesScales of(List<String> columns, Map<List<String>, Standardization> scales) {
        List<List<String>> sorted = new ArrayList<>(scales.keySet());
        sorted.sort(SeriesScales::compare);
        int width = scales.get(sorted.get(0)).means().length;
        requireSize(columns, sorted.size(), width);
        double[] means = new double[sorted.size() * width];
        double[] deviations = new double[means.length];
        for (int i = 0; i < sorted.size(); i++) {
            Standardization own = scales.get(sorted.get(i));
            System.arraycopy(own.means(), 0, means, i * width, width);
            System.arraycopy(own.deviations(), 0, deviations, i * width, width);
        }
        return new SeriesScales(
                columns, sorted.stream().flatMap(List::stream).toList(), new Standardization(means, deviations, true));
    }

    /**
     * Refuses a table that would be too large.
     *
     * @param columns of the keys
     * @param series how many there are
     * @param width means of a series
     * @throws InputException for too many key columns, series, or numbers of them
     */
    public static void requireSize(List<String> columns, long series, int width) {
        if (columns.size() > MAX_COLUMNS) {
            throw new InputException(
                    "there are " + columns.size() + " key columns; scale by-key allows " + MAX_COLUMNS);
        }
        if (series > MAX_SERIES || series * width > MAX_NUMBERS) {
            throw new InputException("there are " + series + " series with means of " + width
                    + " numbers each; scale by-key allows " + MAX_SERIES + " series and " + MAX_NUMBERS
                    + " means; scale window needs no table");
        }
    }

    /** How many series there are. */
    public int size() {
        return keys.size() / columns.size();
    }

    /** Numbers of a step that are scaled. */
    public int width() {
        return numbers.means().length / size();
    }

    public boolean knows(List<String> key) {
        return find(key) >= 0;
    }

    /**
     * The scale of one series.
     *
     * @param unscaled how many more numbers a step has, which are left as they are
     * @throws IllegalArgumentException for a series that is not there
     */
    Standardization of(List<String> key, int unscaled) {
        int series = find(key);
        if (series < 0) {
            throw new IllegalArgumentException("there is no series " + shown(key) + " among the " + size() + " by "
                    + String.join(", ", columns) + " that the model was trained on");
        }
        int from = series * width();
        double[] means = Arrays.copyOfRange(numbers.means(), from, from + width() + unscaled);
        double[] deviations = Arrays.copyOfRange(numbers.deviations(), from, from + width() + unscaled);
        Arrays.fill(means, width(), means.length, 0);
        Arrays.fill(deviations, width(), means.length, 1);
        return new Standardization(means, deviations, true);
    }

    /** A key as a message shows it. */
    public static String shown(List<String> key) {
        return Printable.of(String.join(", ", key));
    }

    /** The number of the series; below 0 where there is none. */
    private int find(List<String> key) {
        int low = 0;
        int high = size() - 1;
        while (low <= high) {
            int middle = (low + high) >>> 1;
            int order = compare(key(keys, columns, middle), key);
            if (order == 0) {
                return middle;
            }
            low = order < 0 ? middle + 1 : low;
            high = order < 0 ? high : middle - 1;
        }
        return -1;
    }

    private static List<String> key(List<String> keys, List<String> columns, int series) {
        return keys.subList(series * columns.size(), (series + 1) * columns.size());
    }

    /** Column by column; a key of fewer columns comes first. */
    private static int compare(List<String> a, List<String> b) {
        for (int i = 0; i < Math.min(a.size(), b.size()); i++) {
            int order = CodePointOrder.compare(a.get(i), b.get(i));
            if (order != 0) {
                return order;
            }
        }
        return Integer.compare(a.size(), b.size());
    }
}
