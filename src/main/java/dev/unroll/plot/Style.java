package dev.unroll.plot;

import java.awt.Color;
import java.awt.Font;
import java.util.Locale;
import java.util.TimeZone;
import org.knowm.xchart.internal.chartpart.Chart;
import org.knowm.xchart.style.AxesChartStyler;

/** Sizes and colours of all plots, the same in every locale. */
final class Style {

    static final Color GRID = new Color(0xDDDDDD);

    private Style() {}

    static void apply(Chart<? extends AxesChartStyler, ?> chart) {
        AxesChartStyler style = chart.getStyler();
        style.setLocale(Locale.ROOT);
        style.setTimezone(TimeZone.getTimeZone("UTC"));
        style.setAxisTitleFont(font(Font.PLAIN, 15));
        style.setAxisTickLabelsFont(font(Font.PLAIN, 13));
        style.setPlotGridLinesColor(GRID);
        style.setChartTitleFont(font(Font.BOLD, 16));
        style.setLegendFont(font(Font.PLAIN, 14));
        style.setChartBackgroundColor(Color.WHITE);
        style.setPlotBackgroundColor(Color.WHITE);
        style.setPlotBorderColor(GRID);
        style.setChartTitleBoxBackgroundColor(Color.WHITE);
        style.setChartTitleBoxBorderColor(Color.WHITE);
    }

    static Font font(int style, int size) {
        return new Font(Font.SANS_SERIF, style, size);
    }
}
