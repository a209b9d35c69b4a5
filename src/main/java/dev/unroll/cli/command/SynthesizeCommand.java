package dev.unroll.cli.command;

import dev.unroll.cli.frame.Command;
import dev.unroll.cli.frame.Json;
import dev.unroll.cli.frame.OutputFile;
import dev.unroll.cli.frame.Settings;
import dev.unroll.cli.frame.UsageException;
import dev.unroll.math.CounterRandom;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;
import org.apache.spark.sql.SparkSession;

/** {@code synthesize}: writes one of the {@link LongMemoryTasks} as JSON lines, the same bytes for the same seed. */
public final class SynthesizeCommand implements Command {

    /** The purpose that keys these draws apart from all others. */
    private static final long PURPOSE = 9;

    @Override
    public String name() {
        return "synthesize";
    }

    @Override
    public String description() {
        return "Writes sequences of a classic task that needs a long memory, with columns steps and label.";
    }

    @Override
    public Map<String, String> keys() {
        Map<String, String> keys = new LinkedHashMap<>();
        keys.put("kind", allowed());
        keys.put("steps", "steps of a sequence, of copy the blanks to remember over (default 100)");
        keys.put("sequences", "how many (default 10000)");
        keys.put("seed", "another seed gives other sequences (default 1)");
        keys.put("output", "file to write, JSON lines");
        keys.put("overwrite", "whether an existing file is replaced (default false)");
        return keys;
    }

    private static String allowed() {
        return Arrays.stream(LongMemoryTasks.values()).map(LongMemoryTasks::key).collect(Collectors.joining(", "));
    }

    @Override
    public boolean usesSpark(Settings settings) {
        return false;
    }

    @Override
    public Map<String, ?> run(SparkSession spark, Settings settings) throws IOException {
        String kind = settings.require("kind");
        LongMemoryTasks task = Arrays.stream(LongMemoryTasks.values())
                .filter(one -> one.key().equals(kind))
                .findFirst()
                .orElseThrow(() -> new UsageException("kind is " + kind + "; allowed are " + allowed()));
        int steps = (int) settings.whole("steps", 100, LongMemoryTasks.LEAST_STEPS);
        if (steps > LongMemoryTasks.MOST_STEPS) {
            throw new UsageException("steps is " + steps + "; allowed is at most " + LongMemoryTasks.MOST_STEPS);
        }
        long sequences = settings.whole("sequences", 10_000, 1);
        long seed = settings.whole("seed", 1, 0);
        Path output = Path.of(settings.require("output"));
        OutputFile.requireNew("output", output, settings.flag("overwrite"));
        try (BufferedWriter writer = OutputFile.open("output", output)) {
            for (long n = 0; n < sequences; n++) {
                writer.write(Json.line(task.row(steps, new CounterRandom(seed, PURPOSE, n))));
                writer.write('\n');
            }
        }
        Map<String, Object> result = new LinkedHashMap<>();
        result.put("kind", kind);
        result.put("steps", steps);
        result.put("sequences", sequences);
        result.put("output", output.toString());
        return result;
    }
}
