package dev.unroll.cli.bench;

import dev.unroll.cli.frame.Option;
import dev.unroll.cli.frame.OutputFile;
import dev.unroll.cli.frame.Settings;
import dev.unroll.cli.frame.UsageException;
import dev.unroll.format.FormatException;
import dev.unroll.preflight.ClusterCosts;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.regex.Pattern;

/** The file of a cluster's costs, which {@code bench} writes and {@code plan} reads. */
public final class CostsFile {

    private static final String KEY = "costs";

    /** The file to read. */
    public static final Option OPTION = Option.text(
            KEY,
            "a file of this cluster's costs, which bench --spark --write-costs has written; without it the usual ones");

    private static final int MOST_BYTES = 1 << 16;
    private static final Pattern OWN = Pattern.compile(Pattern.quote(ClusterCosts.BEGINNING));

    private CostsFile() {}

    /**
     * The costs of the file that the settings name; empty where they name none.
     *
     * @throws UsageException if it cannot be read or understood
     */
    public static Optional<ClusterCosts> read(Settings settings) {
        return settings.get(KEY).map(text -> {
            Path path = OutputFile.localPath(KEY, text);
            try (InputStream in = Files.newInputStream(path)) {
                byte[] bytes = in.readNBytes(MOST_BYTES + 1);
                if (bytes.length > MOST_BYTES) {
                    throw new UsageException(KEY + " " + FormatException.shown(text) + " has more than " + MOST_BYTES
                            + " bytes; expected is what bench --write-costs writes");
                }
                return ClusterCosts.read(new ByteArrayInputStream(bytes), KEY + " " + FormatException.shown(text));
            } catch (FormatException e) {
                throw new UsageException(String.valueOf(e.getMessage()));
            } catch (IOException e) {
                throw new UsageException(
                        KEY + " " + FormatException.shown(text) + " cannot be read: " + FormatException.reason(e));
            }
        });
    }

    /** The file to write, of that key. */
    static OutputFile output(String key, String text) {
        return OutputFile.of(key, text, OWN);
    }
}
