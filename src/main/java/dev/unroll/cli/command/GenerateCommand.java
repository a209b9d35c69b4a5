package dev.unroll.cli.command;

import dev.unroll.cli.frame.Command;
import dev.unroll.cli.frame.Settings;
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
    public Map<String, String> keys() {
        Map<String, String> keys = new LinkedHashMap<>();
        keys.put("model", "directory of the model");
        keys.put("prompt", "text to continue (default none)");
        keys.put("length", "tokens to add at most (default 200)");
        keys.put(
                "temperature",
                "below 1 the text is safer, above 1 wilder; 0 takes the most probable token (default 1)");
        keys.put("top-k", "draw from the k most probable tokens only; 0 for all (default 0)");
        keys.put("seed", "seed of the draws (default 1)");
        return keys;
    }

    @Override
    public void check(Settings settings) {
        settings.require("model");
        settings.whole("length", 200, 1);
        settings.whole("top-k", 0, 0);
        settings.whole("seed", 1, Long.MIN_VALUE);
        settings.number("temperature", 1, 0);
    }

    @Override
    public Map<String, ?> run(SparkSession spark, Settings settings) {
        RnnModel<?> loaded = ModelDirectory.load(settings.require("model"), spark);
        if (!(loaded instanceof RnnLanguageModelModel model)) {
            throw new UsageException("model " + settings.require("model") + " is of task "
                    + loaded.model().task().key() + "; generate needs one of task language-model");
        }
        String prompt = settings.get("prompt", "");
        boolean characters = loaded.rowSpec().tokenizer().equals("char");
        String separator = characters ? "" : " ";
        List<String> tokens = characters
                ? prompt.codePoints().mapToObj(Character::toString).toList()
                : List.of(prompt.strip().split("\\s+")).stream()
                        .filter(t -> !t.isEmpty())
                        .toList();
        List<String> added = model.generate(
                tokens,
                (int) settings.whole("length", 200, 1),
                settings.number("temperature", 1, 0),
                (int) settings.whole("top-k", 0, 0),
                settings.whole("seed", 1, Long.MIN_VALUE));
        String text = String.join(separator, added);
        System.out.println(prompt + (prompt.isEmpty() || text.isEmpty() ? "" : separator) + text);
        Map<String, Object> result = new LinkedHashMap<>();
        result.put("prompt", prompt);
        result.put("text", text);
        result.put("tokens", added.size());
        return result;
    }
}
