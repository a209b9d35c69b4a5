package dev.unroll.export;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.OperatorSetIdProto;
import ai.onnx.proto.OnnxMl.StringStringEntryProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.TensorShapeProto;
import ai.onnx.proto.OnnxMl.TypeProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.protobuf.ByteString;
import dev.unroll.data.Standardization;
import dev.unroll.model.Model;
import dev.unroll.nn.LearningTask;
import dev.unroll.nn.NetworkSpec;
import dev.unroll.param.ParameterLayout.Slot;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * A model as an ONNX graph (operator set 14) of the standard operators RNN, LSTM and GRU.
 *
 * <pre>
 * in:   tokens (B, T) int64, or steps (B, T, D) float; lengths (B) int32: real steps of each row, the rest is padding
 * out:  outputs (B, C) of the last state, or (B, T, C) of every state:
 *       probabilities of the classes, or numbers in the units of the targets
 * </pre>
 *
 * <p>Token ids are those of the vocabulary, 0 for unknown tokens; vocabulary and labels are in the graph's metadata
 * ({@code tokens} and {@code labels}, JSON arrays; the first token has the id 1). A language model reads a text after
 * the end mark U+0000, and its output c is the probability of the token with the id c. Steps are scaled in the graph.
 * ONNX has the gates of an LSTM in the order i, o, f, c and those of a GRU in the order z, r, h, so gates are
 * reordered.
 */
public final class Onnx {

    private static final long OPERATOR_SET = 14;
    private static final long IR_VERSION = 7;

    private final Model model;
    private final NetworkSpec spec;
    private final GraphProto.Builder graph = GraphProto.newBuilder().setName("unroll");
    private int values;

    private Onnx(Model model) {
        this.model = model;
        this.spec = model.spec();
    }

    /**
     * The bytes of an ONNX file.
     *
     * @throws IllegalArgumentException if the model's cell is one of the user's own, which ONNX does not have
     */
    public static byte[] of(Model model) {
        return new Onnx(model).build().toByteArray();
    }

    private ModelProto build() {
        String x = input();
        String last = x;
        for (int layer = 0; layer < spec.numLayers(); layer++) {
            List<String> outputs = recurrent(x, layer);
            last = outputs.get(1);
            // (T, directions, B, H) to (T, B, directions H)
            x = reshape(transpose(outputs.get(0), 0, 2, 1, 3), 0, 0, -1);
        }
        String outputs = head(spec.head().everyStep() ? x : reshape(transpose(last, 1, 0, 2), 0, -1));
        if (spec.head().everyStep()) {
            outputs = transpose(outputs, 1, 0, 2);
        }
        add(node("Identity", outputs).addOutput("outputs"));
        graph.addOutput(value("outputs", TensorProto.DataType.FLOAT, outputShape()));
        ModelProto.Builder file = ModelProto.newBuilder()
                .setIrVersion(IR_VERSION)
                .setProducerName("unroll")
                .addOpsetImport(OperatorSetIdProto.newBuilder().setVersion(OPERATOR_SET))
                .setGraph(graph);
        if (model.vocabulary() != null) {
            file.addMetadataProps(metadata("tokens", model.vocabulary().tokens()));
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

    private Object[] outputShape() {
        int outputs = spec.head().outputs();
        return spec.head().everyStep() ? new Object[] {"batch", "steps", outputs} : new Object[] {"batch", outputs};
    }

    /** What the first layer reads, (T, B, I). */
    private String input() {
        graph.addInput(
                spec.input() instanceof NetworkSpec.Dense dense
                        ? value("steps", TensorProto.DataType.FLOAT, "batch", "steps", dense.width())
                        : value("tokens", TensorProto.DataType.INT64, "batch", "steps"));
        graph.addInput(value("lengths", TensorProto.DataType.INT32, "batch"));
        if (spec.input() instanceof NetworkSpec.Tokens tokens) {
            String ids = transpose("tokens", 1, 0);
            if (tokens.embeddingSize() > 0) {
                Slot slot = spec.layout().slot("embedding.weight");
                return apply("Gather", tensor(slot, slot.rows(), slot.columns()), ids);
            }
            String depth = longs("depth", tokens.vocabulary());
            return apply("OneHot", ids, depth, tensor("off_on", new float[] {0, 1}, 2));
        }
        String steps = transpose("steps", 1, 0, 2);
        Standardization scaling = model.scaling().inputs();
        if (scaling.means().length == 0) {
            return steps;
        }
        String centred = apply("Sub", steps, tensor("means", scaling.means()));
        return apply("Div", centred, tensor("deviations", scaling.deviations()));
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
        String y = next();
        String yLast = next();
        NodeProto.Builder node = node(
                        operator(),
                        x,
                        tensor("W" + layer, joined(w), directions, g, inputs),
                        tensor("R" + layer, joined(r), directions, g, hidden),
                        tensor("B" + layer, joined(b), directions, 2L * g),
                        "lengths")
                .addOutput(y)
                .addOutput(yLast)
                .addAttribute(whole("hidden_size", hidden))
                .addAttribute(text("direction", directions == 2 ? "bidirectional" : "forward"));
        if (spec.cell().equals("gru")) {
            node.addAttribute(whole("linear_before_reset", 1)); // r multiplies the product, as in PyTorch
        }
        if (spec.activation().equals("relu")) {
            AttributeProto.Builder activations =
                    AttributeProto.newBuilder().setName("activations").setType(AttributeProto.AttributeType.STRINGS);
            for (int d = 0; d < directions; d++) {
                activations.addStrings(ByteString.copyFromUtf8("Relu"));
            }
            node.addAttribute(activations);
        }
        add(node);
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
                throw new IllegalArgumentException(
                        "cell " + spec.cell() + " is none of ONNX's operators; allowed are elman, lstm and gru");
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

    /** W_qh h + b_q, and from that the predictions. */
    private String head(String states) {
        Slot weight = spec.layout().slot(spec.head().tied() ? "embedding.weight" : "head.weight");
        Slot bias = spec.layout().slot("head.bias");
        String transposed = transpose(tensor("head.weight", numbers(weight), weight.rows(), weight.columns()), 1, 0);
        String o = apply("Add", apply("MatMul", states, transposed), tensor(bias, bias.size()));
        if (model.task() != LearningTask.REGRESSION) {
            return apply("Softmax", o); // over the last axis
        }
        Standardization scaling = model.scaling().targets();
        if (scaling.means().length == 0) {
            return o;
        }
        String scaled = apply("Mul", o, tensor("target_deviations", scaling.deviations()));
        return apply("Add", scaled, tensor("target_means", scaling.means()));
    }

    /** Constants of a scaling, as float32 like the graph. */
    private String tensor(String name, double[] numbers) {
        float[] rounded = new float[numbers.length];
        for (int j = 0; j < rounded.length; j++) {
            rounded[j] = (float) numbers[j];
        }
        return tensor(name, rounded, rounded.length);
    }

    // nodes

    private String next() {
        return "v" + values++;
    }

    private static NodeProto.Builder node(String operator, String... inputs) {
        return NodeProto.newBuilder().setOpType(operator).addAllInput(List.of(inputs));
    }

    private void add(NodeProto.Builder node) {
        graph.addNode(node.setName(node.getOpType() + graph.getNodeCount()));
    }

    private String apply(String operator, String... inputs) {
        String output = next();
        add(node(operator, inputs).addOutput(output));
        return output;
    }

    private String transpose(String x, long... axes) {
        AttributeProto.Builder order =
                AttributeProto.newBuilder().setName("perm").setType(AttributeProto.AttributeType.INTS);
        for (long axis : axes) {
            order.addInts(axis);
        }
        String output = next();
        add(node("Transpose", x).addOutput(output).addAttribute(order));
        return output;
    }

    /** 0 keeps a dimension, -1 takes what is left. */
    private String reshape(String x, long... shape) {
        return apply("Reshape", x, longs("shape" + values, shape));
    }

    private static AttributeProto.Builder whole(String name, long number) {
        return AttributeProto.newBuilder()
                .setName(name)
                .setType(AttributeProto.AttributeType.INT)
                .setI(number);
    }

    private static AttributeProto.Builder text(String name, String text) {
        return AttributeProto.newBuilder()
                .setName(name)
                .setType(AttributeProto.AttributeType.STRING)
                .setS(ByteString.copyFromUtf8(text));
    }

    // tensors

    private float[] numbers(Slot slot) {
        return Arrays.copyOfRange(model.theta(), slot.offset(), slot.offset() + slot.size());
    }

    private String tensor(Slot slot, long... shape) {
        return tensor(slot.name(), numbers(slot), shape);
    }

    private String tensor(String name, float[] numbers, long... shape) {
        ByteBuffer bytes = ByteBuffer.allocate(Math.multiplyExact(Float.BYTES, numbers.length))
                .order(ByteOrder.LITTLE_ENDIAN);
        bytes.asFloatBuffer().put(numbers);
        initializer(name, TensorProto.DataType.FLOAT, bytes, shape);
        return name;
    }

    private String longs(String name, long... numbers) {
        ByteBuffer bytes = ByteBuffer.allocate(Long.BYTES * numbers.length).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asLongBuffer().put(numbers);
        initializer(name, TensorProto.DataType.INT64, bytes, numbers.length);
        return name;
    }

    private void initializer(String name, TensorProto.DataType type, ByteBuffer bytes, long... shape) {
        TensorProto.Builder tensor = TensorProto.newBuilder()
                .setName(name)
                .setDataType(type.getNumber())
                .setRawData(ByteString.copyFrom(bytes));
        for (long dimension : shape) {
            tensor.addDims(dimension);
        }
        graph.addInitializer(tensor);
    }

    /** @param shape names of dimensions that are free, and numbers */
    private static ValueInfoProto value(String name, TensorProto.DataType type, Object... shape) {
        TensorShapeProto.Builder dimensions = TensorShapeProto.newBuilder();
        for (Object dimension : shape) {
            dimensions.addDim(
                    dimension instanceof String free
                            ? TensorShapeProto.Dimension.newBuilder().setDimParam(free)
                            : TensorShapeProto.Dimension.newBuilder().setDimValue((Integer) dimension));
        }
        return ValueInfoProto.newBuilder()
                .setName(name)
                .setType(TypeProto.newBuilder()
                        .setTensorType(TypeProto.Tensor.newBuilder()
                                .setElemType(type.getNumber())
                                .setShape(dimensions)))
                .build();
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
