package dev.unroll.format;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Rule R8: a reader waits for what is being replaced, and only for that. */
class VersionsTest {

    @TempDir
    Path parent;

    private Path model;

    @BeforeEach
    void write() throws Exception {
        model = parent.resolve("m");
        Files.createDirectory(model);
        Files.writeString(model.resolve("spec.json"), "one");
    }

    private String read() throws FormatException {
        return read(Directory.of(model.toString(), new Configuration()));
    }

    private static String read(Directory directory) throws FormatException {
        return Versions.read(directory, List.of("spec.json", "metadata/"), () -> {
            directory.requireExists("model");
            return directory.read(
                    "spec.json", (in, length, file) -> new String(in.readAllBytes(), StandardCharsets.UTF_8));
        });
    }

    /** What is replaced may be a directory above the one that is read, as a model's is above its data. */
    @ParameterizedTest(name = "below: \"{0}\"")
    @ValueSource(strings = {"", "data", "data/deeper"})
    void betweenTwoRenames_theReaderWaits(String below) throws Exception {
        Files.createDirectories(model.resolve(below));
        if (!below.isEmpty()) {
            Files.move(model.resolve("spec.json"), model.resolve(below).resolve("spec.json"));
        }
        Path old = parent.resolve("_temporary.x.replaced");
        Files.move(model, old);
        CompletableFuture<Void> back = CompletableFuture.runAsync(
                () -> {
                    try {
                        Files.move(old, model);
                    } catch (Exception e) {
                        throw new IllegalStateException(e);
                    }
                },
                CompletableFuture.delayedExecutor(200, TimeUnit.MILLISECONDS));
        assertEquals("one", read(Directory.of(model.resolve(below).toString(), new Configuration())));
        back.get();
    }

    @Test
    void whatNeverWas_isRefusedAtOnce() throws Exception {
        assertEquals("one", read());
        Files.move(model, parent.resolve("other"));
        long begin = System.nanoTime();
        FormatException refused = assertThrows(FormatException.class, this::read);
        assertTrue(TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - begin) < 500);
        assertEquals("there is no model directory " + model, refused.getMessage());
    }

    @Test
    void replacementThatNeverEnds_isAFailureInTheEnd() throws Exception {
        Files.move(model, parent.resolve("_temporary.x.replaced"));
        assertEquals(
                "there is no model directory " + model,
                assertThrows(FormatException.class, this::read).getMessage());
    }
}
