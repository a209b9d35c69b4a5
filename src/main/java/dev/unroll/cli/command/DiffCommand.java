package dev.unroll.cli.command;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.unroll.cli.frame.Command;
import dev.unroll.cli.frame.Option;
import dev.unroll.cli.frame.Settings;
import dev.unroll.cli.frame.UsageException;
import dev.unroll.data.Printable;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.apache.spark.sql.SparkSession;

/** {@code diff}: two metrics files, to the first iteration where the runs were not the same. */
public final class DiffCommand implements Command {

    private static final String A = "A.jsonl";
    private static final String B = "B.jsonl";

    /** What a run computes, in the order in which it does: what differs first is nearest to the cause. */
    private static final List<String> COMPUTED = List.of(
            "epoch",
            "sequences",
            "steps",
            "loss",
            "accuracy",
            "gradientNorm",
            "stepSize",
            "parameterHash",
            "validation");

    @Override
    public String name() {
        return "diff";
    }

    @Override
    public String description() {
        return "Compares the metrics files of two runs, and names the first iteration where they differ.";
    }

    @Override
    public List<Option> arguments() {
        return List.of(Option.text(A, "metrics file of a run"), Option.text(B, "metrics file of another run"));
    }

    @Override
    public boolean usesSpark(Settings settings) {
        return false;
    }

    @Override
    public Map<String, ?> run(SparkSession spark, Settings settings) throws IOException {
        Map<String, Object> result = new LinkedHashMap<>();
        long same = 0;
        try (Lines a = new Lines(settings.require(A));
                Lines b = new Lines(settings.require(B))) {
            JsonNode left = a.next();
            JsonNode right = b.next();
            while (left != null && right != null) {
                List<String> differing = differing(left, right);
                if (!differing.isEmpty()) {
                    print(left, right, differing);
                    result.put("same", false);
                    result.put("iterationsAlike", same);
                    result.put("iteration", left.path("iteration").asLong());
                    result.put("differing", differing);
                    return result;
                }
                same++;
                left = a.next();
                right = b.next();
            }
            result.put("same", left == null && right == null);
            result.put("iterationsAlike", same);
            if (left != null || right != null) {
                String longer = left != null ? a.file : b.file;
                System.out.println("the same for " + same + " iterations, after which only " + longer + " goes on");
                result.put("goesOn", longer);
            }
            return result;
        }
    }

    private static List<String> differing(JsonNode a, JsonNode b) {
        if (a.path("iteration").asLong() != b.path("iteration").asLong()) {
            return List.of("iteration");
        }
        return COMPUTED.stream()
                .filter(key -> !Objects.equals(a.get(key), b.get(key)))
                .toList();
    }

    private static void print(JsonNode a, JsonNode b, List<String> differing) {
        System.out.println("iteration " + a.path("iteration").asLong() + " is the first that differs:");
        for (String key : differing) {
            System.out.println(Printable.of("  " + key + "  " + a.path(key) + "  " + b.path(key)));
        }
    }

    /** The lines of a metrics file. */
    private static final class Lines implements AutoCloseable {
        private final ObjectMapper json = new ObjectMapper();
        private final String file;
        private final BufferedReader reader;
        private int line;

        Lines(String file) {
            this.file = file;
            try {
                reader = Files.newBufferedReader(Path.of(file), StandardCharsets.UTF_8);
            } catch (IOException e) {
                throw new UsageException("cannot read the metrics file " + file + ": " + e);
            }
        }

        /** The next line; null after the last. */
        JsonNode next() throws IOException {
            String text = reader.readLine();
            line++;
            if (text == null) {
                return null;
            }
            try {
                JsonNode node = json.readTree(text);
                if (node.path("iteration").isIntegralNumber()) {
                    return node;
                }
            } catch (IOException e) {
                // refused below, as is JSON that is something else
            }
            throw new UsageException(file + ", line " + line + " is no line of a metrics file");
        }

        @Override
        public void close() throws IOException {
            reader.close();
        }
    }
}
