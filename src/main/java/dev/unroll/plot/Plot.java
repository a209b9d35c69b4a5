package dev.unroll.plot;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Base64;
import org.knowm.xchart.BitmapEncoder;
import org.knowm.xchart.BitmapEncoder.BitmapFormat;
import org.knowm.xchart.internal.chartpart.Chart;

/**
 * A picture of numbers that draws itself, without a screen: for files, pages and notebooks. The same numbers give the
 * same picture.
 */
public final class Plot {

    /** Pixels. */
    static final int WIDTH = 800;

    /** Pixels. */
    static final int HEIGHT = 420;

    private final Chart<?, ?> chart;
    private final String alt;

    Plot(Chart<?, ?> chart, String alt) {
        this.chart = chart;
        this.alt = alt;
    }

    /** The bytes of a PNG file. */
    public byte[] toPng() {
        try (ByteArrayOutputStream out = new ByteArrayOutputStream()) {
            BitmapEncoder.saveBitmap(chart, out, BitmapFormat.PNG);
            return out.toByteArray();
        } catch (IOException e) {
            throw new UncheckedIOException("the plot " + alt + " cannot be written as PNG", e);
        }
    }

    /** An {@code img} element that holds the PNG, with what it shows as text for those who cannot see it. */
    public String toHtml() {
        String png = "data:image/png;base64," + Base64.getEncoder().encodeToString(toPng());
        return new Markup().empty("img", "alt", alt, "src", png).toString();
    }

    /** What it shows, in words. */
    @Override
    public String toString() {
        return alt;
    }
}
