package dev.unroll.cli.command;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Writes the default job's training and validation rows as two files, for baselines in other programs: see
 * benchmarks/default-job.sh.
 */
final class DefaultSplit {

    private DefaultSplit() {}

    public static void main(String[] args) throws IOException {
        List<String> train = new ArrayList<>(List.of("name\tlanguage"));
        List<String> test = new ArrayList<>(List.of("name\tlanguage"));
        double fraction = Double.parseDouble(DefaultJob.DEFAULTS.get("validation-fraction"));
        try (BufferedReader reader = new BufferedReader(new InputStreamReader(
                DefaultJob.class.getResourceAsStream(DefaultJob.RESOURCE), StandardCharsets.UTF_8))) {
            reader.lines().skip(1).forEach(line -> {
                (DefaultJob.isHeldOut(line.split("\t")[0], fraction) ? test : train).add(line);
            });
        }
        Files.createDirectories(Path.of(args[0]));
        Files.write(Path.of(args[0], "train.tsv"), train);
        Files.write(Path.of(args[0], "test.tsv"), test);
    }
}
