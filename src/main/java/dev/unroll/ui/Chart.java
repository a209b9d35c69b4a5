package dev.unroll.ui;

import dev.unroll.plot.Markup;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.DoubleStream;

/**
 * One chart as inline SVG: a frame with axes, and lines, bands, areas or cells in it. Colours of text are the page's,
 * so it is good on a dark one too.
 */
public final class Chart {

    static final int WIDTH = 640;
    static final int HEIGHT = 250;
    static final int LEFT = 64;
    static final int RIGHT = WIDTH - 12;
    static final int TOP = 44;
    static final int BOTTOM = HEIGHT - 34;

    private static final String[] COLOURS = {"#3572b0", "#e07b28", "#4f9d55", "#b5495b", "#8064a2"};

    private final Markup out;
    private final Scale x;
    private final Scale y;
    private final List<String> legend = new ArrayList<>();

    /**
     * Begins a chart.
     *
     * @param x to places from {@link #LEFT} to {@link #RIGHT}
     * @param y to places from {@link #BOTTOM} up to {@link #TOP}
     */
    Chart(Markup out, String title, String xName, Scale x, Scale y) {
        this.out = out;
        this.x = x;
        this.y = y;
        out.open("div", "class", "col-xl-6 mb-3")
                .open(
                        "svg",
                        "xmlns",
                        "http://www.w3.org/2000/svg",
                        "viewBox",
                        "0 0 " + WIDTH + " " + HEIGHT,
                        "width",
                        "100%",
                        "role",
                        "img",
                        "font-size",
                        12,
                        "fill",
                        "currentColor");
        out.element("title", title);
        text(LEFT, 16, "start", title, "font-weight", "bold", "font-size", 14);
        text((LEFT + RIGHT) / 2.0, HEIGHT - 5, "middle", xName);
    }

    /** Numbers at the axis below; only whole ones, since it counts. */
    Chart xAxis() {
        for (double tick : x.ticks()) {
            if (tick == Math.rint(tick)) {
                text(x.at(tick), BOTTOM + 16, "middle", Scale.text(tick));
                line(x.at(tick), BOTTOM, x.at(tick), BOTTOM + 4);
            }
        }
        line(LEFT, BOTTOM, RIGHT, BOTTOM);
        return this;
    }

    Chart yAxis() {
        for (double tick : y.ticks()) {
            text(LEFT - 6, y.at(tick) + 4, "end", Scale.text(tick));
            line(LEFT, y.at(tick), RIGHT, y.at(tick), "stroke-opacity", 0.15);
        }
        return this;
    }

    /** A number at the axis on the left, at a place of the caller's. */
    Chart yTick(double place, String text) {
        return label(LEFT - 6, place + 4, "end", text);
    }

    /** A number at the axis below, at a place of the caller's. */
    Chart xTick(double place, String text) {
        return label(place, BOTTOM + 16, "middle", text);
    }

    Chart label(double x, double y, String anchor, String text) {
        text(x, y, anchor, text);
        return this;
    }

    /** A line with a colour and a name of its own; it breaks where a number is not finite. */
    Chart line(String name, double[] xs, double[] ys) {
        String colour = next(name);
        out.empty("path", "d", path(xs, ys), "fill", "none", "stroke", colour, "stroke-width", 1.6);
        if (xs.length <= 40) {
            for (int i = 0; i < xs.length; i++) {
                if (Double.isFinite(ys[i])) {
                    out.empty("circle", "cx", place(x.at(xs[i])), "cy", place(y.at(ys[i])), "r", 2.5, "fill", colour);
                }
            }
        }
        return this;
    }

    /** A line over cells: white, so that it is seen on all of them. */
    Chart over(double[] xs, double[] ys) {
        out.empty("path", "d", path(xs, ys), "fill", "none", "stroke", "black", "stroke-width", 4);
        out.empty("path", "d", path(xs, ys), "fill", "none", "stroke", "white", "stroke-width", 2);
        return this;
    }

    /** What lies between two lines, in the colour of the line that comes next. */
    Chart band(double[] xs, double[] low, double[] high) {
        area(xs, low, high, colour(), 0.2);
        return this;
    }

    /** Areas over each other, each as high as its numbers. */
    Chart stack(double[] xs, String[] names, double[][] ys) {
        double[] below = new double[xs.length];
        for (int layer = 0; layer < names.length; layer++) {
            double[] above = new double[xs.length];
            for (int i = 0; i < above.length; i++) {
                above[i] = below[i] + ys[layer][i];
            }
            area(xs, below, above, next(names[layer]), 0.85);
            below = above;
        }
        return this;
    }

    /** A coloured rectangle. */
    Chart cell(double left, double top, double width, double height, String colour) {
        out.empty(
                "rect",
                "x",
                place(left),
                "y",
                place(top),
                "width",
                place(width),
                "height",
                place(height),
                "fill",
                colour,
                "shape-rendering",
                "crispEdges");
        return this;
    }

    /** Ends the chart, with the names of what is in it. */
    void close() {
        double at = LEFT;
        for (int i = 0; i < legend.size() && legend.size() > 1; i++) {
            out.empty("rect", "x", place(at), "y", 25, "width", 10, "height", 10, "fill", COLOURS[i]);
            text(at + 14, 34, "start", legend.get(i));
            at += 28 + 7 * legend.get(i).length();
        }
        out.close("svg").close("div");
    }

    private String colour() {
        return COLOURS[legend.size() % COLOURS.length];
    }

    private String next(String name) {
        String colour = colour();
        legend.add(name);
        return colour;
    }

    private void area(double[] xs, double[] low, double[] high, String colour, double opacity) {
        int n = xs.length;
        double[] around = new double[2 * n];
        double[] edge = new double[2 * n];
        for (int i = 0; i < n; i++) {
            around[i] = xs[i];
            edge[i] = high[i];
            around[2 * n - 1 - i] = xs[i];
            edge[2 * n - 1 - i] = low[i];
        }
        if (DoubleStream.of(edge).allMatch(Double::isFinite)) {
            out.empty("path", "d", path(around, edge) + "Z", "fill", colour, "fill-opacity", opacity);
        }
    }

    private String path(double[] xs, double[] ys) {
        StringBuilder path = new StringBuilder();
        boolean draws = false;
        for (int i = 0; i < xs.length; i++) {
            boolean finite = Double.isFinite(y.at(ys[i]));
            if (finite) {
                path.append(draws ? 'L' : 'M')
                        .append(place(x.at(xs[i])))
                        .append(' ')
                        .append(place(y.at(ys[i])));
            }
            draws = finite;
        }
        return path.toString();
    }

    private void line(double fromX, double fromY, double toX, double toY, Object... more) {
        Object[] attributes = {
            "x1", place(fromX), "y1", place(fromY), "x2", place(toX), "y2", place(toY), "stroke", "currentColor"
        };
        out.empty("line", together(attributes, more));
    }

    private void text(double x, double y, String anchor, String text, Object... more) {
        out.element("text", text, together(new Object[] {"x", place(x), "y", place(y), "text-anchor", anchor}, more));
    }

    private static Object[] together(Object[] some, Object[] others) {
        Object[] all = Arrays.copyOf(some, some.length + others.length);
        System.arraycopy(others, 0, all, some.length, others.length);
        return all;
    }

    private static String place(double place) {
        return String.format(Locale.ROOT, "%.1f", place);
    }
}
