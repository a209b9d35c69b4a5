package dev.unroll.export;

import dev.unroll.nn.NetworkSpec;
import dev.unroll.param.ParameterLayout.Slot;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.BiFunction;

/**
 * Layers for which ONNX has no operator: of each direction one product over all steps, and then a Scan. States do not
 * change at padding, so that the last state is that of a sequence's own last step, and a layer that reads in reverse begins
 * there. Padding is read as 0, whatever it is, since not even 0 times NaN is 0.
 */
abstract class OnnxScannedLayers {

    final OnnxGraph graph;
    final NetworkSpec spec;
    final String real; // (T, B, 1) whether t is below the length of a row
    private final BiFunction<Slot, long[], String> tensor;
    private final String zero;

    /**
     * @param tensor makes a constant of a parameter with a shape, and gives its name
     * @param x what the first layer reads, (T, B, I)
     */
    OnnxScannedLayers(OnnxGraph graph, NetworkSpec spec, BiFunction<Slot, long[], String> tensor, String x) {
        this.graph = graph;
        this.spec = spec;
        this.tensor = tensor;
        this.zero = graph.scalar("zero", 0);
        this.real = graph.real(x);
    }

    /** Of x (T, B, I) the states (T, directions, B, H) and the last ones (directions, B, H), or P where they are projected. */
    final List<String> layer(String x, int layer) {
        String read = layer > 0 ? x : graph.apply("Where", real, x, graph.tensor("padding", new float[1]));
        List<String> states = new ArrayList<>();
        List<String> last = new ArrayList<>();
        for (int d = 0; d < spec.directions(); d++) {
            String suffix = NetworkSpec.suffix(layer, d);
            String product = graph.apply("MatMul", read, graph.transpose(weight("weight_ih_" + suffix), 1, 0));
            String a = biased(product, "bias_ih_" + suffix);
            List<String> run = direction(a, suffix, new OnnxScan(graph, "step_" + suffix, d == 1));
            last.add(run.get(0));
            states.add(run.get(run.size() - 1));
        }
        return List.of(joined(states, 1), joined(last, 0));
    }

    /**
     * Runs the steps of one layer and direction.
     *
     * @param a {@code W_ih x + b_ih}, (T, B, G)
     * @param scan to be filled and run
     * @return the last hidden states, any other states, and the hidden states of all steps
     */
    abstract List<String> direction(String a, String suffix, OnnxScan scan);

    /** A weight of the layers. */
    final String weight(String name) {
        Slot weight = spec.layout().slot("rnn." + name);
        return tensor.apply(weight, new long[] {weight.rows(), weight.columns()});
    }

    /** x plus a bias of the layers. */
    final String biased(String x, String name) {
        Slot bias = spec.layout().slot("rnn." + name);
        return graph.apply("Add", x, tensor.apply(bias, new long[] {bias.size()}));
    }

    /** Zeros in the shape of one step of x. */
    final String zeros(String x) {
        return graph.apply("ConstantOfShape", graph.apply("Shape", graph.apply("Gather", x, zero)));
    }

    /** Gates of H numbers, side by side on the last axis. */
    final List<String> gates(OnnxGraph where, String a, String suffix, int count, long axis) {
        long[] sizes = new long[count];
        Arrays.fill(sizes, spec.hiddenSize());
        List<String> names = new ArrayList<>();
        for (int gate = 0; gate < count; gate++) {
            names.add(where.next());
        }
        where.add(OnnxGraph.node("Split", a, where.longs("gates_" + suffix, sizes))
                .addAllOutput(names)
                .addAttribute(OnnxGraph.whole("axis", axis)));
        return names;
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
