package dev.unroll.export;

import ai.onnx.proto.OnnxMl.TensorProto;
import dev.unroll.data.Standardization;
import dev.unroll.nn.Likelihood;
import java.util.Arrays;
import java.util.function.IntPredicate;
import java.util.function.IntToDoubleFunction;

/** The parameters that the outputs of a likelihood become, in the units of the targets, as ONNX's operators: the forms of {@link Likelihood.Form}. */
final class OnnxDistribution {

    private final OnnxGraph graph;
    private final Likelihood loss;
    private final int outputs; // C
    private final String linear; // (C) whether a parameter is its output, as scaled

    OnnxDistribution(OnnxGraph graph, Likelihood loss, int targets) {
        this.graph = graph;
        this.loss = loss;
        this.outputs = targets * loss.outputsPerTarget();
        this.linear = flags("is_linear", this::isLinear);
    }

    /** Of outputs (B, C) or (T, B, C), whose targets were scaled so. */
    String parameters(String o, Standardization scaling) {
        String units = tensor("units", c -> hasUnit(c) ? scaling.deviation(target(c)) : 1);
        String origins = tensor("origins", c -> isLinear(c) ? scaling.undo(0, target(c)) : least(c));
        return parameters(o, units, origins);
    }

    /** Of outputs (B, C) or (T, B, C), whose targets were scaled by their own window. */
    String parameters(String o, OnnxWindowScaling window) {
        String unit = loss.counts() ? window.level() : window.deviation();
        String units = graph.apply("Where", flags("has_unit", this::hasUnit), unit, tensor("no_unit", c -> 1));
        String least = tensor("least", this::least);
        String origins = loss.counts() ? least : graph.apply("Where", linear, window.mean(), least);
        return parameters(o, units, origins);
    }

    /**
     * Outputs or their exponentials, times units, plus origins.
     *
     * @param units (C) or (B, C)
     * @param origins (C) or (B, C)
     */
    private String parameters(String o, String units, String origins) {
        String linked = graph.apply("Where", linear, o, graph.apply("Exp", o));
        return graph.apply("Add", graph.apply("Mul", linked, units), origins);
    }

    private boolean isLinear(int output) {
        return form(output) == Likelihood.Form.IN_UNITS;
    }

    private boolean hasUnit(int output) {
        return switch (form(output)) {
            case IN_UNITS, POSITIVE_IN_UNITS -> true;
            case POSITIVE, ABOVE_TWO -> false;
        };
    }

    private double least(int output) {
        return form(output) == Likelihood.Form.ABOVE_TWO ? 2 : 0;
    }

    private Likelihood.Form form(int output) {
        return loss.parameters().get(output % loss.outputsPerTarget()).form();
    }

    private int target(int output) {
        return output / loss.outputsPerTarget();
    }

    /** (C) */
    private String flags(String name, IntPredicate ofOutput) {
        return graph.cast(tensor(name, c -> ofOutput.test(c) ? 1 : 0), TensorProto.DataType.BOOL);
    }

    private String tensor(String name, IntToDoubleFunction ofOutput) {
        double[] numbers = new double[outputs];
        Arrays.setAll(numbers, ofOutput);
        return graph.rounded(name, numbers);
    }
}
