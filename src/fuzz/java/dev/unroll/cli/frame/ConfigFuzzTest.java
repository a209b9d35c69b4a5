package dev.unroll.cli.frame;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** Any bytes are a config file, or refused by {@link UsageException}. */
class ConfigFuzzTest {

    @FuzzTest
    void config(byte[] bytes) throws IOException {
        Path file = Files.createTempFile("fuzz", ".properties");
        try {
            Files.write(file, bytes);
            Settings.of(List.of(Option.text("a", "text"), Option.whole("b", 0, "number")), List.of(), Map.of(), file.toString());
        } catch (UsageException refused) {
            // what is promised
        } finally {
            Files.delete(file);
        }
    }
}
