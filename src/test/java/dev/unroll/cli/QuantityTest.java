package dev.unroll.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.unroll.testing.SparkTest;
import java.io.IOException;
import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * A quantity is the number of the file until it is scaled: series of any level are learnt as well as the same series
 * around 0, and errors are those of the predictions that {@code predict} writes against the labels of the file, in
 * exact arithmetic.
 */
@Tag("slow")
@SparkTest(settings = "spark.sql.shuffle.partitions=1")
class QuantityTest {

    private static final String WINDOWS = " --prepare windows --time-col t --value-cols v --window-length 12";
    private static final String SMALL = " --hidden-size 8 --step-size 0.01 --num-shards 4 --engine local";

    @TempDir
    private Path directory;

    private static CommandRunner command;

    @BeforeAll
    static void prepare(SparkSession spark) {
        command = new CommandRunner(spark);
    }

    private record Errors(double squared, double absolute) {}

    /** The errors of written predictions against the labels of the file, read as doubles, by exact arithmetic. */
    private Errors errors(Path predicted) throws IOException {
        BigDecimal squared = BigDecimal.ZERO;
        BigDecimal absolute = BigDecimal.ZERO;
        int terms = 0;
        for (String line : lines(predicted)) {
            JsonNode row = new ObjectMapper().readTree(line);
            if (!row.has("label")) {
                continue;
            }
            List<BigDecimal> labels = numbers(row.get("label"));
            List<BigDecimal> predictions = numbers(row.get("prediction"));
            assertEquals(labels.size(), predictions.size());
            for (int j = 0; j < labels.size(); j++) {
                BigDecimal error = predictions.get(j).subtract(labels.get(j));
                squared = squared.add(error.multiply(error));
                absolute = absolute.add(error.abs());
                terms++;
            }
        }
        BigDecimal count = BigDecimal.valueOf(terms);
        return new Errors(
                squared.divide(count, MathContext.DECIMAL64).doubleValue(),
                absolute.divide(count, MathContext.DECIMAL64).doubleValue());
    }

    private static List<BigDecimal> numbers(JsonNode value) {
        List<BigDecimal> numbers = new ArrayList<>();
        if (value.isArray()) {
            value.forEach(element -> numbers.addAll(numbers(element)));
        } else {
            numbers.add(new BigDecimal(value.asDouble())); // exactly what a reader of doubles gets
        }
        return numbers;
    }

    private static List<String> lines(Path folder) throws IOException {
        List<String> lines = new ArrayList<>();
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.filter(f -> f.getFileName().toString().startsWith("part-"))
                    .toList()) {
                lines.addAll(Files.readAllLines(file));
            }
        }
        return lines;
    }

    /** 240 rows of level + amplitude sin(2 pi t / 12), as decimal text. */
    private Path series(String level, String amplitude) throws IOException {
        StringBuilder text = new StringBuilder("t,v\n");
        for (int t = 0; t < 240; t++) {
            BigDecimal wave = new BigDecimal(StrictMath.sin(2 * StrictMath.PI * t / 12))
                    .round(new MathContext(9, RoundingMode.HALF_EVEN))
                    .multiply(new BigDecimal(amplitude));
            text.append(t).append(',').append(new BigDecimal(level).add(wave)).append('\n');
        }
        return Files.writeString(directory.resolve("series.csv"), text);
    }

    @ParameterizedTest(name = "{0} + {1} sin t")
    @CsvSource({
        "0, 10", // the yardstick
        "1000000000, 10",
        "-1000000000, 10",
        "100000000, 14",
        "5800000, 0.5",
        "1700000000, 60",
        "16777216, 1",
        "1e12, 3",
        "1e15, 100",
        "0, 1e-42",
        "0, 1e-60",
        "0, 1e30",
        "250, 0.001",
        "101325, 2"
    })
    void seriesOfAnyLevel_isLearntAndMeasuredAsTheFileHasIt(String level, String amplitude) throws IOException {
        Path file = series(level, amplitude);
        String train = "train --train " + file + WINDOWS + SMALL + " --standardize --epochs 40 --validation-from 192"
                + " --model " + directory.resolve("model");
        JsonNode validation = command.run(train).json().get("validation");
        command.run("predict --model " + directory.resolve("model") + " --input " + file
                        + " --label-from 192 --output-format json --output " + directory.resolve("out"))
                .json();
        JsonNode metrics = command.run(
                        "evaluate --model " + directory.resolve("model") + " --input " + file + " --label-from 192")
                .json()
                .get("metrics");
        Errors exact = errors(directory.resolve("out"));
        for (JsonNode said : List.of(validation, metrics)) {
            assertClose(exact.squared(), said.get("meanSquaredError").asDouble());
            assertClose(exact.absolute(), said.get("meanAbsoluteError").asDouble());
        }
        double spread = Double.parseDouble(amplitude);
        assertTrue(exact.absolute() < 0.1 * spread, exact + " is not learnt, of amplitude " + amplitude);
    }

    /** Two ways to the same figure; the metrics are printed with six digits or more. */
    private static void assertClose(double exact, double said) {
        assertEquals(exact, said, 1e-5 * Math.abs(exact) + Double.MIN_NORMAL, "exact, and as it is printed");
    }

    @ParameterizedTest(name = "{0} {1}")
    @CsvSource({
        "y, --task regression",
        "z, --task regression",
        "w, --task regression",
        "y, --task regression --standardize"
    })
    void targets_areMeasuredAsTheFileHasThem(String label, String keys) throws IOException {
        StringBuilder text = new StringBuilder();
        for (int n = 0; n < 40; n++) {
            long base = 1_000_000_000L + n % 7;
            text.append(String.format(
                    Locale.ROOT,
                    "{\"x\":[%d.5,2.5],\"y\":%d.25,\"z\":[%d.125,%d.3],\"w\":[[%d.5,1.5],[%d.7,2.1]]}%n",
                    n % 5,
                    base,
                    base,
                    base + 1,
                    base,
                    base + 3));
        }
        Path file = Files.writeString(directory.resolve("rows.json"), text);
        String columns = " --format json --features-col x --label-col " + label;
        command.run("train --train " + file + columns + SMALL + " " + keys + " --max-iter 2 --model "
                        + directory.resolve("model"))
                .json();
        command.run("predict --model " + directory.resolve("model") + " --input " + file
                        + " --format json --output-format json --output " + directory.resolve("out"))
                .json();
        // The columns of the input come along: the label of the file under its own name.
        Path renamed = directory.resolve("renamed");
        Files.createDirectory(renamed);
        StringBuilder lines = new StringBuilder();
        for (String line : lines(directory.resolve("out"))) {
            lines.append(line.replace("\"" + label + "\":", "\"label\":")).append('\n');
        }
        Files.writeString(renamed.resolve("part-0"), lines);
        Errors exact = errors(renamed);
        JsonNode metrics = command.run(
                        "evaluate --model " + directory.resolve("model") + " --input " + file + " --format json")
                .json()
                .get("metrics");
        assertClose(exact.squared(), metrics.get("meanSquaredError").asDouble());
        assertClose(exact.absolute(), metrics.get("meanAbsoluteError").asDouble());
    }

    @Test
    void columnAtAHighLevel_withoutStandardize_isWarnedOf() throws IOException {
        Path file = series("100000000", "14");
        CommandRunner.Outcome outcome = command.run(
                "train --train " + file + WINDOWS + SMALL + " --max-iter 1 --model " + directory.resolve("model"));
        assertTrue(outcome.json().get("warnings").toString().contains("standardize"), outcome.out());
        assertTrue(outcome.out().contains("float32"), outcome.out() + outcome.err());
        CommandRunner.Outcome usual = command.run("train --train " + series("100", "14") + WINDOWS + SMALL
                + " --max-iter 1 --model " + directory.resolve("usual"));
        assertEquals(0, usual.json().get("warnings").size(), usual.out());
    }

    @Test
    void partitioning_changesNoBit_whereTheLevelIsHigh() throws IOException {
        Path file = series("1000000000", "10");
        List<String> hashes = new ArrayList<>();
        for (String keys :
                List.of("--engine local", "--engine spark --partitions 1", "--engine spark --partitions 4")) {
            hashes.add(command.run("train --train " + file + WINDOWS + " --hidden-size 4 --num-shards 4 --standardize"
                            + " --max-iter 3 --overwrite --model " + directory.resolve("model") + " " + keys)
                    .json()
                    .get("parameterHash")
                    .asText());
        }
        assertEquals(hashes.get(0), hashes.get(1));
        assertEquals(hashes.get(0), hashes.get(2));
    }
}
