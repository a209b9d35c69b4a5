package dev.unroll.plot;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.functions;

/** Plots of what a model says: beside the truth. */
public final class ResultPlots {

    private static final int CELL = 28; // pixels
    private static final int MARGIN = 200; // pixels, of names and title

    private ResultPlots() {}

    /**
     * How often each label (a row) was predicted as each class (a column), as the share of the row: a row that is dark
     * on the diagonal alone is predicted rightly.
     *
     * @param rows with a column of labels and one of predictions, such as {@code transform} gives
     * @throws IllegalArgumentException if there is no row with a label and a prediction
     */
    public static Plot confusion(Dataset<Row> rows, String labelCol, String predictionCol) {
        List<Row> counts = rows.select(
                        functions.col(labelCol).cast("string"),
                        functions.col(predictionCol).cast("string"))
                .toDF("label", "prediction")
                .na()
                .drop()
                .groupBy("label", "prediction")
                .count()
                .collectAsList();
        TreeSet<String> names = new TreeSet<>();
        counts.forEach(row -> Collections.addAll(names, row.getString(0), row.getString(1)));
        List<String> classes = List.copyOf(names);
        long[][] matrix = new long[classes.size()][classes.size()];
        counts.forEach(
                row -> matrix[classes.indexOf(row.getString(0))][classes.indexOf(row.getString(1))] = row.getLong(2));
        return confusion(classes, matrix);
    }

    /**
     * A confusion matrix from counts.
     *
     * @param counts by label, then prediction
     * @throws IllegalArgumentException if there is no class, or counts are not a square of as many
     */
    public static Plot confusion(List<String> classes, long[][] counts) {
        int size = classes.size();
        if (size == 0) {
            throw new IllegalArgumentException("the confusion matrix has nothing to show: there is no class");
        }
        if (counts.length != size) {
            throw new IllegalArgumentException(
                    "the confusion matrix has " + counts.length + " rows for " + size + " classes");
        }
        // The first class is the top row, as in a matrix.
        List<String> fromBelow = new ArrayList<>(classes);
        Collections.reverse(fromBelow);
        double[][] shares = new double[size][size];
        for (int label = 0; label < size; label++) {
            long all = 0;
            for (long count : counts[label]) {
                all += count;
            }
            for (int prediction = 0; prediction < size; prediction++) {
                shares[size - 1 - label][prediction] = all == 0 ? 0 : (double) counts[label][prediction] / all;
            }
        }
        int pixels = Math.max(Plot.HEIGHT, size * CELL + MARGIN);
        return new HeatMap("Confusion: share of each label", "prediction", "label", classes, fromBelow, shares)
                .plot(pixels + MARGIN / 2, pixels);
    }

    /**
     * Curves over the same places, such as a forecast beside the truth.
     *
     * @param xAxis what the places are, with their unit
     * @param yAxis what the numbers are, with their unit
     * @param x places, ascending
     * @param curves numbers by name, in the order of the legend; NaN leaves a gap
     * @throws IllegalArgumentException if there is no curve, or one has no number or not one for every place
     */
    public static Plot series(String title, String xAxis, String yAxis, double[] x, Map<String, double[]> curves) {
        if (curves.isEmpty()) {
            throw new IllegalArgumentException("the plot " + title + " has nothing to show: no curve was given");
        }
        Lines lines = new Lines(title, xAxis, yAxis);
        curves.forEach((name, y) -> lines.curve(name, x, y));
        return lines.plot();
    }
}
