package dev.unroll.cli.command;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.text.Normalizer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The default job's frozen data, and the generator that made them. */
@Tag("slow")
class LocaleNamesTest {

    @TempDir
    Path directory;

    @Test
    void theFrozenBytesAreTheOnesEveryHashRestsOn() throws Exception {
        assertEquals(
                "c6bb7aa4260c7fd63c99122aa1720fc6261a0d31d3ac9ddab207783c85037484",
                HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(frozen().getBytes(UTF_8))));
    }

    @Test
    void everyRowIsOneCleanNameAndOneOfThe24Languages() throws IOException {
        List<String[]> rows = rows(frozen());
        assertEquals(17_918, rows.size());
        Set<String> languages = new TreeSet<>();
        for (String[] row : rows) {
            assertEquals(2, row.length, Arrays.toString(row));
            String name = row[0];
            assertTrue(Normalizer.isNormalized(name, Normalizer.Form.NFC), name);
            assertEquals(LocaleNames.clean(name), name, "nothing is left to clean");
            assertTrue(name.codePoints().anyMatch(Character::isLetter), name);
            assertTrue(name.codePoints().noneMatch(Character::isDigit), name);
            languages.add(row[1]);
        }
        String expected = "en de fr es it pt nl sv fi pl cs hu tr vi el ru uk bg ar he hi ja ko zh";
        assertEquals(new TreeSet<>(List.of(expected.split(" "))), languages);
        assertEquals(LocaleNames.languageCodes(), languages);
    }

    @Test
    void noNameBelongsToTwoLanguages() throws IOException {
        List<String[]> rows = rows(frozen());
        Set<String> names = new HashSet<>();
        rows.forEach(row -> assertTrue(names.add(row[0]), row[0] + " stands twice"));
    }

    @Test
    void rowsAreSortedByLanguageThenCodePoint() throws IOException {
        List<String[]> rows = rows(frozen());
        Comparator<String[]> order = Comparator.<String[], String>comparing(row -> row[1])
                .thenComparing(row -> row[0], LocaleNames.byCodePoint());
        assertEquals(
                rows.stream().sorted(order).map(Arrays::toString).toList(),
                rows.stream().map(Arrays::toString).toList());
    }

    @Test
    void orderIsByCodePointAlsoBeyondTheFirstPlane() {
        // As UTF-16 units the first (U+1F600, a surrogate pair) would come before the second (U+FF08).
        assertTrue(LocaleNames.byCodePoint().compare("\uD83D\uDE00", "\uFF08") > 0);
    }

    @Test
    void remarksOfYearsAndAcronymsGoAndNaturalOnesStay() {
        assertEquals("Belarus-Rubel", LocaleNames.clean("Belarus-Rubel (1994–1999)"));
        assertEquals("シンバブエ ドル", LocaleNames.clean("シンバブエ ドル（2008）"));
        assertEquals("روبل روسي", LocaleNames.clean("روبل روسي - 1991-1998"));
        assertEquals("دولار زمبابوي", LocaleNames.clean("دولار زمبابوي 2009"));
        assertEquals("دولار أمريكي (اليوم التالي)", LocaleNames.clean("دولار أمريكي (اليوم التالي)\u200F"));
        assertEquals("unité de conversion mexicaine", LocaleNames.clean("unité de conversion mexicaine (UDI)"));
        assertEquals("Myanmar (Burma)", LocaleNames.clean("Myanmar\u00A0(Burma)"));
        assertEquals("São Tomé", LocaleNames.clean(" Sa\u0303o  Tome\u0301 "));
    }

    @Test
    void thisJdkStillHasNineTenthsOfTheFrozenNames() throws Exception {
        Path file = directory.resolve("names.tsv");
        Run run = run(List.of(), file.toString());
        String jdk = "JDK " + Runtime.version() + " (" + System.getProperty("java.vendor") + "): ";
        assertEquals(0, run.exitCode, jdk + run.output);
        Set<String> frozen = new HashSet<>(lines(frozen()));
        Set<String> now = new HashSet<>(lines(Files.readString(file, UTF_8)));
        Set<String> both = new HashSet<>(frozen);
        both.retainAll(now);
        String found = jdk + both.size() + " of " + frozen.size() + " frozen names among " + now.size();
        assertTrue(both.size() >= 0.9 * frozen.size(), found);
        assertTrue(both.size() >= 0.9 * now.size(), found);
    }

    @Test
    void theFileDoesNotDependOnTheDefaultLocaleOrEncoding() throws Exception {
        Path plain = directory.resolve("plain.tsv");
        Path turkish = directory.resolve("turkish.tsv");
        assertEquals(0, run(List.of(), plain.toString()).exitCode);
        List<String> options = List.of("-Duser.language=tr", "-Duser.country=TR", "-Dfile.encoding=US-ASCII");
        assertEquals(0, run(options, turkish.toString()).exitCode);
        assertEquals(-1, Files.mismatch(plain, turkish));
    }

    @Test
    void anObstacleIsOneSentenceAndExitCode2() throws Exception {
        String file = directory.resolve("names.tsv").toString();
        refused(run(List.of("-Djava.locale.providers=SPI"), file), "start Java with -Djava.locale.providers=CLDR");
        refused(run(List.of("--limit-modules=java.base"), file), "no module jdk.localedata");
        refused(run(List.of()), "one argument");
        refused(run(List.of(), directory.resolve("missing/names.tsv").toString()), "cannot write");
        assertTrue(Files.notExists(Path.of(file)));
    }

    private static void refused(Run run, String because) {
        assertEquals(2, run.exitCode, run.output);
        assertTrue(run.output.contains(because), run.output);
        assertEquals(1, run.output.strip().lines().count(), run.output);
    }

    private record Run(int exitCode, String output) {}

    /** A JVM of its own, since the choice of locale data is made once in a JVM's life. */
    private Run run(List<String> options, String... arguments) throws Exception {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(options);
        command.add("-cp");
        command.add(Path.of(LocaleNames.class
                        .getProtectionDomain()
                        .getCodeSource()
                        .getLocation()
                        .toURI())
                .toString());
        command.add(LocaleNames.class.getName());
        command.addAll(List.of(arguments));
        Path output = Files.createTempFile(directory, "output", ".txt");
        ProcessBuilder builder =
                new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(output.toFile());
        // Options from the environment would add a line of their own to the output.
        builder.environment().keySet().removeAll(Set.of("JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS"));
        Process process = builder.start();
        try {
            assertTrue(process.waitFor(2, TimeUnit.MINUTES), "the generator takes seconds");
        } finally {
            process.destroyForcibly();
        }
        return new Run(process.exitValue(), Files.readString(output));
    }

    private static String frozen() throws IOException {
        try (InputStream in = DefaultJob.class.getResourceAsStream(DefaultJob.RESOURCE)) {
            return new String(in.readAllBytes(), UTF_8);
        }
    }

    /** The lines after the header. */
    private static List<String> lines(String text) {
        assertTrue(text.endsWith("\n"));
        assertTrue(text.startsWith(LocaleNames.HEADER + "\n"));
        return Stream.of(text.split("\n")).skip(1).toList();
    }

    private static List<String[]> rows(String text) {
        return lines(text).stream().map(line -> line.split("\t", -1)).toList();
    }
}
