package dev.unroll.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.unroll.cli.CommandRunner.Outcome;
import dev.unroll.data.InputException;
import dev.unroll.spark.source.CatalogTable;
import dev.unroll.testing.SparkTest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
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
 * Format table: tables of Spark's own catalog (db), of Iceberg's (lake.db) and of a plain one (plain.db), read and
 * written. The oracle is the same rows in Parquet files.
 */
@SparkTest(
        settings = {
            "spark.sql.shuffle.partitions=1",
            "spark.sql.codegen.wholeStage=false",
            "spark.sql.codegen.factoryMode=NO_CODEGEN",
            "spark.sql.catalog.lake=org.apache.iceberg.spark.SparkCatalog",
            "spark.sql.catalog.lake.type=hadoop",
            "spark.sql.catalog.broken=no.such.Catalog",
            "spark.sql.catalog.plain=dev.unroll.cli.PlainCatalog",
            "spark.sql.catalog.plain.catalog-impl=org.apache.iceberg.inmemory.InMemoryCatalog",
            "spark.sql.catalog.database=dev.unroll.cli.DatabaseCatalog"
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
        spark.conf()
                .set(
                        "spark.sql.catalog.plain.warehouse",
                        directory.resolve("plain").toString());
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
    @CsvSource({"db.seen, lake.db", "lake.db.names, db", "db.names, plain.db"})
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
                "lake.csv.none | there is no table lake.csv.none | ",
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

    /** Tasks read parts of the file. */
    @Test
    void badRowOfALargeFile_hasItsNumberInTheFile() {
        spark.sql("create table db.large using parquet options ('parquet.block.size' '1024') as"
                + " select if(id = 777, null, concat('anna', id)) as name, 'F' as sex from range(0, 1000, 1, 1)");
        String size = "spark.sql.files.maxPartitionBytes";
        spark.conf().set(size, "2000");
        try {
            assertTrue(spark.table("db.large").rdd().getNumPartitions() > 2);
            run("evaluate --model D/m --format table --input db.large")
                    .assertRefused(directory + "/db/large/part-", ".parquet, row 778: column name: null");
        } finally {
            spark.conf().unset(size);
        }
    }

    /** DESIGN 5.1: what cannot be read never becomes null, and no file is left out without a count. */
    @Test
    void tableWhoseSourceLosesSomething_isRefused() {
        String evaluate = "evaluate --model D/m --format table --input ";
        for (String format : List.of("csv", "json")) {
            spark.sql("create table db.of_" + format + " using " + format + " as select 'anna' as name, 'F' as sex");
            run(evaluate + "db.of_" + format)
                    .assertRefused(
                            "the table db.of_" + format, "/db/of_" + format, "give that path", "format " + format);
            spark.sql("create or replace temporary view lossy as select name, sex from db.names"
                    + " where name in (select name from db.of_" + format + ")");
            run(evaluate + "lossy").assertRefused("the table lossy", "/db/of_" + format, "format " + format);
        }
        spark.sql("create table db.lenient using parquet options (ignoreMissingFiles true)"
                + " as select 'anna' as name, 'F' as sex");
        run(evaluate + "db.lenient").assertRefused("the table db.lenient", "ignoreMissingFiles is true");
        String setting = "spark.sql.files.ignoreCorruptFiles";
        spark.conf().set(setting, "true");
        try {
            run(evaluate + "db.names").assertRefused("the table db.names", setting);
            run(evaluate + "db.seen").assertRefused("the table db.seen", setting);
            run(evaluate + "lake.db.names").json(); // Iceberg knows its files
        } finally {
            spark.conf().unset(setting);
        }
    }

    @Test
    void columnOfTheProgramsOwnName_isRefused() {
        spark.sql("create table lake.db.taken as select 'anna' as name, 'F' as sex, 1 as _unroll");
        run("evaluate --model D/m --format table --input lake.db.taken")
                .assertRefused("lake.db.taken has two columns of the name _unroll");
    }

    @ParameterizedTest
    @ValueSource(strings = {"db", "lake.db", "plain.db"})
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
        // Rows that cannot be used leave it as it was.
        spark.sql("create or replace temporary view none as select cast(null as string) as name, 'F' as sex");
        run(line.replace("db.seen", "none") + table + " --overwrite").assertRefused("column name: null");
        assertEquals(first, rows("select * from " + table));
        // A table of others, and a copy of its own.
        String source = schema.equals("db") ? "parquet" : "iceberg";
        String other = schema + "." + fresh();
        spark.sql("create table " + other + " using " + source + " as select 1 as one");
        run(line + other + " --overwrite")
                .assertRefused("output " + other, "is a table that this program has not written");
        spark.sql("alter table " + other + " set tblproperties ('dev.unroll.output' = '"
                + spark.sql("show tblproperties " + table + " ('dev.unroll.output')")
                        .first()
                        .getString(1)
                + "')");
        run(line + other + " --overwrite")
                .assertRefused("output " + other, "is a table that this program has not written");
        assertEquals(List.of("[1]"), rows("select * from " + other));
        assertEquals(List.of(), drafts(schema));
    }

    private static List<Row> drafts(String schema) {
        return spark.sql("show tables in " + schema + " like '*_unroll_*'").collectAsList();
    }

    @Test
    void newTableOfAPlainCatalog_isThereOnceItIsWhole() {
        String table = fresh();
        String line = "predict --model D/m --format table --output-format table --input db.names --output plain.db.";
        List<Long> counts = new ArrayList<>();
        PlainCatalog.during(
                (what, from) -> {
                    assertFalse(spark.catalog().tableExists("plain.db." + table));
                    counts.add(spark.table("plain.db." + from.name()).count());
                },
                () -> run(line + table).json());
        assertEquals(List.of(40L), counts);
        // Another program takes the name.
        String taken = fresh();
        PlainCatalog.during(
                (what, from) ->
                        spark.sql("create table if not exists plain.db." + taken + " using iceberg as select 1 as one"),
                () -> run(line + taken).assertRefused("cannot write the table plain.db." + taken));
        assertEquals(List.of("[1]"), rows("select * from plain.db." + taken));
        assertEquals(List.of(), drafts("plain.db"));
    }

    @Test
    void replacementThatFails_losesNothing() {
        String table = fresh();
        String line =
                "predict --model D/m --format table --output-format table --input db.names --output plain.db." + table;
        run(line).json();
        List<String> first = rows("select * from plain.db." + table);
        // Neither the draft nor the old table can be renamed.
        PlainCatalog.during(
                (what, from) -> {
                    if (what.equals("rename") && !from.name().equals(table)) {
                        throw new IllegalStateException("no more renaming");
                    }
                },
                () -> run(line + " --overwrite --prediction-col p")
                        .assertRefused("no more renaming", "could not be renamed back, and is `plain`.`db`.`" + table));
        assertEquals(1, drafts("plain.db").size());
        String replaced = "plain.db." + drafts("plain.db").get(0).getString(1);
        assertEquals(first, rows("select * from " + replaced));
        spark.sql("alter table " + replaced + " rename to db." + table);
        // Another program writes a table of this name after the last look.
        boolean[] done = {false};
        PlainCatalog.during(
                (what, from) -> {
                    if (!done[0]) {
                        done[0] = true;
                        spark.sql("alter table plain.db." + table + " unset tblproperties ('dev.unroll.output')");
                    }
                },
                () -> run(line + " --overwrite --prediction-col p").assertRefused("has not written"));
        assertEquals(first, rows("select * from plain.db." + table));
        assertEquals(List.of(), drafts("plain.db"));
        // The old table cannot be dropped.
        spark.sql("alter table plain.db." + table + " set tblproperties ('dev.unroll.output' = '`plain`.`db`.`" + table
                + "`')");
        PlainCatalog.during(
                (what, from) -> {
                    if (what.equals("drop")) {
                        throw new IllegalStateException("no dropping");
                    }
                },
                () -> run(line + " --overwrite --prediction-col p").json());
        assertTrue(List.of(spark.table("plain.db." + table).columns()).contains("p"));
        assertEquals(1, drafts("plain.db").size());
        spark.sql("drop table plain.db." + drafts("plain.db").get(0).getString(1));
    }

    @Test
    void filesInThePlaceOfANewTable_areRefusedBeforeTheWork() throws IOException {
        String table = fresh();
        Files.createDirectories(directory.resolve("db/" + table));
        Files.writeString(directory.resolve("db/" + table + "/notes.txt"), "mine");
        run("predict --model D/m --format table --output-format table --input none.none --output db." + table)
                .assertRefused("db." + table, directory + "/db/" + table, "files already in its place");
    }

    @Test
    void tableOfADatabase_isNotWritten() {
        CatalogTable table = new CatalogTable(spark, "database.db.x");
        String said = assertThrows(InputException.class, () -> table.requireWritable(false))
                .getMessage();
        assertTrue(said.contains("database.db.x") && said.contains("no properties"), said);
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
        // Views of it.
        spark.sql("create view db.v_" + table + " as select * from db." + table);
        spark.sql("create temporary view t_" + table + " as select name, sex from db.names where id in (select id from"
                + " db.v_" + table + ")");
        spark.sql("create temporary view l_" + table + " as select * from lake.db." + table);
        run(line + "db." + table + " --prediction-col p --format table --input db.v_" + table)
                .assertRefused("output db." + table, "is the same as input db.v_" + table);
        run(line + "db." + table + " --prediction-col p --format table --input t_" + table)
                .assertRefused("is the same as input t_" + table);
        run(line + "lake.db." + table + " --prediction-col p --format table --input l_" + table)
                .assertRefused("is the same as input l_" + table);
        run(line + "lake.db." + table + " --prediction-col p --probability-col q --format table --input db.v_" + table)
                .json();
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
        "spark_catalog.x, cannot use the table spark_catalog.x",
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
