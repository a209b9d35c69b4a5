package dev.unroll.format;

import java.util.regex.Pattern;
import org.apache.hadoop.fs.Path;

/**
 * A path or a URI as a person writes it, to the path that it names. Only {@code scheme:/...} is a URI; everything else
 * is a path, whatever its characters: Hadoop itself takes {@code run:1} for a scheme.
 */
public final class Location {

    private static final Pattern URI = Pattern.compile("[A-Za-z][A-Za-z0-9+.-]*:/.*", Pattern.DOTALL);

    private Location() {}

    /** @throws IllegalArgumentException if it is empty, or a URI that cannot be understood */
    public static Path path(String text) {
        return isUri(text) ? new Path(text) : new Path(null, null, text);
    }

    /** Whether the text says on which file system it is. */
    public static boolean isUri(String text) {
        return URI.matcher(text).matches();
    }

    /** The entry of a directory: its name is one name, whatever its characters. */
    public static Path child(Path directory, String name) {
        return new Path(directory, new Path(null, null, name));
    }

    /** The path for messages: a plain path if it is local. */
    static String shown(Path path) {
        return "file".equals(path.toUri().getScheme()) ? path.toUri().getPath() : path.toString();
    }
}
