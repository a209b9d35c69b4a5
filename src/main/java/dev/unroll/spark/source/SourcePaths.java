package dev.unroll.spark.source;

import dev.unroll.format.Location;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.GlobExpander;
import org.apache.hadoop.fs.GlobFilter;
import org.apache.hadoop.fs.Path;

/**
 * The files and directories that a text means: what has exactly that name, or else what matches it as a pattern.
 *
 * <p>Patterns are Hadoop's ({@code *}, {@code ?}, {@code [ab]}, {@code {a,b}}, and a backslash before a character that
 * is to be itself). They are matched here since Hadoop's own search takes {@code data[1].csv} for a pattern even where
 * there is a file of that name, and fails in a directory that holds a name with a colon. Spark is then told to take
 * paths as they are ({@link #AS_THEY_ARE}).
 */
public final class SourcePaths {

    /** The option of Spark's readers that makes them take a path as it is, if it is false. */
    static final String AS_THEY_ARE = "__globPaths__";

    private SourcePaths() {}

    /** The paths, qualified; none where there is nothing. */
    public static List<Path> matching(String text, Configuration hadoop) throws IOException {
        Path exact = Location.path(text);
        FileSystem files = exact.getFileSystem(hadoop);
        Path qualified = files.makeQualified(exact);
        if (files.exists(qualified)) {
            return List.of(qualified);
        }
        List<Path> found = new ArrayList<>();
        // The directory in which a relative path begins is no part of the pattern.
        boolean absolute = exact.isAbsolute() || exact.toUri().getScheme() != null;
        Path start = absolute ? new Path(qualified, Path.SEPARATOR) : files.getWorkingDirectory();
        for (String pattern : GlobExpander.expand(exact.toUri().getPath())) {
            List<Path> here = List.of(start);
            for (String name : pattern.split(Path.SEPARATOR)) {
                here = name.isEmpty() || name.equals(Path.CUR_DIR) ? here : children(files, here, name);
            }
            found.addAll(here);
        }
        return found;
    }

    private static List<Path> children(FileSystem files, List<Path> directories, String name) throws IOException {
        GlobFilter filter = new GlobFilter(name);
        List<Path> children = new ArrayList<>();
        for (Path directory : directories) {
            Path exact = Location.child(directory, name);
            Path plain = Location.child(directory, name.replaceAll("\\\\(.)", "$1"));
            if (files.exists(exact)) {
                children.add(exact);
            } else if (!filter.hasPattern() && files.exists(plain)) {
                children.add(plain);
            } else if (filter.hasPattern() && files.getFileStatus(directory).isDirectory()) {
                for (FileStatus entry : files.listStatus(directory)) {
                    if (filter.accept(entry.getPath())) {
                        children.add(entry.getPath());
                    }
                }
            }
        }
        return children;
    }
}
