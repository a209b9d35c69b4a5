package dev.unroll.cli.frame;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Rules R3 and R9: a config file is lines of {@code key = value} and nothing else, and no line of it is lost. */
class ConfigFileTest {

    private static final List<Option> OPTIONS = List.of(
            Option.text("config", "the file"),
            Option.flag("verbose", "more"),
            Option.text("name", "a name"),
            Option.text("other", "a name"),
            Option.flag("loud", "a flag"),
            Option.pairs("read-option", "pairs"));

    @TempDir
    static Path directory;

    private static Settings of(byte[] content, Map<String, String> given) throws IOException {
        Path file = Files.write(directory.resolve("job.properties"), content);
        return Settings.of(OPTIONS, List.of(), given, file.toString());
    }

    private static Settings of(String content) throws IOException {
        return of(content.getBytes(StandardCharsets.UTF_8), Map.of());
    }

    private static String unescaped(String text) {
        return text.replace("\\n", "\n")
                .replace("\\r", "\r")
                .replace("\\t", "\t")
                .replace("\\b", "\uFEFF")
                .replace("~", "\\")
                .replace("''", "");
    }

    /** In the rows, ~ is a backslash. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "name = a | a",
                "name=a | a",
                "  name\\t=\\t a b  \\n | a b",
                "\\bname = a | a",
                "# no\\n\\n  # no\\nname = a\\r\\n | a",
                "name = C:~data~new~train.csv | C:~data~new~train.csv",
                "name = a~\\nother = b | a~",
                "name = a~u0041~tb | a~u0041~tb",
                "name = a # b | a # b",
                "name = a: b ! c | a: b ! c",
                "name = a = b | a = b",
                "name = größe 日本 | größe 日本",
                "name = \"a\" | \"a\"",
                "name = [0-9]+~. | [0-9]+~.",
                "name = | ''",
            })
    void line_isAKeyAndItsValueAsTheyAreWritten(String content, String value) throws IOException {
        assertEquals(
                Optional.of(unescaped(value.strip())), of(unescaped(content)).get("name"));
    }

    @Test
    void keyAlone_isAFlag() throws IOException {
        assertTrue(of("loud\n").flag("loud"));
        assertTrue(of("  loud  \r\nname = a").flag("loud"));
    }

    @Test
    void whatMayBeGivenSeveralTimes_addsUp() throws IOException {
        Settings both = of("read-option = nullValue=NA\nread-option = sep=;\n");
        assertEquals(Map.of("nullValue", "NA", "sep", ";"), both.pairs("read-option"));
        byte[] file = "read-option = nullValue=NA\nread-option = sep=;\nname = a".getBytes(StandardCharsets.UTF_8);
        Settings joined = of(file, Map.of("read-option", "sep=," + Option.SEPARATOR + "quote='", "name", "b"));
        assertEquals(Map.of("nullValue", "NA", "sep", ",", "quote", "'"), joined.pairs("read-option"));
        assertEquals("b", joined.require("name"), "the command line wins");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "name = a\\n\\nname = b | lines 1 and 3 both give name",
                "name = a\\nname = a | lines 1 and 2 both give name",
                "loud\\nloud = false | lines 1 and 2 both give loud",
                "read-option = sep=;\\nread-option = sep=, | read-option gives sep twice",
                "config = other.properties | line 1: config is given on the command line alone",
                "verbose = true | line 1: verbose is given on the command line alone",
                "help | unknown key help",
                "help = true | unknown key help",
                "nmae = a | unknown key nmae; allowed are loud, name",
                "! comment | unknown key ! comment",
                "name: a | unknown key name: a",
                "name a | unknown key name a",
                "= a | line 1: there is no key before =",
                "name | line 1: name has no value; write name = value",
                "na~u006De = a | unknown key na~u006De",
                "loud = perhaps | loud is perhaps; allowed is true or false",
                "read-option = sep | read-option is sep; allowed is key=value",
            })
    void anythingElse_isRefusedWithItsLine(String content, String said) {
        UsageException refused = assertThrows(UsageException.class, () -> of(unescaped(content)));
        assertTrue(refused.getMessage().contains(unescaped(said)), refused.getMessage());
        assertTrue(refused.getMessage().length() <= 400, refused.getMessage());
    }

    @Test
    void fileThatIsNoConfig_isRefusedInAShortSentence() {
        String key = "k".repeat(200_000) + "\u001B";
        for (String content : List.of(key, key + " = a", "name = a\nloud = " + key)) {
            String said = assertThrows(UsageException.class, () -> of(content)).getMessage();
            assertTrue(said.length() <= 400 && said.indexOf('\u001B') < 0, said);
        }
        byte[] latin = "name = gr\u00F6\u00DFe".getBytes(StandardCharsets.ISO_8859_1);
        assertTrue(assertThrows(UsageException.class, () -> of(latin, Map.of()))
                .getMessage()
                .contains("job.properties: line 1 is not valid UTF-8"));
        for (String file : List.of("/dev/zero", directory.toString(), directory + "/none")) {
            String said = assertThrows(UsageException.class, () -> Settings.of(OPTIONS, List.of(), Map.of(), file))
                    .getMessage();
            assertTrue(said.startsWith("cannot read config " + file + ": "), said);
            assertTrue(!said.contains("Exception"), said);
        }
    }
}
