package dev.unroll.plot;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unroll.train.FlowHistory;
import dev.unroll.train.History;
import dev.unroll.train.IterationReport;
import dev.unroll.train.JobCounts;
import dev.unroll.train.Phases;
import dev.unroll.worker.GradientFlow;
import dev.unroll.worker.TestFlows;
import java.awt.Color;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;

class PlotTest {

    private static final int BLUE = Lines.COLOURS[0].getRGB();
    private static final int ORANGE = Lines.COLOURS[1].getRGB();

    @Test
    void loss_showsTrainingFallingAndValidationBelow() throws IOException {
        BufferedImage image = image(TrainingPlots.loss(history(100, true)), "loss");
        int[] training = column(image, BLUE);
        assertTrue(meanRow(image, BLUE, training[0]) + 100 < meanRow(image, BLUE, training[1]), "the loss falls");
        int right = column(image, ORANGE)[1];
        assertTrue(meanRow(image, ORANGE, right) > meanRow(image, BLUE, right), "validation is the lower curve");
        assertEquals(0, count(image(TrainingPlots.loss(history(100, false)), "loss-alone"), ORANGE));
    }

    /** Of 10 + 20 + 30 + 10 + 5 ms: the areas are as these. */
    @Test
    void phaseTimes_areStackedByTheirShare() throws IOException {
        BufferedImage image = image(TrainingPlots.phaseTimes(history(1000, false)), "phases");
        int[] heights = new int[5];
        int x = 300;
        for (int y = 0; y < image.getHeight(); y++) {
            for (int phase = 0; phase < 5; phase++) {
                heights[phase] += image.getRGB(x, y) == Lines.COLOURS[phase].getRGB() ? 1 : 0;
            }
        }
        double ofOneMs = heights[3] / 20.0; // compute
        assertTrue(ofOneMs > 1, "compute is seen");
        int[] ms = {5, 10, 30, 20, 10};
        for (int phase = 0; phase < 5; phase++) {
            assertEquals(ms[phase] * ofOneMs, heights[phase], 3, "phase " + phase);
        }
    }

    @Test
    void balance_isAStraightLine() throws IOException {
        BufferedImage image = image(TrainingPlots.balance(history(50, false)), "balance");
        int[] range = column(image, BLUE);
        assertEquals(meanRow(image, BLUE, range[0] + 20), meanRow(image, BLUE, 400), 1);
        assertTrue(range[1] - range[0] > 400);
    }

    @Test
    void heatMap_darkensWithTheNorm_andItsLagsGoUpwards() throws IOException {
        double[][] norms = {{1, 1}, {0.01, 0.1}, {0, 0}};
        BufferedImage image =
                image(GradientPlots.heatMap("Elman", List.of("1", "51"), List.of("0", "1", "2"), norms), "heat");
        int left = 250;
        int right = 500;
        assertTrue(grey(image, left, 300) < 60, "lag 0 is dark: " + grey(image, left, 300));
        assertTrue(grey(image, right, 200) < grey(image, left, 200), "0.1 is darker than 0.01");
        assertTrue(grey(image, left, 200) < grey(image, left, 100), "and that than 0");
        assertTrue(grey(image, left, 100) > 230, "0 is nearly white: " + grey(image, left, 100));
    }

    @Test
    void byLag_fallsWithTheNorm_andEndsWhereNothingIsLeft() throws IOException {
        Map<String, GradientFlow> flows = new TreeMap<>();
        flows.put("all steps back", TestFlows.of(2, 2, 2, 2));
        flows.put("two steps back", TestFlows.of(1, 0.1, 0.01, 0));
        BufferedImage image = image(GradientPlots.byLag(flows), "by-lag");
        int[] flat = column(image, BLUE);
        int[] falling = column(image, ORANGE);
        assertEquals(meanRow(image, BLUE, flat[0]), meanRow(image, BLUE, flat[1]), 1, "relative to its own lag 0");
        assertEquals(flat[1] - flat[0], (falling[1] - falling[0]) * 3 / 2.0, 12, "two of three lags");
        int middle = (falling[0] + falling[1]) / 2;
        double half = (meanRow(image, ORANGE, falling[0]) + meanRow(image, ORANGE, falling[1])) / 2;
        assertEquals(half, meanRow(image, ORANGE, middle), 3, "a power of ten for every lag is a straight line");
    }

    @Test
    void byLag_withoutAGradientAtLag0_namesTheRun() {
        assertNames("run b", () -> GradientPlots.byLag(Map.of("b", TestFlows.of(0, 1))));
    }

    @Test
    void confusion_isDarkWhereItIsRight_firstLabelAbove() throws IOException {
        Plot plot = ResultPlots.confusion(List.of("a", "b"), new long[][] {{10, 0}, {5, 5}});
        BufferedImage image = image(plot, "confusion");
        assertTrue(grey(image, 160, 100) < 60, "a as a: " + grey(image, 160, 100));
        assertTrue(grey(image, 360, 100) > 230, "a as b");
        assertEquals(grey(image, 160, 280), grey(image, 360, 280), "half of b as each");
        assertTrue(grey(image, 160, 280) > 80 && grey(image, 160, 280) < 180);
    }

    @Test
    void series_haveTheirOwnColours_andGapsWhereThereIsNoNumber() throws IOException {
        double[] gap = {1, 2, Double.NaN, Double.NaN, Double.NaN, 2, 1};
        Map<String, double[]> curves =
                new TreeMap<>(Map.of("forecast", gap, "truth", new double[] {0, 0, 0, 0, 0, 0, 0}));
        BufferedImage image =
                image(ResultPlots.series("s", "day", "C", new double[] {0, 1, 2, 3, 4, 5, 6}, curves), "series");
        int[] range = column(image, ORANGE);
        int middle = (range[0] + range[1]) / 2;
        assertTrue(hasColour(image, ORANGE, middle), "the truth has no gap");
        assertTrue(!hasColour(image, BLUE, middle), "the forecast has one");
    }

    @Test
    void samePlot_sameBytes() {
        assertArrayEquals(
                TrainingPlots.loss(history(30, true)).toPng(),
                TrainingPlots.loss(history(30, true)).toPng());
    }

    @Test
    void html_holdsThePicture_andItsTextIsEscaped() {
        Plot plot =
                ResultPlots.series("<b>\"a\" & 'b'", "x", "y", new double[] {0, 1}, Map.of("c", new double[] {1, 2}));
        String html = plot.toHtml();
        assertTrue(
                html.startsWith("<img alt=\"&lt;b&gt;&quot;a&quot; &amp; &#39;b&#39;; c from 1.000 to 2.000\""), html);
        String data = html.substring(html.indexOf("base64,") + 7, html.lastIndexOf('"'));
        assertArrayEquals(plot.toPng(), Base64.getDecoder().decode(data));
    }

    @Test
    void nothingToShow_isAnErrorThatNamesThePlot() {
        assertNames("loss curve", () -> TrainingPlots.loss(new History()));
        assertNames("phase times", () -> TrainingPlots.phaseTimes(new History()));
        assertNames("balance", () -> TrainingPlots.balance(new History()));
        assertNames("heat map Elman", () -> GradientPlots.heatMap("Elman", new FlowHistory(), 1));
        assertNames("gradient by lag", () -> GradientPlots.byLag(Map.of()));
        assertNames("confusion matrix", () -> ResultPlots.confusion(List.of(), new long[0][]));
        assertNames("plot s", () -> ResultPlots.series("s", "x", "y", new double[0], Map.of()));
        assertNames("curve c", () -> ResultPlots.series("s", "x", "y", new double[1], Map.of("c", new double[2])));
    }

    private static void assertNames(String thing, org.junit.jupiter.api.function.Executable plot) {
        String message = assertThrows(IllegalArgumentException.class, plot).getMessage();
        assertTrue(message.contains(thing), message);
    }

    private static History history(int updates, boolean validated) {
        History history = new History();
        for (long k = 1; k <= updates; k++) {
            Optional<Map<String, Double>> validation =
                    validated && k % 10 == 0 ? Optional.of(Map.of("loss", 1.0 / k)) : Optional.empty();
            history.onIteration(new IterationReport(
                    k,
                    updates,
                    0,
                    4 - 3.0 * k / updates,
                    0.5,
                    8,
                    8,
                    1,
                    0.1,
                    8,
                    64,
                    1,
                    new Phases(10, 20, 30, 10, 5),
                    1.25,
                    JobCounts.NONE,
                    validation,
                    Optional.empty(),
                    Optional.empty(),
                    Optional.empty(),
                    () -> ""));
        }
        return history;
    }

    /** The decoded picture; it also stands in target/plots, to be looked at. */
    static BufferedImage image(Plot plot, String name) throws IOException {
        byte[] png = plot.toPng();
        Path directory = Files.createDirectories(Path.of("target", "plots"));
        Files.write(directory.resolve(name + ".png"), png);
        return ImageIO.read(new ByteArrayInputStream(png));
    }

    /** The first and the last column of the plotting area that have the colour. */
    private static int[] column(BufferedImage image, int colour) {
        int first = -1;
        int last = -1;
        for (int x = 0; x < plotEnd(image); x++) {
            if (hasColour(image, colour, x)) {
                first = first < 0 ? x : first;
                last = x;
            }
        }
        return new int[] {first, last};
    }

    /** Left of the legend. */
    private static int plotEnd(BufferedImage image) {
        return image.getWidth() - 170;
    }

    private static boolean hasColour(BufferedImage image, int colour, int x) {
        for (int y = 0; y < image.getHeight(); y++) {
            if (image.getRGB(x, y) == colour) {
                return true;
            }
        }
        return false;
    }

    private static double meanRow(BufferedImage image, int colour, int x) {
        double sum = 0;
        int found = 0;
        for (int y = 0; y < image.getHeight(); y++) {
            if (image.getRGB(x, y) == colour) {
                sum += y;
                found++;
            }
        }
        assertTrue(found > 0, "no pixel of the colour in column " + x);
        return sum / found;
    }

    private static int count(BufferedImage image, int colour) {
        int count = 0;
        for (int x = 0; x < image.getWidth(); x++) {
            for (int y = 0; y < image.getHeight(); y++) {
                count += image.getRGB(x, y) == colour ? 1 : 0;
            }
        }
        return count;
    }

    private static int grey(BufferedImage image, int x, int y) {
        Color colour = new Color(image.getRGB(x, y));
        return (colour.getRed() + colour.getGreen() + colour.getBlue()) / 3;
    }
}
