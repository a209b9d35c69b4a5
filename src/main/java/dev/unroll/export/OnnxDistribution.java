package dev.unroll.export;

import ai.onnx.proto.OnnxMl.TensorProto;
import dev.unroll.data.Standardization;
import dev.unroll.nn.Likelihood;
import java.util.Arrays;
import java.util.function.IntToDoubleFunction;

/** The parameters that the outputs of a likelihood become, in the units of the targets, as ONNX's operators: the forms of {@link Likelihood.Form}. */
final class OnnxDistribution {

    private final OnnxGraph graph;
    private final Likelihood loss;
    private final int outputs; // C

    OnnxDistribution(OnnxGraph graph, Likelihood loss, int targets) {
        this.graph = graph;
        this.loss = loss;
        this.outputs = targets * loss.outputsPerTarget();
    }

    /** Of outputs (B, C) or (T, B, C), whose targets were scaled so. */
    String parameters(String o, Standardization scaling) {
        return parameters(o, tensor("units", c -> hasUnit(c) ? scaling.deviation(target(c)) : 1));
    }

    /** Of outputs (B, C) or (T, B, C), whose targets were scaled by their own window. */
    String parameters(String o, OnnxWindowScaling window) {
        String one = tensor("no_unit", c -> 1);
        String hasUnit = graph.cast(tensor("has_unit", c -> hasUnit(c) ? 1 : 0), TensorProto.DataType.BOOL);
        return parameters(o, graph.apply("Where", hasUnit, window.level(), one));
    }

    /** @param units (C) or (B, C) */
    private String parameters(String o, String units) {
        return graph.apply("Mul", graph.apply("Exp", o), units);
    }

    private boolean hasUnit(int output) {
        return switch (form(output)) {
            case POSITIVE_IN_UNITS -> true;
            case POSITIVE -> false;
        };
    }

    private Likelihood.Form form(int output) {
        return loss.parameters().get(output % loss.outputsPerTarget()).form();
    }

    private int target(int output) {
        return output / loss.outputsPerTarget();
    }

    private String tensor(String name, IntToDoubleFunction ofOutput) {
        double[] numbers = new double[outputs];
        Arrays.setAll(numbers, ofOutput);
        return graph.rounded(name, numbers);
    }
}
