package dev.unroll.cli.command;

import dev.unroll.cli.frame.Command;
import dev.unroll.cli.frame.CommandPaths;
import dev.unroll.cli.frame.Option;
import dev.unroll.cli.frame.OutputFile;
import dev.unroll.cli.frame.Settings;
import dev.unroll.data.Scaling;
import dev.unroll.export.Onnx;
import dev.unroll.format.Safetensors;
import dev.unroll.model.Model;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.apache.spark.sql.SparkSession;

/** {@code export}: a model as a file for other tools. */
public final class ExportCommand implements Command {

    /** How a model of ONNX that has this program's name begins, and a safetensors file with the hash of its parameters. */
    private static final Pattern OWN =
            Pattern.compile("\\x08.\\x12\\x06unroll|.{8}\\{\"__metadata__\":\\{[^}]*\"parameterHash\"", Pattern.DOTALL);

    @Override
    public String name() {
        return "export";
    }

    @Override
    public String description() {
        return "Writes a model as a file that other tools read.";
    }

    @Override
    public List<Option> options() {
        return List.of(
                ModelDirectory.OPTION,
                Option.oneOf(
                        "to",
                        List.of("onnx", "safetensors"),
                        "onnx: the whole network; safetensors: the parameters, under PyTorch's names"),
                Option.text("output", "file to write"),
                Option.flag("overwrite", "whether an existing file is replaced"));
    }

    @Override
    public boolean usesSpark(Settings settings) {
        return false;
    }

    @Override
    public void check(Settings settings) {
        settings.require("model");
        settings.require("output");
        settings.require("to");
    }

    @Override
    public CommandPaths paths(Settings settings) {
        return CommandPaths.of(settings).reads("model").writes("output");
    }

    @Override
    public Map<String, ?> run(SparkSession spark, Settings settings) {
        OutputFile file = OutputFile.of("output", settings.require("output"), OWN);
        file.requireWritable(settings.flag("overwrite"));
        Model model = ModelDirectory.loadLocally(settings.require("model"));
        boolean onnx = settings.require("to").equals("onnx");
        byte[] bytes = onnx ? Onnx.of(model) : null; // refused before a file is there
        file.write(out -> {
            if (onnx) {
                out.write(bytes);
            } else {
                Safetensors.write(
                        out, model.spec().layout(), model.theta(), Map.of("parameterHash", model.parameterHash()));
            }
        });
        Map<String, Object> result = new LinkedHashMap<>();
        result.put("output", settings.require("output"));
        result.put("parameterHash", model.parameterHash());
        Scaling scaling = model.scaling();
        if (onnx
                && (scaling.isByWindow()
                        || scaling.inputs().inDouble()
                        || scaling.targets().inDouble())) {
            String warning = "the graph computes in float32, and this model scales "
                    + (scaling.isByWindow()
                            ? "each window in double: of a level of 1e7 times the change in a window, the graph sees no change; subtract the level first"
                            : "numbers in double before they are rounded: train it on numbers whose level is subtracted");
            System.err.println("warning: " + warning);
            result.put("warnings", List.of(warning));
        }
        return result;
    }
}
