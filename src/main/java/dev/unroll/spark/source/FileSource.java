package dev.unroll.spark.source;

import dev.unroll.data.InputException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.Charset;
import java.nio.charset.IllegalCharsetNameException;
import java.nio.charset.StandardCharsets;
import java.nio.charset.UnsupportedCharsetException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.io.Text;
import org.apache.hadoop.util.LineReader;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.DataFrameReader;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/**
 * Files as a DataFrame in which nothing is lost: takes a path, gives rows with the {@link Origin} of each. A line that cannot be used is
 * a row with a fault, never a null that nobody asked for, and no task throws for it. The reader of rows then refuses it with file,
 * line and reason, or skips and counts it.
 *
 * <p>In csv and tsv every column is text, and the first line names the columns. A row of text is one column, {@code value}. Parquet goes
 * through as Spark reads it, with its columns pruned.
 *
 * @param format csv, tsv, json, parquet or text
 * @param options Spark's own options of the format, which win
 *
 * <h2>For maintainers: two ways through the same formats</h2>
 *
 * Lines are read here ({@link LineRows}), because Spark's readers are lenient where it hurts: they replace bytes that are not UTF-8 with
 * U+FFFD, take an unclosed quote, read files by the header of another one, take what stands behind a JSON object, and turn a column to
 * text for one row. With options that change what a row or a value is ({@code multiLine}, {@code inferSchema}, {@code lineSep}, and
 * whatever is not in {@link #lines}) Spark's reader does it, permissively and with its column of corrupt records; then an error names
 * the row of the file, and a file that is not valid UTF-8 is refused as a whole.
 */
public record FileSource(String format, Map<String, String> options) {

    /** The formats there are. */
    public static final List<String> FORMATS = List.of("csv", "tsv", "json", "parquet", "text");

    /** Options about files rather than rows, in lower case. */
    private static final Set<String> FILE_OPTIONS =
            Set.of("pathglobfilter", "recursivefilelookup", "modifiedbefore", "modifiedafter", "basepath");

    private static final Set<String> CHARSET_OPTIONS = Set.of("encoding", "charset");

    private static final String CORRUPT = "_unroll_corrupt";

    /** What the parts of the data are, before the work on them begins. */
    private interface Reading {
        Dataset<Row> rows() throws Exception;
    }

    public FileSource {
        if (!FORMATS.contains(format)) {
            throw new IllegalArgumentException(
                    "format is " + format + "; allowed are csv, tsv, json, parquet and text");
        }
        options = Map.copyOf(options);
        for (String option : options.keySet()) {
            if (option.equalsIgnoreCase("mode")) {
                throw new IllegalArgumentException("read-option is mode=" + options.get(option)
                        + "; handle-invalid says what is done with bad rows");
            }
        }
    }

    /**
     * Reads files or directories.
     *
     * @param used the columns that the work needs; matters for json, where rows must agree in these columns
     * @throws InputException if there is nothing to read, or files do not go together
     */
    public Dataset<Row> read(SparkSession spark, String path, Collection<String> used) {
        requireExists(spark, path);
        Charset charset = charset();
        return guarded(path, () -> {
            Dataset<Row> rows =
                    switch (format) {
                        case "parquet" -> parquet(spark, path);
                        case "text" -> lines("") ? strict(spark, path, charset, used) : wholeTexts(spark, path);
                        case "json" ->
                            lines("") ? strict(spark, path, charset, used) : permissive(spark, path, charset);
                        default ->
                            strictTable() ? strict(spark, path, charset, used) : permissive(spark, path, charset);
                    };
            requireDistinct(rows.schema(), path);
            return rows;
        });
    }

    private static Dataset<Row> guarded(String path, Reading reading) {
        try {
            return reading.rows();
        } catch (RuntimeException e) {
            throw e;
        } catch (Exception e) {
            // Scala declares no exceptions, and Spark's are not all unchecked.
            throw new InputException("cannot read " + path + ": " + ReadFailure.reason(e), e);
        }
    }

    // what the options ask for

    private Map<String, String> lowerCase() {
        Map<String, String> lower = new HashMap<>();
        options.forEach((name, value) -> lower.put(name.toLowerCase(Locale.ROOT), value));
        return lower;
    }

    /** Whether the options are of the kind that the strict way knows. */
    private boolean lines(String more) {
        Set<String> known = new java.util.HashSet<>(FILE_OPTIONS);
        known.addAll(CHARSET_OPTIONS);
        if (more.equals("table")) {
            known.addAll(CsvDialect.OPTIONS);
        }
        return known.containsAll(lowerCase().keySet());
    }

    private boolean strictTable() {
        return lines("table") && dialect() != null;
    }

    private CsvDialect dialect() {
        return format.equals("csv") || format.equals("tsv") ? CsvDialect.of(format, lowerCase()) : null;
    }

    private Map<String, String> fileOptions() {
        Map<String, String> some = new HashMap<>(options);
        some.keySet().removeIf(name -> !FILE_OPTIONS.contains(name.toLowerCase(Locale.ROOT)));
        return some;
    }

    private Charset charset() {
        Map<String, String> lower = lowerCase();
        String name = lower.getOrDefault("encoding", lower.getOrDefault("charset", "UTF-8"));
        try {
            Charset charset = Charset.forName(name);
            if ("\n".getBytes(charset).length != 1) {
                throw new InputException("read-option encoding is " + name
                        + ", in which a line end is not one byte; convert the files to UTF-8 first");
            }
            return charset;
        } catch (IllegalCharsetNameException | UnsupportedCharsetException | UnsupportedOperationException e) {
            throw new InputException("read-option encoding is " + name + ", and there is no such encoding", e);
        }
    }

    private static Configuration hadoop(SparkSession spark) {
        return spark.sparkContext().hadoopConfiguration();
    }

    private static DataFrameReader reader(SparkSession spark, Map<String, String> options) {
        return spark.read().options(options);
    }

    // the strict way

    private Dataset<Row> strict(SparkSession spark, String path, Charset charset, Collection<String> used) {
        Dataset<Row> text = reader(spark, fileOptions()).text(path);
        List<String> files = files(text, path);
        Dataset<Row> lines = raw(text);
        LineParser parser =
                switch (format) {
                    case "text" -> new TextLines();
                    case "json" -> JsonLines.of(shapes(lines, charset, path), Set.copyOf(used));
                    default -> table(files, charset, hadoop(spark));
                };
        StructType schema = parser.schema();
        for (StructField column : lines.schema().fields()) {
            if (lines.schema().fieldIndex(column.name()) >= LineRows.PLACE) {
                schema = schema.add(column.name(), column.dataType());
            }
        }
        schema = Origin.addedTo(schema);
        requireDistinct(schema, path);
        return lines.mapPartitions(new LineRows(parser, charset), Encoders.row(schema));
    }

    /** Lines as bytes, with their file and the start of their block, and the partition columns of the directory. */
    private static Dataset<Row> raw(Dataset<Row> text) {
        List<Column> columns = new ArrayList<>();
        columns.add(text.col("value").cast(DataTypes.BinaryType).as("_unroll_bytes"));
        columns.add(text.metadataColumn("_metadata").getField("file_path").as("_unroll_file"));
        columns.add(
                text.metadataColumn("_metadata").getField("file_block_start").as("_unroll_block"));
        for (String column : text.columns()) {
            if (!column.equals("value")) {
                columns.add(text.col(ColumnName.quoted(column)));
            }
        }
        return text.select(columns.toArray(new Column[0]));
    }

    private static List<String> files(Dataset<Row> text, String path) {
        List<String> files = new ArrayList<>(Arrays.asList(text.inputFiles()));
        if (files.isEmpty()) {
            throw new InputException(
                    "there is no data file in " + path + " (names that begin with _ or . do not count)");
        }
        files.sort(null);
        return files;
    }

    private static JsonShapes shapes(Dataset<Row> lines, Charset charset, String path) {
        String name = charset.name();
        JsonShapes all = new JsonShapes();
        lines.javaRDD()
                .mapPartitions(rows -> {
                    JsonShapes shapes = new JsonShapes();
                    Charset decoder = Charset.forName(name);
                    rows.forEachRemaining(row -> {
                        String line = LineRows.decode(row.getAs(0), decoder);
                        if (line != null && !line.trim().isEmpty()) {
                            try {
                                shapes.add(JsonLines.object(line));
                            } catch (Fault fault) {
                                // The rows will say so, with their places.
                            }
                        }
                    });
                    return List.of(shapes.toBytes()).iterator();
                })
                .collect()
                .forEach(all::merge);
        if (all.isEmpty()) {
            throw new InputException(path + " has no line that is a JSON object with a key");
        }
        return all;
    }

    /** The columns of csv or tsv files: the first row of each, which must be the same. */
    private CsvLines table(List<String> files, Charset charset, Configuration hadoop) {
        CsvDialect dialect = dialect();
        Map<String, List<String>> names = new TreeMap<>();
        files.parallelStream().forEach(file -> {
            String first = firstRow(file, dialect, charset, hadoop);
            if (first != null) {
                synchronized (names) {
                    names.put(file, CsvLines.names(SourceFiles.shown(file), first, dialect));
                }
            }
        });
        if (names.isEmpty()) {
            throw new InputException(
                    SourceFiles.shown(files.get(0)) + (files.size() > 1 ? " and the files beside it are" : " is")
                            + " empty; a " + format + " file begins with a line of column names");
        }
        Map.Entry<String, List<String>> model = names.entrySet().iterator().next();
        names.forEach((file, columns) -> {
            if (dialect.header() && !columns.equals(model.getValue())) {
                throw new InputException(
                        SourceFiles.shown(file) + ": its columns are " + BadRow.shown(String.join(", ", columns))
                                + ", and those of " + SourceFiles.shown(model.getKey()) + " are "
                                + BadRow.shown(String.join(", ", model.getValue()))
                                + "; files that are read together have the same header");
            }
        });
        return new CsvLines(dialect, model.getValue());
    }

    /** The first line that is a row; null where there is none. */
    private static String firstRow(String file, CsvDialect dialect, Charset charset, Configuration hadoop) {
        try (InputStream in = SourceFiles.open(file, hadoop);
                LineReader reader = new LineReader(in, hadoop)) {
            Text line = new Text();
            for (int number = 1; reader.readLine(line) > 0; number++) {
                byte[] bytes = withoutMark(line.copyBytes(), number);
                String text = LineRows.decode(bytes, charset);
                if (text == null) {
                    throw new InputException(
                            SourceFiles.shown(file) + ", line " + number + ": not valid " + charset.name());
                }
                if (dialect.isRow(text)) {
                    return text;
                }
            }
            return null;
        } catch (IOException e) {
            throw new InputException("cannot read " + SourceFiles.shown(file) + ": " + e.getMessage(), e);
        }
    }

    /** Without the byte order mark that some programs write in front of UTF-8, as Hadoop's reader leaves it out. */
    private static byte[] withoutMark(byte[] bytes, int line) {
        boolean mark = line == 1
                && bytes.length >= 3
                && (bytes[0] & 0xFF) == 0xEF
                && (bytes[1] & 0xFF) == 0xBB
                && (bytes[2] & 0xFF) == 0xBF;
        return mark ? Arrays.copyOfRange(bytes, 3, bytes.length) : bytes;
    }

    // Spark's way

    private Dataset<Row> permissive(SparkSession spark, String path, Charset charset) throws Exception {
        Map<String, String> all = new HashMap<>();
        if (!format.equals("json")) {
            all.put("header", "true");
            all.put("escape", "\"");
        }
        if (format.equals("tsv")) {
            all.put("sep", "\t");
            all.put("quote", "");
        }
        all.putAll(options);
        if (charset.equals(StandardCharsets.UTF_8)) {
            requireValid(spark, path, charset);
        }
        if (dialect() != null && dialect().header()) {
            // Spark would give equal names numbers, and read every file by the header of one.
            requireDistinct(
                    table(files(reader(spark, fileOptions()).text(path), path), charset, hadoop(spark))
                            .schema(),
                    path);
        }
        all.put("columnNameOfCorruptRecord", CORRUPT);
        StructType schema = new StructType();
        for (StructField column : load(reader(spark, all), path).schema().fields()) {
            if (!column.name().equals(CORRUPT)) {
                schema = schema.add(column.name(), column.dataType());
            }
        }
        if (schema.isEmpty()) {
            throw new InputException(path + " has no row that can be read");
        }
        requireDistinct(schema, path);
        Dataset<Row> rows = load(reader(spark, all).schema(schema.add(CORRUPT, DataTypes.StringType)), path);
        Column corrupt = rows.col(CORRUPT);
        return Origin.added(rows, corrupt.isNotNull(), "malformed row", corrupt).drop(CORRUPT);
    }

    private Dataset<Row> parquet(SparkSession spark, String path) {
        files(reader(spark, fileOptions()).text(path), path); // which lists them, and reads nothing
        // Pages carry checksums, and Parquet's reader looks at them only where it is told to.
        return reader(spark, Map.of("parquet.page.verify-checksum.enabled", "true"))
                .options(options)
                .parquet(path);
    }

    private Dataset<Row> load(DataFrameReader reader, String path) {
        return format.equals("json") ? reader.json(path) : reader.csv(path);
    }

    private Dataset<Row> wholeTexts(SparkSession spark, String path) {
        Dataset<Row> rows = reader(spark, options).text(path);
        files(rows, path);
        Column value = rows.col("value");
        return Origin.added(rows, functions.not(functions.is_valid_utf8(value)), "not valid UTF-8", value);
    }

    /** Refuses files with a line that is not valid: Spark's reader would replace what it cannot decode. */
    private void requireValid(SparkSession spark, String path, Charset charset) {
        Dataset<Row> text = reader(spark, fileOptions()).text(path);
        files(text, path);
        LineParser parser = new TextLines();
        Dataset<Row> lines = raw(text)
                .select("_unroll_bytes", "_unroll_file", "_unroll_block")
                .mapPartitions(new LineRows(parser, charset), Encoders.row(Origin.addedTo(parser.schema())));
        lines
                .where(Origin.hasFault(lines))
                .javaRDD()
                .map(Origin::of)
                .map(origin ->
                        BadRow.of(Origin.place(origin, 0), Origin.fault(origin)).toBytes())
                .mapPartitions(rows -> rows.hasNext()
                        ? List.of(rows.next()).iterator()
                        : List.<byte[]>of().iterator())
                .collect()
                .stream()
                .map(BadRow::fromBytes)
                .min(BadRow.BY_PLACE)
                .ifPresent(first -> {
                    throw new InputException(first.describe(hadoop(spark)));
                });
    }

    // checks

    private static void requireExists(SparkSession spark, String path) {
        try {
            Path file = new Path(path);
            var status = file.getFileSystem(hadoop(spark)).globStatus(file);
            if (status == null || status.length == 0) {
                throw new InputException("there is no file " + path);
            }
        } catch (IOException | IllegalArgumentException e) {
            throw new InputException("cannot read " + path + ": " + e.getMessage(), e);
        }
    }

    /** Spark finds a column by its name whatever the case, and would find two. */
    private static void requireDistinct(StructType schema, String path) {
        Map<String, String> seen = new HashMap<>();
        for (String name : schema.fieldNames()) {
            String other = seen.put(name.toLowerCase(Locale.ROOT), name);
            if (other != null) {
                throw new InputException(
                        other.equals(name)
                                ? path + " has two columns of the name " + BadRow.shown(name)
                                : path + " has columns " + BadRow.shown(other) + " and " + BadRow.shown(name)
                                        + ", whose names differ in capital letters alone");
            }
        }
    }
}
