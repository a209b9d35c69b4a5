package dev.unroll.spark.source;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.unroll.data.InputException;
import dev.unroll.ml.SlidingWindows;
import dev.unroll.spark.source.Origin.PossibleFault;
import dev.unroll.testing.SparkTest;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.api.java.function.MapFunction;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.expressions.Window;
import org.apache.spark.sql.functions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Where rows were read, as far as Spark or a reader knows. */
@SparkTest
class OriginTest {

    private static SparkSession spark;

    @TempDir
    Path directory;

    private Path file() throws Exception {
        return Files.writeString(directory.resolve("rows.csv"), "a,b\n1,x\n2,y\n");
    }

    /** The places of the rows of one partition, in words. */
    private static List<String> places(Dataset<?> rows) {
        RowPlaces places = new RowPlaces();
        return Origin.select(rows, List.of("a")).collectAsList().stream()
                .map(row -> places.next(Origin.of(row)).describe(new Configuration()))
                .toList();
    }

    @Test
    void rowsOfSparksReader_haveTheirFile() throws Exception {
        Path file = file();
        Dataset<Row> rows = spark.read().option("header", "true").csv(file.toString());
        List<String> counted = List.of(file + ", row 1", file + ", row 2");
        assertEquals(counted, places(rows));
        assertEquals(counted, places(rows.withColumn("c", functions.lit(1)).where("a > 0")));
        Column before = functions.lag("a", 1).over(Window.orderBy("a"));
        assertEquals(counted, places(rows.withColumn("before", before)), "a user's own use of neighbours");
    }

    @Test
    void rowsThatComeFromNoFile_haveNone() throws Exception {
        List<String> unknown = List.of("a row of the dataset", "a row of the dataset");
        Dataset<Row> rows = spark.read().option("header", "true").csv(file().toString());
        assertEquals(unknown, places(spark.range(2).toDF("a")));
        assertEquals(unknown, places(rows.where("a = 1").union(rows.where("a = 2"))));
        // The plan of a map lists the file and does not give it.
        MapFunction<Row, String> first = row -> row.getString(0);
        Dataset<Row> windows = new SlidingWindows()
                .setTimeCol("time")
                .setValueCols("time")
                .setWindowLength(1)
                .setHorizon(1)
                .transform(spark.read()
                        .csv(Files.writeString(directory.resolve("t.csv"), "1\n2\n3\n")
                                .toString())
                        .select(functions.col("_c0").cast("double").as("time")));
        assertEquals(unknown, places(windows.withColumn("a", functions.lit(1))));
        assertEquals(unknown, places(rows.map(first, Encoders.STRING()).toDF("a")));
    }

    @Test
    void columnThatIsMissing_isSparksOwnFailure() {
        assertThrows(Exception.class, () -> Origin.select(spark.range(2).toDF("b"), List.of("a")));
    }

    @Test
    void faults_areFoundBesideTheKnownOne() throws Exception {
        Path file = Files.writeString(directory.resolve("lines.csv"), "a,b\n1,x\n2\n3,y\n");
        Dataset<Row> rows = new FileSource("csv", Map.of()).read(spark, file.toString(), List.of());
        assertEquals(List.of("a", "b"), List.of(Origin.without(rows.schema()).fieldNames()));
        Dataset<Row> checked = rows.withColumn(
                "checked",
                Origin.withFaults(
                        rows,
                        List.of(
                                new PossibleFault(
                                        "b", functions.when(rows.col("b").equalTo("y"), "no y"), rows.col("b")),
                                new PossibleFault(
                                        "a", functions.when(rows.col("a").equalTo("3"), "no 3"), rows.col("a")))));
        List<Row> origins = checked.select("checked").collectAsList();
        assertNull(Origin.fault(Origin.of(origins.get(0))));
        assertEquals(
                "malformed line: too few columns",
                Origin.fault(Origin.of(origins.get(1))).getMessage());
        Fault first = Origin.fault(Origin.of(origins.get(2)));
        assertEquals("b: no y, value y", first.column() + ": " + first.getMessage() + ", value " + first.value());
        Dataset<Row> usable = Origin.withoutFaults(rows);
        assertEquals(2, usable.count());
        assertFalse(Origin.isIn(usable.schema()));
        assertEquals(1, rows.where(Origin.hasFault(rows)).count());
    }

    @Test
    void badRows_nameTheFirstByPlaceInWhateverOrderTheyCome() {
        BadRow late = new BadRow(new RowPlace("file:/b.csv", 0, 1, true), "x", "null", "null");
        BadRow early = new BadRow(new RowPlace("file:/a.csv", 0, 8, true), "", "malformed line", "q");
        BadRow earlier = new BadRow(new RowPlace("file:/a.csv", 0, 2, true), "x", "null", "null");
        for (List<BadRow> order : List.of(List.of(late, early, earlier), List.of(earlier, late, early))) {
            BadRows one = new BadRows();
            one.add(order.get(0));
            BadRows rest = new BadRows();
            rest.add(order.get(1));
            rest.add(order.get(2));
            one.merge(new BadRows());
            one.merge(rest);
            assertEquals(Map.of("malformed line", 1L, "x: null", 2L), one.byReason());
            InputException refused = assertThrows(InputException.class, () -> one.requireNone(new Configuration()));
            assertEquals(
                    "/a.csv, line 3: column x: null, value null; 3 rows cannot be used: {malformed line=1, x: null=2}"
                            + " (handle-invalid skip leaves such rows out and counts them)",
                    refused.getMessage());
        }
        new BadRows().requireNone(new Configuration());
    }
}
