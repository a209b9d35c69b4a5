package dev.unroll.spark.source;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.unroll.cli.CommandRunner;
import dev.unroll.testing.SparkTest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.parquet.example.data.Group;
import org.apache.parquet.example.data.simple.SimpleGroup;
import org.apache.parquet.hadoop.ParquetWriter;
import org.apache.parquet.hadoop.example.ExampleParquetWriter;
import org.apache.parquet.schema.GroupType;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.MessageTypeParser;
import org.apache.parquet.schema.Type;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Columns of a type that Spark does not read, as pandas writes its times, matter only where they are used. */
@SparkTest
class ParquetColumnsTest {

    private static final String NANOS = "required int64 t (TIMESTAMP(NANOS,true));";
    private static final String MICROS = "required int64 t (TIMESTAMP(MICROS,true));";
    private static final String TRAIN = " --task regression --hidden-size 2 --max-iter 1 --num-shards 1 --engine local"
            + " --format parquet --train ";
    private static final String WINDOWS = " --prepare windows --time-col t --value-cols n --window-length 2";

    private static SparkSession spark;

    @TempDir
    Path directory;

    private Path data;

    @BeforeAll
    static void session(SparkSession session) {
        spark = session;
    }

    @BeforeEach
    void folder() throws IOException {
        data = Files.createDirectory(directory.resolve("data"));
    }

    /** A file of six rows with text, a number, and a column of one more type. */
    private void write(String name, String column) throws IOException {
        MessageType schema = MessageTypeParser.parseMessageType(
                "message m { required double n; required int32 label; required binary words (UTF8); " + column + " }");
        try (ParquetWriter<Group> writer = ExampleParquetWriter.builder(
                        new org.apache.hadoop.fs.Path(data.resolve(name).toUri()))
                .withType(schema)
                .withConf(new Configuration())
                .build()) {
            for (int i = 0; i < 6; i++) {
                SimpleGroup row = new SimpleGroup(schema);
                row.add("n", i + 0.5);
                row.add("label", i % 2);
                row.add("words", i + " a b");
                add(row, schema, 3, i);
                writer.write(row);
            }
        }
    }

    private static void add(Group group, GroupType schema, int field, long value) {
        Type type = schema.getType(field);
        if (!type.isPrimitive()) {
            add(group.addGroup(field), type.asGroupType(), 0, value);
        } else if (type.asPrimitiveType().getPrimitiveTypeName().javaType == int.class) {
            group.add(field, (int) value);
        } else {
            group.add(field, value);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                NANOS,
                "required int64 t (TIMESTAMP(NANOS,false));",
                "required int64 t (TIME(NANOS,true));",
                "required group t { required int64 inner (TIMESTAMP(NANOS,true)); }",
                "required group t (LIST) { repeated group list { required int64 element (TIMESTAMP(NANOS,true)); } }"
            })
    void anUnusedColumn_isNotTyped(String column) throws IOException {
        write("a.parquet", column);
        write("b.parquet", column);
        Dataset<Row> rows = new FileSource("parquet", Map.of()).read(spark, data.toString(), List.of("n"));
        assertEquals(List.of("n", "label", "words", "t"), List.of(rows.columns()));
        assertEquals(12, rows.count());
        assertEquals(36.0, rows.agg(Map.of("n", "sum")).head().getDouble(0));
        assertEquals(2, rows.select(Origin.file(rows)).distinct().count());
    }

    @Test
    void aUsedColumn_isRefusedByName() throws IOException {
        write("a.parquet", NANOS);
        new CommandRunner(spark)
                .run("train" + TRAIN + data + WINDOWS + " --model " + directory.resolve("model"))
                .assertRefused(data + "/a.parquet", "column t", "TIMESTAMP(NANOS,true)", "microseconds");
    }

    @Test
    void aUsedColumn_isRefusedWhereALaterFileHasIt() throws IOException {
        write("a.parquet", MICROS);
        write("b.parquet", NANOS);
        new CommandRunner(spark)
                .run("train" + TRAIN + data + WINDOWS + " --model " + directory.resolve("model"))
                .assertRefused(data + "/b.parquet", "column t", "INT64", "timestamp", "same types");
    }

    @Test
    void mergedSchemas_haveTheColumnsOfAllFiles() throws IOException {
        write("a.parquet", "required int64 other;");
        write("b.parquet", NANOS);
        Dataset<Row> rows = new FileSource("parquet", Map.of("mergeSchema", "true"))
                .read(spark, data.toString(), List.of("n", "other"));
        assertEquals(List.of("n", "label", "words", "other", "t"), List.of(rows.columns()));
        assertEquals(15L, rows.agg(Map.of("other", "sum")).head().getLong(0));
    }

    /** The output has every column of the input, so there the column is used. */
    @Test
    void prediction_refusesWhatItCannotCopy() throws IOException {
        write("a.parquet", NANOS);
        CommandRunner command = new CommandRunner(spark);
        String model = directory.resolve("model").toString();
        command.run("train" + TRAIN + data + " --features-col words --label-col label --model " + model)
                .json();
        command.run("predict --format parquet --output-format parquet --model " + model + " --input " + data
                        + " --output " + directory.resolve("out"))
                .assertRefused(data + "/a.parquet", "column t", "TIMESTAMP(NANOS,true)", "microseconds");
    }
}
