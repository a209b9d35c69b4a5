package dev.unroll.export;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import dev.unroll.data.Labels;
import dev.unroll.data.Scaling;
import dev.unroll.data.Standardization;
import dev.unroll.data.Vocabulary;
import dev.unroll.model.Model;
import dev.unroll.nn.HeadSpec;
import dev.unroll.nn.LearningTask;
import dev.unroll.nn.Likelihood.NegativeBinomial;
import dev.unroll.nn.Likelihood.StudentT;
import dev.unroll.nn.Loss.CrossEntropy;
import dev.unroll.nn.Losses;
import dev.unroll.nn.NetworkSpec;
import dev.unroll.nn.Pooling;
import dev.unroll.param.Initializer;
import dev.unroll.param.ParameterLayout.Slot;
import java.io.IOException;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The blocks of every weight stand where ONNX's standard has its gates; check_exports.py runs whole graphs. */
class OnnxTest {

    private static final int HIDDEN = 3;

    private static Model model(String cell, String activation) {
        NetworkSpec spec = new NetworkSpec(
                new NetworkSpec.Tokens(4, 5), cell, activation, HIDDEN, 2, true, new HeadSpec(2, false));
        Vocabulary vocabulary = Vocabulary.ofTokens(List.of("a", "b", "\""));
        float[] theta = Initializer.initialize(spec.layout(), 1);
        return new Model(spec, theta, vocabulary, Labels.ofText(List.of("no", "yes")), Map.of());
    }

    /** Padding is left out of what is pooled: 0 in a sum, which is divided by the length, and -infinity in a maximum. */
    @ParameterizedTest
    @CsvSource({"MEAN, ReduceSum Div, 0", "MAX, ReduceMax, -Infinity", "ATTENTION, MatMul Softmax ReduceSum, -Infinity"
    })
    void pooling_readsRealStepsAlone(Pooling pooling, String operators, float padding) throws IOException {
        Model last = model("gru", "tanh");
        HeadSpec head = last.spec().head().with(pooling);
        NetworkSpec spec = new NetworkSpec(last.spec().input(), "gru", "tanh", HIDDEN, 2, true, head);
        float[] theta = Initializer.initialize(spec.layout(), 1);
        Model pooled = new Model(spec, theta, last.vocabulary(), last.labels(), Map.of());
        GraphProto graph = ModelProto.parseFrom(Onnx.of(pooled)).getGraph();
        List<String> nodes =
                graph.getNodeList().stream().map(NodeProto::getOpType).toList();
        assertTrue(nodes.containsAll(List.of(operators.split(" "))), nodes.toString());
        assertArrayEquals(new float[] {padding}, numbers(tensor(graph, "pooled_padding")));
    }

    private static TensorProto tensor(GraphProto graph, String name) {
        return graph.getInitializerList().stream()
                .filter(tensor -> tensor.getName().equals(name))
                .findFirst()
                .orElseThrow();
    }

    private static float[] numbers(TensorProto tensor) {
        FloatBuffer buffer = tensor.getRawData()
                .asReadOnlyByteBuffer()
                .order(ByteOrder.LITTLE_ENDIAN)
                .asFloatBuffer();
        float[] numbers = new float[buffer.remaining()];
        buffer.get(numbers);
        return numbers;
    }

    /** ONNX: LSTM i, o, f, c; GRU z, r, h. PyTorch: LSTM i, f, g, o; GRU r, z, n. */
    @ParameterizedTest
    @CsvSource({"elman, 0", "lstm, 0 3 1 2", "gru, 1 0 2"})
    void gates_standWhereOnnxHasThem(String cell, String pyTorchsGates) throws Exception {
        Model model = model(cell, "tanh");
        GraphProto graph = ModelProto.parseFrom(Onnx.of(model)).getGraph();
        int[] gates = Arrays.stream(pyTorchsGates.split(" "))
                .mapToInt(Integer::parseInt)
                .toArray();
        for (int layer = 0; layer < 2; layer++) {
            for (int d = 0; d < 2; d++) {
                String suffix = NetworkSpec.suffix(layer, d);
                Slot weight = model.spec().layout().slot("rnn.weight_ih_" + suffix);
                float[] w = numbers(tensor(graph, "W" + layer));
                float[] r = numbers(tensor(graph, "R" + layer));
                float[] b = numbers(tensor(graph, "B" + layer));
                for (int g = 0; g < gates.length; g++) {
                    int place = d * gates.length + g;
                    assertBlock(model, weight.offset(), gates[g], HIDDEN * weight.columns(), w, place);
                    int recurrent = model.spec()
                            .layout()
                            .slot("rnn.weight_hh_" + suffix)
                            .offset();
                    assertBlock(model, recurrent, gates[g], HIDDEN * HIDDEN, r, place);
                    // Biases: of each direction all input biases, then all recurrent ones.
                    int bias =
                            model.spec().layout().slot("rnn.bias_ih_" + suffix).offset();
                    assertBlock(model, bias, gates[g], HIDDEN, b, 2 * d * gates.length + g);
                    bias = model.spec().layout().slot("rnn.bias_hh_" + suffix).offset();
                    assertBlock(model, bias, gates[g], HIDDEN, b, (2 * d + 1) * gates.length + g);
                }
            }
        }
    }

    private static void assertBlock(Model model, int offset, int gate, int size, float[] written, int place) {
        int from = offset + gate * size;
        assertArrayEquals(
                Arrays.copyOfRange(model.theta(), from, from + size),
                Arrays.copyOfRange(written, place * size, (place + 1) * size));
    }

    @Test
    void attributes_areThoseOfPyTorchsLayers() throws Exception {
        NodeProto relu = recurrent(model("elman", "relu"));
        assertEquals("RNN", relu.getOpType());
        assertEquals(
                List.of("Relu", "Relu"),
                attribute(relu, "activations").getStringsList().stream()
                        .map(text -> text.toStringUtf8())
                        .toList());
        assertEquals("bidirectional", attribute(relu, "direction").getS().toStringUtf8());
        NodeProto gru = recurrent(model("gru", "tanh"));
        assertEquals(1, attribute(gru, "linear_before_reset").getI());
        assertEquals(HIDDEN, attribute(gru, "hidden_size").getI());
    }

    /** ONNX has no minGRU: a layer and direction is one product and a Scan, from the last step on where it reads in reverse. */
    @Test
    void minGru_isAScanOfEveryLayerAndDirection() throws Exception {
        Model model = model("mingru", "tanh");
        GraphProto graph = ModelProto.parseFrom(Onnx.of(model)).getGraph();
        List<NodeProto> scans = graph.getNodeList().stream()
                .filter(node -> node.getOpType().equals("Scan"))
                .toList();
        assertEquals(4, scans.size());
        for (int n = 0; n < scans.size(); n++) {
            List<Long> reverse = scans.get(n).getAttributeList().stream()
                    .filter(attribute -> attribute.getName().equals("scan_input_directions"))
                    .flatMap(attribute -> attribute.getIntsList().stream())
                    .toList();
            assertEquals(n % 2 == 0 ? List.of() : List.of(1L, 1L), reverse);
        }
        Slot weight = model.spec().layout().slot("rnn.weight_ih_l1_reverse");
        assertArrayEquals(
                Arrays.copyOfRange(model.theta(), weight.offset(), weight.offset() + weight.size()),
                numbers(tensor(graph, weight.name())));
    }

    /** Padding may be NaN: the first layer's product reads it as 0. */
    @Test
    void minGru_readsPaddingAsZero_once() throws Exception {
        GraphProto graph =
                ModelProto.parseFrom(Onnx.of(model("mingru", "tanh"))).getGraph();
        List<NodeProto> wheres = graph.getNodeList().stream()
                .filter(node -> node.getOpType().equals("Where"))
                .toList();
        assertEquals(1, wheres.size());
        assertArrayEquals(new float[1], numbers(tensor(graph, wheres.get(0).getInput(2))));
        List<NodeProto> products = graph.getNodeList().stream()
                .filter(node -> node.getOpType().equals("MatMul"))
                .toList();
        for (NodeProto product : products.subList(0, 2)) { // both directions
            assertEquals(wheres.get(0).getOutput(0), product.getInput(0));
        }
    }

    /** ONNX's LSTM has no projection: a layer and direction is one product and a Scan of h (B, P) and c (B, H). */
    @Test
    void projectedLstm_isAScanOfEveryLayerAndDirection() throws Exception {
        Model plain = model("lstm", "tanh");
        NetworkSpec spec = plain.spec().withProjection(2);
        Model model =
                new Model(spec, Initializer.initialize(spec.layout(), 1), plain.vocabulary(), plain.labels(), Map.of());
        GraphProto graph = ModelProto.parseFrom(Onnx.of(model)).getGraph();
        List<NodeProto> scans = graph.getNodeList().stream()
                .filter(node -> node.getOpType().equals("Scan"))
                .toList();
        assertEquals(4, scans.size());
        assertTrue(
                graph.getNodeList().stream().noneMatch(node -> node.getOpType().equals("LSTM")));
        for (NodeProto scan : scans) {
            GraphProto step = attribute(scan, "body").getG();
            List<Long> widths = step.getInputList().stream()
                    .map(input ->
                            input.getType().getTensorType().getShape().getDim(1).getDimValue())
                    .toList();
            assertEquals(List.of(2L, (long) HIDDEN, 4L * HIDDEN, 1L), widths);
        }
        Slot weight = spec.layout().slot("rnn.weight_hr_l1_reverse");
        assertArrayEquals(
                Arrays.copyOfRange(model.theta(), weight.offset(), weight.offset() + weight.size()),
                numbers(tensor(graph, weight.name())));
    }

    private static NodeProto recurrent(Model model) throws Exception {
        return ModelProto.parseFrom(Onnx.of(model)).getGraph().getNodeList().stream()
                .filter(node -> List.of("RNN", "GRU", "LSTM").contains(node.getOpType()))
                .findFirst()
                .orElseThrow();
    }

    private static AttributeProto attribute(NodeProto node, String name) {
        return node.getAttributeList().stream()
                .filter(attribute -> attribute.getName().equals(name))
                .findFirst()
                .orElseThrow();
    }

    /** Two numbers of three quantiles, standardized: ascending, with the unit of each number beside all of its levels. */
    @Test
    void quantiles_areAnOutputOfTheirOwn_inAscendingOrder() throws Exception {
        HeadSpec head = HeadSpec.ofTargets(Losses.quantiles(), 2, true);
        NetworkSpec spec = new NetworkSpec(new NetworkSpec.Dense(1), "gru", "tanh", HIDDEN, head);
        Scaling scaling =
                new Scaling(Standardization.NONE, Standardization.of(new float[] {10, -1}, new float[] {2, 3}));
        float[] theta = Initializer.initialize(spec.layout(), 1);
        ModelProto file = ModelProto.parseFrom(
                Onnx.of(new Model(LearningTask.REGRESSION, spec, theta, null, null, scaling, Map.of())));
        GraphProto graph = file.getGraph();
        assertEquals(
                List.of("outputs", "quantiles"),
                graph.getOutputList().stream().map(ValueInfoProto::getName).toList());
        assertEquals(
                List.of(2L, 6L),
                graph.getOutputList().stream()
                        .map(output -> output.getType()
                                .getTensorType()
                                .getShape()
                                .getDim(2)
                                .getDimValue())
                        .toList());
        assertArrayEquals(new float[] {2, 2, 2, 3, 3, 3}, numbers(tensor(graph, "target_deviations")));
        assertArrayEquals(new float[] {10, 10, 10, -1, -1, -1}, numbers(tensor(graph, "target_means")));
        NodeProto sort = graph.getNodeList().stream()
                .filter(node -> node.getOpType().equals("TopK"))
                .findFirst()
                .orElseThrow();
        assertEquals(0, attribute(sort, "largest").getI());
        assertEquals("levels", file.getMetadataProps(0).getKey());
        assertEquals("[\"0.05\",\"0.4\",\"0.9\"]", file.getMetadataProps(0).getValue());
    }

    /** Two counts of levels of their own: mean and dispersion of each, of which the mean alone has a unit. */
    @Test
    void distribution_isAnOutputOfItsOwn_besideTheMeans() throws Exception {
        HeadSpec head = HeadSpec.ofTargets(new NegativeBinomial(), 2, true);
        NetworkSpec spec = new NetworkSpec(new NetworkSpec.Dense(1), "gru", "tanh", HIDDEN, head);
        Scaling scaling = new Scaling(Standardization.NONE, Standardization.of(new float[2], new float[] {2, 3}));
        float[] theta = Initializer.initialize(spec.layout(), 1);
        ModelProto file = ModelProto.parseFrom(
                Onnx.of(new Model(LearningTask.REGRESSION, spec, theta, null, null, scaling, Map.of())));
        GraphProto graph = file.getGraph();
        assertEquals(
                List.of("outputs", "distribution"),
                graph.getOutputList().stream().map(ValueInfoProto::getName).toList());
        assertArrayEquals(new float[] {2, 1, 3, 1}, numbers(tensor(graph, "units")));
        assertEquals("parameters", file.getMetadataProps(0).getKey());
        assertEquals("[\"mean\",\"dispersion\"]", file.getMetadataProps(0).getValue());
    }

    /** Mean and scale of each number are scaled back, the mean alone is no exponential, and degrees of freedom are above 2. */
    @Test
    void distribution_ofNumbers_hasTheirUnitsAndOrigins() throws Exception {
        HeadSpec head = HeadSpec.ofTargets(new StudentT(), 2, false);
        NetworkSpec spec = new NetworkSpec(new NetworkSpec.Dense(1), "lstm", "tanh", HIDDEN, head);
        Scaling scaling =
                new Scaling(Standardization.NONE, Standardization.of(new float[] {10, -1}, new float[] {2, 3}));
        float[] theta = Initializer.initialize(spec.layout(), 1);
        GraphProto graph = ModelProto.parseFrom(
                        Onnx.of(new Model(LearningTask.REGRESSION, spec, theta, null, null, scaling, Map.of())))
                .getGraph();
        assertArrayEquals(new float[] {2, 2, 1, 3, 3, 1}, numbers(tensor(graph, "units")));
        assertArrayEquals(new float[] {10, 0, 2, -1, 0, 2}, numbers(tensor(graph, "origins")));
        assertArrayEquals(new float[] {1, 0, 0, 1, 0, 0}, numbers(tensor(graph, "is_linear")));
    }

    /** The head of a language model may be the embedding. */
    @Test
    void tiedHead_readsTheEmbedding_andNamesStandInTheMetadata() throws Exception {
        NetworkSpec spec = new NetworkSpec(
                new NetworkSpec.Tokens(4, HIDDEN),
                "lstm",
                "tanh",
                HIDDEN,
                1,
                false,
                new HeadSpec(new CrossEntropy(), 4, Pooling.EVERY, true));
        Vocabulary vocabulary = Vocabulary.ofTokens(List.of("a", "\"", Vocabulary.END));
        float[] theta = Initializer.initialize(spec.layout(), 1);
        Model model = new Model(LearningTask.LANGUAGE_MODEL, spec, theta, vocabulary, null, Scaling.NONE, Map.of());
        ModelProto file = ModelProto.parseFrom(Onnx.of(model));
        assertArrayEquals(
                numbers(tensor(file.getGraph(), "embedding.weight")), numbers(tensor(file.getGraph(), "head.weight")));
        assertEquals("tokens", file.getMetadataProps(0).getKey());
        assertEquals("[\"a\",\"\\\"\",\"\\u0000\"]", file.getMetadataProps(0).getValue());
    }
}
