package dev.unroll.cli.command;

import dev.unroll.cli.frame.Command;
import dev.unroll.cli.frame.CommandPaths;
import dev.unroll.cli.frame.Json;
import dev.unroll.cli.frame.Option;
import dev.unroll.cli.frame.OutputFile;
import dev.unroll.cli.frame.Settings;
import dev.unroll.cli.frame.UsageException;
import dev.unroll.math.CounterRandom;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.apache.spark.sql.SparkSession;

/** {@code synthesize}: writes one of the {@link LongMemoryTasks} or the {@link EventTable} as JSON lines, the same bytes for the same seed. */
public final class SynthesizeCommand implements Command {

    /** The purpose that keys these draws apart from all others. */
    private static final long PURPOSE = 9;

    private static final String PROBLEM = "problem";
    private static final String KIND = "kind";

    private static final Pattern OWN = Pattern.compile("\\{\"steps\":\\[|" + EventTable.BEGINNING);

    @Override
    public String name() {
        return "synthesize";
    }

    @Override
    public String description() {
        return "Writes data whose answer is known: sequences of a classic task that needs a long memory, or a table of events.";
    }

    @Override
    public List<Option> options() {
        List<String> kinds = Arrays.stream(LongMemoryTasks.values())
                .map(LongMemoryTasks::key)
                .toList();
        List<String> problems = new ArrayList<>(kinds);
        problems.add(EventTable.KEY);
        return List.of(
                Option.oneOf(
                        PROBLEM,
                        problems,
                        "what to write: a classic task, with columns steps and label, or a table of events with holes and"
                                + " facts of the sequence"),
                Option.oneOf(KIND, kinds, "the classic task, as problem names it"),
                Option.whole(
                                "steps",
                                LongMemoryTasks.LEAST_STEPS,
                                LongMemoryTasks.MOST_STEPS,
                                "steps of a sequence, of copy the blanks to remember over, of events at most (and half of them at least)")
                        .orElse(100),
                Option.whole("sequences", 1, "how many").orElse(10_000),
                Option.whole("seed", 0, "another seed gives other sequences").orElse(1),
                Option.text("output", "file to write, JSON lines"),
                Option.flag("overwrite", "whether an existing file is replaced"));
    }

    @Override
    public void check(Settings settings) {
        if (settings.has(PROBLEM) == settings.has(KIND)) {
            throw new UsageException(PROBLEM + " and " + KIND + " are " + (settings.has(KIND) ? "both" : "not")
                    + " given; one of them names what to write");
        }
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
        String problem = settings.require(settings.has(KIND) ? KIND : PROBLEM);
        int steps = settings.integer("steps");
        long sequences = settings.whole("sequences");
        long seed = settings.whole("seed");
        OutputFile output = OutputFile.of("output", settings.require("output"), OWN);
        output.requireWritable(settings.flag("overwrite"));
        output.writeText(writer -> {
            for (long n = 0; n < sequences; n++) {
                for (Map<String, Object> line : lines(problem, n, steps, new CounterRandom(seed, PURPOSE, n))) {
                    writer.write(Json.line(line));
                    writer.write('\n');
                }
            }
        });
        Map<String, Object> result = new LinkedHashMap<>();
        result.put(PROBLEM, problem);
        result.put("steps", steps);
        result.put("sequences", sequences);
        if (problem.equals(EventTable.KEY)) {
            result.put("bestAccuracy", EventTable.BEST_ACCURACY);
            result.put("bestLoss", EventTable.bestLoss());
        }
        result.put("output", settings.require("output"));
        return result;
    }

    private static List<Map<String, Object>> lines(String problem, long n, int steps, CounterRandom random) {
        return problem.equals(EventTable.KEY)
                ? EventTable.of(n, steps, random)
                : List.of(Arrays.stream(LongMemoryTasks.values())
                        .filter(one -> one.key().equals(problem))
                        .findFirst()
                        .orElseThrow()
                        .row(steps, random));
    }
}
