package dev.unroll.spark.source;

import dev.unroll.format.Location;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.GlobExpander;
import org.apache.hadoop.fs.GlobFilter;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RawLocalFileSystem;
import org.apache.spark.sql.DataFrameReader;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/**
 * The files and directories that a text means: what has exactly that name, or else what matches it as a pattern.
 *
 * <p>Patterns are Hadoop's ({@code *}, {@code ?}, {@code [ab]}, {@code {a,b}}, and a backslash before a character that
 * is to be itself). They are matched here since Hadoop's own search takes {@code data[1].csv} for a pattern even where
 * there is a file of that name, and fails in a directory that holds a name with a colon. Spark is then told to take
 * a path as it is ({@link #load}).
 */
public final class SourcePaths {

    /** The option of Spark's readers that makes them take a path as it is, if it is false. */
    private static final String AS_THEY_ARE = "__globPaths__";

    /** Local files without Hadoop's checksums, whose files cannot be named where a name has a colon. */
    private static final Map<String, String> WITHOUT_CHECKSUMS =
            Map.of("fs.file.impl", RawLocalFileSystem.class.getName(), "fs.file.impl.disable.cache", "true");

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

    /** What Spark's reader makes of paths, none of which is a pattern. */
    static Dataset<Row> load(
            DataFrameReader reader, String[] paths, BiFunction<DataFrameReader, String[], Dataset<Row>> load) {
        // Of several paths, Spark's option would give those that look like a pattern several times.
        boolean one = paths.length == 1;
        String[] exact =
                one ? paths : Arrays.stream(paths).map(SourcePaths::escaped).toArray(String[]::new);
        Dataset<Row> rows = load.apply(reader.option(AS_THEY_ARE, !one), exact);
        boolean colon = Arrays.stream(rows.inputFiles()).anyMatch(SourceFiles::hasColon);
        return colon ? load.apply(reader.options(WITHOUT_CHECKSUMS), exact) : rows;
    }

    /** A pattern that only this path matches. */
    private static String escaped(String path) {
        return path.replaceAll("[\\[\\]{}*?\\\\]", "\\\\$0");
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
