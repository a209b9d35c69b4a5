package dev.unroll.spark.source;

import dev.unroll.data.InputException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.Charset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.io.Text;
import org.apache.hadoop.util.LineReader;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/**
 * The strict way to read files: Spark gives their lines as bytes, and every line is decoded and parsed here ({@link
 * LineRows}).
 */
final class LineFiles {

    private final DataFiles files;
    private final String path;
    private final ReadOptions options;
    private final Charset charset;

    /** @param path as it was given, for messages */
    LineFiles(DataFiles files, String path, ReadOptions options) {
        this.files = files;
        this.path = path;
        this.options = options;
        this.charset = options.charset();
    }

    /**
     * The rows with their origins.
     *
     * @param used the columns that the work needs; matters for json, where rows must agree in these columns
     */
    Dataset<Row> read(Collection<String> used) {
        files.requireWhole(DataFiles.MAX_LINE);
        Dataset<Row> lines = raw(files.text());
        LineParser parser =
                switch (options.format()) {
                    case "text" -> new TextLines();
                    case "json" -> JsonLines.of(shapes(lines), Set.copyOf(used));
                    default -> table();
                };
        StructType schema = parser.schema();
        for (StructField column : lines.schema().fields()) {
            if (lines.schema().fieldIndex(column.name()) >= LineRows.PLACE) {
                schema = schema.add(column.name(), column.dataType());
            }
        }
        schema = Origin.addedTo(schema);
        ColumnName.requireDistinct(schema, path);
        return lines.mapPartitions(new LineRows(parser, charset), Encoders.row(schema));
    }

    /** The columns of the header, which all files must have. */
    StructType header() {
        return table().schema();
    }

    /**
     * Refuses files with a line that is not valid in the charset: Spark's reader would replace what it cannot decode.
     */
    void requireValid() {
        LineParser parser = new TextLines();
        Dataset<Row> lines = raw(files.text())
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
                    throw new InputException(first.describe(hadoop()));
                });
    }

    private Configuration hadoop() {
        return files.hadoop();
    }

    /** Lines as bytes, with their file and the start of their block, and the partition columns of the directory. */
    private static Dataset<Row> raw(Dataset<Row> text) {
        List<Column> columns = new ArrayList<>();
        columns.add(text.col("value").cast(DataTypes.BinaryType).as("_unroll_bytes"));
        columns.add(Origin.file(text).as("_unroll_file"));
        columns.add(Origin.block(text).as("_unroll_block"));
        for (String column : text.columns()) {
            if (!column.equals("value")) {
                columns.add(text.col(ColumnName.quoted(column)));
            }
        }
        return text.select(columns.toArray(new Column[0]));
    }

    private JsonShapes shapes(Dataset<Row> lines) {
        String name = charset.name();
        JsonShapes all = new JsonShapes();
        lines.javaRDD()
                .mapPartitions(rows -> {
                    JsonShapes shapes = new JsonShapes();
                    Charset decoder = Charset.forName(name);
                    rows.forEachRemaining(row -> {
                        String line = LineRows.decode(row.getAs(0), decoder);
                        if (line != null && !LineRows.isBlank(line)) {
                            try {
                                shapes.add(JsonLines.object(line));
                            } catch (Fault fault) {
                                shapes.add(fault); // the rows will say so, with their places
                            }
                        }
                    });
                    return List.of(shapes.toBytes()).iterator();
                })
                .collect()
                .forEach(all::merge);
        if (all.isEmpty()) {
            throw new InputException(path + " has no line that is a JSON object with a key"
                    + (all.fault().isEmpty() ? "" : "; the first is a " + all.fault()));
        }
        return all;
    }

    /** The columns of csv or tsv files: the first row of each, which must be the same. */
    private CsvLines table() {
        CsvDialect dialect = options.dialect();
        Configuration hadoop = hadoop();
        Map<String, List<String>> names = new TreeMap<>();
        List<Optional<List<String>>> headers =
                InParallel.map(files.names(), file -> Optional.ofNullable(firstRow(file, dialect, charset, hadoop))
                        .map(first -> CsvLines.names(SourceFiles.shown(file), first, dialect)));
        for (int i = 0; i < headers.size(); i++) {
            String file = files.names().get(i);
            headers.get(i).ifPresent(columns -> names.put(file, columns));
        }
        if (names.isEmpty()) {
            throw new InputException(SourceFiles.shown(files.names().get(0))
                    + (files.names().size() > 1 ? " and the files beside it are" : " is") + " empty; a "
                    + options.format() + " file begins with a line of column names");
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
            for (int number = 1; reader.readLine(line) > 0; number++) { // of a length that was checked
                byte[] bytes = withoutMark(line.copyBytes(), number);
                String text = LineRows.decode(bytes, charset);
                if (text == null) {
                    throw new InputException(SourceFiles.shown(file) + ", line " + number + ": not valid "
                            + charset.name() + (number == 1 ? Packing.hint(bytes) : ""));
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
}
