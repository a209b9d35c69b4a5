package dev.unroll.ui;

import dev.unroll.plot.Markup;
import dev.unroll.worker.GradientFlow;
import java.util.List;
import java.util.Locale;
import java.util.stream.DoubleStream;

/**
 * How far back gradients reach as a heat map of each layer: iterations that were sampled to the right, lags upwards,
 * and |dL/dh| over that at lag 0 as colour; over the last layer's map a line, above which less than {@link
 * GradientFlow#SMALL} of the start is left.
 */
final class FlowMap {

    private static final int MOST_ROWS = 64;
    private static final double LEAST = 1e-4;
    private static final double GREATEST = 10;

    /** From the smallest to the greatest, even in lightness, so that it tells the same in grey. */
    private static final int[][] COLOURS = {
        {68, 1, 84}, {59, 82, 139}, {33, 145, 140}, {94, 201, 98}, {253, 231, 37},
    };

    private final List<TrainingEvent.Update> updates;
    private final int layers;
    private final int bins;
    private final int rows; // of cells: several bins each where there are many

    /** @param updates with a flow each, at least one */
    FlowMap(List<TrainingEvent.Update> updates) {
        this.updates = updates;
        this.layers =
                updates.stream().mapToInt(u -> u.flow().norms().size()).max().orElse(0);
        this.bins = updates.stream().mapToInt(u -> bins(u.flow())).max().orElse(0);
        this.rows = Math.min(bins, MOST_ROWS);
    }

    private static int bins(TrainingEvent.Flow flow) {
        return flow.norms().stream().mapToInt(List::size).max().orElse(0);
    }

    void draw(Markup out) {
        for (int layer = layers - 1; layer >= 0 && rows > 0; layer--) {
            draw(out, layer);
        }
    }

    private void draw(Markup out, int layer) {
        Scale x = new Scale(0, updates.size(), Chart.LEFT, Chart.RIGHT, false);
        Scale y = new Scale(0, rows, Chart.BOTTOM, Chart.TOP, false);
        Chart chart = new Chart(
                out,
                "Gradient flow" + (layers > 1 ? ", layer " + (layer + 1) : "") + ": |dL/dh| by lag",
                "iteration, as sampled",
                x,
                y);
        double width = x.at(1) - x.at(0);
        double height = y.at(0) - y.at(1);
        for (int column = 0; column < updates.size(); column++) {
            List<Float> norms = updates.get(column).flow().norms(layer);
            for (int row = 0; row < rows; row++) {
                int bin = bin(row);
                if (bin < norms.size()) {
                    // A little over the next, or rounding leaves gaps.
                    chart.cell(
                            x.at(column),
                            y.at(row + 1),
                            width + 0.4,
                            height + 0.4,
                            colour(norms.get(bin) / norms.get(0)));
                }
            }
        }
        for (int row = 0; row < rows; row += Math.max(1, (rows + 5) / 6)) {
            chart.yTick(y.at(row + 0.5), Scale.text(GradientFlow.firstLag(bin(row))));
        }
        for (int column = 0; column < updates.size(); column += Math.max(1, (updates.size() + 7) / 8)) {
            chart.xTick(
                    x.at(column + 0.5), Scale.text((double) updates.get(column).iteration()));
        }
        if (layer == layers - 1) {
            double[] reach =
                    updates.stream().mapToDouble(u -> row(u.flow().reach())).toArray();
            double[] xs =
                    DoubleStream.iterate(0.5, i -> i + 1).limit(reach.length).toArray();
            if (reach.length == 1) {
                xs = new double[] {0, 1};
                reach = new double[] {reach[0], reach[0]};
            }
            chart.over(xs, reach).label(Chart.LEFT, 34, "start", "white line: 1 % is left");
        }
        legend(chart);
        chart.close();
    }

    /** The colours and what they mean. */
    private static void legend(Chart chart) {
        int cells = 40;
        double width = 4;
        double left = Chart.RIGHT - 52 - cells * width;
        for (int i = 0; i < cells; i++) {
            double ratio = LEAST * Math.pow(GREATEST / LEAST, (i + 0.5) / cells);
            chart.cell(left + i * width, 24, width, 10, colour(ratio));
        }
        chart.label(left - 6, 34, "end", "of lag 0:  0.0001").label(left + cells * width + 6, 34, "start", "10-fold");
    }

    private int bin(int row) {
        return (int) ((long) row * bins / rows);
    }

    /** The row of a lag. */
    private double row(int lag) {
        int row = 0;
        while (row < rows && GradientFlow.firstLag(bin(row)) < lag) {
            row++;
        }
        return row;
    }

    private static String colour(double ratio) {
        double part = Math.log(ratio / LEAST) / Math.log(GREATEST / LEAST);
        double at = Math.max(0, Math.min(1, Double.isNaN(part) ? 0 : part)) * (COLOURS.length - 1);
        int low = Math.min((int) at, COLOURS.length - 2);
        int[] mixed = new int[3];
        for (int i = 0; i < 3; i++) {
            mixed[i] = (int) Math.round(COLOURS[low][i] + (at - low) * (COLOURS[low + 1][i] - COLOURS[low][i]));
        }
        return String.format(Locale.ROOT, "#%02x%02x%02x", mixed[0], mixed[1], mixed[2]);
    }
}
