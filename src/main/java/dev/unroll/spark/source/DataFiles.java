package dev.unroll.spark.source;

import dev.unroll.data.InputException;
import java.io.IOException;
import java.net.URI;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.BiFunction;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.io.compress.CompressionCodecFactory;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.DataFrameReader;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.util.SerializableConfiguration;

/**
 * The files of a path, listed once: those that rows are read from, which are the ones that Spark would read, and those
 * that are left out.
 */
final class DataFiles {

    /** Bytes that a line may have. */
    static final long MAX_LINE = 64L << 20;

    private static final int MOST_TASKS = 1_000; // a task takes longer to begin than a small file to be looked at

    private static final String HIDDEN = "file whose name begins with _ or .";
    private static final String BELOW = "file in a sub-folder";

    private final SparkSession spark;
    private final String path;
    private final String[] paths;
    private final ReadOptions options;
    private final Dataset<Row> text;
    private final List<String> names;
    private final List<FileStatus> all = new ArrayList<>();
    private final Map<String, Path> leftOut = new TreeMap<>(); // the first of each reason
    private final Map<String, Long> leftOutCounts = new TreeMap<>();

    /**
     * @param path as it was given, for messages
     * @param found the files and directories that it means
     * @throws InputException if there is no data file, or one that is packed in a way that cannot be read
     */
    DataFiles(SparkSession spark, String path, List<FileStatus> found, ReadOptions options) {
        this.spark = spark;
        this.path = path;
        this.paths = found.stream().map(root -> root.getPath().toString()).toArray(String[]::new);
        this.options = options;
        Dataset<Row> read = load(spark.read().options(options.ofFiles()), DataFrameReader::text);
        names = new ArrayList<>(Arrays.asList(read.inputFiles()));
        if (names.isEmpty()) {
            throw new InputException(
                    "there is no data file in " + path + " (names that begin with _ or . do not count)");
        }
        names.sort(null);
        DataFrameReader reader = spark.read().options(options.ofFiles());
        StructType exact = FolderColumns.exact(read.schema(), names);
        text = exact.equals(read.schema()) ? read : load(reader.schema(exact), DataFrameReader::text);
        list(found);
    }

    /** What a reader of Spark's makes of the files. */
    Dataset<Row> load(DataFrameReader reader, BiFunction<DataFrameReader, String[], Dataset<Row>> format) {
        return SourcePaths.load(reader, paths, format);
    }

    /** The lines as Spark gives them, with the partition columns of the directory. */
    Dataset<Row> text() {
        return text;
    }

    /** The files that Spark reads, in the order of their names. */
    List<String> names() {
        return names;
    }

    Configuration hadoop() {
        return spark.sparkContext().hadoopConfiguration();
    }

    /**
     * Files that are not read, by reason. What Spark takes for its own is counted, since a name that begins with _ or .
     * says so; a sub-folder is an error unless such files are skipped.
     */
    Map<String, Long> leftOut(boolean skip) {
        Path first = leftOut.get(BELOW);
        if (first != null && !skip) {
            throw new InputException(path + ": " + leftOutCounts.get(BELOW) + " files in sub-folders are not read, "
                    + SourceFiles.shown(first.toUri().toString())
                    + " for one; read them with read-option recursiveFileLookup=true, or give a pattern of the files"
                    + " to read (handle-invalid skip counts them)");
        }
        return leftOutCounts;
    }

    /** Goes through the folders level by level, since their storage may be slow to answer. */
    private void list(List<FileStatus> found) {
        Set<Path> read = new HashSet<>();
        names.forEach(name -> read.add(new Path(URI.create(name))));
        List<FileStatus> level = found;
        for (int depth = 0; !level.isEmpty(); depth++) {
            List<Path> folders = new ArrayList<>();
            for (FileStatus status : level) {
                if (!status.isDirectory()) {
                    add(status, read, depth);
                } else if (depth == 0
                        || !isHidden(status.getPath())) { // Spark keeps files of its own in hidden folders
                    folders.add(status.getPath());
                }
            }
            level = InParallel.map(folders, this::children).stream()
                    .flatMap(List::stream)
                    .toList();
        }
    }

    private List<FileStatus> children(Path folder) {
        try {
            return List.of(folder.getFileSystem(hadoop()).listStatus(folder));
        } catch (IOException e) {
            throw new InputException("cannot read " + path + ": " + ReadFailure.reason(e), e);
        }
    }

    private void add(FileStatus status, Set<Path> read, int depth) {
        Path file = status.getPath();
        if (read.contains(file)) {
            all.add(status);
            requireReadable(file);
        } else if (status.getLen() > 0 && !isOfTools(file.getName())) {
            if (isHidden(file)) {
                count(HIDDEN, file);
            } else if (depth > 1 && options.ofFiles().isEmpty()) {
                count(BELOW, file); // with options about files, a file may be left out on purpose
            }
        }
    }

    private void count(String reason, Path file) {
        leftOutCounts.merge(reason, 1L, Long::sum);
        leftOut.merge(reason, file, (a, b) -> a.compareTo(b) < 0 ? a : b);
    }

    private static boolean isHidden(Path file) {
        String name = file.getName();
        return name.startsWith(".") || (name.startsWith("_") && !name.contains("="));
    }

    /** Names under which Spark, Hadoop and desktops write beside data. */
    private static boolean isOfTools(String name) {
        return name.endsWith(".crc")
                || name.startsWith("._")
                || name.equals(".DS_Store")
                || name.matches("_SUCCESS|_(common_)?metadata|_(started|committed)_.*");
    }

    private void requireReadable(Path file) {
        Packing.ofName(file.getName())
                .filter(packing -> !options.format().equals("parquet"))
                .filter(packing ->
                        packing == Packing.TAR || !SourceFiles.isPacked(file, new CompressionCodecFactory(hadoop())))
                .ifPresent(packing -> {
                    throw new InputException(SourceFiles.shown(file.toUri().toString()) + " is packed with "
                            + packing.tool() + ", which is not read; decompress it, or " + Packing.READABLE);
                });
    }

    /** Refuses names that Spark, where it infers the types of rows of several lines, takes for patterns. */
    void requirePlainNames() {
        for (String name : names) {
            String shown = SourceFiles.shown(name);
            if (shown.chars().anyMatch(c -> "[]{}*?\\".indexOf(c) >= 0)) {
                throw new InputException("cannot read " + BadRow.shown(shown)
                        + " with these read-options: Spark takes its name for a pattern; rename it");
            }
        }
    }

    /**
     * Checks that files can be decoded to their end.
     *
     * @param maxLine bytes that a line may have
     * @throws InputException for the first that cannot
     */
    void requireWhole(long maxLine) {
        FileCheck check = new FileCheck(maxLine);
        CompressionCodecFactory codecs = new CompressionCodecFactory(hadoop());
        List<String> some = all.stream()
                .filter(file -> check.concerns(file, codecs))
                .map(file -> file.getPath().toString())
                .sorted()
                .toList();
        if (some.isEmpty()) {
            return;
        }
        JavaSparkContext context = JavaSparkContext.fromSparkContext(spark.sparkContext());
        Broadcast<SerializableConfiguration> hadoop = context.broadcast(new SerializableConfiguration(hadoop()));
        try {
            context
                    .parallelize(some, Math.min(some.size(), MOST_TASKS))
                    .map(file -> new FileCheck(maxLine)
                            .fault(new Path(file), hadoop.value().value())
                            .orElse(""))
                    .collect()
                    .stream()
                    .filter(fault -> !fault.isEmpty())
                    .findFirst()
                    .ifPresent(fault -> {
                        throw new InputException(fault);
                    });
        } finally {
            hadoop.destroy();
        }
    }
}
