package dev.unroll.export;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import dev.unroll.nn.NetworkSpec;
import dev.unroll.param.ParameterLayout.Slot;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiFunction;

/**
 * Layers of minGRU, for which ONNX has no operator: one product over all steps, then a Scan of
 * {@code h_t = h_{t-1} + m_t z_t (n_t - h_{t-1})}, where m is 1 at the steps of a sequence and 0 at its padding, so that
 * the last state is that of its own last step, and one that reads in reverse begins there. Padding is read as 0,
 * whatever it is, since not even 0 times NaN is 0.
 */
final class OnnxMinGru {

    private final OnnxGraph graph;
    private final NetworkSpec spec;
    private final BiFunction<Slot, long[], String> tensor;
    private final String zero;
    private final String real; // (T, B, 1) whether t is below the length of a row
    private final String mask; // (T, B, 1) the same as 1 and 0

    /**
     * @param tensor makes a constant of a parameter with a shape, and gives its name
     * @param x what the first layer reads, (T, B, I)
     */
    OnnxMinGru(OnnxGraph graph, NetworkSpec spec, BiFunction<Slot, long[], String> tensor, String x) {
        this.graph = graph;
        this.spec = spec;
        this.tensor = tensor;
        this.zero = graph.scalar("zero", 0);
        this.real = graph.real(x);
        this.mask = graph.cast(real, TensorProto.DataType.FLOAT);
    }

    /** Of x (T, B, I) the states (T, directions, B, H) and the last ones (directions, B, H). */
    List<String> layer(String x, int layer) {
        String read = layer > 0 ? x : graph.apply("Where", real, x, graph.tensor("padding", new float[1]));
        List<String> states = new ArrayList<>();
        List<String> last = new ArrayList<>();
        for (int d = 0; d < spec.directions(); d++) {
            direction(read, NetworkSpec.suffix(layer, d), d == 1, states, last);
        }
        return List.of(joined(states, 1), joined(last, 0));
    }

    private void direction(String x, String suffix, boolean reverse, List<String> states, List<String> last) {
        int hidden = spec.hiddenSize();
        Slot weight = spec.layout().slot("rnn.weight_ih_" + suffix);
        Slot bias = spec.layout().slot("rnn.bias_ih_" + suffix);
        String w = graph.transpose(tensor.apply(weight, new long[] {weight.rows(), weight.columns()}), 1, 0);
        String a = graph.apply("Add", graph.apply("MatMul", x, w), tensor.apply(bias, new long[] {bias.size()}));
        String aZ = graph.next();
        String n = graph.next();
        graph.add(OnnxGraph.node("Split", a, graph.longs("gates_" + suffix, hidden, hidden))
                .addOutput(aZ)
                .addOutput(n)
                .addAttribute(OnnxGraph.whole("axis", 2)));
        String z = graph.apply("Mul", graph.apply("Sigmoid", aZ), mask);
        String none = graph.apply("ConstantOfShape", graph.apply("Shape", graph.apply("Gather", n, zero)));
        String h = graph.next();
        String every = graph.next();
        NodeProto.Builder scan = OnnxGraph.node("Scan", none, z, n)
                .addOutput(h)
                .addOutput(every)
                .addAttribute(OnnxGraph.whole("num_scan_inputs", 2))
                .addAttribute(step(suffix));
        if (reverse) {
            scan.addAttribute(OnnxGraph.wholes("scan_input_directions", 1, 1));
            scan.addAttribute(OnnxGraph.wholes("scan_output_directions", 1));
        }
        graph.add(scan);
        states.add(every);
        last.add(h);
    }

    /** The graph of one step: of h, z and n the next h, as state and as output. */
    private AttributeProto.Builder step(String suffix) {
        OnnxGraph step = new OnnxGraph("step_" + suffix, "step_" + suffix + "_");
        List<String> in = List.of(step.next(), step.next(), step.next());
        in.forEach(name -> step.graph.addInput(stepValue(name)));
        String change = step.apply("Mul", in.get(1), step.apply("Sub", in.get(2), in.get(0)));
        String next = step.apply("Add", in.get(0), change);
        step.graph.addOutput(stepValue(next)).addOutput(stepValue(step.apply("Identity", next)));
        return AttributeProto.newBuilder()
                .setName("body")
                .setType(AttributeProto.AttributeType.GRAPH)
                .setG(step.graph);
    }

    private ValueInfoProto stepValue(String name) {
        return OnnxGraph.value(name, TensorProto.DataType.FLOAT, "batch", spec.hiddenSize());
    }

    /** The directions beside each other, on an axis of their own. */
    private String joined(List<String> directions, int axis) {
        String[] apart = new String[directions.size()];
        for (int d = 0; d < apart.length; d++) {
            String name = directions.get(d);
            apart[d] = graph.apply("Unsqueeze", name, graph.longs("axis_of_" + name, axis));
        }
        return graph.apply(OnnxGraph.node("Concat", apart).addAttribute(OnnxGraph.whole("axis", axis)));
    }
}
