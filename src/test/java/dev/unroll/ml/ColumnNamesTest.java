package dev.unroll.ml;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unroll.testing.SparkTest;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Stream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Rule R1 for columns: a column that is there is never replaced, and names are compared as Spark's resolver does. */
@SparkTest(
        settings = {
            "spark.sql.shuffle.partitions=1",
            "spark.sql.codegen.wholeStage=false",
            "spark.sql.codegen.factoryMode=NO_CODEGEN"
        })
class ColumnNamesTest {

    private static RnnClassifierModel model;
    private static Dataset<Row> rows;

    /** A stage that adds columns to rows that have one of that name. */
    private record Case(String column, Function<Dataset<Row>, Dataset<Row>> adds) {
        @Override
        public String toString() {
            return column;
        }
    }

    @BeforeAll
    static void train(SparkSession spark) {
        StructType schema = new StructType().add("name", DataTypes.StringType).add("sex", DataTypes.StringType);
        rows = spark.createDataFrame(
                List.of(
                        RowFactory.create("anna", "F"),
                        RowFactory.create("otto", "M"),
                        RowFactory.create("eve", "F"),
                        RowFactory.create("bob", "M")),
                schema);
        model = new RnnClassifier()
                .setFeaturesCol("name")
                .setLabelCol("sex")
                .setHiddenSize(2)
                .setEmbeddingSize(2)
                .setMaxIter(1)
                .setNumShards(1)
                .fit(rows);
    }

    private static Dataset<Row> events(Dataset<Row> rows) {
        return rows.withColumn("day", functions.lit(1)).withColumn("x", functions.lit(1.0));
    }

    static Stream<Case> clashes() {
        return Stream.of(
                new Case("prediction", rows -> model.transform(rows)),
                new Case("Prediction", rows -> model.transform(rows)),
                new Case("PROBABILITY", rows -> model.transform(rows)),
                new Case("RawPrediction", rows -> model.transform(rows)),
                new Case("loss", rows -> model.withLoss(rows, "sex")),
                new Case("Loss", rows -> model.withLoss(rows, "sex")),
                new Case("GRADIENTNORM", rows -> model.withLoss(rows, "sex")),
                new Case("Prediction", input -> keyed().transform(input)),
                new Case("probability", input -> keyed().transform(input)),
                new Case("LOSS", input -> byKey(input, "LOSS").results()),
                new Case("Error", input -> byKey(input, "Error").results()),
                new Case("Key", input -> byKey(input, "Key", "key").results()),
                new Case("Start", rows -> assembler("key", "Start").transform(events(rows))),
                new Case("FEATURES", rows -> assembler("FEATURES").transform(events(rows))),
                new Case("Label", rows -> windows("Label").transform(events(rows))),
                new Case("LabelTime", rows -> windows("LabelTime").transform(events(rows))));
    }

    private static KeyedModels keyed() {
        return byKey(rows.withColumn("key", functions.lit(1)), "key");
    }

    private static KeyedModels byKey(Dataset<Row> rows, String... keys) {
        return new RnnClassifier()
                .setFeaturesCol("name")
                .setLabelCol("sex")
                .setHiddenSize(2)
                .setMaxIter(1)
                .fitByKey(rows, keys);
    }

    private static SequenceAssembler assembler(String... keys) {
        return new SequenceAssembler()
                .setKeyCols(keys)
                .setTimeCol("day")
                .setValueCols("x")
                .setFeaturesCol("features");
    }

    private static SlidingWindows windows(String... keys) {
        return new SlidingWindows()
                .setKeyCols(keys)
                .setTimeCol("day")
                .setValueCols("x")
                .setWindowLength(1);
    }

    @ParameterizedTest
    @MethodSource("clashes")
    void column_thatIsThere_isNotReplaced(Case clash) {
        Dataset<Row> input = rows.withColumn("key", functions.lit(1)).withColumn(clash.column, functions.lit("mine"));
        Exception refusal =
                assertThrows(Exception.class, () -> clash.adds.apply(input).collectAsList());
        assertTrue(
                refusal.getMessage()
                        .toLowerCase(java.util.Locale.ROOT)
                        .contains(clash.column.toLowerCase(java.util.Locale.ROOT)),
                refusal.getMessage());
        assertTrue(refusal.getMessage().length() < 400, refusal.getMessage());
    }

    /** Names that are used while the work is being done. */
    @ParameterizedTest
    @ValueSource(strings = {"unroll_result", "Unroll_Result", "t", "s", "k0", "e", "reason"})
    void column_ofAnInnerName_stays(String name) {
        Dataset<Row> input = rows.withColumn(name, functions.lit("mine"));
        assertEquals(
                4,
                model.transform(input)
                        .where(name + " = 'mine' and prediction in ('F', 'M')")
                        .count());
        assertEquals(
                4,
                model.withLoss(input, "sex")
                        .where(name + " = 'mine' and loss > 0")
                        .count());
        assertEquals(
                4,
                assembler("name", name)
                        .transform(events(input))
                        .where(name + " = 'mine'")
                        .count());
    }

    /** Two columns that the model itself adds, and the names of which Spark cannot tell apart. */
    @Test
    void addedColumns_haveDifferentNames() {
        for (String name : List.of("p", "P")) {
            RnnClassifierModel same = model.copy(org.apache.spark.ml.param.ParamMap.empty())
                    .setPredictionCol("p")
                    .setProbabilityCol(name);
            assertThrows(IllegalArgumentException.class, () -> same.transform(rows));
        }
    }

    @Test
    void caseSensitiveSession_keepsBoth(SparkSession spark) {
        spark.conf().set("spark.sql.caseSensitive", "true");
        try {
            Dataset<Row> result = model.transform(rows.withColumn("Prediction", functions.lit("mine")));
            assertEquals(
                    4,
                    result.where("Prediction = 'mine' and prediction in ('F', 'M')")
                            .count());
            Dataset<Row> loss = model.withLoss(rows.withColumn("Loss", functions.lit("mine")), "sex");
            assertEquals(4, loss.where("Loss = 'mine' and loss > 0").count());
        } finally {
            spark.conf().unset("spark.sql.caseSensitive");
        }
    }

    /** A column that is asked for is found as Spark finds it. */
    @Test
    void usedColumn_isFoundWhateverTheCase() {
        Dataset<Row> upper = rows.withColumnRenamed("name", "NAME");
        Exception or = null;
        try {
            assertEquals(4, model.transform(upper).count());
        } catch (Exception e) {
            or = e;
        }
        assertTrue(or == null || or.getMessage().contains("features-col is name"), String.valueOf(or));
    }
}
