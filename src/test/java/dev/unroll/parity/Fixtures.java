package dev.unroll.parity;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.unroll.data.Sequence;
import dev.unroll.data.Steps;
import dev.unroll.nn.HeadSpec;
import dev.unroll.nn.Loss;
import dev.unroll.nn.Loss.CrossEntropy;
import dev.unroll.nn.LossNames;
import dev.unroll.nn.LossReduction;
import dev.unroll.nn.NetworkSpec;
import dev.unroll.nn.Pooling;
import dev.unroll.nn.Truncation;
import dev.unroll.nn.Unrolling;
import dev.unroll.param.Keyed;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** What PyTorch computed, read from {@code fixtures/*.json}; {@code src/test/python/make_fixtures.py} wrote them. */
public final class Fixtures {

    private static final ObjectMapper JSON = new ObjectMapper();

    private Fixtures() {}

    /**
     * A network, its parameters and some sequences.
     *
     * @param tensors PyTorch's names and shapes, in the order of theta
     */
    public record Model(String name, NetworkSpec spec, Map<String, List<Integer>> tensors, float[] theta) {
        @Override
        public String toString() {
            return name;
        }
    }

    /** The mean loss and its gradient, computed in double. */
    public record Expected(double loss, double[] gradient) {}

    /**
     * One cell x input x head.
     *
     * @param labelSmoothing the share of a label that all classes have alike
     * @param correct loss terms whose most probable class is the label
     */
    public record GradientCase(
            Model model,
            List<Sequence> sequences,
            Truncation truncation,
            double labelSmoothing,
            long correct,
            Map<LossReduction, Expected> expected) {

        Unrolling unrolling() {
            return new Unrolling(0, truncation);
        }

        @Override
        public String toString() {
            return model.name();
        }
    }

    /** @param losses mean over the steps of each update */
    public record CarriedCase(
            Model model, int[] corpus, int streams, int window, double stepSize, double clipNorm, double[] losses) {
        @Override
        public String toString() {
            return model.name();
        }
    }

    /**
     * A training run in float32: Adam with PyTorch's defaults, clipping of the mean gradient, loss reduction {@code STEP}.
     *
     * @param batches per update, indices into {@code sequences}
     * @param losses per update, the mean loss before it
     * @param gradientNorms per update, the norm of the mean gradient before clipping
     */
    public record CurveCase(
            Model model,
            List<Sequence> sequences,
            int[][] batches,
            double stepSize,
            double clipNorm,
            double[] losses,
            double[] gradientNorms) {
        @Override
        public String toString() {
            return model.name();
        }
    }

    /**
     * Steps of an optimiser, computed in double.
     *
     * @param weightDecay 0 for none
     * @param clipNorm 0 for none
     * @param gradients per step
     * @param after per step, the parameters after it
     * @param ema decay of their moving average; 0 for none
     * @param averages per step, their average after it; none without
     */
    public record OptimizerCase(
            String name,
            String optimizer,
            double stepSize,
            double weightDecay,
            double clipNorm,
            float[] theta,
            float[][] gradients,
            double[][] after,
            double ema,
            double[][] averages) {
        @Override
        public String toString() {
            return name;
        }
    }

    /**
     * What Captum says of a prediction from zero, computed in double: attributions by column and step, and by column of
     * the whole sequence.
     */
    public record Attributions(double[][] columns, double[] statics) {}

    /** The sum of what is predicted of one sequence, and who has contributed what. */
    public record Explained(double score, double baselineScore, Attributions integrated, Attributions product) {}

    /** @param explanations one for each sequence */
    public record ExplanationCase(Model model, List<Sequence> sequences, List<Explained> explanations) {
        @Override
        public String toString() {
            return model.name();
        }
    }

    /** Every cell x input x head; squared error over dense inputs only. */
    public static List<GradientCase> gradients() {
        return gradients("gradients.json");
    }

    /** Layers x directions x cell x head; fixed truncation; tied embeddings. */
    public static List<GradientCase> stacks() {
        return gradients("stacks.json");
    }

    /** Cells that PyTorch has not, written out in PyTorch: alone and in layers x directions x head; fixed truncation. */
    public static List<GradientCase> cells() {
        return gradients("cells.json");
    }

    /** Losses of numbers but for the squared error: cell x loss. */
    public static List<GradientCase> losses() {
        return gradients("losses.json");
    }

    /** Labels and targets that are missing, and weights of steps: cell x loss. */
    public static List<GradientCase> masked() {
        return gradients("masked.json");
    }

    /** Labels of all steps as one outcome, some of them missing: cell x directions; fixed truncation. */
    public static List<GradientCase> crf() {
        return gradients("crf.json");
    }

    /** States pooled over the steps of a sequence: cell x pooling x directions; fixed truncation; squared error. */
    public static List<GradientCase> pooling() {
        return gradients("pooling.json");
    }

    /** LSTMs whose states are projected: layers x directions x head; fixed truncation; pooled; of columns. */
    public static List<GradientCase> projections() {
        return gradients("projections.json");
    }

    /** Several columns of ids and numbers, some of which are missing: cell x head. */
    public static List<GradientCase> mixed() {
        return gradients("mixed.json");
    }

    /** Labels that are smoothed, some of them missing: cell x label at every step and of the whole sequence. */
    public static List<GradientCase> smoothing() {
        return gradients("smoothing.json");
    }

    /** All of these. */
    static List<GradientCase> everyGradient() {
        return Stream.of(
                        gradients(),
                        stacks(),
                        cells(),
                        losses(),
                        masked(),
                        mixed(),
                        pooling(),
                        crf(),
                        projections(),
                        smoothing())
                .flatMap(List::stream)
                .toList();
    }

    private static List<GradientCase> gradients(String file) {
        List<GradientCase> cases = new ArrayList<>();
        for (JsonNode node : read(file).required("cases")) {
            Map<LossReduction, Expected> expected = new EnumMap<>(LossReduction.class);
            expected.put(LossReduction.STEP, expected(node.required("step")));
            expected.put(LossReduction.SEQUENCE, expected(node.required("sequence")));
            long correct = node.required("correct").asLong();
            Truncation truncation = Truncation.parse(node.path("truncation").asText("none"));
            List<Sequence> sequences = sequences(node.required("sequences"));
            double smoothing = node.path("labelSmoothing").asDouble(0);
            cases.add(new GradientCase(model(node), sequences, truncation, smoothing, correct, expected));
        }
        return cases;
    }

    /** Cell x input x head; of columns; pooled. */
    public static List<ExplanationCase> explanations() {
        List<ExplanationCase> cases = new ArrayList<>();
        for (JsonNode node : read("explanations.json").required("cases")) {
            List<Explained> explanations = new ArrayList<>();
            node.required("explanations")
                    .forEach(one -> explanations.add(new Explained(
                            one.required("score").asDouble(),
                            one.required("baselineScore").asDouble(),
                            attributions(one.required("integrated")),
                            attributions(one.required("product")))));
            cases.add(new ExplanationCase(model(node), sequences(node.required("sequences")), explanations));
        }
        return cases;
    }

    private static Attributions attributions(JsonNode node) {
        List<double[]> columns = new ArrayList<>();
        node.required("columns").forEach(column -> columns.add(doubles(column)));
        return new Attributions(columns.toArray(double[][]::new), doubles(node.required("statics")));
    }

    /** One run per cell. */
    public static List<CurveCase> curves() {
        JsonNode root = read("curves.json");
        List<Sequence> sequences = sequences(root.required("sequences"));
        List<int[]> batches = new ArrayList<>();
        root.required("batches").forEach(batch -> batches.add(integers(batch)));
        List<CurveCase> cases = new ArrayList<>();
        for (JsonNode node : root.required("cases")) {
            cases.add(new CurveCase(
                    model(node),
                    sequences,
                    batches.toArray(int[][]::new),
                    root.required("stepSize").asDouble(),
                    root.required("clipNorm").asDouble(),
                    doubles(node.required("losses")),
                    doubles(node.required("gradientNorms"))));
        }
        return cases;
    }

    /** A language model whose state is carried from update to update, one run per cell. */
    public static List<CarriedCase> carried() {
        JsonNode root = read("carried.json");
        List<CarriedCase> cases = new ArrayList<>();
        for (JsonNode node : root.required("cases")) {
            cases.add(new CarriedCase(
                    model(node),
                    integers(root.required("corpus")),
                    root.required("streams").asInt(),
                    root.required("window").asInt(),
                    root.required("stepSize").asDouble(),
                    root.required("clipNorm").asDouble(),
                    doubles(node.required("losses"))));
        }
        return cases;
    }

    /** Every optimiser alone, with weight decay and with clipping; and some with a moving average. */
    public static List<OptimizerCase> optimizers() {
        JsonNode root = read("optimizers.json");
        List<float[]> gradients = new ArrayList<>();
        root.required("gradients").forEach(gradient -> gradients.add(floats(gradient)));
        List<OptimizerCase> cases = new ArrayList<>();
        for (JsonNode node : root.required("cases")) {
            List<double[]> after = new ArrayList<>();
            node.required("after").forEach(step -> after.add(doubles(step)));
            List<double[]> averages = new ArrayList<>();
            node.path("averages").forEach(step -> averages.add(doubles(step)));
            cases.add(new OptimizerCase(
                    node.required("name").asText(),
                    node.required("optimizer").asText(),
                    node.required("stepSize").asDouble(),
                    node.required("weightDecay").asDouble(),
                    node.required("clipNorm").asDouble(),
                    floats(root.required("theta")),
                    gradients.toArray(float[][]::new),
                    after.toArray(double[][]::new),
                    node.path("ema").asDouble(),
                    averages.toArray(double[][]::new)));
        }
        return cases;
    }

    private static JsonNode read(String name) {
        try (InputStream in = Fixtures.class.getResourceAsStream("/fixtures/" + name)) {
            if (in == null) {
                throw new IllegalStateException(
                        "no resource fixtures/" + name + "; src/test/python/make_fixtures.py writes it");
            }
            return JSON.readTree(in);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Model model(JsonNode node) {
        NetworkSpec spec = new NetworkSpec(
                input(node),
                node.required("cell").asText(),
                node.required("activation").asText(),
                node.required("hiddenSize").asInt(),
                node.path("projSize").asInt(0),
                node.path("numLayers").asInt(1),
                node.path("bidirectional").asBoolean(false),
                head(node));
        Map<String, List<Integer>> tensors = new LinkedHashMap<>();
        for (JsonNode tensor : node.required("parameters")) {
            tensors.put(
                    tensor.required("name").asText(),
                    IntStream.of(integers(tensor.required("shape"))).boxed().toList());
        }
        return new Model(node.required("name").asText(), spec, tensors, floats(node.required("theta")));
    }

    private static NetworkSpec.Input input(JsonNode node) {
        if (node.has("categories")) {
            return new NetworkSpec.Mixed(
                    node.required("numbers").asInt(),
                    node.required("missing").asBoolean(),
                    categories(node.required("categories")),
                    node.path("staticNumbers").asInt(0),
                    categories(node.path("statics")));
        }
        return node.has("width")
                ? new NetworkSpec.Dense(node.required("width").asInt())
                : new NetworkSpec.Tokens(
                        node.required("vocabulary").asInt(),
                        node.required("embeddingSize").asInt());
    }

    private static List<NetworkSpec.Category> categories(JsonNode nodes) {
        List<NetworkSpec.Category> categories = new ArrayList<>();
        for (JsonNode node : nodes) {
            categories.add(new NetworkSpec.Category(
                    node.get(0).asText(), node.get(1).asInt(), node.get(2).asInt()));
        }
        return categories;
    }

    private static HeadSpec head(JsonNode node) {
        Loss loss = LossNames.of(node.path("loss").asText(new CrossEntropy().key()));
        return new HeadSpec(
                loss,
                node.required(node.has("classes") ? "classes" : "outputs").asInt(),
                node.has("pooling")
                        ? Keyed.of(Pooling.class, "pooling", node.get("pooling").asText())
                        : Pooling.of(node.required("everyStep").asBoolean()),
                node.path("tied").asBoolean(false));
    }

    private static List<Sequence> sequences(JsonNode nodes) {
        List<Sequence> sequences = new ArrayList<>();
        for (JsonNode node : nodes) {
            int[] labels = integers(node.path("labels"));
            Sequence steps = Sequence.of(steps(node), labels, 1f);
            Sequence whole = node.has("targets")
                    ? steps.withTargets(rows(node.get("targets")), width(node.get("targets")))
                    : steps;
            Sequence scaled = whole.withLevel(node.path("level").asDouble(0));
            sequences.add(node.has("weights") ? scaled.withTermWeights(floats(node.get("weights"))) : scaled);
        }
        return sequences;
    }

    private static Steps steps(JsonNode node) {
        if (node.has("tokens")) {
            return new Steps.Tokens(integers(node.get("tokens")));
        }
        if (node.has("values")) {
            return new Steps.Dense(rows(node.get("values")), width(node.get("values")));
        }
        List<int[]> ids = new ArrayList<>();
        node.required("ids").forEach(column -> ids.add(integers(column)));
        return new Steps.Mixed(
                rows(node.required("numbers")),
                width(node.get("numbers")),
                ids.toArray(int[][]::new),
                node.has("staticNumbers") ? rows(node.get("staticNumbers")) : new float[0],
                IntStream.range(0, node.path("staticIds").size())
                        .map(k -> node.get("staticIds").get(k).get(0).asInt())
                        .toArray());
    }

    private static int width(JsonNode rows) {
        return rows.get(0).size();
    }

    private static float[] rows(JsonNode rows) {
        int width = width(rows);
        float[] values = new float[rows.size() * width];
        for (int t = 0; t < rows.size(); t++) {
            System.arraycopy(floats(rows.get(t)), 0, values, t * width, width);
        }
        return values;
    }

    private static Expected expected(JsonNode node) {
        return new Expected(node.required("loss").asDouble(), doubles(node.required("gradient")));
    }

    private static int[] integers(JsonNode array) {
        return IntStream.range(0, array.size()).map(i -> array.get(i).asInt()).toArray();
    }

    private static double[] doubles(JsonNode array) {
        return IntStream.range(0, array.size())
                .mapToDouble(i -> array.get(i).asDouble())
                .toArray();
    }

    /** Inputs are multiples of powers of two: the way through double is exact. Null is NaN. */
    private static float[] floats(JsonNode array) {
        float[] values = new float[array.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = array.get(i).isNull() ? Float.NaN : (float) array.get(i).asDouble();
        }
        return values;
    }
}
