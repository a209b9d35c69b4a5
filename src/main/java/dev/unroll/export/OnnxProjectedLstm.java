package dev.unroll.export;

import ai.onnx.proto.OnnxMl.TensorProto.DataType;
import dev.unroll.nn.NetworkSpec;
import dev.unroll.param.ParameterLayout.Slot;
import java.util.List;
import java.util.function.BiFunction;

/** Layers of LSTMs with a projection, which ONNX's LSTM has not: a Scan of {@code c_t = f c_{t-1} + i g} and {@code h_t = W_hr (o tanh(c_t))}. */
final class OnnxProjectedLstm extends OnnxScannedLayers {

    private static final int GATES = 4; // i, f, g, o

    OnnxProjectedLstm(OnnxGraph graph, NetworkSpec spec, BiFunction<Slot, long[], String> tensor, String x) {
        super(graph, spec, tensor, x);
    }

    @Override
    List<String> direction(String a, String suffix, OnnxScan scan) {
        String inputs = biased(a, "bias_hh_" + suffix);
        String wHh = weight("weight_hh_" + suffix); // (4 H, P)
        String wHr = weight("weight_hr_" + suffix); // (P, H)
        String noState = graph.apply("MatMul", zeros(inputs), wHh); // (B, P)
        String recurrent = graph.transpose(wHh, 1, 0);
        String projection = graph.transpose(wHr, 1, 0);
        Object[] states = {"batch", spec.projSize()};
        Object[] cells = {"batch", spec.hiddenSize()};
        String h = scan.state(noState, DataType.FLOAT, states);
        String c = scan.state(graph.apply("MatMul", noState, wHr), DataType.FLOAT, cells);
        String x = scan.slice(inputs, DataType.FLOAT, "batch", GATES * spec.hiddenSize());
        String isReal = scan.slice(real, DataType.BOOL, "batch", 1);
        OnnxGraph step = scan.body();
        List<String> gates = gates(step, step.apply("Add", x, step.apply("MatMul", h, recurrent)), suffix, GATES, 1);
        String added = step.apply("Mul", step.apply("Sigmoid", gates.get(0)), step.apply("Tanh", gates.get(2)));
        String kept = step.apply("Mul", step.apply("Sigmoid", gates.get(1)), c);
        String nextC = step.apply("Add", kept, added);
        String output = step.apply("Mul", step.apply("Sigmoid", gates.get(3)), step.apply("Tanh", nextC));
        String nextH = step.apply("Where", isReal, step.apply("MatMul", output, projection), h);
        scan.become(nextH, DataType.FLOAT, states);
        scan.become(step.apply("Where", isReal, nextC, c), DataType.FLOAT, cells);
        scan.output(step.apply("Identity", nextH), DataType.FLOAT, states);
        return scan.run();
    }
}
