package dev.unroll.cli.command;

import dev.unroll.cli.frame.Command;
import dev.unroll.cli.frame.CommandPaths;
import dev.unroll.cli.frame.Json;
import dev.unroll.cli.frame.Option;
import dev.unroll.cli.frame.OutputFile;
import dev.unroll.cli.frame.Settings;
import dev.unroll.math.CounterRandom;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.apache.spark.sql.SparkSession;

/** {@code synthesize}: writes one of the {@link LongMemoryTasks} as JSON lines, the same bytes for the same seed. */
public final class SynthesizeCommand implements Command {

    /** The purpose that keys these draws apart from all others. */
    private static final long PURPOSE = 9;

    private static final Pattern OWN = Pattern.compile("\\{\"steps\":\\[");

    @Override
    public String name() {
        return "synthesize";
    }

    @Override
    public String description() {
        return "Writes sequences of a classic task that needs a long memory, with columns steps and label.";
    }

    @Override
    public List<Option> options() {
        List<String> kinds = Arrays.stream(LongMemoryTasks.values())
                .map(LongMemoryTasks::key)
                .toList();
        return List.of(
                Option.oneOf("kind", kinds, "the task"),
                Option.whole(
                                "steps",
                                LongMemoryTasks.LEAST_STEPS,
                                LongMemoryTasks.MOST_STEPS,
                                "steps of a sequence, of copy the blanks to remember over")
                        .orElse(100),
                Option.whole("sequences", 1, "how many").orElse(10_000),
                Option.whole("seed", 0, "another seed gives other sequences").orElse(1),
                Option.text("output", "file to write, JSON lines"),
                Option.flag("overwrite", "whether an existing file is replaced"));
    }

    @Override
    public void check(Settings settings) {
        settings.require("kind");
        settings.require("output");
    }

    @Override
    public boolean usesSpark(Settings settings) {
        return false;
    }

    @Override
    public CommandPaths paths(Settings settings) {
        return CommandPaths.of(settings).writes("output");
    }

    @Override
    public Map<String, ?> run(SparkSession spark, Settings settings) {
        String kind = settings.require("kind");
        LongMemoryTasks task = Arrays.stream(LongMemoryTasks.values())
                .filter(one -> one.key().equals(kind))
                .findFirst()
                .orElseThrow();
        int steps = settings.integer("steps");
        long sequences = settings.whole("sequences");
        long seed = settings.whole("seed");
        OutputFile output = OutputFile.of("output", settings.require("output"), OWN);
        output.requireWritable(settings.flag("overwrite"));
        output.writeText(writer -> {
            for (long n = 0; n < sequences; n++) {
                writer.write(Json.line(task.row(steps, new CounterRandom(seed, PURPOSE, n))));
                writer.write('\n');
            }
        });
        Map<String, Object> result = new LinkedHashMap<>();
        result.put("kind", kind);
        result.put("steps", steps);
        result.put("sequences", sequences);
        result.put("output", settings.require("output"));
        return result;
    }
}
