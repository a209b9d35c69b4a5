package dev.unroll.plot;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.StructType;

/**
 * What steps and columns have contributed to predictions: of tokens the text itself, of series a heat map with a row for
 * each column. Blue speaks for the score, red against it, and the darkest is the largest of its row of data. It is HTML that
 * needs nothing else.
 */
public final class ExplanationPlot {

    private static final int[] TOWARDS = {0x21, 0x66, 0xAC};
    private static final int[] AGAINST = {0xB2, 0x18, 0x2B};

    // Pixels.
    private static final int WIDTH = 720;
    private static final int CELL = 22;
    private static final int NAMES = 150;
    private static final int GAP = 8;

    private static final String BOX = "font:14px sans-serif;color:#000;background:#fff;padding:6px;margin-bottom:8px";
    private static final String LINE = "color:#555;font-size:12px;margin-bottom:4px";
    private static final String TEXT = "line-height:1.8;white-space:pre-wrap;overflow-wrap:anywhere";

    private final String html;

    private ExplanationPlot(String html) {
        this.html = html;
    }

    /**
     * Draws the first rows of a dataset.
     *
     * @param explained rows as {@code RnnModel.explain} gives them
     * @param column of explanations
     * @param rows how many at most
     * @throws IllegalArgumentException if there is no such column, or no row
     */
    public static ExplanationPlot of(Dataset<Row> explained, String column, int rows) {
        if (!Arrays.asList(explained.schema().fieldNames()).contains(column)
                || !(explained.schema().apply(column).dataType() instanceof StructType)) {
            throw new IllegalArgumentException(
                    "the rows have no column " + column + " of explanations; allowed is what explain gives");
        }
        List<Row> some =
                explained.select(functions.col(column).as("e")).limit(rows).collectAsList();
        if (some.isEmpty()) {
            throw new IllegalArgumentException("the explanations have nothing to show: there is no row");
        }
        Markup out = new Markup();
        some.forEach(row -> draw(row.getStruct(0), out));
        return new ExplanationPlot(out.toString());
    }

    /** Elements {@code div}, one a row. */
    public String toHtml() {
        return html;
    }

    private static void draw(Row explanation, Markup out) {
        String label = explanation.getAs("label");
        out.open("div", "style", BOX)
                .element(
                        "div",
                        (label == null ? "" : label + ": ")
                                + String.format(
                                        Locale.ROOT,
                                        "score %.4g, of the baseline %.4g, remainder %.0e",
                                        explanation.<Double>getAs("score"),
                                        explanation.<Double>getAs("baselineScore"),
                                        explanation.<Double>getAs("remainder")),
                        "style",
                        LINE);
        List<Double> steps = explanation.getList(explanation.fieldIndex("steps"));
        if (Arrays.asList(explanation.schema().fieldNames()).contains("tokens")) {
            text(explanation.getList(explanation.fieldIndex("tokens")), steps, out);
        } else {
            series(rows(explanation, steps), out);
        }
        out.close("div");
    }

    private static void text(List<String> tokens, List<Double> steps, Markup out) {
        double most = largest(steps);
        boolean characters = tokens.stream().allMatch(token -> token.codePointCount(0, token.length()) <= 1);
        out.open("div", "style", TEXT);
        for (int t = 0; t < tokens.size(); t++) {
            String token = tokens.get(t).isEmpty() ? "\u23CE" : tokens.get(t); // the end mark before a text
            String shown = characters ? token : " " + token + " ";
            out.element(
                    "span",
                    shown,
                    "style",
                    "padding:2px 1px;" + colours(steps.get(t), most),
                    "title",
                    number(steps.get(t)));
        }
        out.close("div");
    }

    /** A row of the heat map; a static has one number. */
    private record Cells(String name, List<Double> numbers) {}

    private static List<Cells> rows(Row explanation, List<Double> steps) {
        List<Cells> rows = new ArrayList<>();
        int at = explanation.fieldIndex("columns");
        if (explanation.schema().apply(at).dataType() instanceof StructType) {
            Row columns = explanation.getStruct(at);
            for (int k = 0; k < columns.length(); k++) {
                boolean whole = columns.get(k) instanceof Double;
                String name = columns.schema().fieldNames()[k];
                rows.add(new Cells(name, whole ? List.of(columns.getDouble(k)) : columns.getList(k)));
            }
        } else {
            List<scala.collection.Seq<Double>> byStep = explanation.getList(at);
            for (int k = 0; k < byStep.get(0).size(); k++) {
                List<Double> column = new ArrayList<>();
                for (scala.collection.Seq<Double> step : byStep) {
                    column.add(step.apply(k));
                }
                rows.add(new Cells("number " + (k + 1), column));
            }
        }
        if (rows.size() > 1) {
            rows.add(new Cells("all of the step", steps));
        }
        return rows;
    }

    private static void series(List<Cells> rows, Markup out) {
        double most = 0;
        int steps = 1;
        for (Cells row : rows) {
            most = Math.max(most, largest(row.numbers()));
            steps = Math.max(steps, row.numbers().size());
        }
        double width = Math.min(CELL, (double) WIDTH / steps);
        int all = (int) Math.ceil(NAMES + steps * width + 1);
        out.open("svg", "width", all, "height", rows.size() * CELL + CELL, "role", "img");
        for (int r = 0; r < rows.size(); r++) {
            Cells row = rows.get(r);
            int y = r * CELL;
            out.element(
                    "text", row.name(), "x", NAMES - GAP, "y", y + CELL * 2 / 3, "text-anchor", "end", "font-size", 12);
            double own = row.numbers().size() == 1 ? steps * width : width;
            for (int t = 0; t < row.numbers().size(); t++) {
                double number = row.numbers().get(t);
                out.open(
                                "rect",
                                "x",
                                decimal(NAMES + t * width),
                                "y",
                                y + 1,
                                "width",
                                decimal(own),
                                "height",
                                CELL - 2,
                                "fill",
                                colour(number, most))
                        .element("title", row.name() + (own > width ? "" : ", step " + (t + 1)) + ": " + number(number))
                        .close("rect");
            }
        }
        int below = rows.size() * CELL + CELL * 2 / 3;
        out.element("text", "step 1", "x", NAMES, "y", below, "font-size", 11);
        if (steps * width > NAMES) {
            out.element(
                    "text",
                    Integer.toString(steps),
                    "x",
                    decimal(NAMES + steps * width),
                    "y",
                    below,
                    "text-anchor",
                    "end",
                    "font-size",
                    11);
        }
        out.close("svg");
    }

    private static double largest(List<Double> numbers) {
        return Math.max(Math.abs(Collections.max(numbers)), Math.abs(Collections.min(numbers)));
    }

    private static String colours(double number, double most) {
        String text = most > 0 && Math.abs(number) / most > 0.6 ? "#fff" : "#000";
        return "background:" + colour(number, most) + ";color:" + text;
    }

    /** White for 0, and the colour itself for the largest. */
    private static String colour(double number, double most) {
        double share = most > 0 ? Math.abs(number) / most : 0;
        int[] full = number < 0 ? AGAINST : TOWARDS;
        StringBuilder colour = new StringBuilder("#");
        for (int channel : full) {
            colour.append(String.format(Locale.ROOT, "%02x", Math.round(255 + share * (channel - 255))));
        }
        return colour.toString();
    }

    private static String number(double number) {
        return String.format(Locale.ROOT, "%+.3g", number);
    }

    private static String decimal(double pixels) {
        return String.format(Locale.ROOT, "%.2f", pixels);
    }
}
