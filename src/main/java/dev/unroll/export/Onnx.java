package dev.unroll.export;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.OperatorSetIdProto;
import ai.onnx.proto.OnnxMl.StringStringEntryProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.protobuf.ByteString;
import dev.unroll.data.Columns;
import dev.unroll.data.Standardization;
import dev.unroll.model.Model;
import dev.unroll.nn.LearningTask;
import dev.unroll.nn.Likelihood;
import dev.unroll.nn.Loss.Quantile;
import dev.unroll.nn.NetworkSpec;
import dev.unroll.param.ParameterLayout.Slot;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiFunction;

/**
 * A model as an ONNX graph (operator set 14) of standard operators: RNN, LSTM and GRU, and {@link OnnxMinGru} and {@link OnnxProjectedLstm} of small ones.
 *
 * <pre>
 * in:   tokens (B, T) int64, or steps (B, T, D) float, or {@link OnnxColumns an input for each column}; lengths (B) int32: real steps of each row, the rest is padding
 * out:  outputs (B, C) of the last state, or (B, T, C) of every state:
 *       probabilities of the classes, of loss multi-label that of each label by itself, or numbers in the units of the targets
 *       quantiles (B, C) or (B, T, C) of loss quantile, in these units, of each number in ascending order; outputs are then
 *       the medians
 *       distribution (B, C) or (B, T, C) of a loss that is a likelihood: of each number its parameters, whose names are in the
 *       metadata ({@code parameters}); outputs are then the means
 *       classes (B, T) int64 of loss crf, the most probable sequence; outputs are then the probabilities of each step by itself
 * </pre>
 *
 * <p>Token ids are those of the vocabulary, 0 for unknown tokens; vocabulary and labels are in the graph's metadata
 * ({@code tokens}, or {@code tokens.COLUMN} of each column of categories, and {@code labels}, JSON arrays; the first token has the id 1). A language model reads a text after
 * the end mark U+0000, and its output c is the probability of the token with the id c. Steps are scaled in the graph. Of
 * a model that predicts a horizon, the last {@code horizon} real outputs of a row are its predictions, by the metadata.
 * ONNX has the gates of an LSTM in the order i, o, f, c and those of a GRU in the order z, r, h, so gates are
 * reordered.
 */
public final class Onnx {

    private static final long OPERATOR_SET = 14;
    private static final long IR_VERSION = 7;

    private final Model model;
    private final NetworkSpec spec;
    private final OnnxGraph graph = new OnnxGraph("unroll", "v");
    private Optional<OnnxWindowScaling> window = Optional.empty(); // of steps scaled by their own numbers
    private Optional<OnnxColumns> columns = Optional.empty();

    private Onnx(Model model) {
        this.model = model;
        this.spec = model.spec();
    }

    /**
     * The bytes of an ONNX file.
     *
     * @throws IllegalArgumentException if the model's cell is one of the user's own, which ONNX does not have, or it scales by key
     */
    public static byte[] of(Model model) {
        if (model.scaling().isBySeries()) {
            throw new IllegalArgumentException(
                    "the model scales by key, "
                            + String.join(", ", model.scaling().series().columns())
                            + ", and an ONNX graph reads none; in Java Onnx.of(model.ofSeries(key)) is the graph of one series");
        }
        return new Onnx(model).build().toByteArray();
    }

    private ModelProto build() {
        String x = input();
        BiFunction<String, Integer, List<String>> layers = spec.cell().equals("mingru")
                ? new OnnxMinGru(graph, spec, this::tensor, x)::layer
                : spec.projSize() > 0 ? new OnnxProjectedLstm(graph, spec, this::tensor, x)::layer : this::recurrent;
        String last = x;
        for (int layer = 0; layer < spec.numLayers(); layer++) {
            List<String> outputs = layers.apply(x, layer);
            last = outputs.get(1);
            // (T, directions, B, H) to (T, B, directions H), with P for H where states are projected
            x = graph.reshape(graph.transpose(outputs.get(0), 0, 2, 1, 3), 0, 0, -1);
        }
        String states = read(x, last);
        OnnxHead head = new OnnxHead(graph, model, this::tensor, window);
        String outputs = head.predictions(
                columns.map(some -> some.withStatics(states, spec.head().everyStep()))
                        .orElse(states));
        if (spec.head().everyStep()) {
            outputs = graph.transpose(outputs, 1, 0, 2);
        }
        graph.add(OnnxGraph.node("Identity", outputs).addOutput("outputs"));
        boolean regression = model.task() == LearningTask.REGRESSION;
        addOutput(
                "outputs", regression ? spec.head().targetWidth() : spec.head().labels());
        head.addOthers(this::addOutput);
        ModelProto.Builder file = ModelProto.newBuilder()
                .setIrVersion(IR_VERSION)
                .setProducerName("unroll")
                .addOpsetImport(OperatorSetIdProto.newBuilder().setVersion(OPERATOR_SET))
                .setGraph(graph.graph);
        if (model.vocabulary() != null) {
            file.addMetadataProps(metadata("tokens", model.vocabulary().tokens()));
        }
        if (model.encoding().columns() != null) {
            for (Columns.Category category : model.encoding().columns().coded()) {
                file.addMetadataProps(metadata(
                        "tokens." + category.column(), category.vocabulary().tokens()));
            }
            requireNames();
        }
        if (spec.head().loss() instanceof Quantile quantile) {
            file.addMetadataProps(metadata(
                    "levels", quantile.levels().stream().map(String::valueOf).toList()));
        }
        if (spec.head().loss() instanceof Likelihood likelihood) {
            List<String> names = likelihood.parameters().stream()
                    .map(Likelihood.Parameter::name)
                    .toList();
            file.addMetadataProps(metadata("parameters", names));
        }
        if (model.horizon() > 0) {
            file.addMetadataProps(
                    StringStringEntryProto.newBuilder().setKey("horizon").setValue(Integer.toString(model.horizon())));
        }
        if (model.labels() != null) {
            List<String> labels = new ArrayList<>();
            for (int c = 0; c < model.labels().size(); c++) {
                labels.add(model.labels().value(c));
            }
            file.addMetadataProps(metadata("labels", labels));
        }
        return file.build();
    }

    /** Refuses a column whose name a value of the graph has. */
    private void requireNames() {
        Set<String> names = graph.names();
        graph.graph.getInputList().forEach(input -> {
            if (!names.add(input.getName())) {
                throw new IllegalArgumentException("column " + input.getName()
                        + " has the name of a value of the ONNX graph; allowed is another: rename it and train again");
            }
        });
    }

    /** (batch, width) or (batch, steps, width). */
    private void addOutput(String name, int width) {
        Object[] shape =
                spec.head().everyStep() ? new Object[] {"batch", "steps", width} : new Object[] {"batch", width};
        graph.graph.addOutput(OnnxGraph.value(name, TensorProto.DataType.FLOAT, shape));
    }

    /** What the first layer reads, (T, B, I). */
    private String input() {
        if (spec.input() instanceof NetworkSpec.Mixed) {
            columns = Optional.of(new OnnxColumns(graph, model));
            graph.graph.addInput(OnnxGraph.value("lengths", TensorProto.DataType.INT32, "batch"));
            window = columns.get().window();
            return columns.get().steps();
        }
        graph.graph.addInput(
                spec.input() instanceof NetworkSpec.Dense dense
                        ? OnnxGraph.value("steps", TensorProto.DataType.FLOAT, "batch", "steps", dense.width())
                        : OnnxGraph.value("tokens", TensorProto.DataType.INT64, "batch", "steps"));
        graph.graph.addInput(OnnxGraph.value("lengths", TensorProto.DataType.INT32, "batch"));
        if (spec.input() instanceof NetworkSpec.Tokens tokens) {
            String ids = graph.transpose("tokens", 1, 0);
            if (tokens.embeddingSize() > 0) {
                Slot slot = spec.layout().slot("embedding.weight");
                return graph.apply("Gather", tensor(slot, slot.rows(), slot.columns()), ids);
            }
            String depth = graph.longs("depth", tokens.vocabulary());
            return graph.apply("OneHot", ids, depth, graph.tensor("off_on", new float[] {0, 1}, 2));
        }
        String steps = graph.transpose("steps", 1, 0, 2);
        if (model.scaling().isByWindow()) {
            OnnxWindowScaling own = new OnnxWindowScaling(
                    graph, steps, spec.input().size(), model.scaling().unscaled(), false);
            window = Optional.of(own);
            return own.scaled();
        }
        Standardization scaling = model.scaling().inputs();
        if (scaling.means().length == 0) {
            return steps;
        }
        String centred = graph.apply("Sub", steps, graph.rounded("means", scaling.means()));
        return graph.apply("Div", centred, graph.rounded("deviations", scaling.deviations()));
    }

    /** Of the states (T, B, directions H), or of the last ones (directions, B, H), what the head reads: every one, or (B, directions H). */
    private String read(String states, String last) {
        return switch (spec.head().pooling()) {
            case EVERY -> states;
            case LAST -> graph.reshape(graph.transpose(last, 1, 0, 2), 0, -1);
            case MEAN -> {
                String sum = graph.apply(OnnxGraph.node("ReduceSum", padded(states, 0), graph.longs("pooled_axis", 0))
                        .addAttribute(OnnxGraph.whole("keepdims", 0)));
                String length = graph.cast(graph.reshape("lengths", -1, 1), TensorProto.DataType.FLOAT);
                yield graph.apply("Div", sum, length);
            }
            case MAX ->
                graph.apply(OnnxGraph.node("ReduceMax", padded(states, Float.NEGATIVE_INFINITY))
                        .addAttribute(OnnxGraph.wholes("axes", 0))
                        .addAttribute(OnnxGraph.whole("keepdims", 0)));
            case ATTENTION -> attention(states);
        };
    }

    /** The sum of states by the softmax of their scores, of which padding has none. */
    private String attention(String states) {
        Slot query = spec.layout().slot("pooling.query");
        String products = graph.apply("MatMul", states, tensor(query, query.size(), 1)); // (T, B, 1)
        float[] scale = {(float) (1 / Math.sqrt(query.size()))};
        String scores = graph.apply("Mul", products, graph.tensor("pooled_scale", scale));
        String weights =
                graph.apply(OnnxGraph.node("Softmax", padded(scores, "pooled_padding", Float.NEGATIVE_INFINITY))
                        .addAttribute(OnnxGraph.whole("axis", 0)));
        return graph.apply(OnnxGraph.node(
                        "ReduceSum",
                        graph.apply("Mul", weights, padded(states, "attended_padding", 0)),
                        graph.longs("pooled_axis", 0))
                .addAttribute(OnnxGraph.whole("keepdims", 0)));
    }

    /** Of numbers by step and row the same, with this one at the steps that are padding. */
    private String padded(String x, float number) {
        return padded(x, "pooled_padding", number);
    }

    /** @param name of the number */
    private String padded(String x, String name, float number) {
        return graph.apply("Where", graph.real(x), x, graph.tensor(name, new float[] {number}));
    }

    /** Y (T, directions, B, H) and Y_h (directions, B, H). */
    private List<String> recurrent(String x, int layer) {
        int hidden = spec.hiddenSize();
        int directions = spec.directions();
        List<float[]> w = new ArrayList<>();
        List<float[]> r = new ArrayList<>();
        List<float[]> b = new ArrayList<>();
        int inputs = 0;
        for (int d = 0; d < directions; d++) {
            String suffix = NetworkSpec.suffix(layer, d);
            Slot weight = spec.layout().slot("rnn.weight_ih_" + suffix);
            inputs = weight.columns();
            w.add(gates(weight));
            r.add(gates(spec.layout().slot("rnn.weight_hh_" + suffix)));
            b.add(gates(spec.layout().slot("rnn.bias_ih_" + suffix)));
            b.add(gates(spec.layout().slot("rnn.bias_hh_" + suffix)));
        }
        int g = order().length * hidden;
        String y = graph.next();
        String yLast = graph.next();
        NodeProto.Builder node = OnnxGraph.node(
                        operator(),
                        x,
                        graph.tensor("W" + layer, joined(w), directions, g, inputs),
                        graph.tensor("R" + layer, joined(r), directions, g, hidden),
                        graph.tensor("B" + layer, joined(b), directions, 2L * g),
                        "lengths")
                .addOutput(y)
                .addOutput(yLast)
                .addAttribute(OnnxGraph.whole("hidden_size", hidden))
                .addAttribute(OnnxGraph.text("direction", directions == 2 ? "bidirectional" : "forward"));
        if (spec.cell().equals("gru")) {
            node.addAttribute(OnnxGraph.whole("linear_before_reset", 1)); // r multiplies the product, as in PyTorch
        }
        if (spec.activation().equals("relu")) {
            AttributeProto.Builder activations =
                    AttributeProto.newBuilder().setName("activations").setType(AttributeProto.AttributeType.STRINGS);
            for (int d = 0; d < directions; d++) {
                activations.addStrings(ByteString.copyFromUtf8("Relu"));
            }
            node.addAttribute(activations);
        }
        graph.add(node);
        return List.of(y, yLast);
    }

    private String operator() {
        return spec.cell().equals("elman") ? "RNN" : spec.cell().toUpperCase(Locale.ROOT);
    }

    /** The gate in PyTorch's order for each gate in ONNX's order. */
    private int[] order() {
        return switch (spec.cell()) {
            case "elman" -> new int[] {0};
            case "lstm" -> new int[] {0, 3, 1, 2};
            case "gru" -> new int[] {1, 0, 2};
            default ->
                throw new IllegalArgumentException("cell " + spec.cell()
                        + " is none of ONNX's operators; allowed are elman, lstm, gru and mingru");
        };
    }

    /** The numbers of a tensor whose rows are gates, in ONNX's order of them. */
    private float[] gates(Slot slot) {
        int[] order = order();
        int block = slot.size() / order.length;
        float[] moved = new float[slot.size()];
        for (int gate = 0; gate < order.length; gate++) {
            System.arraycopy(model.theta(), slot.offset() + order[gate] * block, moved, gate * block, block);
        }
        return moved;
    }

    private static float[] joined(List<float[]> arrays) {
        float[] all = new float[arrays.stream().mapToInt(array -> array.length).sum()];
        int at = 0;
        for (float[] array : arrays) {
            System.arraycopy(array, 0, all, at, array.length);
            at += array.length;
        }
        return all;
    }

    private float[] numbers(Slot slot) {
        return Arrays.copyOfRange(model.theta(), slot.offset(), slot.offset() + slot.size());
    }

    private String tensor(Slot slot, long... shape) {
        return graph.tensor(slot.name(), numbers(slot), shape);
    }

    private static StringStringEntryProto metadata(String key, List<String> texts) {
        return StringStringEntryProto.newBuilder()
                .setKey(key)
                .setValue(array(texts))
                .build();
    }

    private static String array(List<String> texts) {
        try {
            return new ObjectMapper().writeValueAsString(texts);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("cannot write texts as JSON", e);
        }
    }
}
