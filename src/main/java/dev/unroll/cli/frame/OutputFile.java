package dev.unroll.cli.frame;

import dev.unroll.format.FormatException;
import dev.unroll.format.Location;
import java.io.BufferedOutputStream;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.UUID;
import java.util.regex.Pattern;

/**
 * A local file that a command writes. Only a file of the kind that is written may be replaced; the new one is written
 * beside it and renamed. A symbolic link is replaced itself, and what it refers to stays as it was.
 *
 * @param key as it is given
 * @param own how a file of this kind begins, a byte as a character
 */
public record OutputFile(String key, Path path, Pattern own) {

    private static final int BEGINNING = 1 << 13;

    /** Writes what the file is to hold. */
    @FunctionalInterface
    public interface Content {
        void writeTo(OutputStream out) throws IOException;
    }

    /**
     * The file of that path or local URI.
     *
     * @throws UsageException if it is on another file system
     */
    public static OutputFile of(String key, String text, Pattern own) {
        return new OutputFile(key, localPath(key, text), own);
    }

    /** @throws UsageException if it is not on this machine */
    public static Path localPath(String key, String text) {
        try {
            if (!Location.isUri(text)) {
                return Path.of(text);
            }
            org.apache.hadoop.fs.Path uri = Location.path(text);
            if ("file".equals(uri.toUri().getScheme())) {
                return Path.of(uri.toUri().getPath());
            }
        } catch (IllegalArgumentException e) {
            throw new UsageException(key + " is " + FormatException.shown(text) + ", which is no path");
        }
        throw new UsageException(key + " is " + FormatException.shown(text) + "; allowed is a path of this machine");
    }

    /** @throws UsageException if the file is there and may not be replaced, or cannot be written */
    public void requireWritable(boolean overwrite) {
        requireNoLinkToNothing(key, path);
        if (Files.isDirectory(path)) {
            throw refused("is a directory; give the name of a file");
        }
        if (Files.exists(path) && !Files.isRegularFile(path)) {
            return; // a device or a pipe: it holds nothing that could be lost, and no file is made beside it
        }
        if (Files.exists(path) && !overwrite) {
            throw refused("exists already; give another file or overwrite true");
        }
        requireOwn();
        requireRoom(key, path, nearestDirectory(directory()));
    }

    /** @throws UsageException if there is a file of another kind */
    public void requireOwn() {
        if (!Files.isRegularFile(path)) {
            return; // nothing, or a device or a pipe, which holds nothing that could be lost
        }
        try (InputStream in = Files.newInputStream(path)) {
            String beginning = new String(in.readNBytes(BEGINNING), StandardCharsets.ISO_8859_1);
            if (!beginning.isEmpty() && !own.matcher(beginning).lookingAt()) {
                throw refused("is a file that this program has not written, so it is not overwritten; give another");
            }
        } catch (IOException e) {
            throw refused("cannot be read: " + FormatException.reason(e));
        }
    }

    /** @throws UsageException for a symbolic link to nothing, through which a file would come to be elsewhere */
    public static void requireNoLinkToNothing(String key, Path path) {
        if (Files.isSymbolicLink(path) && !Files.exists(path)) {
            throw new UsageException(key + " " + FormatException.shown(path.toString())
                    + " is a symbolic link to what is not there; remove it or give another");
        }
    }

    /** @throws UsageException if no file can be made in the directory */
    public static void requireRoom(String key, Path path, Path directory) {
        try {
            Files.delete(Files.createTempFile(directory, ".unroll", ""));
        } catch (IOException | IllegalArgumentException e) {
            throw new UsageException("cannot write " + key + " " + FormatException.shown(path.toString()) + ": "
                    + (Files.isDirectory(directory) ? "no file can be made in " : "there is no directory ")
                    + FormatException.shown(directory.toString()));
        }
    }

    /** The directory of the file. */
    public Path directory() {
        return path.toAbsolutePath().resolveSibling("");
    }

    /** The directory, or the nearest of its parents that is there. */
    public static Path nearestDirectory(Path directory) {
        Path absolute = directory.toAbsolutePath();
        for (Path there = absolute; there != null; there = there.getParent()) {
            if (Files.exists(there, LinkOption.NOFOLLOW_LINKS)) {
                return there;
            }
        }
        return absolute;
    }

    /** Writes text, in UTF-8. */
    public void writeText(TextContent content) {
        write(out -> {
            BufferedWriter writer = new BufferedWriter(new OutputStreamWriter(out, StandardCharsets.UTF_8));
            content.writeTo(writer);
            writer.flush();
        });
    }

    /** Writes what the text is to be. */
    @FunctionalInterface
    public interface TextContent {
        void writeTo(BufferedWriter out) throws IOException;
    }

    /** Writes the file, whole or not at all, and creates missing parent folders. */
    public void write(Content content) {
        boolean inPlace = Files.exists(path) && !Files.isRegularFile(path);
        Path draft = inPlace ? path : path.resolveSibling("." + UUID.randomUUID() + ".unroll");
        try {
            Files.createDirectories(directory());
            try (OutputStream out = new BufferedOutputStream(
                    inPlace
                            ? Files.newOutputStream(draft, StandardOpenOption.WRITE)
                            : Files.newOutputStream(draft, StandardOpenOption.CREATE_NEW))) {
                content.writeTo(out);
            }
            if (!inPlace) {
                Files.move(draft, path, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            }
        } catch (IOException e) {
            throw refused("cannot be written: " + FormatException.reason(e));
        } finally {
            if (!inPlace) {
                deleteQuietly(draft);
            }
        }
    }

    private static void deleteQuietly(Path draft) {
        try {
            Files.deleteIfExists(draft);
        } catch (IOException e) {
            // The failure that left it is being reported and matters more.
        }
    }

    private UsageException refused(String why) {
        return new UsageException(key + " " + FormatException.shown(path.toString()) + " " + why);
    }
}
