package dev.unroll.cli.frame;

import java.io.BufferedWriter;
import java.io.IOException;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** A local file that a command writes: clear words where it cannot be, and nothing overwritten unasked. */
public final class OutputFile {

    private OutputFile() {}

    /** @throws UsageException if the file is there and may not be replaced */
    public static void requireNew(String key, Path file, boolean overwrite) {
        if (Files.exists(file) && !overwrite) {
            throw new UsageException(key + " " + file + " exists already; give another file or overwrite true");
        }
    }

    /** Opens the file, and creates missing parent folders. */
    public static BufferedWriter open(String key, Path file) {
        return new BufferedWriter(new OutputStreamWriter(openBytes(key, file), StandardCharsets.UTF_8));
    }

    /** Opens the file for bytes, and creates missing parent folders. */
    public static OutputStream openBytes(String key, Path file) {
        try {
            if (file.toAbsolutePath().getParent() != null) {
                Files.createDirectories(file.toAbsolutePath().getParent());
            }
            return Files.newOutputStream(file);
        } catch (IOException e) {
            throw new UsageException("cannot write " + key + " " + file + ": " + e);
        }
    }
}
