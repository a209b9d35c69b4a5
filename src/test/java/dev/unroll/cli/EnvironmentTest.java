package dev.unroll.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unroll.cli.CommandRunner.Outcome;
import dev.unroll.testing.SparkTest;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Rule R9: neither the locale nor a link to the script nor the syntax of other programs changes an argument or a file.
 * Scripts run in a checkout whose Java prints what it is given.
 */
@SparkTest
class EnvironmentTest {

    private static SparkSession spark;

    @TempDir
    Path directory;

    private Path home;

    @BeforeEach
    void makeCheckout() throws IOException {
        home = directory.resolve("the checkout");
        Files.createDirectories(home.resolve("target"));
        Files.createDirectories(home.resolve("src/main"));
        Files.createDirectories(home.resolve("conf"));
        Files.createDirectories(home.resolve("java/bin"));
        Files.writeString(home.resolve("pom.xml"), "");
        Files.writeString(home.resolve("conf/java.options"), "");
        Files.writeString(home.resolve("target/classpath.txt"), "spark.jar");
        Files.writeString(home.resolve("target/built"), "");
        Path java = Files.writeString(
                home.resolve("java/bin/java"),
                "#!/bin/sh\necho LC_ALL=$LC_ALL\nfor a in \"$@\"; do echo \"$a\"; done\n");
        assertTrue(java.toFile().setExecutable(true));
        Files.createDirectories(home.resolve("submit"));
        try (Stream<Path> scripts = Files.list(Path.of("submit"))) {
            for (Path script : scripts.filter(Files::isRegularFile).toList()) {
                Path copy = Files.copy(script, home.resolve("submit").resolve(script.getFileName()));
                copy.toFile().setExecutable(true);
            }
        }
    }

    private List<String> run(Path in, Map<String, String> environment, String... command) throws Exception {
        ProcessBuilder builder =
                new ProcessBuilder(command).directory(in.toFile()).redirectErrorStream(true);
        builder.environment()
                .keySet()
                .removeIf(key -> key.startsWith("LC_") || key.equals("LANG") || key.startsWith("SPARK"));
        builder.environment().put("JAVA_HOME", home.resolve("java").toString());
        builder.environment().putAll(environment);
        Process process = builder.start();
        String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertTrue(process.waitFor(1, TimeUnit.MINUTES));
        assertEquals(0, process.exitValue(), out);
        return out.lines().toList();
    }

    /** A chain of links, absolute and relative, from whatever directory. */
    @ParameterizedTest
    @ValueSource(strings = {"direct", "absolute", "relative", "chain", "directory"})
    @DisabledOnOs(OS.WINDOWS)
    void script_findsItsCheckoutThroughLinks(String kind) throws Exception {
        Path script = home.resolve("submit/unroll");
        Path bin = Files.createDirectories(directory.resolve("bin"));
        Path link = bin.resolve("unroll");
        switch (kind) {
            case "absolute" -> Files.createSymbolicLink(link, script);
            case "relative" -> Files.createSymbolicLink(link, Path.of("../the checkout/submit/unroll"));
            case "chain" -> {
                Path first = Files.createSymbolicLink(directory.resolve("first"), script);
                Path second = Files.createSymbolicLink(bin.resolve("second"), Path.of("../first"));
                assertTrue(Files.exists(first) && Files.exists(second));
                Files.createSymbolicLink(link, Path.of("second"));
            }
            case "directory" ->
                link = Files.createSymbolicLink(bin.resolve("all"), home.resolve("submit"))
                        .resolve("unroll");
            default -> link = script;
        }
        for (Path in : List.of(directory, Path.of("/"))) {
            List<String> said = run(in, Map.of(), link.toString(), "note", "a b", "*", "");
            assertEquals(
                    List.of("dev.unroll.cli.Unroll", "note", "a b", "*", ""),
                    said.subList(said.size() - 5, said.size()));
            assertTrue(said.contains("-cp") && said.contains(home + "/target/unroll.jar:spark.jar"), said.toString());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"build", "unroll", "standalone", "wheel"})
    void everyScript_followsLinks(String name) throws IOException {
        String text = Files.readString(Path.of("submit", name));
        assertTrue(text.contains("$(readlink -f \"${BASH_SOURCE[0]}\")"), name);
    }

    /** A locale of ASCII becomes one of UTF-8; any other is left alone. */
    @ParameterizedTest
    @CsvSource({
        "C,,,C.UTF-8",
        "POSIX,,,C.UTF-8",
        ",,,C.UTF-8",
        ",C,,C.UTF-8",
        ",,C,C.UTF-8",
        "xx_YY.UTF-8,,,C.UTF-8",
        "C.UTF-8,,,C.UTF-8",
        ",C.UTF-8,,",
        ",,C.UTF-8,",
    })
    void script_setsALocaleOfUtf8WhereThereIsNone(String all, String type, String lang, String expected)
            throws Exception {
        Map<String, String> environment = Stream.of(
                        new String[] {"LC_ALL", all}, new String[] {"LC_CTYPE", type}, new String[] {"LANG", lang})
                .filter(pair -> pair[1] != null)
                .collect(Collectors.toMap(pair -> pair[0], pair -> pair[1]));
        List<String> said = run(
                directory,
                environment,
                home.resolve("submit/unroll").toString(),
                "train",
                "--train",
                "gr\u00F6\u00DFe-\u65E5\u672C.csv");
        assertTrue(said.contains("LC_ALL=" + (expected == null ? "" : expected)), said.toString());
    }

    private static Outcome command(String line) {
        return new CommandRunner(spark).run(line);
    }

    /** Other programs read arguments from a file after @; a name that begins so is a name. */
    @ParameterizedTest
    @ValueSource(strings = {"@C", "@@C", "x@C", "C@"})
    void valueThatBeginsWithAt_isAValue(String value) throws IOException {
        Path words = Files.writeString(directory.resolve("words"), "--verbose --seed 7 evil");
        String text = value.replace("C", words.toString());
        Path file = Files.writeString(directory.resolve("in.csv"), text + ",sex\nanna,F\nbob,M\n");
        String small = " --label-col sex --hidden-size 2 --embedding-size 2 --max-iter 1 --num-shards 1 --engine local";
        command("train --train " + file + " --features-col " + text + small + " --model " + directory + "/m")
                .json();
        command("train --train " + file + " --features-col @none" + small + " --model " + directory + "/n")
                .assertRefused("features-col is @none");
    }

    @ParameterizedTest
    @ValueSource(strings = {"--version", "-V"})
    void version_isPrinted(String option) {
        Outcome outcome = command(option);
        assertEquals(0, outcome.code());
        assertTrue(outcome.out().strip().matches("unroll .+"), outcome.out());
    }

    /** Letters, digits and separators of other languages, and capital letters of Turkish. */
    @ParameterizedTest
    @ValueSource(strings = {"tr-TR", "ar-EG", "de-DE", "th-TH-u-nu-thai"})
    void localeOfTheMachine_changesNothing(String locale) throws IOException {
        Path file = Files.writeString(
                directory.resolve("in.csv"),
                "TITLE,T\u0130,t\nI,1.5,2024-01-01\ni,2.5,2024-01-02\n\u0131,1,2024-01-03\n");
        String line = "train --train " + file + " --prepare windows --time-col t --value-cols T\u0130 --window-length 1"
                + " --hidden-size 2 --max-iter 1 --num-shards 1 --engine local --model " + directory + "/";
        String expected = command(line + "root").json().get("parameterHash").asText();
        Locale before = Locale.getDefault();
        try {
            Locale.setDefault(Locale.forLanguageTag(locale));
            Outcome outcome = command(line + "other");
            assertEquals(expected, outcome.json().get("parameterHash").asText());
            command("train --train " + file + " --features-col t\u0131tle --model " + directory + "/x")
                    .assertRefused("features-col is t\u0131tle", "TITLE");
        } finally {
            Locale.setDefault(before);
        }
    }
}
