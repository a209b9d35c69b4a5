package dev.unroll.export;

import ai.onnx.proto.OnnxMl.TensorProto.DataType;
import dev.unroll.param.ParameterLayout;
import dev.unroll.param.ParameterLayout.Slot;
import java.util.List;
import java.util.function.BiFunction;

/**
 * A conditional random field over outputs o (T, B, C): the probability of each class at each step, by Scans of
 * {@code log alpha} forward and of {@code log beta} backward; and the most probable sequence of classes, by one of the best
 * scores forward and one back along where they came from. A padded step leaves what the Scans carry as it is.
 */
final class OnnxCrf {

    private static final long FROM = 1; // axis of the class before, in (B, from, to)
    private static final long TO = 2;

    private final OnnxGraph graph;
    private final int classes;
    private final String o; // (T, B, C)
    private final String real; // (T, B, 1) whether t is below the length of a row
    private final String transitions; // (C, C)
    private final String start; // (B, C)
    private final String end; // (B, C)

    /**
     * @param tensor makes a constant of a parameter with a shape, and gives its name
     */
    OnnxCrf(OnnxGraph graph, ParameterLayout layout, BiFunction<Slot, long[], String> tensor, String o) {
        this.graph = graph;
        this.o = o;
        Slot first = layout.slot("crf.start_transitions");
        this.classes = first.size();
        this.real = graph.real(o);
        this.transitions = tensor.apply(layout.slot("crf.transitions"), new long[] {classes, classes});
        String ofRows = graph.apply("Shape", graph.apply("Gather", o, graph.scalar("crf_first", 0)));
        this.start = graph.apply("Expand", tensor.apply(first, new long[] {classes}), ofRows);
        this.end =
                graph.apply("Expand", tensor.apply(layout.slot("crf.end_transitions"), new long[] {classes}), ofRows);
    }

    /** P(y_t), (T, B, C). */
    String probabilities() {
        OnnxScan forward = new OnnxScan(graph, "alpha", false);
        String before = score(forward, start);
        String alpha = forward.body().apply("Add", before, outputs(forward));
        becomes(forward, added(forward.body(), alpha, "ReduceLogSumExp", FROM), before);
        forward.output(alpha, DataType.FLOAT, "batch", classes);
        OnnxScan back = new OnnxScan(graph, "beta", true);
        String beta = score(back, end);
        String after = back.body().apply("Add", beta, outputs(back));
        becomes(back, added(back.body(), after, "ReduceLogSumExp", TO), beta);
        back.output(back.body().apply("Identity", beta), DataType.FLOAT, "batch", classes);
        return graph.apply(
                "Softmax", graph.apply("Add", forward.run().get(1), back.run().get(1)));
    }

    /** The sequence of classes of the greatest score, (T, B). */
    String path() {
        OnnxScan forward = new OnnxScan(graph, "best", false);
        String before = score(forward, start);
        String last = score(forward, start);
        OnnxGraph body = forward.body();
        String best = body.apply("Add", before, outputs(forward));
        becomes(forward, added(body, best, "ReduceMax", FROM), before);
        becomes(forward, best, last);
        String from = body.apply(OnnxGraph.node("ArgMax", pairs(body, best, TO))
                .addAttribute(OnnxGraph.whole("axis", FROM))
                .addAttribute(OnnxGraph.whole("keepdims", 0)));
        forward.output(from, DataType.INT64, "batch", classes);
        List<String> found = forward.run();
        String ended = graph.apply(OnnxGraph.node("ArgMax", graph.apply("Add", found.get(1), end))
                .addAttribute(OnnxGraph.whole("axis", 1)));
        return graph.reshape(along(found.get(2), ended), 0, 0);
    }

    /** From the last class of each row, (B, 1), back along the classes before each, (T, B, C): (T, B, 1). */
    private String along(String pointers, String ended) {
        OnnxScan back = new OnnxScan(graph, "path", true);
        Object[] one = {"batch", 1};
        String next = back.state(ended, DataType.INT64, one);
        String begun = back.state(graph.apply("Less", ended, graph.scalar("crf_none", 0)), DataType.BOOL, one);
        String from = back.slice(pointers, DataType.INT64, "batch", classes);
        String followed = back.body()
                .apply(OnnxGraph.node("GatherElements", from, next).addAttribute(OnnxGraph.whole("axis", 1)));
        String y = back.body().apply("Where", begun, followed, next);
        back.become(y, DataType.INT64, one);
        back.become(back.body().apply("Or", begun, back.slice(real, DataType.BOOL, one)), DataType.BOOL, one);
        back.output(back.body().apply("Identity", y), DataType.INT64, one);
        return back.run().get(2);
    }

    private String score(OnnxScan scan, String first) {
        return scan.state(first, DataType.FLOAT, "batch", classes);
    }

    private String outputs(OnnxScan scan) {
        return scan.slice(o, DataType.FLOAT, "batch", classes);
    }

    /**
     * A score's next at a step of the row, minus the greatest, so that many steps add up to no large number: what all classes share
     * matters to none. The same at padding.
     */
    private void becomes(OnnxScan scan, String next, String now) {
        String greatest =
                scan.body().apply(OnnxGraph.node("ReduceMax", next).addAttribute(OnnxGraph.wholes("axes", 1)));
        String small = scan.body().apply("Sub", next, greatest);
        String where = scan.body().apply("Where", scan.slice(real, DataType.BOOL, "batch", 1), small, now);
        scan.become(where, DataType.FLOAT, "batch", classes);
    }

    /** Scores of classes before, or after, plus transitions, reduced along that axis, (B, C). */
    private String added(OnnxGraph body, String scores, String reduction, long along) {
        return body.apply(OnnxGraph.node(reduction, pairs(body, scores, along == FROM ? TO : FROM))
                .addAttribute(OnnxGraph.wholes("axes", along))
                .addAttribute(OnnxGraph.whole("keepdims", 0)));
    }

    /** (B, from, to), of scores that are the same along an axis. */
    private String pairs(OnnxGraph body, String scores, long along) {
        String apart = body.apply("Unsqueeze", scores, body.longs(body.next(), along));
        return body.apply("Add", apart, transitions);
    }
}
