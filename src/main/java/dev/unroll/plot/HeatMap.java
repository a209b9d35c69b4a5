package dev.unroll.plot;

import java.awt.Color;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.DoubleStream;
import java.util.stream.Stream;
import org.knowm.xchart.HeatMapChart;
import org.knowm.xchart.HeatMapChartBuilder;
import org.knowm.xchart.style.HeatMapStyler;

/**
 * Numbers as colours, in rows and columns.
 *
 * @param columns names from left to right
 * @param rows names from below
 * @param cells by row, then column
 */
record HeatMap(String title, String xAxis, String yAxis, List<String> columns, List<String> rows, double[][] cells) {

    private static final int MOST_NAMES = 24;

    /** From little to much: light to dark, so that it is read in grey as well. */
    private static final Color[] COLOURS = {
        new Color(0xF7FBFF), new Color(0xC6DBEF), new Color(0x6BAED6), new Color(0x2171B5), new Color(0x08306B)
    };

    /** A picture whose width and height are in pixels. */
    Plot plot(int width, int height) {
        HeatMapChart chart = new HeatMapChartBuilder()
                .width(width)
                .height(height)
                .title(title)
                .xAxisTitle(xAxis)
                .yAxisTitle(yAxis)
                .build();
        Style.apply(chart);
        HeatMapStyler style = chart.getStyler();
        style.setRangeColors(COLOURS);
        style.setPlotContentSize(1);
        style.setPlotGridLinesVisible(false);
        style.setXAxisMaxLabelCount(MOST_NAMES);
        style.setXAxisLabelRotation(columns.stream().anyMatch(name -> name.length() > 4) ? 90 : 0);
        // The legend writes both out; so they are round.
        double max = Math.ceil(numbers().max().orElseThrow() * 10) / 10;
        double min = Math.floor(numbers().min().orElseThrow() * 10) / 10;
        style.setMin(min);
        style.setMax(max > min ? max : min + 1);
        List<Number[]> data = new ArrayList<>();
        for (int x = 0; x < columns.size(); x++) {
            for (int y = 0; y < rows.size(); y++) {
                data.add(new Number[] {x, y, cells[y][x]});
            }
        }
        chart.addSeries(title, columns, rows, data);
        return new Plot(
                chart,
                title + "; " + rows.size() + " rows (" + yAxis + ") and " + columns.size() + " columns (" + xAxis
                        + String.format(Locale.ROOT, "), from %.3g to %.3g", min, max));
    }

    private DoubleStream numbers() {
        return Stream.of(cells).flatMapToDouble(DoubleStream::of);
    }
}
