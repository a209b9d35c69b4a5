package dev.unroll.export;

import ai.onnx.proto.OnnxMl.TensorProto;
import dev.unroll.data.Columns;
import dev.unroll.data.Standardization;
import dev.unroll.model.Model;
import dev.unroll.nn.NetworkSpec;
import dev.unroll.param.ParameterLayout.Slot;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * What a network of several columns reads, as ONNX's operators: an input for each column under its name, embedded, scaled
 * and with indicators of missing numbers, put side by side as {@link NetworkSpec.Mixed} says.
 *
 * <pre>
 * in:   numbers (B, T) float, NaN where one is missing; categories (B, T) int64; statics the same, (B)
 *       or, of one column of features, steps (B, T, D) float
 * </pre>
 */
final class OnnxColumns {

    private final OnnxGraph graph;
    private final Model model;
    private final NetworkSpec.Mixed input;
    private final Optional<String> statics; // (B, S)
    private final String steps; // (T, B, S + I)
    private Optional<OnnxWindowScaling> window = Optional.empty();

    OnnxColumns(OnnxGraph graph, Model model) {
        this.graph = graph;
        this.model = model;
        this.input = (NetworkSpec.Mixed) model.spec().input();
        Columns columns = model.encoding().columns();
        List<String> ofSteps = new ArrayList<>();
        for (NetworkSpec.Category category : input.categories()) {
            String ids = graph.transpose(input(category.column(), TensorProto.DataType.INT64, "batch", "steps"), 1, 0);
            ofSteps.add(embedded("embeddings.", category, ids));
        }
        if (input.numbers() > 0) {
            ofSteps.addAll(scaled(columns.areFeatures() ? features() : numbers(columns.numbers())));
        }
        List<String> ofSequences = new ArrayList<>();
        for (NetworkSpec.Category category : input.statics()) {
            String ids = input(category.column(), TensorProto.DataType.INT64, "batch");
            ofSequences.add(embedded("static_embeddings.", category, ids));
        }
        if (input.staticNumbers() > 0) {
            List<String> parts = new ArrayList<>();
            for (String column : columns.staticNumbers()) {
                parts.add(graph.reshape(input(column, TensorProto.DataType.FLOAT, "batch"), -1, 1));
            }
            String joined = graph.concat(1, parts);
            ofSequences.addAll(masked(joined, scaled(joined, model.scaling().statics(), "static_")));
        }
        statics = ofSequences.isEmpty() ? Optional.empty() : Optional.of(graph.concat(1, ofSequences));
        String own = graph.concat(2, ofSteps);
        steps = withStatics(own);
    }

    private String input(String name, TensorProto.DataType type, Object... shape) {
        graph.graph.addInput(OnnxGraph.value(name, type, shape));
        return name;
    }

    /** (T, B, D) */
    private String features() {
        return graph.transpose(input("steps", TensorProto.DataType.FLOAT, "batch", "steps", input.numbers()), 1, 0, 2);
    }

    /** (T, B, D) */
    private String numbers(List<String> columns) {
        List<String> parts = new ArrayList<>();
        for (String column : columns) {
            String turned = graph.transpose(input(column, TensorProto.DataType.FLOAT, "batch", "steps"), 1, 0);
            parts.add(graph.reshape(turned, 0, 0, 1));
        }
        return graph.concat(2, parts);
    }

    private String embedded(String member, NetworkSpec.Category category, String ids) {
        Slot slot = model.spec().layout().slot(member + category.column() + ".weight");
        float[] weights = Arrays.copyOfRange(model.theta(), slot.offset(), slot.offset() + slot.size());
        return graph.apply("Gather", graph.tensor(slot.name(), weights, slot.rows(), slot.columns()), ids);
    }

    /** The numbers of steps, scaled, and their indicators. */
    private List<String> scaled(String numbers) {
        if (model.scaling().isByWindow()) {
            OnnxWindowScaling own = new OnnxWindowScaling(
                    graph, numbers, input.numbers(), model.scaling().unscaled(), input.masked());
            window = Optional.of(own);
            return masked(numbers, own.scaled());
        }
        return masked(numbers, scaled(numbers, model.scaling().inputs(), ""));
    }

    private String scaled(String numbers, Standardization scaling, String prefix) {
        if (scaling.means().length == 0) {
            return numbers;
        }
        String centred = graph.apply("Sub", numbers, graph.rounded(prefix + "means", scaling.means()));
        return graph.apply("Div", centred, graph.rounded(prefix + "deviations", scaling.deviations()));
    }

    /** 0 for numbers that are missing, and then an indicator for each, where some may be missing. */
    private List<String> masked(String numbers, String scaled) {
        if (!input.masked()) {
            return List.of(scaled);
        }
        String missing = graph.apply("IsNaN", numbers);
        String zero = graph.tensor("zero_of_" + numbers, new float[1], 1);
        return List.of(graph.apply("Where", missing, zero, scaled), graph.cast(missing, TensorProto.DataType.FLOAT));
    }

    /** What the first layer reads, (T, B, S + I). */
    String steps() {
        return steps;
    }

    /** Windows' own scaling, where steps are scaled so. */
    Optional<OnnxWindowScaling> window() {
        return window;
    }

    /** States or steps with the statics of their sequence before them: (B, n) or (T, B, n), n wider by S. */
    String withStatics(String x, boolean everyStep) {
        if (statics.isEmpty()) {
            return x;
        }
        return everyStep ? withStatics(x) : graph.concat(1, List.of(statics.get(), x));
    }

    private String withStatics(String x) {
        if (statics.isEmpty()) {
            return x;
        }
        String first = graph.longs("first_of_" + x, 0);
        String length = graph.apply("Gather", graph.apply("Shape", x), first);
        String shape = graph.concat(0, List.of(length, graph.longs("ones_of_" + x, 1, 1)));
        String one = graph.apply("Unsqueeze", statics.get(), graph.longs("axis_of_" + x, 0));
        return graph.concat(2, List.of(graph.apply("Expand", one, shape), x));
    }
}
