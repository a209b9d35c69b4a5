package dev.unroll.spark.source;

import dev.unroll.format.Location;
import java.io.FileNotFoundException;
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

    /** Over what a session may say: its readers would leave out, silently, what is damaged or has gone. */
    private static final Map<String, String> NOTHING_LEFT_OUT =
            Map.of("ignoreCorruptFiles", "false", "ignoreMissingFiles", "false");

    private SourcePaths() {}

    /** What there is, by qualified paths; nothing where there is none. */
    public static List<FileStatus> matching(String text, Configuration hadoop) throws IOException {
        Path exact = Location.path(text);
        FileSystem files = exact.getFileSystem(hadoop);
        Path qualified = files.makeQualified(exact);
        List<FileStatus> itself = existing(files, qualified);
        if (!itself.isEmpty()) {
            return itself;
        }
        List<FileStatus> found = new ArrayList<>();
        // The directory in which a relative path begins is no part of the pattern.
        boolean absolute = exact.isAbsolute() || exact.toUri().getScheme() != null;
        Path start = absolute ? new Path(qualified, Path.SEPARATOR) : files.getWorkingDirectory();
        for (String pattern : GlobExpander.expand(exact.toUri().getPath())) {
            List<String> names = Arrays.stream(pattern.split(Path.SEPARATOR))
                    .filter(name -> !name.isEmpty() && !name.equals(Path.CUR_DIR))
                    .toList();
            found.addAll(matching(files, start, names));
        }
        return found;
    }

    private static List<FileStatus> matching(FileSystem files, Path start, List<String> names) throws IOException {
        List<Path> directories = List.of(start);
        List<FileStatus> found = List.of();
        for (int i = 0; i < names.size(); i++) {
            String name = names.get(i);
            boolean isLast = i == names.size() - 1;
            List<Path> next = new ArrayList<>();
            found = new ArrayList<>();
            for (Path directory : directories) {
                if (!isLast && !mayBePattern(name)) {
                    next.add(Location.child(directory, name)); // unseen: one may be allowed to look further down only
                } else {
                    found.addAll(children(files, directory, name));
                }
            }
            found.stream()
                    .filter(FileStatus::isDirectory)
                    .map(FileStatus::getPath)
                    .forEach(next::add);
            directories = next;
        }
        return found;
    }

    /** A path that holds whatever is found for a text: the names before the first that may be a pattern. */
    public static Path around(String text) {
        Path path = Location.path(text);
        while (mayBePattern(path.toUri().getPath()) && path.getParent() != null) {
            path = path.getParent();
        }
        return path;
    }

    private static boolean mayBePattern(String name) {
        return name.chars().anyMatch(c -> "[]{}*?\\".indexOf(c) >= 0);
    }

    /** What Spark's reader makes of paths, none of which is a pattern. */
    static Dataset<Row> load(
            DataFrameReader reader, String[] paths, BiFunction<DataFrameReader, String[], Dataset<Row>> load) {
        // Of several paths, Spark's option would give those that look like a pattern several times.
        boolean one = paths.length == 1;
        reader.options(NOTHING_LEFT_OUT);
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

    /** The entries of a directory that have exactly that name, or else those that match it. */
    private static List<FileStatus> children(FileSystem files, Path directory, String name) throws IOException {
        GlobFilter filter = new GlobFilter(name);
        if (!filter.hasPattern()) {
            List<FileStatus> exact = existing(files, Location.child(directory, name));
            String plain = name.replaceAll("\\\\(.)", "$1");
            return exact.isEmpty() && !plain.equals(name) ? existing(files, Location.child(directory, plain)) : exact;
        }
        List<FileStatus> matching = new ArrayList<>();
        for (FileStatus entry : entries(files, directory)) {
            if (entry.getPath().getName().equals(name)) {
                return List.of(entry);
            }
            if (filter.accept(entry.getPath())) {
                matching.add(entry);
            }
        }
        return matching;
    }

    private static List<FileStatus> existing(FileSystem files, Path path) throws IOException {
        try {
            FileStatus status = files.getFileStatus(path);
            status.setPath(path);
            return List.of(status);
        } catch (FileNotFoundException e) {
            return List.of();
        }
    }

    /** None where there is no directory. */
    private static List<FileStatus> entries(FileSystem files, Path directory) throws IOException {
        try {
            return Arrays.stream(files.listStatus(directory))
                    .filter(entry -> !entry.getPath().equals(directory)) // a file lists itself
                    .toList();
        } catch (FileNotFoundException e) {
            return List.of();
        }
    }
}
