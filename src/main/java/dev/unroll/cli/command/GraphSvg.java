package dev.unroll.cli.command;

import dev.unroll.nn.NetworkSpec;
import dev.unroll.plot.Markup;
import java.io.IOException;
import java.io.Writer;

/**
 * A network as a picture, with the note's symbols: on the left as it is, with a delay D from each state back to its
 * layer; on the right unrolled over three steps, with the same parameters at every step.
 */
public final class GraphSvg {

    private static final int STEPS = 3;
    private static final int COLUMN = 170; // from one step to the next
    private static final int ROW = 90; // from one row of nodes to the next
    private static final int RADIUS = 22;
    private static final int BUS = 34; // how far beside the nodes the lines between layers run
    private static final int LEFT = 90; // the middle of the compact graph
    private static final int UNROLLED = 340; // the middle of the first step
    private static final int TOP = 60;
    private static final String[] PLACES = {"t\u22121", "t", "t+1"};

    private final NetworkSpec spec;
    private final Markup svg = new Markup();
    private final int rows; // of states: layers times directions
    private final int height;

    private GraphSvg(NetworkSpec spec) {
        this.spec = spec;
        this.rows = spec.numLayers() * spec.directions();
        this.height = TOP + (rows + 2) * ROW;
    }

    /** Writes the picture as an SVG element. */
    public static void write(NetworkSpec spec, Writer out) throws IOException {
        GraphSvg graph = new GraphSvg(spec);
        graph.draw();
        out.write(graph.svg.toString());
    }

    private void draw() {
        int width = UNROLLED + (STEPS - 1) * COLUMN + 110;
        svg.open(
                "svg",
                "xmlns",
                "http://www.w3.org/2000/svg",
                "viewBox",
                "0 0 " + width + " " + height,
                "width",
                width,
                "font-family",
                "serif",
                "role",
                "img");
        svg.element(
                "title",
                spec.numLayers() + " layer" + (spec.numLayers() == 1 ? "" : "s") + " of " + spec.cell() + ", "
                        + spec.hiddenSize() + " units" + (spec.projSize() > 0 ? " projected to " + spec.projSize() : "")
                        + (spec.bidirectional() ? ", both directions" : "")
                        + ": as it is, and unrolled over three steps");
        marker();
        compact();
        for (int step = 0; step < STEPS; step++) {
            column(UNROLLED + step * COLUMN, PLACES[step], step);
        }
        svg.close("svg");
    }

    /** The height of row r: 0 is the input, rows + 1 the output. */
    private int y(int row) {
        return height - ROW / 2 - row * ROW;
    }

    private void compact() {
        text(LEFT, 24, "compact");
        vertical(LEFT, "", true);
        for (int row = 1; row <= rows; row++) {
            int y = y(row);
            path("M" + (LEFT + RADIUS) + " " + (y - 8) + " h50 v24 h-" + (50 - 2));
            svg.empty(
                    "rect", "x", LEFT + 60, "y", y - 8, "width", 24, "height", 24, "fill", "white", "stroke", "black");
            text(LEFT + 72, y + 9, "D");
            text(LEFT + 112, y + 9, hh(row));
        }
    }

    private void column(int x, String place, int step) {
        if (step == 1) {
            text(x, 24, "unrolled: the same parameters at every step");
        }
        // The last state of the reverse direction belongs to the first step; it is drawn where the forward one is.
        vertical(x, place, spec.head().everyStep() || step == STEPS - 1);
        if (spec.head().pooling().joinsSteps() && step < STEPS - 1) {
            pooled(x);
        }
        for (int row = 1; row <= rows; row++) {
            boolean reverse = spec.bidirectional() && (row - 1) % 2 == 1;
            int y = y(row);
            int from = reverse ? x - RADIUS : x + RADIUS;
            int to = reverse ? x - COLUMN + RADIUS : x + COLUMN - RADIUS;
            boolean last = step == (reverse ? 0 : STEPS - 1);
            path("M" + from + " " + y + " H" + (last ? (reverse ? from - 40 : from + 40) : to));
            text((from + (last ? (reverse ? from - 50 : from + 50) : to)) / 2, y - 8, hh(row));
        }
    }

    /** From the last layer's states of a step to the one output that reads those of all steps. */
    private void pooled(int x) {
        int output = UNROLLED + (STEPS - 1) * COLUMN - RADIUS;
        for (int row = firstRow(spec.numLayers()); row <= rows; row++) {
            path("M" + (x + 16) + " " + (y(row) - 16) + " L" + output + " " + y(rows + 1));
        }
    }

    /** Input, states and, where the head reads them, output of one step, with the arrows between them. */
    private void vertical(int x, String place, boolean read) {
        int connected = read ? spec.numLayers() : spec.numLayers() - 1;
        for (int layer = 0; layer <= connected; layer++) {
            int first = firstRow(layer);
            int above = layer == spec.numLayers() ? rows + 1 : firstRow(layer + 1);
            if (spec.bidirectional()) {
                bus(x, layer % 2 == 0 ? -BUS : BUS, first, above);
            } else {
                path("M" + x + " " + (y(first) - RADIUS) + " V" + (y(above) + RADIUS));
            }
        }
        node(x, y(0), "x", place, "white");
        for (int row = 1; row <= rows; row++) {
            text(x - 52, (y(row) + y(row - 1)) / 2 + 5, "W_hx" + layer(row));
            node(x, y(row), "h", place, spec.bidirectional() && row % 2 == 0 ? "#fde8d0" : "#dceafc");
        }
        if (read) {
            text(x - 52, (y(rows) + y(rows + 1)) / 2 + 5, "W_qh");
            node(x, y(rows + 1), "o", place, "#e4f4df");
        }
    }

    /** The lowest row of a layer, from 1; of 0 the input. */
    private int firstRow(int layer) {
        return layer == 0 ? 0 : (layer - 1) * spec.directions() + 1;
    }

    /**
     * Between layers that read in both directions everything above reads everything below: by one line beside the
     * nodes.
     */
    private void bus(int x, int side, int first, int above) {
        int last = above == rows + 1 ? above : above + 1;
        int edge = Integer.signum(side) * RADIUS;
        for (int row = first; row < above; row++) {
            line("M" + (x + edge) + " " + (y(row) - 7 * (row == 0 ? 0 : 1)) + " H" + (x + side));
        }
        line("M" + (x + side) + " " + (y(first) - 7 * (first == 0 ? 0 : 1)) + " V" + (y(last) + 7));
        for (int row = above; row <= last; row++) {
            path("M" + (x + side) + " " + (y(row) + 7) + " H" + (x + edge));
        }
    }

    private String hh(int row) {
        return "W_hh" + layer(row);
    }

    /** Which layer a row of states belongs to; nothing where there is one. */
    private String layer(int row) {
        int layer = (row - 1) / spec.directions() + 1;
        boolean reverse = spec.bidirectional() && row % 2 == 0;
        return (spec.numLayers() > 1 ? " " + layer : "") + (reverse ? "\u2190" : "");
    }

    private void marker() {
        svg.open("defs");
        svg.open(
                "marker",
                "id",
                "arrow",
                "viewBox",
                "0 0 10 10",
                "refX",
                9,
                "refY",
                5,
                "markerWidth",
                7,
                "markerHeight",
                7,
                "orient",
                "auto");
        svg.empty("path", "d", "M0 0 L10 5 L0 10 z");
        svg.close("marker").close("defs");
    }

    private void line(String d) {
        svg.empty("path", "d", d, "fill", "none", "stroke", "black");
    }

    private void path(String d) {
        svg.empty("path", "d", d, "fill", "none", "stroke", "black", "marker-end", "url(#arrow)");
    }

    private void node(int x, int y, String letter, String subscript, String fill) {
        svg.empty("circle", "cx", x, "cy", y, "r", RADIUS, "fill", fill, "stroke", "black");
        text(x, y + 5, subscript.isEmpty() ? letter : letter + "_" + subscript);
    }

    /**
     * Text whose middle is at x; what follows an underscore is lowered, and what follows a space after that is raised.
     */
    private void text(int x, int y, String text) {
        int at = text.indexOf('_');
        if (at < 0) {
            piece(x, y, text, "middle", 15);
            return;
        }
        int end = text.indexOf(' ', at) < 0 ? text.length() : text.indexOf(' ', at);
        piece(x, y, text.substring(0, at), "end", 15);
        piece(x + 1, y + 5, text.substring(at + 1, end), "start", 11);
        if (end < text.length()) {
            piece(x + 1, y - 7, text.substring(end + 1), "start", 11);
        }
    }

    private void piece(int x, int y, String text, String anchor, int size) {
        svg.element("text", text, "x", x, "y", y, "text-anchor", anchor, "font-size", size);
    }
}
