package dev.unroll.cli.command;

import dev.unroll.cli.frame.Command;
import dev.unroll.cli.frame.Option;
import dev.unroll.cli.frame.Settings;
import dev.unroll.cli.frame.Terminal;
import dev.unroll.cli.frame.UsageException;
import dev.unroll.ml.RnnLanguageModelModel;
import dev.unroll.ml.RnnModel;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.SparkSession;

/** {@code generate}: text from a language model. */
public final class GenerateCommand implements Command {

    @Override
    public String name() {
        return "generate";
    }

    @Override
    public String description() {
        return "Prints text from a language model; the same seed gives the same text.";
    }

    @Override
    public List<Option> options() {
        return List.of(
                ModelDirectory.OPTION,
                Option.text("prompt", "text to continue"),
                Option.whole("length", 1, "tokens to add at most").orElse(200),
                Option.number(
                                "temperature",
                                0,
                                "below 1 the text is safer, above 1 wilder; 0 takes the most probable token")
                        .orElse(1),
                Option.whole("top-k", 0, "draw from the k most probable tokens only; 0 for all")
                        .orElse(0),
                Option.whole("seed", Long.MIN_VALUE, Long.MAX_VALUE, "seed of the draws")
                        .orElse(1));
    }

    @Override
    public void check(Settings settings) {
        settings.require("model");
    }

    @Override
    public Map<String, ?> run(SparkSession spark, Settings settings) {
        RnnModel<?> loaded = ModelDirectory.load(settings.require("model"));
        if (!(loaded instanceof RnnLanguageModelModel model)) {
            throw new UsageException("model " + settings.require("model") + " is of task "
                    + loaded.model().task().key() + "; generate needs one of task language-model");
        }
        String prompt = settings.get("prompt").orElse("");
        String separator = loaded.rowSpec().tokenizer().equals("char") ? "" : " ";
        List<String> added = model.generate(
                prompt,
                settings.integer("length"),
                settings.number("temperature"),
                settings.integer("top-k"),
                settings.whole("seed"));
        String text = String.join(separator, added);
        String whole = prompt + (prompt.isEmpty() || text.isEmpty() ? "" : separator) + text;
        System.out.println(Terminal.isOutput() ? Terminal.printable(whole) : whole);
        Map<String, Object> result = new LinkedHashMap<>();
        result.put("prompt", prompt);
        result.put("unknownTokens", model.unknown(prompt).size());
        result.put("text", text);
        result.put("tokens", added.size());
        return result;
    }
}
