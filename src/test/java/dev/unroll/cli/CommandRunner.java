package dev.unroll.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.unroll.data.Printable;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.apache.spark.sql.SparkSession;

/** Runs command lines in one Spark session, and keeps what they print. */
public final class CommandRunner {

    /** What one run printed. */
    public record Outcome(String line, int code, String out, String err) {

        /** The last line of standard output. */
        public JsonNode json() {
            assertEquals(0, code, line + "\n" + err);
            List<String> lines = out.lines().toList();
            try {
                return new ObjectMapper().readTree(lines.get(lines.size() - 1));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        /** Exit code 2 and one sentence that holds all these words. */
        public void assertRefused(String... words) {
            assertEquals(2, code, line + "\n" + err);
            assertOneSentence();
            for (String word : words) {
                assertTrue(err.contains(word), line + "\nsays " + err + "without " + word);
            }
        }

        /** Rule R6: one line, of 400 characters at most, all of them seen, and no word of Spark's or Java's. */
        void assertOneSentence() {
            assertEquals(1, err.lines().count(), line + "\n" + err);
            assertTrue(err.startsWith("unroll: "), err);
            assertTrue(err.strip().length() <= 400, line + "\n" + err);
            assertTrue(err.strip().codePoints().noneMatch(Printable::isHidden), line + "\n" + err);
            for (String foreign : List.of("\tat ", "Exception", "SQLSTATE", "Job aborted", "java.", "org.apache.")) {
                assertFalse(err.contains(foreign), line + "\n" + err);
            }
        }
    }

    private final SparkSession spark;

    public CommandRunner(SparkSession spark) {
        this.spark = spark;
    }

    public Outcome run(String line) {
        return run(List.of(line.strip().split(" +")));
    }

    /** Runs a command line whose arguments may have spaces. */
    public Outcome run(List<String> arguments) {
        String line = String.join(" ", arguments);
        PrintStream out = System.out;
        PrintStream err = System.err;
        ByteArrayOutputStream outBytes = new ByteArrayOutputStream();
        ByteArrayOutputStream errBytes = new ByteArrayOutputStream();
        try {
            System.setOut(new PrintStream(outBytes, true, StandardCharsets.UTF_8));
            System.setErr(new PrintStream(errBytes, true, StandardCharsets.UTF_8));
            int code = Unroll.run(arguments.toArray(new String[0]), spark);
            return new Outcome(
                    line, code, outBytes.toString(StandardCharsets.UTF_8), errBytes.toString(StandardCharsets.UTF_8));
        } finally {
            System.setOut(out);
            System.setErr(err);
        }
    }
}
