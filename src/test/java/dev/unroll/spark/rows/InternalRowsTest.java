package dev.unroll.spark.rows;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import dev.unroll.testing.SparkTest;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.apache.commons.collections4.IteratorUtils;
import org.apache.spark.ml.linalg.SQLDataTypes;
import org.apache.spark.ml.linalg.Vectors;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.GenericInternalRow;
import org.apache.spark.sql.catalyst.expressions.JoinedRow;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.MetadataBuilder;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.Test;

@SparkTest
class InternalRowsTest {

    private static SparkSession spark;

    /** Values that would become others, or cannot be, as objects of Java. */
    private static Dataset<Row> rows() {
        return spark.range(0, 5, 1, 2)
                .selectExpr(
                        "id",
                        "date'1582-10-10' as day",
                        "timestamp'0001-01-01 00:00:00.123456' as time",
                        "timestamp_ntz'1500-02-28 01:02:03.000001' as local",
                        "cast(X'FF41' as string) as noText",
                        "if(id = 3, null, cast(id as decimal(38, 5))) as number",
                        "map('a', id, 'b', null) as keys",
                        "array(struct(id as x, array(1.5d, null) as y)) as nested",
                        "make_interval(0, 1, 2, 3) as calendar",
                        "parse_json('{\"a\": 1}') as variant",
                        "cast(id as string) as `a.b`",
                        "cast('NaN' as float) as nan");
    }

    private static List<String> shown(Dataset<Row> rows) {
        return rows.selectExpr("id", "hex(cast(noText as binary))", "to_json(struct(*))").collectAsList().stream()
                .map(Row::toString)
                .toList();
    }

    @Test
    void rows_passedOn_keepEveryValueAndTheSchema() {
        Dataset<Row> rows = rows().withColumn(
                        "id",
                        functions
                                .col("id")
                                .as(
                                        "id",
                                        new MetadataBuilder()
                                                .putString("known", "yes")
                                                .build()));
        Dataset<Row> same = InternalRows.added(rows, new StructType(), some -> some);
        assertEquals(rows.schema().json(), same.schema().json());
        assertEquals(shown(rows), shown(same));
    }

    @Test
    void rows_keptAndExtended_areJoinedInTheirOrder() {
        Dataset<Row> rows = rows();
        StructType more = new StructType().add("twice", DataTypes.LongType, false);
        Dataset<Row> joined = InternalRows.added(rows, more, some -> {
            List<InternalRow> kept = new ArrayList<>();
            some.forEachRemaining(row -> kept.add(row.copy()));
            Collections.reverse(kept);
            return IteratorUtils.transformedIterator(
                    kept.iterator(),
                    row -> new JoinedRow(row, new GenericInternalRow(new Object[] {2 * row.getLong(0)})));
        });
        assertEquals(shown(rows.orderBy("id")), shown(joined.drop("twice").orderBy("id")));
        assertEquals(
                List.of(2L, 0L, 8L, 6L, 4L), // of partitions 0, 1 and 2, 3, 4
                joined.select("twice").collectAsList().stream()
                        .map(row -> row.getLong(0))
                        .toList());
    }

    /** Optimisation prunes structs of which only some fields are used. */
    @Test
    void structs_joinedAndExtendedByArrays_keepTheirArrays() {
        Dataset<Row> left = spark.range(0, 5, 1, 2).selectExpr("cast(id as string) as shop", "array(1d, id) as sold");
        Dataset<Row> right = spark.range(0, 5, 1, 2)
                .selectExpr(
                        "struct(cast(id as string) as k0, date'2024-01-01' as t, array(struct(1 as step, 't' as target,"
                                + " 1.5d as label), struct(2 as step, 'u' as target, cast(null as double) as label)) as labels, 'r' as reason) as there");
        Dataset<Row> rows = left.join(right, functions.expr("shop = there.k0"));
        StructType more = new StructType()
                .add("prediction", DataTypes.createArrayType(DataTypes.DoubleType))
                .add("quantiles", DataTypes.createArrayType(SQLDataTypes.VectorType()));
        scala.Function1<Object, Object> converter =
                org.apache.spark.sql.catalyst.CatalystTypeConverters.createToCatalystConverter(more);
        Dataset<Row> extended = InternalRows.added(rows, more, some -> {
            List<InternalRow> kept = new ArrayList<>();
            some.forEachRemaining(row -> kept.add(row.copy()));
            return IteratorUtils.transformedIterator(
                    kept.iterator(),
                    row -> new JoinedRow(row, (InternalRow) converter.apply(RowFactory.create(
                            new Double[] {1d, 2d, 3d},
                            new Object[] {Vectors.dense(1, 2), Vectors.dense(3, 4), Vectors.dense(5, 6)}))));
        });
        assertEquals(
                List.of(2),
                extended.selectExpr("size(there.labels) as n").distinct().collectAsList().stream()
                        .map(row -> row.getInt(0))
                        .toList());
    }

    @Test
    void rows_whereSparkGeneratesNoCode_areTheSame() {
        Dataset<Row> rows = rows();
        List<String> expected = shown(rows);
        spark.conf().set("spark.sql.codegen.wholeStage", "false");
        try {
            Dataset<Row> same = InternalRows.added(rows, new StructType(), some -> {
                List<InternalRow> kept = new ArrayList<>();
                some.forEachRemaining(row -> kept.add(row.copy()));
                return kept.iterator();
            });
            assertEquals(expected, shown(same));
        } finally {
            spark.conf().unset("spark.sql.codegen.wholeStage");
        }
    }

    /** Optimisation takes the objects of two such datasets in a row as one. */
    @Test
    void rows_passedOnTwice_areTheSame() {
        Dataset<Row> rows = rows();
        Dataset<Row> once = InternalRows.added(rows, new StructType(), some -> some);
        Dataset<Row> twice = InternalRows.added(once, new StructType(), some -> some);
        assertEquals(shown(rows), shown(twice));
        assertEquals(2, twice.where("id > 2").count());
    }

    @Test
    void vectors_passedOn_areTheSame() {
        StructType schema = new StructType().add("v", SQLDataTypes.VectorType()).add("name", DataTypes.StringType);
        Dataset<Row> rows = spark.createDataFrame(
                List.of(RowFactory.create(Vectors.dense(1, 2), "a"), RowFactory.create(null, null)), schema);
        Dataset<Row> same = InternalRows.added(rows, new StructType(), some -> some);
        assertEquals(rows.collectAsList(), same.collectAsList());
    }

    /** As after withColumn: {@code predicted.where(rows.col("id"))} must go on. */
    @Test
    void columnsOfTheDatasetGiven_areColumnsOfTheResult() {
        Dataset<Row> rows = rows();
        Dataset<Row> more = InternalRows.added(rows, new StructType(), some -> some);
        assertEquals(
                List.of(3L, 4L),
                more.where(rows.col("id").gt(2)).select(rows.col("id")).collectAsList().stream()
                        .map(row -> row.getLong(0))
                        .toList());
        assertEquals(5, more.join(rows, more.col("id").equalTo(rows.col("id"))).count());
        assertEquals(
                5,
                more.alias("a")
                        .join(more.alias("b"), functions.expr("a.id = b.id"))
                        .count());
        assertEquals(5, more.alias("t").select("t.id").count());
        Dataset<Row> named = InternalRows.added(rows.alias("t"), new StructType(), some -> some);
        assertEquals(5, named.select("t.id", "t.`a.b`").count());
    }

    /** A function of a dataset that nobody uses must not run, nor what comes before it. */
    @Test
    void dataset_untilItIsUsed_runsNothing() {
        Dataset<Row> failing =
                spark.range(3).selectExpr("raise_error('ran') as x").repartition(2);
        Dataset<Row> mapped = InternalRows.added(failing, new StructType(), some -> some);
        assertFalse(mapped.isStreaming());
    }
}
