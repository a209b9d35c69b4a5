package dev.unroll.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.unroll.fit.TrainingSummary;
import dev.unroll.math.CounterRandom;
import dev.unroll.ml.KeyedModels;
import dev.unroll.ml.RnnEstimator;
import dev.unroll.ml.RnnRegressor;
import dev.unroll.ml.RnnRegressorModel;
import dev.unroll.ml.RnnTagger;
import dev.unroll.ml.RnnTaggerModel;
import dev.unroll.testing.SparkTest;
import dev.unroll.train.IterationListener;
import dev.unroll.train.StopRequest;
import dev.unroll.train.TrainingException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Steps without a label or target, and with weights of their own, from a table to metrics. */
@Tag("slow")
@SparkTest(settings = "spark.sql.shuffle.partitions=1")
class MissingTargetsTest {

    private static final DataType STRINGS = DataTypes.createArrayType(DataTypes.StringType);
    private static final DataType NUMBERS = DataTypes.createArrayType(DataTypes.DoubleType);
    private static final StructType SCHEMA = new StructType()
            .add("k", DataTypes.IntegerType)
            .add("x", NUMBERS)
            .add("tags", STRINGS) // null where w is 0, and elsewhere
            .add("full", STRINGS) // without null
            .add("w", NUMBERS)
            .add("y", NUMBERS); // null at every third step

    private static SparkSession session;
    private static List<Row> rows;

    @TempDir
    private Path directory;

    @BeforeAll
    static void makeRows(SparkSession spark) {
        session = spark;
        rows = new ArrayList<>();
        for (int n = 0; n < 90; n++) {
            CounterRandom random = new CounterRandom(9, n);
            List<Double> x = new ArrayList<>();
            List<String> tags = new ArrayList<>();
            List<String> full = new ArrayList<>();
            List<Double> w = new ArrayList<>();
            List<Double> y = new ArrayList<>();
            for (int t = 0; t < 2 + n % 6; t++) {
                x.add(10 * random.normal(t));
                full.add(x.get(t) > 0 ? "up" : "down");
                w.add(random.below(3, -1 - t) == 0 && t > 0 ? 0.0 : 1.0);
                tags.add(w.get(t) == 0 ? null : full.get(t));
                y.add((n + t) % 3 == 0 && t > 0 ? null : 1000 + 3 * x.get(t));
            }
            rows.add(RowFactory.create(n % 2, x, tags, full, w, y));
        }
    }

    private static Dataset<Row> data(int partitions, long seed) {
        List<Row> shuffled = new ArrayList<>(rows);
        Collections.shuffle(shuffled, new Random(seed));
        return session.createDataFrame(shuffled, SCHEMA).repartition(partitions);
    }

    private static <E extends RnnEstimator<E, ?>> E small(E estimator) {
        return estimator
                .setFeaturesCol("x")
                .setHiddenSize(6)
                .setBatchSize(16)
                .setNumShards(4)
                .setMaxIter(8)
                .setEngine("local");
    }

    private static RnnTagger tagger() {
        return small(new RnnTagger()).setLabelCol("tags");
    }

    /** By partitions, order of rows and engine; and as labels that are there, of steps that weigh 0. */
    @Test
    void missingLabels_areLabelsOfWeightZero_whateverThePartitions() {
        RnnTaggerModel model = tagger().fit(data(1, 1));
        assertEquals(List.of("down", "up"), model.model().labels().values());
        long missing = rows.stream()
                .flatMap(row -> row.<List<Double>>getAs(4).stream())
                .filter(w -> w == 0)
                .count();
        assertEquals(missing, model.summary().orElseThrow().missingTargets());
        String expected = model.model().parameterHash();
        for (int partitions : new int[] {3, 8}) {
            RnnTagger spark = tagger().setEngine("spark");
            assertEquals(
                    expected, spark.fit(data(partitions, partitions)).model().parameterHash());
        }
        // Other rows, so their order and last bits differ; of a full batch the loss is the same.
        TrainingSummary without = losses(tagger());
        TrainingSummary zero = losses(tagger().setLabelCol("full").setWeightCol("w"));
        assertArrayEquals(without.objectiveHistory(), zero.objectiveHistory(), 1e-5);
        assertEquals(0, zero.missingTargets());
        // Nor does a label that weighs 0 count where labels are balanced.
        assertArrayEquals(
                losses(tagger().setClassWeights("balanced")).objectiveHistory(),
                losses(tagger().setLabelCol("full").setWeightCol("w").setClassWeights("balanced"))
                        .objectiveHistory(),
                1e-5);
        TrainingSummary all = losses(tagger().setLabelCol("full"));
        assertNotEquals(without.objectiveHistory()[7], all.objectiveHistory()[7], 1e-3);
    }

    private static TrainingSummary losses(RnnTagger tagger) {
        return tagger.setBatchSize(0).fit(data(2, 2)).summary().orElseThrow();
    }

    private static IterationListener stopAt(long iteration) {
        return report -> {
            if (report.iteration() == iteration) {
                throw new StopRequest("by the test");
            }
        };
    }

    @Test
    void resumed_sameBits_andByKeyToo() {
        Supplier<RnnRegressor> training = () -> small(new RnnRegressor())
                .setLabelCol("y")
                .setWeightCol("w2")
                .setStandardize(true)
                .setLossReduction("sequence")
                .setValidationFraction(0.2);
        Dataset<Row> data = data(2, 3).withColumn("w2", functions.expr("transform(w, (v, i) -> v + i + 0.5)"));
        RnnRegressorModel whole = training.get().fit(data);
        RnnRegressor first =
                training.get().setCheckpointDir(directory.toString()).setCheckpointInterval(0);
        first.addListener(stopAt(3));
        assertThrows(TrainingException.class, () -> first.fit(data));
        RnnRegressorModel resumed = training.get()
                .setCheckpointDir(directory.toString())
                .setResume(true)
                .fit(data);
        assertEquals(whole.model().parameterHash(), resumed.model().parameterHash());
        KeyedModels models = training.get().fitByKey(data, "k");
        for (int k = 0; k < 2; k++) {
            assertEquals(
                    training.get().fit(data.where("k = " + k)).model().parameterHash(),
                    models.model(k).model().parameterHash());
        }
    }

    /** A scaling of the targets that are there alone; errors and losses too, in segments of a long sequence as well. */
    @Test
    void evaluated_onlyWhereThereIsATarget() throws IOException {
        StringBuilder lines = new StringBuilder();
        double sum = 0;
        long present = 0;
        long missing = 0;
        for (int length : new int[] {5, 20_000, 3}) {
            List<String> x = new ArrayList<>();
            List<String> y = new ArrayList<>();
            for (int t = 0; t < length; t++) {
                double number = new CounterRandom(4, length).normal(t);
                x.add(String.format(Locale.ROOT, "%.6f", number));
                boolean without = t % 4 == 1 || (t > 8192 && t < 17_000); // a segment without any
                y.add(without ? "null" : String.format(Locale.ROOT, "%.6f", 100 + 5 * number));
                missing += without ? 1 : 0;
                present += without ? 0 : 1;
                sum += without ? 0 : Double.parseDouble(y.get(t));
            }
            lines.append("{\"x\": ").append(x).append(", \"y\": ").append(y).append("}\n");
        }
        Path input = Files.writeString(directory.resolve("rows.json"), lines);
        CommandRunner command = new CommandRunner(session);
        JsonNode trained = command.run("train --task regression --train " + input + " --format json --features-col x"
                        + " --label-col y --standardize --hidden-size 3 --max-iter 30 --step-size 0.05 --num-shards 1"
                        + " --engine local --model " + directory.resolve("model"))
                .json();
        assertEquals(missing, trained.get("missingTargets").asLong());
        RnnRegressorModel model =
                RnnRegressorModel.load(directory.resolve("model").toString());
        assertEquals(sum / present, model.model().scaling().targets().means()[0], 1e-4);
        JsonNode evaluated = command.run(
                        "evaluate --model " + directory.resolve("model") + " --input " + input + " --format json")
                .json();
        assertEquals(missing, evaluated.get("missingTargets").asLong());
        command.run("predict --model " + directory.resolve("model") + " --input " + input
                        + " --format json --output-format json --output " + directory.resolve("out"))
                .json();
        double squared = 0;
        double absolute = 0;
        try (Stream<Path> files = Files.list(directory.resolve("out"))) {
            for (Path file : files.filter(f -> f.getFileName().toString().startsWith("part-"))
                    .toList()) {
                for (String line : Files.readAllLines(file)) {
                    JsonNode row = new ObjectMapper().readTree(line);
                    for (int t = 0; t < row.get("y").size(); t++) {
                        if (!row.get("y").get(t).isNull()) {
                            double error = row.get("prediction").get(t).asDouble()
                                    - row.get("y").get(t).asDouble();
                            squared += error * error;
                            absolute += Math.abs(error);
                        }
                    }
                }
            }
        }
        JsonNode metrics = evaluated.get("metrics");
        assertEquals(squared / present, metrics.get("meanSquaredError").asDouble(), 1e-6 * squared / present);
        assertEquals(absolute / present, metrics.get("meanAbsoluteError").asDouble(), 1e-6 * absolute / present);
    }
}
