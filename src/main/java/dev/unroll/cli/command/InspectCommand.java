package dev.unroll.cli.command;

import dev.unroll.cli.frame.Command;
import dev.unroll.cli.frame.CommandPaths;
import dev.unroll.cli.frame.Option;
import dev.unroll.cli.frame.OutputFile;
import dev.unroll.cli.frame.Settings;
import dev.unroll.data.Printable;
import dev.unroll.model.Model;
import dev.unroll.nn.HeadSpec;
import dev.unroll.nn.NetworkSpec;
import dev.unroll.param.ParameterLayout.Slot;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.spark.sql.SparkSession;

/** {@code inspect}: what a model is, tensor by tensor, and its graph as a picture. */
public final class InspectCommand implements Command {

    private static final Pattern OWN = Pattern.compile("<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=");

    @Override
    public String name() {
        return "inspect";
    }

    @Override
    public String description() {
        return "Prints a summary of a model, and draws its graph, compact and unrolled.";
    }

    @Override
    public List<Option> options() {
        return List.of(
                ModelDirectory.OPTION,
                Option.text("svg", "file to draw the graph to"),
                Option.flag("overwrite", "whether an existing file is replaced"));
    }

    @Override
    public boolean usesSpark(Settings settings) {
        return false;
    }

    @Override
    public CommandPaths paths(Settings settings) {
        return CommandPaths.of(settings).reads("model").writes("svg");
    }

    @Override
    public Map<String, ?> run(SparkSession spark, Settings settings) {
        Model model = ModelDirectory.loadLocally(settings.require("model"));
        Optional<OutputFile> svg = settings.get("svg").map(file -> OutputFile.of("svg", file, OWN));
        svg.ifPresent(file -> file.requireWritable(settings.flag("overwrite")));
        NetworkSpec spec = model.spec();
        System.out.println("task     " + model.task().key());
        System.out.println("input    " + input(spec.input()));
        System.out.println("layers   " + layers(spec));
        System.out.println("head     " + head(spec.head()));
        if (model.horizon() > 0) {
            System.out.println("horizon  " + model.horizon() + " steps, the last ones of a sequence");
        }
        System.out.println();
        System.out.printf(Locale.ROOT, "%-32s %-16s %12s%n", "tensor", "shape", "parameters");
        for (Slot slot : spec.layout().slots()) {
            String shape = slot.shape().stream().map(String::valueOf).collect(Collectors.joining(" x "));
            System.out.printf(Locale.ROOT, "%-32s %-16s %,12d%n", slot.name(), shape, slot.size());
        }
        System.out.printf(Locale.ROOT, "%-49s %,12d%n%n", "all", spec.layout().size());
        model.provenance()
                .forEach((name, value) -> System.out.println(Printable.of(name) + " = " + Printable.of(value)));
        Map<String, Object> result = new LinkedHashMap<>();
        result.put("task", model.task().key());
        result.put("cell", spec.cell());
        result.put("numLayers", spec.numLayers());
        result.put("bidirectional", spec.bidirectional());
        result.put("hiddenSize", spec.hiddenSize());
        if (spec.projSize() > 0) {
            result.put("projSize", spec.projSize());
        }
        result.put("parameters", spec.layout().size());
        result.put("parameterHash", model.parameterHash());
        svg.ifPresent(file -> {
            file.writeText(writer -> GraphSvg.write(spec, writer));
            result.put("svg", settings.require("svg"));
        });
        return result;
    }

    private static String input(NetworkSpec.Input input) {
        if (input instanceof NetworkSpec.Dense dense) {
            return "rows of " + dense.width() + (dense.width() == 1 ? " number" : " numbers");
        }
        if (input instanceof NetworkSpec.Mixed mixed) {
            return columns(mixed.numbers(), mixed.masked(), mixed.categories())
                    + (mixed.staticSize() == 0
                            ? ""
                            : "; of the whole sequence "
                                    + columns(mixed.staticNumbers(), mixed.masked(), mixed.statics()));
        }
        NetworkSpec.Tokens tokens = (NetworkSpec.Tokens) input;
        return tokens.vocabulary() + " tokens, "
                + (tokens.embeddingSize() == 0 ? "one-hot" : "embedding of " + tokens.embeddingSize());
    }

    private static String columns(int numbers, boolean masked, List<NetworkSpec.Category> categories) {
        String all = numbers + (numbers == 1 ? " number" : " numbers") + (masked ? " that may be missing" : "");
        return Stream.concat(
                        Stream.of(all),
                        categories.stream()
                                .map(c -> c.column() + " of " + c.vocabulary() + " ids, embedding of "
                                        + c.embeddingSize()))
                .collect(Collectors.joining(", "));
    }

    private static String layers(NetworkSpec spec) {
        return spec.numLayers() + " x " + spec.cell()
                + (spec.cell().equals("elman") ? " (" + spec.activation() + ")" : "") + ", " + spec.hiddenSize()
                + " units"
                + (spec.projSize() > 0 ? " projected to " + spec.projSize() : "")
                + (spec.bidirectional() ? " in each of two directions" : "");
    }

    private static String head(HeadSpec head) {
        return head.loss().describe(head.outputs())
                + (head.everyStep()
                        ? " at every step"
                        : " from " + head.pooling().description())
                + (head.tied() ? ", its weights are the embedding" : "");
    }
}
