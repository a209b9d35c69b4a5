package dev.unroll.reference;

import dev.unroll.data.Sequence;
import dev.unroll.nn.HeadSpec;
import dev.unroll.nn.LossReduction;
import dev.unroll.nn.NetworkSpec;
import dev.unroll.nn.NetworkSpec.Dense;
import dev.unroll.param.ParameterLayout.Slot;
import java.io.PrintStream;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * The text of {@code submit/unroll note}: equations (1) to (5) with numbers, for three steps of an Elman network of two
 * units. Every number comes from the {@link ReferenceNetwork} that the kernel is tested against.
 *
 * <p>{@link #write} prints the walk through the first sequence. The same network, with a second sequence so that two
 * partitions each have something to do, can then be given to the kernel and to Spark, and {@link #writeComparison}
 * prints the gradients side by side.
 */
public final class Note {

    // In PyTorch's order. Every number is exact in binary, so that float and double start from the same theta.
    private static final double[] W_HX = {0.5, -0.25, 0.25, 0.75};
    private static final double[] W_HH = {0.5, 0.25, -0.75, 0.5};
    private static final double[] BIAS_IH = {0.5, -0.25};
    private static final double[] BIAS_HH = {-0.25, 0.5};
    private static final double[] W_QH = {1, -0.5, 0, 1, -0.5, 0.5};
    private static final double[] B_Q = {0, 0.25, -0.25};

    private final NetworkSpec spec = new NetworkSpec(new Dense(2), "elman", "tanh", 2, new HeadSpec(3, true));
    private final List<Sequence> sequences = List.of(
            Sequence.ofValues(new float[] {1, 0, 0, 1, 1, -1}, 2, new int[] {0, 2, 1}, 1),
            Sequence.ofValues(new float[] {-1, 0.5f, 0.5f, 1}, 2, new int[] {1, 0}, 1));
    private final ReferenceNetwork network = new ReferenceNetwork(spec, reduction());

    /** Dense steps of two numbers, Elman's cell with tanh and two units, a softmax over three classes at every step. */
    public NetworkSpec spec() {
        return spec;
    }

    /** Equation (1): 1/T per sequence. */
    public LossReduction reduction() {
        return LossReduction.SEQUENCE;
    }

    /** The parameters, in the order of the layout. */
    public float[] theta() {
        double[] exact = exactTheta();
        float[] theta = new float[exact.length];
        for (int k = 0; k < theta.length; k++) {
            theta[k] = (float) exact[k];
        }
        return theta;
    }

    /** The sequence of three steps that is walked through, and one of two steps. */
    public List<Sequence> sequences() {
        return sequences;
    }

    /** The reference's gradient of the mean loss over {@link #sequences}, in the order of the layout. */
    public double[] gradient() {
        return network.evaluate(exactTheta(), sequences).meanGradient();
    }

    /** Prints the equations with numbers. */
    public void write(PrintStream out) {
        out.print(equations());
    }

    /**
     * Prints the gradient of the mean loss over {@link #sequences} three times, parameter by parameter, and how far
     * they agree.
     *
     * @param reference in double, as of {@link #gradient}
     * @param kernel of the fast kernel
     * @param spark of a Spark job
     */
    public void writeComparison(PrintStream out, double[] reference, float[] kernel, float[] spark) {
        out.print(comparison(reference, kernel, spark));
    }

    String equations() {
        return String.join("\n", sections());
    }

    /**
     * The equations with numbers, piece by piece: what is given, (1), (2), (3), (4) as a recursion, (4) in closed form,
     * (5).
     */
    public List<String> sections() {
        UnrolledNetwork graph = network.unroll(exactTheta(), sequences.get(0));
        graph.forward();
        graph.backward();
        return new Walkthrough((UnrolledElman) graph.layer(), (SoftmaxHead) graph.head).sections();
    }

    String comparison(double[] reference, float[] kernel, float[] spark) {
        String rows = spec.layout().slots().stream()
                .flatMap(slot -> IntStream.range(0, slot.size()).mapToObj(k -> row(slot, k, reference, kernel, spark)))
                .collect(Collectors.joining());
        double worst = IntStream.range(0, kernel.length)
                .mapToDouble(k -> Math.abs(kernel[k] - reference[k]))
                .reduce(0, Math::max);
        long equal = IntStream.range(0, kernel.length)
                .filter(k -> Float.floatToRawIntBits(kernel[k]) == Float.floatToRawIntBits(spark[k]))
                .count();
        return """
                THE SAME GRADIENT THREE TIMES, of the mean loss over the sequence above and one of two steps

                    parameter                         reference          kernel           Spark

                """ + rows + "\n" + String.format(Locale.ROOT, """
                            The kernel computes in float; it differs from the reference by at most %.1e.
                            Spark and the kernel have the same bits in %d of %d numbers.
                        """, worst, equal, kernel.length);
    }

    private static String row(Slot slot, int k, double[] reference, float[] kernel, float[] spark) {
        int at = slot.offset() + k;
        return String.format(
                Locale.ROOT, "    %-24s %18.12f %15.9f %15.9f\n", name(slot, k), reference[at], kernel[at], spark[at]);
    }

    private static String name(Slot slot, int k) {
        return slot.shape().size() == 1
                ? slot.name() + "[" + k + "]"
                : slot.name() + "[" + k / slot.columns() + "," + k % slot.columns() + "]";
    }

    private static double[] exactTheta() {
        return Stream.of(W_HX, W_HH, BIAS_IH, BIAS_HH, W_QH, B_Q)
                .flatMapToDouble(Arrays::stream)
                .toArray();
    }
}
