package dev.unroll.ml;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.unroll.testing.SparkTest;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.Function;
import org.apache.spark.ml.linalg.Vector;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The rule is written out here from the words of Spark's {@code ProbabilisticClassifier}: the largest p over its threshold. */
@SparkTest(
        settings = {
            "spark.sql.shuffle.partitions=1",
            "spark.sql.codegen.wholeStage=false",
            "spark.sql.codegen.factoryMode=NO_CODEGEN"
        })
class ThresholdsTest {

    private static final int STEPS = 4;

    @TempDir
    Path directory;

    /** Rows of numbers, with a label, one for each step, and a set of them: their sums, in bands. */
    private static Dataset<Row> rows(SparkSession spark) {
        Random random = new Random(3);
        List<Row> rows = new ArrayList<>();
        for (int i = 0; i < 60; i++) {
            Double[] steps = new Double[STEPS];
            Double[] labels = new Double[STEPS];
            double sum = 0;
            for (int t = 0; t < STEPS; t++) {
                steps[t] = random.nextGaussian();
                sum += steps[t] + random.nextGaussian() / 2;
                labels[t] = sum < -1 ? 0.0 : sum < 1 ? 1.0 : 2.0;
            }
            double last = labels[STEPS - 1];
            rows.add(RowFactory.create(
                    steps, last, Math.min(last, 1), labels, last == 0 ? new Double[0] : new Double[] {1.0, last}));
        }
        DataType numbers = DataTypes.createArrayType(DataTypes.DoubleType);
        StructType schema = new StructType()
                .add("features", numbers)
                .add("band", DataTypes.DoubleType)
                .add("two", DataTypes.DoubleType)
                .add("bands", numbers)
                .add("set", numbers);
        return spark.createDataFrame(rows, schema);
    }

    private static RnnClassifier classifier() {
        return new RnnClassifier()
                .setLabelCol("band")
                .setHiddenSize(4)
                .setMaxIter(30)
                .setStepSize(0.02)
                .setNumShards(1)
                .setEngine("local");
    }

    private static double byRule(Vector probability, double... thresholds) {
        int best = 0;
        for (int c = 0; c < thresholds.length; c++) {
            if (thresholds[c] == 0) {
                return c;
            }
            if (probability.apply(c) / thresholds[c] > probability.apply(best) / thresholds[best]) {
                best = c;
            }
        }
        return best;
    }

    private static List<Object> predictions(Dataset<Row> predicted, Function<Row, Object> of) {
        return predicted.collectAsList().stream().map(of).toList();
    }

    @ParameterizedTest
    @CsvSource({
        "softmax, band, 0.8, 0.1, 0.1",
        "softmax, band, 1, 0, 1",
        "softmax, band, 0.1, 2, 30",
        "binary, two, 0.9, 0.1,"
    })
    void theLargestMultipleOfItsThreshold_isPredicted(
            String loss, String label, double first, double second, Double third, SparkSession spark) throws Exception {
        double[] thresholds = third == null ? new double[] {first, second} : new double[] {first, second, third};
        RnnClassifier estimator = classifier().setLoss(loss).setLabelCol(label);
        RnnClassifierModel model = estimator.fit(rows(spark));
        List<Object> usual = predictions(model.transform(rows(spark)), row -> row.getAs("prediction"));
        model.setThresholds(thresholds);
        Dataset<Row> predicted = model.transform(rows(spark));
        List<Object> expected = predictions(predicted, row -> byRule(row.getAs("probability"), thresholds));
        assertEquals(expected, predictions(predicted, row -> row.getAs("prediction")));
        assertNotEquals(usual, expected);

        String path = directory.resolve("model").toString();
        model.write().save(path);
        assertEquals(
                expected,
                predictions(RnnClassifierModel.load(path).transform(rows(spark)), row -> row.getAs("prediction")));
        assertEquals(
                expected,
                predictions(
                        estimator.setThresholds(thresholds).fit(rows(spark)).transform(rows(spark)),
                        row -> row.getAs("prediction")));
        model.registerFunction(spark, "predicted_band");
        assertEquals(expected, predictions(rows(spark).selectExpr("predicted_band(features)"), row -> row.get(0)));
    }

    @Test
    void ofEachStep_theyHoldAtEachStep(SparkSession spark) {
        RnnTaggerModel model = new RnnTagger()
                .setLabelCol("bands")
                .setHiddenSize(4)
                .setMaxIter(10)
                .setNumShards(1)
                .setThresholds(0.9, 0.4, 0.2)
                .fit(rows(spark));
        for (Row row : model.transform(rows(spark)).collectAsList()) {
            List<Vector> probability = row.getList(row.fieldIndex("probability"));
            assertEquals(
                    probability.stream().map(p -> byRule(p, 0.9, 0.4, 0.2)).toList(),
                    row.getList(row.fieldIndex("prediction")));
        }
    }

    @Test
    void ofSets_eachLabelHasItsOwn(SparkSession spark) {
        RnnClassifierModel model =
                classifier().setLoss("multi-label").setLabelCol("set").fit(rows(spark));
        model.setThresholds(0.01, 0.999);
        for (Row row : model.transform(rows(spark)).collectAsList()) {
            Vector probability = row.getAs("probability");
            List<Double> expected = new ArrayList<>();
            if (probability.apply(0) > 0.01) {
                expected.add(1.0);
            }
            if (probability.apply(1) > 0.999) {
                expected.add(2.0);
            }
            assertEquals(expected, row.getList(row.fieldIndex("prediction")));
        }
    }

    @Test
    void whatDoesNotGoTogether_isRefused(SparkSession spark) {
        RnnClassifierModel model = classifier().setMaxIter(1).fit(rows(spark));
        assertRefused(
                "thresholds are 0.5,0.5; allowed is one for each of the 3 labels, in their order",
                () -> model.setThresholds(0.5, 0.5).transform(rows(spark)));
        assertRefused(
                "thresholds is 0.0,0.0,1.0; allowed is a number for each label in their order, at least 0 and one of"
                        + " them 0 at most, with commas between them",
                () -> model.setThresholds(0, 0, 1));
        assertRefused(
                "thresholds are 0.5,0.5, and loss is squared-error; they go with loss softmax, binary and multi-label",
                () -> new RnnRegressor()
                        .setLabelCol("band")
                        .setThresholds(0.5, 0.5)
                        .fit(rows(spark)));
        assertRefused(
                "thresholds are 0.5,0.5, and loss is crf; they go with loss softmax, binary and multi-label",
                () -> new RnnTagger()
                        .setLabelCol("bands")
                        .setLoss("crf")
                        .setThresholds(0.5, 0.5)
                        .fit(rows(spark)));
    }

    private static void assertRefused(String message, org.junit.jupiter.api.function.Executable call) {
        assertEquals(message, assertThrows(IllegalArgumentException.class, call).getMessage());
    }

    @Test
    void withoutNames_columnsAreNotAdded(SparkSession spark) {
        RnnClassifierModel model = classifier().setMaxIter(1).fit(rows(spark));
        model.setProbabilityCol("").setRawPredictionCol("");
        List<String> expected = new ArrayList<>(List.of(rows(spark).columns()));
        expected.add("prediction");
        assertEquals(expected, List.of(model.transform(rows(spark)).columns()));
    }
}
