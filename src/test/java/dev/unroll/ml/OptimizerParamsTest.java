package dev.unroll.ml;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unroll.optim.OptimizerKind;
import dev.unroll.param.ParameterHash;
import dev.unroll.testing.SparkTest;
import dev.unroll.train.IterationReport;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The Params of optimisers and schedules, as far as they hang together. */
@SparkTest
class OptimizerParamsTest {

    private static Dataset<Row> names;

    @TempDir
    Path directory;

    @BeforeAll
    static void makeNames(SparkSession spark) {
        List<Row> rows = new ArrayList<>();
        for (int i = 0; i < 61; i++) {
            rows.add(
                    i % 2 == 0
                            ? RowFactory.create("an" + "na".repeat(1 + i % 7), "F")
                            : RowFactory.create("r" + "bo".repeat(i % 5), "M"));
        }
        names = spark.createDataFrame(
                rows, new StructType().add("name", DataTypes.StringType).add("sex", DataTypes.StringType));
    }

    private static RnnClassifier classifier() {
        return new RnnClassifier()
                .setFeaturesCol("name")
                .setLabelCol("sex")
                .setHiddenSize(8)
                .setEmbeddingSize(4)
                .setNumShards(5)
                .setEngine("spark")
                .setMaxIter(12);
    }

    private static String hash(RnnClassifier classifier) {
        return ParameterHash.of(classifier.fit(names).model().theta());
    }

    /** The defaults of batch-size, clip-norm and step-size are another optimiser's: they must not be in the way. */
    @Test
    void lbfgs_hasDefaultsOfItsOwn() {
        List<IterationReport> reports = new ArrayList<>();
        RnnClassifierModel model =
                classifier().setOptimizer("lbfgs").addListener(reports::add).fit(names);
        assertTrue(reports.stream().allMatch(report -> report.sequences() == 61));
        double first = reports.get(0).loss();
        assertTrue(
                reports.get(11).loss() < first / 10,
                "from " + first + " to " + reports.get(11).loss());
        String explicit =
                hash(classifier().setBatchSize(0).setClipNorm(0).setStepSize(1).setOptimizer("lbfgs"));
        assertEquals(explicit, ParameterHash.of(model.model().theta()));
        assertEquals(explicit, hash(classifier().setOptimizer("lbfgs").setPartitions(7)));
        assertEquals(explicit, hash(classifier().setOptimizer("lbfgs").setEngine("local")));

        assertEquals("0", model.model().provenance().get("batchSize"));
        assertEquals("0.0", model.model().provenance().get("clipNorm"));
        assertEquals("1.0", model.model().provenance().get("stepSize"));
    }

    /** Guards against a default that no Param has, or that the Param would refuse. */
    @ParameterizedTest
    @EnumSource
    void defaultsOfAnOptimizer_areValuesOfParams(OptimizerKind kind) {
        RnnClassifier classifier = new RnnClassifier().setOptimizer(kind.key());
        Map<String, ParamDocs.Key> keys = ParamDocs.of(classifier);
        kind.defaults().forEach((name, value) -> {
            assertTrue(keys.containsKey(name), name);
            assertEquals(value, keys.get(name).parse(String.valueOf(value)), name);
            assertEquals(value, classifier.value(keys.get(name).param()), name);
        });
        classifier.config(new StructType());
    }

    @Test
    void withoutALimit_thereAreTenEpochs() {
        assertEquals(10, new RnnClassifier().config(new StructType()).limits().epochs());
        assertEquals(
                0,
                new RnnClassifier()
                        .setMaxIter(3)
                        .config(new StructType())
                        .limits()
                        .epochs());
        assertEquals(
                4,
                new RnnClassifier()
                        .setEpochs(4)
                        .config(new StructType())
                        .limits()
                        .epochs());
    }

    @Test
    void whatLbfgsCannotDo_isRefusedWhereItWasAskedFor() {
        assertRefused(
                c -> c.setBatchSize(64),
                "optimizer lbfgs needs batch-size 0 (all sequences per update); batch-size is 64");
        assertRefused(c -> c.setClipNorm(1), "optimizer lbfgs needs clip-norm 0 (no clipping); clip-norm is 1.0");
        assertRefused(
                c -> c.setSchedule("warmup:5,cosine"),
                "optimizer lbfgs needs schedule constant (its line search finds the step); schedule is warmup:5,cosine");
        assertRefused(
                c -> c.setEma(0.999),
                "optimizer lbfgs needs ema 0 (its updates have no noise to average out); ema is 0.999");
    }

    private static void assertRefused(UnaryOperator<RnnClassifier> set, String message) {
        RnnClassifier classifier = set.apply(classifier().setOptimizer("lbfgs"));
        assertEquals(
                message,
                assertThrows(IllegalArgumentException.class, () -> classifier.fit(names))
                        .getMessage());
    }

    @Test
    void schedule_goesToTheEndOfTraining() {
        List<IterationReport> reports = new ArrayList<>();
        classifier()
                .setBatchSize(10) // 7 updates an epoch
                .setMaxIter(0)
                .setEpochs(2)
                .setStepSize(0.01)
                .setSchedule("warmup:4,linear")
                .addListener(reports::add)
                .fit(names);
        double[] tenths = {2.5, 5, 7.5, 10, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1};
        assertEquals(tenths.length, reports.size());
        for (int k = 0; k < tenths.length; k++) {
            assertEquals(tenths[k] * 1e-3, reports.get(k).stepSize(), 1e-15);
        }
    }

    /** After one update the average is theta; after more it is another model, on whatever engine. */
    @Test
    void ema_averagesAfterTheFirstUpdate() {
        assertEquals(
                hash(classifier().setMaxIter(1)),
                hash(classifier().setMaxIter(1).setEma(0.9)));
        String averaged = hash(classifier().setEma(0.9));
        assertNotEquals(hash(classifier()), averaged);
        assertEquals(averaged, hash(classifier().setEma(0.9).setPartitions(3).setUpdatesPerJob(5)));
        assertEquals(averaged, hash(classifier().setEma(0.9).setEngine("local")));
    }

    /** The metrics of the last line are those of the model that was written, which has the average. */
    @Test
    void ema_validationIsOfTheModel() {
        RnnClassifierModel model = classifier()
                .setEma(0.9)
                .setValidationFraction(0.3)
                .setValidationInterval(3)
                .fit(names);
        RnnClassifierModel again = classifier()
                .setValidationFraction(0.3)
                .setInit(saved(model))
                .setMaxIter(1)
                .setStepSize(1e-30)
                .fit(names);
        assertEquals(
                model.model().parameterHash(), again.model().parameterHash(), "the step is too short for a change");
        assertEquals(
                model.summary().orElseThrow().result().validation(),
                again.summary().orElseThrow().result().validation());
    }

    private String saved(RnnClassifierModel model) {
        String path = directory.resolve("model").toString();
        try {
            model.save(path);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return path;
    }

    @Test
    void emaOfOne_isRefusedByTheParam() {
        String message = assertThrows(
                        IllegalArgumentException.class, () -> classifier().setEma(1))
                .getMessage();
        assertTrue(message.startsWith("ema is 1.0; allowed is a number, from 0 to below 1"), message);
    }

    @Test
    void unknownSchedule_isRefusedByTheParam() {
        String message = assertThrows(
                        IllegalArgumentException.class, () -> classifier().setSchedule("cosine:0"))
                .getMessage();
        assertTrue(message.startsWith("schedule is cosine:0; allowed is constant, linear or cosine"), message);
    }
}
