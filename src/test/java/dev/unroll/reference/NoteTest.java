package dev.unroll.reference;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unroll.data.Sequence;
import dev.unroll.param.ParameterLayout;
import dev.unroll.param.ParameterLayout.Slot;
import dev.unroll.reference.GradientCheck.Worst;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the note prints is what the reference computes, and fits on a page. */
class NoteTest {

    private static final double HALF_OF_THE_LAST_DIGIT = 0.5001e-4;
    private static final Pattern NUMBER = Pattern.compile("-?\\d+\\.\\d+(e-?\\d+)?");

    private final Note note = new Note();
    private final String text = note.equations();
    private final Sequence walked = note.sequences().get(0);
    private final double[] theta = ReferenceNetwork.widen(note.theta());
    private final ReferenceNetwork network = new ReferenceNetwork(note.spec(), note.reduction());

    @Test
    void text_everyLine_isAsciiAndFitsIn100Columns() {
        String all = text + note.comparison(note.gradient(), note.theta(), note.theta());
        all.lines().forEach(line -> {
            assertTrue(line.length() <= 100, line);
            assertTrue(line.chars().allMatch(c -> c >= 32 && c < 127), line);
            assertEquals(line.stripTrailing(), line);
        });
    }

    @Test
    void text_headings_areTheFiveEquationsInOrder() {
        List<String> headings = text.lines()
                .filter(line -> line.startsWith("("))
                .map(line -> line.substring(0, 3))
                .toList();
        assertEquals(List.of("(1)", "(2)", "(3)", "(4)", "(4)", "(5)"), headings);
    }

    @Test
    void loss_printed_isTheReferences() {
        double printed = last(numbers(lineWith("= 1/3 (1.")));
        assertEquals(network.evaluate(theta, walked).lossSum(), printed, HALF_OF_THE_LAST_DIGIT);
    }

    /** Place by place, then the sum: the terms add up to it, and it is the gradient. */
    @ParameterizedTest
    @CsvSource({
        "dL/dW_hx = sum_t, rnn.weight_ih_l0",
        "dL/dW_hh = sum_t, rnn.weight_hh_l0",
        "dL/db_h = sum_t, rnn.bias_ih_l0",
        "dL/db_h = sum_t, rnn.bias_hh_l0",
        "dL/dW_qh = sum_t, head.weight",
        "dL/db_q = sum_t, head.bias"
    })
    void gradient_placeByPlace_addsUpToTheReferences(String heading, String tensor) {
        Slot slot = note.spec().layout().slot(tensor);
        double[] gradient = network.evaluate(theta, walked).gradientSum();
        List<String> lines = text.lines().toList();
        int first = lines.indexOf(lineWith(heading)) + 3;
        for (int row = 0; row < slot.rows(); row++) {
            double[] printed = numbers(lines.get(first + row));
            assertEquals(4 * slot.columns(), printed.length, lines.get(first + row));
            for (int column = 0; column < slot.columns(); column++) {
                double terms = 0;
                for (int place = 0; place < 3; place++) {
                    terms += printed[place * slot.columns() + column];
                }
                double sum = printed[3 * slot.columns() + column];
                double expected = gradient[slot.offset() + row * slot.columns() + column];
                assertEquals(expected, sum, HALF_OF_THE_LAST_DIGIT);
                assertEquals(expected, terms, 3 * HALF_OF_THE_LAST_DIGIT);
            }
        }
    }

    @Test
    void recursion_besideClosedForm_differsByRoundingOnly() {
        UnrolledNetwork graph = network.unroll(theta, walked);
        graph.forward();
        graph.backward();
        for (int t = 1; t <= 3; t++) {
            for (int unit = 0; unit < 2; unit++) {
                double[] printed = numbers(lineWith("dL/dh_" + t + "[" + unit + "]"));
                double recursion = graph.layer().dh[t].get(unit, 0);
                assertArrayEquals(new double[] {recursion, recursion, 0}, printed, 1e-15);
            }
        }
    }

    /** Every term of (4)'s closed form must be worth printing. */
    @Test
    void closedForm_everyTerm_isVisible() {
        UnrolledNetwork graph = network.unroll(theta, walked);
        graph.forward();
        graph.backward();
        for (int t = 1; t <= 3; t++) {
            for (int s = t; s <= 3; s++) {
                Matrix term = ((UnrolledElman) graph.layer()).closedTerm(t, s);
                assertTrue(Arrays.stream(term.toArray()).allMatch(v -> Math.abs(v) > 1e-3), "t " + t + ", s " + s);
            }
        }
    }

    @Test
    void theta_floatAndDouble_areTheSameNumbersInTheOrderOfTheLayout() {
        ParameterLayout layout = note.spec().layout();
        assertEquals(layout.size(), theta.length);
        Parameters parameters = new Parameters(layout, theta);
        assertTrue(text.contains("W_hx = [  0.25  0.75 ]"), text);
        assertArrayEquals(
                new double[] {0.5, -0.25, 0.25, 0.75},
                parameters.get("rnn.weight_ih_l0").toArray());
        assertArrayEquals(
                new double[] {0, 0.25, -0.25}, parameters.get("head.bias").toArray());
    }

    @Test
    void gradient_ofBothSequences_agreesWithFiniteDifferences() {
        Worst worst = GradientCheck.ofDoubles(note.spec().layout())
                .everyParameter(p -> network.meanLoss(p, note.sequences()), theta, note.gradient());
        assertTrue(worst.relativeError() < 1e-7, worst::toString);
    }

    @Test
    void comparison_oneBitChanged_saysSo() {
        double[] reference = note.gradient();
        float[] kernel = new float[reference.length];
        for (int k = 0; k < kernel.length; k++) {
            kernel[k] = (float) reference[k];
        }
        float[] spark = kernel.clone();
        assertTrue(comparison(reference, kernel, spark).contains("same bits in 21 of 21 numbers"));
        spark[4] = Math.nextUp(spark[4]);
        String text = comparison(reference, kernel, spark);
        assertTrue(text.contains("same bits in 20 of 21 numbers"), text);
        kernel[7] = Float.NaN;
        assertTrue(comparison(reference, kernel, spark).contains("at most NaN"));
        assertEquals(21, text.lines().filter(line -> line.contains("[")).count());
        assertTrue(text.contains("rnn.weight_hh_l0[0,0]"), text);
    }

    @Test
    void write_toAStream_printsTheText() {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        note.write(new PrintStream(bytes, true, StandardCharsets.US_ASCII));
        assertEquals(text, bytes.toString(StandardCharsets.US_ASCII));
    }

    private String comparison(double[] reference, float[] kernel, float[] spark) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        note.writeComparison(new PrintStream(bytes, true, StandardCharsets.US_ASCII), reference, kernel, spark);
        return bytes.toString(StandardCharsets.US_ASCII);
    }

    private String lineWith(String part) {
        return text.lines().filter(line -> line.contains(part)).findFirst().orElseThrow();
    }

    private static double[] numbers(String line) {
        List<Double> numbers = new ArrayList<>();
        Matcher matcher = NUMBER.matcher(line);
        while (matcher.find()) {
            numbers.add(Double.valueOf(matcher.group()));
        }
        return numbers.stream().mapToDouble(Double::doubleValue).toArray();
    }

    private static double last(double[] numbers) {
        return numbers[numbers.length - 1];
    }
}
