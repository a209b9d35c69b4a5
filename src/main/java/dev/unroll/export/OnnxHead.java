package dev.unroll.export;

import ai.onnx.proto.OnnxMl.TensorProto;
import dev.unroll.data.Standardization;
import dev.unroll.model.Model;
import dev.unroll.nn.Likelihood;
import dev.unroll.nn.Loss;
import dev.unroll.nn.NetworkSpec;
import dev.unroll.param.ParameterLayout.Slot;
import java.util.Arrays;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.function.ObjIntConsumer;

/** The head of a model, and what its outputs become by their loss: the prediction, and outputs beside it. */
final class OnnxHead {

    private static final String QUANTILES = "quantiles"; // an output
    private static final String DISTRIBUTION = "distribution"; // an output
    private static final String CLASSES = "classes"; // an output

    private final OnnxGraph graph;
    private final Model model;
    private final NetworkSpec spec;
    private final BiFunction<Slot, long[], String> tensor;
    private final Optional<OnnxWindowScaling> window; // of targets scaled by the numbers of their own row

    /** @param tensor makes a constant of a parameter with a shape, and gives its name */
    OnnxHead(
            OnnxGraph graph, Model model, BiFunction<Slot, long[], String> tensor, Optional<OnnxWindowScaling> window) {
        this.graph = graph;
        this.model = model;
        this.spec = model.spec();
        this.tensor = tensor;
        this.window = window;
    }

    /**
     * Declares the outputs beside the predictions.
     *
     * @param add an output of float32, by its name and numbers a row
     */
    void addOthers(ObjIntConsumer<String> add) {
        switch (spec.head().loss().link()) {
            case QUANTILES -> add.accept(QUANTILES, spec.head().outputs());
            case DISTRIBUTION -> add.accept(DISTRIBUTION, spec.head().outputs());
            case SEQUENCE ->
                graph.graph.addOutput(OnnxGraph.value(CLASSES, TensorProto.DataType.INT64, "batch", "steps"));
            case SOFTMAX, SIGMOID, SIGMOIDS, IDENTITY -> {} // the predictions are all
        }
    }

    /** W_qh h + b_q, and from that the predictions. */
    String predictions(String states) {
        Slot weight = spec.layout().slot(spec.head().tied() ? "embedding.weight" : "head.weight");
        Slot bias = spec.layout().slot("head.bias");
        float[] numbers = Arrays.copyOfRange(model.theta(), weight.offset(), weight.offset() + weight.size());
        String transposed =
                graph.transpose(graph.tensor("head.weight", numbers, weight.rows(), weight.columns()), 1, 0);
        String o = graph.apply(
                "Add", graph.apply("MatMul", states, transposed), tensor.apply(bias, new long[] {bias.size()}));
        return switch (spec.head().loss().link()) {
            case SOFTMAX -> graph.apply("Softmax", o); // over the last axis
            case SEQUENCE -> sequence(o);
            case SIGMOID -> ofTwo(o);
            case SIGMOIDS -> graph.apply("Sigmoid", o);
            case IDENTITY -> unscaled(o);
            case QUANTILES -> median(o);
            case DISTRIBUTION -> mean(o);
        };
    }

    /** The probabilities of two classes, of which that of the second is the sigmoid of o. */
    private String ofTwo(String o) {
        String both = graph.apply(
                OnnxGraph.node("Concat", graph.apply("Neg", o), o).addAttribute(OnnxGraph.whole("axis", -1)));
        return graph.apply("Sigmoid", both);
    }

    /** The probabilities of a conditional random field, and its most probable sequence, which is an output of its own. */
    private String sequence(String o) {
        OnnxCrf crf = new OnnxCrf(graph, spec.layout(), tensor, o);
        graph.add(OnnxGraph.node("Identity", graph.transpose(crf.path(), 1, 0)).addOutput(CLASSES));
        return crf.probabilities();
    }

    /** Quantiles, which become an output of their own, and the prediction among them. */
    private String median(String o) {
        int own = spec.head().loss().outputsPerTarget();
        int targets = spec.head().targetWidth();
        boolean everyStep = spec.head().everyStep();
        String apart = everyStep ? graph.reshape(o, 0, 0, targets, own) : graph.reshape(o, 0, targets, own);
        String sorted = ascending(apart, own);
        String together = unscaled(everyStep ? graph.reshape(sorted, 0, 0, -1) : graph.reshape(sorted, 0, -1));
        return withPoints(together, QUANTILES);
    }

    /** The parameters of distributions, which become an output of their own, and the means among them. */
    private String mean(String o) {
        Likelihood loss = (Likelihood) spec.head().loss();
        OnnxDistribution distribution =
                new OnnxDistribution(graph, loss, spec.head().targetWidth());
        String parameters = window.map(own -> distribution.parameters(o, own))
                .orElseGet(() -> distribution.parameters(o, model.scaling().targets()));
        return withPoints(parameters, DISTRIBUTION);
    }

    /** The predictions among all that outputs become, which are an output of their own. */
    private String withPoints(String all, String name) {
        Loss loss = spec.head().loss();
        graph.add(OnnxGraph.node("Identity", spec.head().everyStep() ? graph.transpose(all, 1, 0, 2) : all)
                .addOutput(name));
        long[] points = new long[spec.head().targetWidth()];
        Arrays.setAll(points, j -> (long) j * loss.outputsPerTarget() + loss.point());
        return graph.apply(OnnxGraph.node("Gather", all, graph.longs(name + "_points", points))
                .addAttribute(OnnxGraph.whole("axis", -1)));
    }

    /** The numbers of the last axis, of which there are so many, in ascending order. */
    private String ascending(String x, int count) {
        String sorted = graph.next();
        graph.add(OnnxGraph.node("TopK", x, graph.longs("quantile_levels", count))
                .addOutput(sorted)
                .addOutput(graph.next())
                .addAttribute(OnnxGraph.whole("axis", -1))
                .addAttribute(OnnxGraph.whole("largest", 0))
                .addAttribute(OnnxGraph.whole("sorted", 1)));
        return sorted;
    }

    /** Outputs in the units of the targets, of which each may have several. */
    private String unscaled(String o) {
        if (window.isPresent()) {
            return window.get().undo(o);
        }
        Standardization scaling = model.scaling().targets();
        if (scaling.means().length == 0) {
            return o;
        }
        String scaled = graph.apply("Mul", o, graph.rounded("target_deviations", ofOutputs(scaling.deviations())));
        return graph.apply("Add", scaled, graph.rounded("target_means", ofOutputs(scaling.means())));
    }

    /** A number of each target, beside each of its outputs. */
    private double[] ofOutputs(double[] ofTargets) {
        double[] numbers = new double[spec.head().outputs()];
        Arrays.setAll(numbers, c -> ofTargets[c / spec.head().loss().outputsPerTarget()]);
        return numbers;
    }
}
