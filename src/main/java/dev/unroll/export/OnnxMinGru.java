package dev.unroll.export;

import ai.onnx.proto.OnnxMl.TensorProto.DataType;
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
        this.mask = graph.cast(real, DataType.FLOAT);
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
        OnnxScan scan = new OnnxScan(graph, "step_" + suffix, reverse);
        Object[] shape = {"batch", spec.hiddenSize()};
        String h = scan.state(none, DataType.FLOAT, shape);
        String share = scan.slice(z, DataType.FLOAT, shape);
        OnnxGraph step = scan.body();
        String change = step.apply("Mul", share, step.apply("Sub", scan.slice(n, DataType.FLOAT, shape), h));
        String next = step.apply("Add", h, change);
        scan.become(next, DataType.FLOAT, shape);
        scan.output(step.apply("Identity", next), DataType.FLOAT, shape);
        List<String> run = scan.run();
        last.add(run.get(0));
        states.add(run.get(1));
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
