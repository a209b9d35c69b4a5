package dev.unroll.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.unroll.cli.CommandRunner.Outcome;
import dev.unroll.testing.SparkTest;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The neighbours of good files: some bytes changed, dropped, put in or cut off, from a seed. Whatever comes of it, a
 * run ends with 0, or with 2 and one sentence; and every line is then a sequence, or counted.
 */
@SparkTest(
        settings = {
            "spark.sql.shuffle.partitions=1",
            "spark.sql.codegen.wholeStage=false",
            "spark.sql.codegen.factoryMode=NO_CODEGEN"
        })
class FuzzedInputTest {

    private static final int SEEDS = Integer.getInteger("fuzz.seeds", 3); // -Dfuzz.seeds=200 looks further
    private static final byte[] PIECES = "\",\t\n\r{}[]:;\\'e-0 \u0000".getBytes(StandardCharsets.UTF_8);

    @TempDir
    static Path directory;

    private static CommandRunner command;
    private static int models;

    @BeforeAll
    static void makeRunner(SparkSession spark) {
        command = new CommandRunner(spark);
    }

    private static byte[] good(String format) throws IOException {
        StringBuilder text = new StringBuilder();
        if (format.startsWith("csv") || format.equals("tsv")) {
            text.append(format.equals("tsv") ? "name\tsex\n" : "\"name\",sex\n");
        }
        for (int i = 0; i < 12; i++) {
            String name = (i % 3 == 0 ? "bjö" : "anna") + "na".repeat(i % 4);
            String sex = i % 2 == 0 ? "F" : "M";
            text.append(
                    switch (format) {
                        case "json" -> String.format("{\"name\":\"%s\",\"sex\":\"%s\"}%n", name, sex);
                        case "rows.json" -> String.format("{\"name\":[[%d,0.5],[1,2]],\"sex\":%d}%n", i, i % 2);
                        case "tsv" -> name + "\t" + sex + "\n";
                        default -> String.format(i % 2 == 0 ? "\"%s\",%s%n" : "%s,%s%n", name, sex);
                    });
        }
        byte[] bytes = text.toString().getBytes(StandardCharsets.UTF_8);
        if (format.equals("csv.gz")) {
            ByteArrayOutputStream packed = new ByteArrayOutputStream();
            try (GZIPOutputStream out = new GZIPOutputStream(packed)) {
                out.write(bytes);
            }
            return packed.toByteArray();
        }
        return format.equals("parquet") ? parquet() : bytes;
    }

    private static byte[] parquet() throws IOException {
        Path path = directory.resolve("good.parquet");
        if (!Files.exists(path)) {
            SparkSession.active()
                    .range(0, 12, 1, 1)
                    .select(
                            functions.expr("array(float(id), 0.5f)").as("name"),
                            functions.expr("id % 2").as("sex"))
                    .write()
                    .parquet(path.toString());
        }
        try (Stream<Path> files = Files.list(path)) {
            return Files.readAllBytes(files.filter(f -> f.toString().endsWith(".parquet"))
                    .findFirst()
                    .orElseThrow());
        }
    }

    private static byte[] mutate(byte[] bytes, Random random) {
        List<Byte> result = new ArrayList<>();
        for (byte b : bytes) {
            result.add(b);
        }
        for (int n = 1 + random.nextInt(4); n > 0 && !result.isEmpty(); n--) {
            int at = random.nextInt(result.size());
            switch (random.nextInt(6)) {
                case 0 -> result.set(at, (byte) (result.get(at) ^ (1 << random.nextInt(8))));
                case 1 -> result.remove(at);
                case 2 -> result.add(at, PIECES[random.nextInt(PIECES.length)]);
                case 3 -> result.set(at, (byte) random.nextInt(256));
                case 4 -> result.addAll(at, List.copyOf(result.subList(at / 2, at)));
                default -> {
                    if (random.nextInt(3) == 0) {
                        result = new ArrayList<>(result.subList(0, at));
                    }
                }
            }
        }
        byte[] mutated = new byte[result.size()];
        for (int i = 0; i < mutated.length; i++) {
            mutated[i] = result.get(i);
        }
        return mutated;
    }

    /** Lines that hold anything but blanks, the header aside: each must be a sequence or be counted. */
    private static long rows(byte[] bytes, String format) {
        String text = new String(bytes, StandardCharsets.ISO_8859_1);
        long lines = Arrays.stream(text.split("\r\n|\r|\n"))
                .filter(line -> line.chars().anyMatch(c -> c > ' ' || (c == '\t' && format.equals("tsv"))))
                .count();
        return format.endsWith("json") ? lines : lines - 1;
    }

    static Stream<Arguments> neighbours() {
        return Stream.of("csv", "tsv", "json", "rows.json", "csv.gz", "parquet")
                .flatMap(format -> IntStream.range(0, SEEDS).mapToObj(seed -> Arguments.of(format, seed)));
    }

    @ParameterizedTest
    @MethodSource("neighbours")
    void neighbourOfAGoodFile_isUsedCountedOrRefused(String format, int seed) throws IOException {
        byte[] bytes = mutate(good(format), new Random(seed));
        Path file = directory.resolve(seed + "." + format);
        Files.write(file, bytes);
        boolean lines = !format.equals("csv.gz") && !format.equals("parquet");

        Outcome skipping = run(file, format, "skip");
        if (skipping.code() == 0) {
            JsonNode result = skipping.json();
            long counted = result.get("sequences").asLong();
            for (JsonNode rows : result.get("skipped")) {
                counted += rows.asLong();
            }
            assertEquals(lines ? rows(bytes, format) : 12, counted, skipping.line());
        }
        Outcome strict = run(file, format, "error");
        boolean clean = skipping.code() == 0 && skipping.json().get("skipped").isEmpty();
        assertEquals(clean ? 0 : 2, strict.code(), strict.line() + "\n" + strict.err());
        if (clean) {
            assertEquals(skipping.json().get("parameterHash"), strict.json().get("parameterHash"));
        }
    }

    private static Outcome run(Path file, String format, String handling) {
        Outcome outcome = command.run("train --train " + file + " --format "
                + format.replace(".gz", "").replace("rows.", "") + " --features-col name --label-col sex"
                + " --hidden-size 2 --embedding-size 2 --max-iter 1 --num-shards 1 --engine local --handle-invalid "
                + handling + " --model " + directory + "/out" + models++);
        assertTrue(outcome.code() == 0 || outcome.code() == 2, outcome.line() + "\n" + outcome.err());
        if (outcome.code() == 2) {
            outcome.assertOneSentence();
        }
        return outcome;
    }
}
