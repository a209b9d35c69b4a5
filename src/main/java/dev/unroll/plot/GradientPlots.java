package dev.unroll.plot;

import dev.unroll.train.FlowHistory;
import dev.unroll.worker.GradientFlow;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.stream.IntStream;

/** Plots of how far back the gradient of a loss reaches. */
public final class GradientPlots {

    /** What is smaller than the largest by that factor is drawn as that small: colours for no more powers of ten. */
    private static final double SMALLEST = 1e-8;

    private GradientPlots() {}

    /**
     * |dL/dh| of one layer by lag, the steps back from the loss (from below), and by sampled update (from left to
     * right), on a logarithmic scale of colours.
     *
     * @param layer from 1, as in {@code TrainingSummary.gradientFlow}
     * @throws IllegalArgumentException if no gradient was followed, or there is no such layer
     */
    public static Plot heatMap(String title, FlowHistory history, int layer) {
        SortedMap<Long, GradientFlow> flows = history.flows();
        List<GradientFlow> columns = List.copyOf(flows.values());
        int bins = columns.stream().mapToInt(GradientFlow::bins).max().orElse(0);
        if (bins == 0) {
            throw new IllegalArgumentException(
                    "the heat map " + title + " has nothing to show: no gradient was followed");
        }
        int layers = columns.get(0).layers();
        if (layer < 1 || layer > layers) {
            throw new IllegalArgumentException(
                    "the heat map " + title + " is of layer " + layer + "; there are layers 1 to " + layers);
        }
        double[][] norms = new double[bins][columns.size()];
        for (int x = 0; x < columns.size(); x++) {
            for (int bin = 0; bin < columns.get(x).bins(); bin++) {
                norms[bin][x] = columns.get(x).norm(layer - 1, bin);
            }
        }
        return heatMap(
                title,
                flows.keySet().stream().map(String::valueOf).toList(),
                IntStream.range(0, bins)
                        .mapToObj(bin -> Integer.toString(GradientFlow.firstLag(bin)))
                        .toList(),
                norms);
    }

    /** Norms by lag, then update. */
    static Plot heatMap(String title, List<String> updates, List<String> lags, double[][] norms) {
        double largest = 0;
        for (double[] row : norms) {
            for (double norm : row) {
                largest = Math.max(largest, norm);
            }
        }
        double[][] logarithms = new double[norms.length][];
        for (int y = 0; y < norms.length; y++) {
            logarithms[y] = new double[norms[y].length];
            for (int x = 0; x < norms[y].length; x++) {
                double smallest = largest > 0 ? largest * SMALLEST : Double.MIN_NORMAL;
                logarithms[y][x] = StrictMath.log10(Math.max(norms[y][x], smallest));
            }
        }
        return new HeatMap(
                        title + ": log10 |dL/dh|", "update", "lag: steps back from the loss", updates, lags, logarithms)
                .plot(Plot.WIDTH, Plot.HEIGHT);
    }

    /**
     * |dL/dh| by lag, each run relative to its own lag 0, on a logarithmic scale: several runs beside each other.
     *
     * @param flows by name of the run, in the order of the legend; of each the last layer
     * @throws IllegalArgumentException if there is no run, or one has no gradient at lag 0
     */
    public static Plot byLag(Map<String, GradientFlow> flows) {
        if (flows.isEmpty()) {
            throw new IllegalArgumentException("gradient by lag has nothing to show: no run was given");
        }
        Lines lines = new Lines(
                "How far back the gradient reaches", "lag: steps back from the loss", "|dL/dh| / its value at lag 0");
        flows.forEach((name, flow) -> {
            int last = flow.layers() - 1;
            if (flow.bins() == 0 || !(flow.norm(last, 0) > 0)) {
                throw new IllegalArgumentException("gradient by lag: the run " + name + " has no gradient at lag 0");
            }
            // A logarithm has no place for 0: truncated gradients end there.
            int[] bins = IntStream.range(0, flow.bins())
                    .filter(bin -> flow.norm(last, bin) > 0)
                    .toArray();
            lines.curve(
                    name,
                    IntStream.of(bins).mapToDouble(GradientFlow::firstLag).toArray(),
                    IntStream.of(bins)
                            .mapToDouble(bin -> flow.norm(last, bin) / flow.norm(last, 0))
                            .toArray());
        });
        return lines.logarithmic().plot();
    }
}
