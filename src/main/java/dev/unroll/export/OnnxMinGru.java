package dev.unroll.export;

import ai.onnx.proto.OnnxMl.TensorProto.DataType;
import dev.unroll.nn.NetworkSpec;
import dev.unroll.param.ParameterLayout.Slot;
import java.util.List;
import java.util.function.BiFunction;

/** Layers of minGRU: a Scan of {@code h_t = h_{t-1} + m_t z_t (n_t - h_{t-1})}, where m is 1 at the steps of a sequence and 0 at its padding. */
final class OnnxMinGru extends OnnxScannedLayers {

    private final String mask; // (T, B, 1) m

    OnnxMinGru(OnnxGraph graph, NetworkSpec spec, BiFunction<Slot, long[], String> tensor, String x) {
        super(graph, spec, tensor, x);
        this.mask = graph.cast(real, DataType.FLOAT);
    }

    @Override
    List<String> direction(String a, String suffix, OnnxScan scan) {
        List<String> gates = gates(graph, a, suffix, 2, 2);
        String n = gates.get(1);
        String z = graph.apply("Mul", graph.apply("Sigmoid", gates.get(0)), mask);
        Object[] shape = {"batch", spec.hiddenSize()};
        String h = scan.state(zeros(n), DataType.FLOAT, shape);
        String share = scan.slice(z, DataType.FLOAT, shape);
        OnnxGraph step = scan.body();
        String change = step.apply("Mul", share, step.apply("Sub", scan.slice(n, DataType.FLOAT, shape), h));
        String next = step.apply("Add", h, change);
        scan.become(next, DataType.FLOAT, shape);
        scan.output(step.apply("Identity", next), DataType.FLOAT, shape);
        return scan.run();
    }
}
