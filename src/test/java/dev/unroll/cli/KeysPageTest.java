package dev.unroll.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.unroll.ml.Keys;
import dev.unroll.ml.RnnClassifier;
import dev.unroll.ml.SequenceAssembler;
import dev.unroll.ml.SlidingWindows;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** docs/keys.md is made here from the Params and the commands: {@code mvn test -Dtest=KeysPageTest -Dkeys.update=true} writes it. */
class KeysPageTest {

    private static final Path PAGE = Path.of("docs/keys.md");

    @Test
    void page_saysWhatTheProgramSays() throws IOException {
        String page = page();
        if (Boolean.getBoolean("keys.update")) {
            Files.writeString(PAGE, page);
        }
        assertEquals(Files.readString(PAGE), page, "docs/keys.md is not up to date; see the comment of this test");
    }

    private static String page() {
        StringBuilder page = new StringBuilder(
                "# Keys\n\nMade from the program by `KeysPageTest`. On the command line `--key value`, in a"
                        + " config file `key = value`; a boolean\nkey alone means true. [data.md](data.md) shows how"
                        + " files are read.\n");
        table(page, "Training (Params of `RnnClassifier`)", Keys.of(new RnnClassifier()));
        table(
                page,
                "With `prepare windows`: time series (Params of `SlidingWindows`)",
                Preparation.keys(new SlidingWindows()));
        table(
                page,
                "With `prepare sequences`: events (Params of `SequenceAssembler`)",
                Preparation.keys(new SequenceAssembler()));
        for (Unroll.Command command : Unroll.COMMANDS) {
            page.append(
                    String.format("%n## `%s`%n%n%s%n%n| key | |%n|---|---|%n", command.name(), command.description()));
            command.keys().forEach((name, text) -> page.append(String.format("| `%s` | %s |%n", name, text)));
        }
        return page.toString();
    }

    private static void table(StringBuilder page, String title, Map<String, Keys.Key> keys) {
        page.append("\n## ").append(title).append("\n\n| key | Param | default | allowed | |\n|---|---|---|---|---|\n");
        for (Keys.Key key : keys.values()) {
            page.append(String.format(
                    "| `%s` | `%s` | %s | %s | %s |%n",
                    key.name(), key.param().name(), key.defaultText(), key.allowed(), key.doc()));
        }
    }
}
