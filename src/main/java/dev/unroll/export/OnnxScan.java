package dev.unroll.export;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.TensorProto.DataType;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** A Scan: a graph that is run step by step along the first axis of its inputs, and carries states from one step to the next. */
final class OnnxScan {

    private final OnnxGraph graph;
    private final OnnxGraph body;
    private final boolean reverse;
    private final List<String> before = new ArrayList<>(); // states before the first step
    private final List<String> inputs = new ArrayList<>();
    private final List<ValueInfoProto> states = new ArrayList<>(); // in the body, as the next three
    private final List<ValueInfoProto> slices = new ArrayList<>();
    private final List<ValueInfoProto> next = new ArrayList<>(); // states after a step
    private final List<ValueInfoProto> outputs = new ArrayList<>();

    /**
     * @param name of the body, which no other has
     * @param reverse whether it goes from the last step to the first
     */
    OnnxScan(OnnxGraph graph, String name, boolean reverse) {
        this.graph = graph;
        this.body = new OnnxGraph(name, name + "_");
        this.reverse = reverse;
    }

    /** Where the nodes of a step are added. */
    OnnxGraph body() {
        return body;
    }

    /** A state, by its name in the body. */
    String state(String first, DataType type, Object... shape) {
        before.add(first);
        return added(states, body.next(), type, shape);
    }

    /** What an input has at a step, by its name in the body. */
    String slice(String input, DataType type, Object... shape) {
        inputs.add(input);
        return added(slices, body.next(), type, shape);
    }

    /** What the next of the states, in the order of {@link #state}, becomes by a step; each value of the body once. */
    void become(String value, DataType type, Object... shape) {
        added(next, value, type, shape);
    }

    /** A value of each step; each value of the body once. */
    void output(String value, DataType type, Object... shape) {
        added(outputs, value, type, shape);
    }

    private static String added(List<ValueInfoProto> to, String name, DataType type, Object... shape) {
        to.add(OnnxGraph.value(name, type, shape));
        return name;
    }

    /** Adds the node: the states after the last step, and then the outputs of all steps, along a new first axis. */
    List<String> run() {
        body.graph.addAllInput(states).addAllInput(slices).addAllOutput(next).addAllOutput(outputs);
        List<String> all = new ArrayList<>(before);
        all.addAll(inputs);
        NodeProto.Builder node = OnnxGraph.node("Scan", all.toArray(String[]::new));
        List<String> results = new ArrayList<>();
        for (int n = 0; n < next.size() + outputs.size(); n++) {
            results.add(graph.next());
        }
        node.addAllOutput(results)
                .addAttribute(OnnxGraph.whole("num_scan_inputs", inputs.size()))
                .addAttribute(AttributeProto.newBuilder()
                        .setName("body")
                        .setType(AttributeProto.AttributeType.GRAPH)
                        .setG(body.graph));
        if (reverse) {
            node.addAttribute(OnnxGraph.wholes("scan_input_directions", ones(inputs.size())));
            node.addAttribute(OnnxGraph.wholes("scan_output_directions", ones(outputs.size())));
        }
        graph.add(node);
        return results;
    }

    private static long[] ones(int count) {
        return Collections.nCopies(count, 1L).stream()
                .mapToLong(Long::longValue)
                .toArray();
    }
}
