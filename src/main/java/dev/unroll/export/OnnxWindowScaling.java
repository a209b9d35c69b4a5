package dev.unroll.export;

import ai.onnx.proto.OnnxMl.TensorProto;
import java.util.Arrays;

/**
 * Steps scaled by their own means and deviations, over the steps of each row that are real, and outputs scaled back by
 * those of the first number: {@code scale window} as ONNX's operators, in float32.
 *
 * <p>The mean is that of float32 and, added to it, the mean of what is left, so a number that never changes leaves
 * nothing.
 */
final class OnnxWindowScaling {

    /** What is left of a constant is rounding: below this share of the mean it is no variation. */
    private static final float CONSTANT = 1e-10f;

    private final OnnxGraph graph;
    private final String means; // (B, D)
    private final String deviations; // (B, D)
    private final String scaled; // (T, B, D)

    /**
     * @param steps (T, B, D)
     * @param width D
     * @param unscaled how many of the last numbers of a step are left as they are
     * @param masked whether some of the numbers may be missing, NaN, and are then left out; their scaled numbers are 0
     */
    OnnxWindowScaling(OnnxGraph graph, String steps, int width, int unscaled, boolean masked) {
        this.graph = graph;
        String zero = number("window_zero", 0);
        String real = graph.real(steps);
        String count = graph.reshape(graph.cast("lengths", TensorProto.DataType.FLOAT), -1, 1); // (B, 1)
        if (masked) {
            real = graph.apply("And", real, graph.apply("Not", graph.apply("IsNaN", steps))); // (T, B, D)
            String there = sum(graph.cast(real, TensorProto.DataType.FLOAT));
            count = graph.apply("Max", there, number("window_one", 1)); // (B, D)
        }
        String rounded = mean(graph.apply("Where", real, steps, zero), count);
        String rest = graph.apply("Where", real, graph.apply("Sub", steps, rounded), zero);
        String more = mean(rest, count);
        String centred = graph.apply("Where", real, graph.apply("Sub", rest, more), zero);
        means = graph.apply("Add", rounded, more);
        deviations = deviations(graph.apply("Sqrt", mean(graph.apply("Mul", centred, centred), count)), zero);
        String all = graph.apply("Div", centred, deviations);
        scaled = unscaled == 0 ? all : mixed(all, graph.apply("Where", real, steps, zero), width, unscaled);
    }

    /** The first numbers of scaled steps, and the last ones of those as they are. */
    private String mixed(String scaledSteps, String asTheyAre, int width, int unscaled) {
        float[] first = new float[width];
        float[] last = new float[width];
        Arrays.fill(first, 0, width - unscaled, 1);
        Arrays.fill(last, width - unscaled, width, 1);
        return graph.apply(
                "Add",
                graph.apply("Mul", scaledSteps, graph.tensor("window_first", first, width)),
                graph.apply("Mul", asTheyAre, graph.tensor("window_last", last, width)));
    }

    /** The scaled steps, (T, B, D). */
    String scaled() {
        return scaled;
    }

    /** Outputs (B, C) or (T, B, C) in the units of the first number of a step. */
    String undo(String outputs) {
        return graph.apply("Add", graph.apply("Mul", outputs, ofFirstNumber(deviations)), ofFirstNumber(means));
    }

    /** The mean of the first number of a step, (B, 1). */
    String mean() {
        return ofFirstNumber(means);
    }

    /** The deviation of the first number of a step, (B, 1). */
    String deviation() {
        return ofFirstNumber(deviations);
    }

    /** The level of counts, (B, 1): the mean of the first number of a step, or 1/T where that is more. */
    String level() {
        String steps = graph.reshape(graph.cast("lengths", TensorProto.DataType.FLOAT), -1, 1);
        return graph.apply("Max", ofFirstNumber(means), graph.apply("Reciprocal", steps));
    }

    /** A number that does not change is measured in its own size, or in 1. */
    private String deviations(String measured, String zero) {
        String size = graph.apply("Abs", means);
        String least = graph.apply("Mul", size, number("window_constant", CONSTANT));
        String other = graph.apply("Where", graph.apply("Equal", size, zero), number("window_unit", 1), size);
        return graph.apply("Where", graph.apply("Greater", measured, least), measured, other);
    }

    /** Over the real steps of x (T, B, D), which is 0 in the others; (B, D). */
    private String mean(String x, String count) {
        return graph.apply("Div", sum(x), count);
    }

    /** Of all steps, (B, D). */
    private String sum(String x) {
        String axes = graph.longs("axes_of_" + x, 0);
        return graph.apply(OnnxGraph.node("ReduceSum", x, axes).addAttribute(OnnxGraph.whole("keepdims", 0)));
    }

    /** (B, 1) of (B, D). */
    private String ofFirstNumber(String statistics) {
        String first = graph.longs("first_of_" + statistics, 0);
        return graph.apply(OnnxGraph.node("Gather", statistics, first).addAttribute(OnnxGraph.whole("axis", 1)));
    }

    private String number(String name, float value) {
        return graph.tensor(name, new float[] {value}, 1);
    }
}
