package dev.unroll.ml;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.unroll.testing.SparkTest;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.apache.spark.ml.evaluation.BinaryClassificationEvaluator;
import org.apache.spark.ml.linalg.Vector;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Spark's evaluators read the second number of a raw prediction alone, so of two classes it must rank as the probability does. */
@SparkTest(
        settings = {
            "spark.sql.shuffle.partitions=1",
            "spark.sql.codegen.wholeStage=false",
            "spark.sql.codegen.factoryMode=NO_CODEGEN"
        })
class RawPredictionTest {

    private static final int STEPS = 7;

    private static Dataset<Row> rows(SparkSession spark, long seed, boolean everyStep, int classes) {
        Random random = new Random(seed);
        List<Row> rows = new ArrayList<>();
        for (int i = 0; i < 120; i++) {
            Double[] steps = new Double[STEPS];
            Double[] labels = new Double[STEPS];
            double sum = 0;
            for (int t = 0; t < STEPS; t++) {
                steps[t] = random.nextGaussian();
                sum += steps[t] + random.nextGaussian();
                labels[t] =
                        classes == 2 ? (sum > 0 ? 1.0 : 0.0) : (double) Math.floorMod((int) Math.floor(sum), classes);
            }
            rows.add(RowFactory.create(steps, everyStep ? labels : labels[STEPS - 1]));
        }
        StructType schema = new StructType()
                .add("features", DataTypes.createArrayType(DataTypes.DoubleType))
                .add("label", everyStep ? DataTypes.createArrayType(DataTypes.DoubleType) : DataTypes.DoubleType);
        return spark.createDataFrame(rows, schema);
    }

    /** The share of pairs of a positive and a negative row that are in the right order, and that of ties. */
    private record Ranks(double right, double ties) {
        /** A tie is half a pair. */
        double auc() {
            return right + ties / 2;
        }
    }

    private static Ranks ranks(List<Double> scores, List<Double> labels) {
        double pairs = 0;
        double right = 0;
        double ties = 0;
        for (int i = 0; i < scores.size(); i++) {
            for (int j = 0; j < scores.size(); j++) {
                if (labels.get(i) == 1 && labels.get(j) == 0) {
                    pairs++;
                    int order = Double.compare(scores.get(i), scores.get(j));
                    right += order > 0 ? 1 : 0;
                    ties += order == 0 ? 1 : 0;
                }
            }
        }
        return new Ranks(right / pairs, ties / pairs);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10})
    void twoClasses_rankAsTheirProbability(long seed, SparkSession spark) {
        Dataset<Row> data = rows(spark, seed, false, 2);
        Dataset<Row> predicted = new RnnClassifier()
                .setHiddenSize(3)
                .setMaxIter(40)
                .setNumShards(1)
                .setSeed(seed)
                .setEngine("local")
                .fit(data)
                .transform(data);
        List<Double> probability = new ArrayList<>();
        List<Double> labels = new ArrayList<>();
        for (Row row : predicted.collectAsList()) {
            Vector p = row.getAs("probability");
            Vector raw = row.getAs("rawPrediction");
            probability.add(p.apply(1));
            labels.add(row.getAs("label"));
            assertMargin(raw, p);
        }
        Ranks expected = ranks(probability, labels);
        BinaryClassificationEvaluator evaluator = new BinaryClassificationEvaluator().setNumBins(0);
        // Margins may tell rows apart whose probabilities are the same float.
        assertEquals(expected.auc(), evaluator.evaluate(predicted), expected.ties() / 2 + 1e-12);
        assertEquals(
                expected.auc(), evaluator.setRawPredictionCol("probability").evaluate(predicted), 1e-12);
    }

    /** As Spark's own: (-margin, margin), and the probability is their softmax, as that of boosted trees is. */
    private static void assertMargin(Vector raw, Vector probability) {
        assertEquals(2, raw.size());
        assertEquals(-raw.apply(0), raw.apply(1), 0);
        assertEquals(1 / (1 + Math.exp(-2 * raw.apply(1))), probability.apply(1), 1e-6);
    }

    @Test
    void twoLabelsPerStep_areMarginsToo(SparkSession spark) {
        Dataset<Row> data = rows(spark, 1, true, 2);
        RnnTaggerModel model = new RnnTagger()
                .setHiddenSize(3)
                .setMaxIter(3)
                .setNumShards(1)
                .setEngine("local")
                .fit(data)
                .setRawPredictionCol("raw");
        for (Row row : model.transform(data).collectAsList()) {
            List<Vector> raw = row.getList(row.fieldIndex("raw"));
            List<Vector> probability = row.getList(row.fieldIndex("probability"));
            assertEquals(STEPS, raw.size());
            for (int t = 0; t < STEPS; t++) {
                assertMargin(raw.get(t), probability.get(t));
            }
        }
    }

    /** Of more classes they are what the softmax is made of. */
    @Test
    void threeClasses_areTheOutputs(SparkSession spark) {
        Dataset<Row> data = rows(spark, 1, false, 3);
        RnnClassifierModel model = new RnnClassifier()
                .setHiddenSize(3)
                .setMaxIter(3)
                .setNumShards(1)
                .setEngine("local")
                .fit(data)
                .setRawPredictionCol("raw");
        for (Row row : model.transform(data).collectAsList()) {
            Vector raw = row.getAs("raw");
            Vector probability = row.getAs("probability");
            double sum = Math.exp(raw.apply(0)) + Math.exp(raw.apply(1)) + Math.exp(raw.apply(2));
            for (int c = 0; c < 3; c++) {
                assertEquals(Math.exp(raw.apply(c)) / sum, probability.apply(c), 1e-6);
            }
        }
    }
}
