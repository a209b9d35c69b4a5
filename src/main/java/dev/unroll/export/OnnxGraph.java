package dev.unroll.export;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.GraphProtoOrBuilder;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.TensorShapeProto;
import ai.onnx.proto.OnnxMl.TypeProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import com.google.protobuf.ByteString;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/** A graph that grows node by node: every method adds what it needs and gives the name of the value that comes out. */
final class OnnxGraph {

    final GraphProto.Builder graph;
    private final String prefix;
    private int values;
    private Optional<String> real = Optional.empty(); // once it is asked for

    /** @param prefix of the names of its values, by which a graph in a graph has names of its own */
    OnnxGraph(String name, String prefix) {
        this.graph = GraphProto.newBuilder().setName(name);
        this.prefix = prefix;
    }

    // nodes

    String next() {
        return prefix + values++;
    }

    static NodeProto.Builder node(String operator, String... inputs) {
        return NodeProto.newBuilder().setOpType(operator).addAllInput(List.of(inputs));
    }

    void add(NodeProto.Builder node) {
        graph.addNode(node.setName(node.getOpType() + graph.getNodeCount()));
    }

    String apply(NodeProto.Builder node) {
        String output = next();
        add(node.addOutput(output));
        return output;
    }

    String apply(String operator, String... inputs) {
        return apply(node(operator, inputs));
    }

    String transpose(String x, long... axes) {
        return apply(node("Transpose", x).addAttribute(wholes("perm", axes)));
    }

    /** 0 keeps a dimension, -1 takes what is left. */
    String reshape(String x, long... shape) {
        return apply("Reshape", x, longs("shape" + values, shape));
    }

    String cast(String x, TensorProto.DataType type) {
        return apply(node("Cast", x).addAttribute(whole("to", type.getNumber())));
    }

    /** Values side by side; one alone is itself. */
    String concat(long axis, List<String> parts) {
        return parts.size() == 1
                ? parts.get(0)
                : apply(node("Concat", parts.toArray(String[]::new)).addAttribute(whole("axis", axis)));
    }

    /** Whether a step is one of its row and no padding, (T, B, 1): t is below the row's {@code lengths}; x is (T, ...). */
    String real(String x) {
        if (real.isEmpty()) {
            String first = scalar("real_first", 0);
            String steps = apply("Gather", apply("Shape", x), first);
            String t = reshape(apply("Range", first, steps, scalar("real_by", 1)), -1, 1);
            String below = apply("Less", t, cast("lengths", TensorProto.DataType.INT64));
            real = Optional.of(reshape(below, 0, 0, 1));
        }
        return real.get();
    }

    static AttributeProto.Builder whole(String name, long number) {
        return AttributeProto.newBuilder()
                .setName(name)
                .setType(AttributeProto.AttributeType.INT)
                .setI(number);
    }

    static AttributeProto.Builder wholes(String name, long... numbers) {
        AttributeProto.Builder attribute =
                AttributeProto.newBuilder().setName(name).setType(AttributeProto.AttributeType.INTS);
        for (long number : numbers) {
            attribute.addInts(number);
        }
        return attribute;
    }

    static AttributeProto.Builder text(String name, String text) {
        return AttributeProto.newBuilder()
                .setName(name)
                .setType(AttributeProto.AttributeType.STRING)
                .setS(ByteString.copyFromUtf8(text));
    }

    /** Those of all its values, also in graphs that nodes have. */
    Set<String> names() {
        Set<String> names = new TreeSet<>();
        addNames(graph, names);
        return names;
    }

    private static void addNames(GraphProtoOrBuilder of, Set<String> names) {
        for (NodeProto node : of.getNodeList()) {
            names.addAll(node.getOutputList());
            node.getAttributeList().stream().filter(AttributeProto::hasG).forEach(body -> {
                body.getG().getInputList().forEach(input -> names.add(input.getName()));
                addNames(body.getG(), names);
            });
        }
        of.getInitializerList().forEach(tensor -> names.add(tensor.getName()));
    }

    // tensors

    String tensor(String name, float[] numbers, long... shape) {
        ByteBuffer bytes = ByteBuffer.allocate(Math.multiplyExact(Float.BYTES, numbers.length))
                .order(ByteOrder.LITTLE_ENDIAN);
        bytes.asFloatBuffer().put(numbers);
        initializer(name, TensorProto.DataType.FLOAT, bytes, shape);
        return name;
    }

    /** Numbers as float32, like the rest of the graph. */
    String rounded(String name, double[] numbers) {
        float[] rounded = new float[numbers.length];
        for (int j = 0; j < rounded.length; j++) {
            rounded[j] = (float) numbers[j];
        }
        return tensor(name, rounded, rounded.length);
    }

    String longs(String name, long... numbers) {
        ByteBuffer bytes = ByteBuffer.allocate(Long.BYTES * numbers.length).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asLongBuffer().put(numbers);
        initializer(name, TensorProto.DataType.INT64, bytes, numbers.length);
        return name;
    }

    /** One number, without a dimension. */
    String scalar(String name, long number) {
        initializer(
                name,
                TensorProto.DataType.INT64,
                ByteBuffer.allocate(Long.BYTES).order(ByteOrder.LITTLE_ENDIAN).putLong(0, number));
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
    static ValueInfoProto value(String name, TensorProto.DataType type, Object... shape) {
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
}
