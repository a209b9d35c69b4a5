package dev.unroll.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.unroll.cli.CommandRunner.Outcome;
import dev.unroll.testing.SparkTest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Format table: tables of Spark's own catalog (db) and of Iceberg's (lake.db), read and written. The oracle is the same
 * rows in Parquet files.
 */
@SparkTest(
        settings = {
            "spark.sql.shuffle.partitions=1",
            "spark.sql.codegen.wholeStage=false",
            "spark.sql.codegen.factoryMode=NO_CODEGEN",
            "spark.sql.catalog.lake=org.apache.iceberg.spark.SparkCatalog",
            "spark.sql.catalog.lake.type=hadoop",
            "spark.sql.catalog.broken=no.such.Catalog"
        })
class TablesTest {

    private static final String SMALL =
            " --features-col name --label-col sex --hidden-size 3 --embedding-size 2 --num-shards 2 --engine local";

    @TempDir
    static Path directory;

    private static SparkSession spark;
    private static CommandRunner command;

    @BeforeAll
    static void makeTables() {
        command = new CommandRunner(spark);
        spark.conf()
                .set(
                        "spark.sql.catalog.lake.warehouse",
                        directory.resolve("lake").toString());
        spark.sql("create schema db location '" + directory.resolve("db") + "'");
        spark.sql("create schema lake.db");
        String rows = "select id, concat(char(97 + id % 7), 'na', if(id % 2 = 0, 'a', 'o')) as name,"
                + " if(id % 2 = 0, 'F', 'M') as sex, array(id, id + 1) as more from range(40)";
        spark.sql(rows)
                .repartition(3)
                .write()
                .parquet(directory.resolve("names").toString());
        spark.sql("create table db.names using parquet as " + rows);
        spark.sql("create table lake.db.names as " + rows);
        spark.sql("create view db.seen as select * from db.names");
        run("train --train D/names --format parquet --model D/m --max-iter 3" + SMALL)
                .json();
    }

    @AfterAll
    static void dropTables() {
        spark.sql("drop schema db cascade"); // the catalog is the context's, not the session's
    }

    private static Outcome run(String line) {
        return command.run(line.replace("D/", directory + "/"));
    }

    private static List<String> rows(String sql) {
        return spark.sql(sql).collectAsList().stream()
                .map(Row::toString)
                .sorted()
                .toList();
    }

    private static String fresh() {
        return "t" + System.nanoTime();
    }

    @ParameterizedTest
    @ValueSource(strings = {"spark_catalog.db.names", "db.seen", "lake.`db`.`names`"})
    void table_trainsTheModelOfItsRows(String table) {
        String model = directory.resolve(fresh()).toString();
        JsonNode files = run("train --train D/names --format parquet --max-iter 3 --model " + model + "f" + SMALL)
                .json();
        JsonNode trained = run("train --format table --validation " + table + " --train " + table
                        + " --max-iter 3 --model " + model + SMALL)
                .json();
        assertEquals(files.get("parameterHash"), trained.get("parameterHash"));
        assertEquals(40, trained.get("sequences").asInt());
        assertEquals(
                run("evaluate --format parquet --input D/names --model " + model)
                        .json(),
                run("evaluate --format table --input " + table + " --model " + model)
                        .json());
    }

    @ParameterizedTest
    @CsvSource({"db.seen, lake.db", "lake.db.names, db"})
    void predictions_areThoseOfFiles(String input, String schema) {
        String table = schema + "." + fresh();
        String files = directory.resolve(fresh()).toString();
        String line = "predict --model D/m --raw-prediction-col raw ";
        run(line + "--input D/names --format parquet --output-format parquet --output " + files)
                .json();
        JsonNode written = run(line + "--input " + input + " --format table --output-format table --output " + table)
                .json();
        assertEquals(40, written.get("sequences").asInt());
        assertEquals(table, written.get("output").asText());
        assertEquals(rows("select * from parquet.`" + files + "`"), rows("select * from " + table));
        String type = "struct<id:bigint,name:string,sex:string,more:array<bigint>,prediction:string,"
                + "probability:array<double>,raw:array<double>>";
        assertEquals(type, spark.table(table).schema().simpleString());
    }

    /** Resuming looks at the rows, not at where they are kept. */
    @Test
    void checkpointOfFiles_isResumedFromATableOfTheSameRowsAlone() {
        String train = "train --checkpoint-interval 1 --checkpoint-dir D/c" + SMALL;
        String whole = run("train --format parquet --train D/names --max-iter 4 --model D/whole" + SMALL)
                .json()
                .get("parameterHash")
                .asText();
        run(train + " --format parquet --train D/names --max-iter 2 --model D/r1")
                .json();
        spark.sql("create table db.other using parquet as select * from db.names where id > 0");
        String resume = train + " --format table --resume --max-iter 4 --model D/r2 --train ";
        run(resume + "db.other").assertRefused("data");
        assertEquals(
                whole, run(resume + "lake.db.names").json().get("parameterHash").asText());
    }

    @Test
    void versionOfATable_isAReadOption() {
        spark.sql("create table lake.db.versions as select 'anna' as name, 'F' as sex");
        String first = spark.sql("select snapshot_id from lake.db.versions.snapshots")
                .first()
                .get(0)
                .toString();
        spark.sql("insert into lake.db.versions values ('otto', 'M')");
        String line = "evaluate --model D/m --format table --input ";
        assertEquals(2, run(line + "lake.db.versions").json().get("sequences").asInt());
        String option = " --read-option versionAsOf=";
        assertEquals(
                1,
                run(line + "lake.db.versions" + option + first)
                        .json()
                        .get("sequences")
                        .asInt());
        run(line + "lake.db.versions" + option + "1").assertRefused("lake.db.versions", "snapshot");
        run(line + "db.names" + option + "1").assertRefused("db.names", "Time travel");
        run(line + "db.names --read-option header=true").assertRefused("header", "table has no such option");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "db.none | there is no table db.none | catalogImplementation=hive",
                "lake.db.none | there is no table lake.db.none | none",
                "nowhere.names | there is no table nowhere.names | ",
                "pond.db.names | there is no catalog pond | spark.sql.catalog.pond",
                "broken.db.names | no.such.Catalog | --jars",
                "db.a-b | db.a-b is no name of a table | back-ticks",
                "D/names | no name of a table | ",
                "csv.`D/names` | no table of a catalog | format csv",
                "parquet.`D/names` | no table of a catalog | format parquet",
            })
    void tableThatIsNotThere_isRefused(String table, String said, String more) {
        run("evaluate --model D/m --format table --input " + table).assertRefused(said, more == null ? "" : more);
        run("predict --model D/m --format table --output-format table --output db.x --input " + table)
                .assertRefused(said);
        assertFalse(spark.catalog().tableExists("db.x"));
    }

    @Test
    void badRow_saysWhereItIs() {
        String rows = " as select if(id = 3, null, 'anna') as name, 'F' as sex from range(0, 5, 1, 1)";
        spark.sql("create table db.holes using parquet" + rows);
        spark.sql("create table lake.db.holes" + rows);
        spark.sql("create view db.holes_seen as select * from db.holes");
        String line = "predict --model D/m --format table --output-format table --output db.never --input ";
        run(line + "db.holes").assertRefused(directory + "/db/holes/part-", ".parquet, row 4: column name: null");
        run(line + "lake.db.holes")
                .assertRefused(directory + "/lake/db/holes/data/", ".parquet, row 4: column name: null");
        run(line + "db.holes_seen").assertRefused("a row of the table db.holes_seen: column name: null");
        assertFalse(spark.catalog().tableExists("db.never"));
        JsonNode skipped = run(line + "lake.db.holes --handle-invalid skip").json();
        assertEquals(4, skipped.get("sequences").asInt());
        assertEquals(1, skipped.get("skipped").get("name: null").asInt());
        assertEquals(4, spark.table("db.never").count());
    }

    @ParameterizedTest
    @ValueSource(strings = {"db", "lake.db"})
    void onlyAnOwnTableIsReplaced_andOnlyWhenAsked(String schema) {
        String table = schema + "." + fresh();
        String line = "predict --model D/m --format table --output-format table --input db.seen --output ";
        run(line + table).json();
        List<String> first = rows("select * from " + table);
        run(line + table).assertRefused("output " + table + " exists already", "overwrite true");
        // With other columns.
        run(line + table + " --overwrite --prediction-col guess").json();
        assertEquals(first, rows("select * from " + table));
        assertTrue(List.of(spark.table(table).columns()).contains("guess"));
        assertEquals(
                first,
                spark.newSession().table("spark_catalog.db.names").limit(0).count() == 0 ? first : null);
        // Rows that cannot be used leave it as it was.
        spark.sql("create or replace temporary view none as select cast(null as string) as name, 'F' as sex");
        run(line.replace("db.seen", "none") + table + " --overwrite").assertRefused("column name: null");
        assertEquals(first, rows("select * from " + table));
        run(line + schema + ".names --overwrite")
                .assertRefused("output " + schema + ".names", "is a table that this program has not written");
        assertEquals(40, spark.table(schema + ".names").count());
        assertEquals(
                List.of(),
                spark.sql("show tables in " + schema + " like '*_unroll_*'").collectAsList());
    }

    @Test
    void tableThatIsRead_isNotReplaced() throws IOException {
        String table = fresh();
        String line = "predict --model D/m --overwrite --output-format table --output ";
        run(line + "db." + table + " --format table --input db.names").json();
        run(line + "lake.db." + table + " --format table --input db.names").json();
        String cased = table.toUpperCase(java.util.Locale.ROOT);
        for (String input : Stream.of("db." + table, "spark_catalog.db." + table, "DB." + cased)
                .toList()) {
            run(line + "db." + table + " --prediction-col p --format table --input " + input)
                    .assertRefused("output db." + table, "is the same as input " + input, "give a table apart");
        }
        run(line + "lake.db." + table + " --prediction-col p --format table --input lake.db." + table)
                .assertRefused("is the same as input");
        run(line + "db." + table + " --prediction-col p --format parquet --input D/db/" + table)
                .assertRefused("is the same as input");
        run(line + "lake.db." + table + " --prediction-col p --format parquet --input D/lake/db/" + table + "/data")
                .assertRefused("holds input");
        String files = line.replace("--output-format table", "--output-format csv");
        run(files + "D/db/" + table + " --prediction-col p --format table --input db." + table)
                .assertRefused("is the same as input");
        try (Stream<Path> there = Files.list(directory.resolve("db/" + table))) {
            assertTrue(there.count() > 0);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "db2.x, there is no schema db2",
        "lake.db.db2.x, there is no schema db.db2",
        "broken.x, no.such.Catalog",
        "a-b, no name of a table",
        "db.seen, exists already",
        "db.seen --overwrite, this program has not written"
    })
    void tableThatCannotBeWritten_isRefused(String table, String said) {
        run("predict --model D/m --format parquet --input D/names --output-format table --output " + table)
                .assertRefused(said);
    }
}
