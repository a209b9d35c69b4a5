package dev.unroll.plot;

import java.awt.BasicStroke;
import java.awt.Color;
import java.util.Locale;
import java.util.Objects;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.XYSeries;
import org.knowm.xchart.XYSeries.XYSeriesRenderStyle;
import org.knowm.xchart.style.Styler.LegendPosition;
import org.knowm.xchart.style.markers.SeriesMarkers;

/** Curves over one axis: what the plots of this package have in common. Mutable; used once. */
final class Lines {

    /** More points than pixels show nothing more: from there on, points are means of neighbours. */
    static final int MOST = 400;

    /** Okabe and Ito's colours, which people with any colour vision can tell apart. */
    static final Color[] COLOURS = {
        new Color(0x0072B2),
        new Color(0xD55E00),
        new Color(0x009E73),
        new Color(0xCC79A7),
        new Color(0xE69F00),
        new Color(0x56B4E9),
        new Color(0x404040)
    };

    private final String title;
    private final XYChart chart;

    Lines(String title, String x, String y) {
        this.title = title;
        this.chart = new XYChartBuilder()
                .width(Plot.WIDTH)
                .height(Plot.HEIGHT)
                .title(title)
                .xAxisTitle(x)
                .yAxisTitle(y)
                .build();
        Style.apply(chart);
        chart.getStyler()
                .setSeriesColors(COLOURS)
                .setLegendPosition(LegendPosition.OutsideE)
                .setLegendBorderColor(Color.WHITE);
    }

    /** A curve; what is not finite leaves a gap. */
    Lines curve(String name, double[] x, double[] y) {
        if (x.length != y.length) {
            throw new IllegalArgumentException(
                    title + ": the curve " + name + " has " + x.length + " places and " + y.length + " numbers");
        }
        if (DoubleStream.of(y).noneMatch(Double::isFinite)) {
            throw new IllegalArgumentException(title + ": the curve " + name + " has no number");
        }
        XYSeries series = chart.addSeries(
                name,
                x,
                DoubleStream.of(y).map(v -> Double.isFinite(v) ? v : Double.NaN).toArray());
        series.setMarker(x.length == 1 ? SeriesMarkers.CIRCLE : SeriesMarkers.NONE);
        series.setLineStyle(new BasicStroke(2f, BasicStroke.CAP_ROUND, BasicStroke.JOIN_ROUND));
        return this;
    }

    /** A filled curve, from 0. */
    Lines area(String name, double[] x, double[] y) {
        curve(name, x, y);
        XYSeries series = series(name);
        series.setXYSeriesRenderStyle(XYSeriesRenderStyle.Area);
        series.setFillColor(COLOURS[(chart.getSeriesMap().size() - 1) % COLOURS.length]);
        return this;
    }

    private XYSeries series(String name) {
        return Objects.requireNonNull(chart.getSeriesMap().get(name), name);
    }

    Lines marked(String name) {
        series(name).setMarker(SeriesMarkers.CIRCLE);
        return this;
    }

    /** From 0 on. */
    Lines fromZero() {
        chart.getStyler().setYAxisMin(0.0);
        return this;
    }

    /** Up to that number, where it is above 0: what is larger goes beyond the picture. */
    Lines upTo(double most) {
        if (most > 0) {
            chart.getStyler().setYAxisMax(most);
        }
        return this;
    }

    /** Powers of ten; all numbers must be above 0. */
    Lines logarithmic() {
        chart.getStyler().setYAxisLogarithmic(true);
        return this;
    }

    /** The plot; its text says, of each curve, where it begins and ends. */
    Plot plot() {
        StringBuilder alt = new StringBuilder(title);
        chart.getSeriesMap().forEach((name, series) -> {
            double[] y =
                    DoubleStream.of(series.getYData()).filter(Double::isFinite).toArray();
            alt.append(String.format(Locale.ROOT, "; %s from %.4g to %.4g", name, y[0], y[y.length - 1]));
        });
        return new Plot(chart, alt.toString());
    }

    /** At most {@value #MOST} numbers: means of as many neighbours each. */
    static double[] thinned(double[] all) {
        int group = (all.length + MOST - 1) / MOST;
        if (group <= 1) {
            return all;
        }
        return IntStream.range(0, (all.length + group - 1) / group)
                .mapToDouble(i -> DoubleStream.of(all)
                        .skip((long) i * group)
                        .limit(group)
                        .average()
                        .orElseThrow())
                .toArray();
    }
}
