package dev.unroll.ml;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unroll.data.InputException;
import dev.unroll.fit.TrainingSummary;
import dev.unroll.math.CounterRandom;
import dev.unroll.optim.OptimizerKind;
import dev.unroll.testing.SparkTest;
import dev.unroll.train.IterationListener;
import dev.unroll.train.StopRequest;
import dev.unroll.train.TrainingException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A training that stops anywhere and goes on from a checkpoint ends with the bits of one that never stopped. */
@Tag("slow")
@SparkTest
class ResumeTest {

    private static SparkSession spark;
    private static Dataset<Row> words;

    @TempDir
    Path directory;

    @BeforeAll
    static void makeWords() {
        List<Row> rows = new ArrayList<>();
        for (int n = 0; n < 60; n++) {
            CounterRandom random = new CounterRandom(11, n);
            StringBuilder word = new StringBuilder();
            for (int t = 0; t < 2 + n % 6; t++) {
                word.append((char) ('a' + random.below(4, t)));
            }
            rows.add(RowFactory.create(word.toString(), word.substring(0, 1), (double) word.length()));
        }
        words = spark.createDataFrame(
                        rows,
                        new StructType()
                                .add("word", DataTypes.StringType)
                                .add("first", DataTypes.StringType)
                                .add("length", DataTypes.DoubleType))
                .persist();
    }

    private static <E extends RnnEstimator<E, ?>> E small(E estimator) {
        return estimator
                .setFeaturesCol("word")
                .setLabelCol("first")
                .setHiddenSize(6)
                .setEmbeddingSize(3)
                .setBatchSize(16)
                .setNumShards(2)
                .setEngine("local")
                .setStepSize(0.02);
    }

    /** Everything that remembers: optimisers, schedules, patience, tolerance, streams, passes of L-BFGS, draws. */
    static Stream<Supplier<RnnEstimator<?, ?>>> trainings() {
        return Stream.of(
                () -> small(new RnnClassifier()).setMaxIter(11).setSchedule("warmup:3,cosine"),
                () -> small(new RnnClassifier())
                        .setCell("gru")
                        .setOptimizer("momentum")
                        .setEpochs(5)
                        .setValidationFraction(0.2)
                        .setValidationInterval(2)
                        .setPatience(2)
                        .setStepSize(0.5),
                () -> small(new RnnClassifier())
                        .setOptimizer("adamw")
                        .setWeightDecay(0.1)
                        .setTol(0.02)
                        .setEpochs(6),
                () -> small(new RnnClassifier())
                        .setNumLayers(2)
                        .setBidirectional(true)
                        .setDropout(0.3)
                        .setTruncation("randomized:0.5")
                        .setMaxIter(9),
                () -> small(new RnnClassifier()).setCell("mingru").setMaxIter(9),
                () -> small(new RnnClassifier())
                        .setCell("peephole")
                        .setForgetBias(1)
                        .setNumLayers(2)
                        .setMaxIter(9),
                () -> small(new RnnLanguageModel())
                        .setBatchSize(3)
                        .setCarryState(true)
                        .setWindow(4)
                        .setNumLayers(2)
                        .setMaxIter(13),
                () -> small(new RnnRegressor())
                        .setLabelCol("length")
                        .setStandardize(true)
                        .setOptimizer("lbfgs")
                        .setBatchSize(0)
                        .setStepSize(1)
                        .setEpochs(14),
                () -> small(new RnnClassifier()).setEma(0.7).setMaxIter(9),
                () -> small(new RnnClassifier())
                        .setOptimizer("nadam")
                        .setEma(0.5)
                        .setEpochs(5)
                        .setValidationFraction(0.2)
                        .setValidationInterval(2)
                        .setPatience(2)
                        .setStepSize(0.2),
                () -> small(new RnnClassifier()).setEngine("spark").setMaxIter(5));
    }

    static Stream<Supplier<RnnEstimator<?, ?>>> trainingsOfEveryOptimizer() {
        return Stream.of(OptimizerKind.values())
                .map(kind -> () -> small(new RnnClassifier())
                        .setOptimizer(kind.key())
                        .setBatchSize(kind.isFullBatch() ? 0 : 16)
                        .setMaxIter(4));
    }

    private RnnModel<?> fit(RnnEstimator<?, ?> estimator) {
        return (RnnModel<?>) estimator.fit(words);
    }

    private static IterationListener stopAt(long iteration) {
        return report -> {
            if (report.iteration() == iteration) {
                throw new StopRequest("by the test");
            }
        };
    }

    @ParameterizedTest
    @MethodSource({"trainings", "trainingsOfEveryOptimizer"})
    void stoppedAnywhere_sameBits(Supplier<RnnEstimator<?, ?>> training) {
        RnnModel<?> whole = fit(training.get());
        TrainingSummary expected = whole.summary().orElseThrow();
        long updates = expected.result().iterations();
        for (long stop = 1; stop <= updates; stop++) {
            String checkpoints = directory.resolve("stopped-at-" + stop).toString();
            RnnEstimator<?, ?> first =
                    training.get().setCheckpointDir(checkpoints).setCheckpointInterval(0);
            first.addListener(stopAt(stop));
            if (stop < updates) {
                TrainingException stopped = assertThrows(TrainingException.class, () -> fit(first));
                assertTrue(stopped.getMessage().contains("stopped by the test after iteration"), stopped.getMessage());
            } else {
                fit(first); // a request behind the last update comes too late
            }
            Map<Long, String> losses = new TreeMap<>();
            RnnEstimator<?, ?> second =
                    training.get().setCheckpointDir(checkpoints).setResume(true);
            second.addListener(report -> losses.put(report.iteration(), report.loss() + " " + report.passes()));
            RnnModel<?> resumed = fit(second);
            assertEquals(whole.model().parameterHash(), resumed.model().parameterHash(), "stopped at " + stop);
            assertEquals(expected.result(), resumed.summary().orElseThrow().result(), "stopped at " + stop);
            assertEquals(updates - stop, losses.size());
            expected.updates().updates().stream()
                    .filter(update -> losses.containsKey(update.iteration()))
                    .forEach(update -> assertTrue(
                            losses.get(update.iteration()).startsWith(update.loss() + " "), losses.toString()));
        }
    }

    private RnnClassifier saving() {
        return small(new RnnClassifier())
                .setMaxIter(8)
                .setCheckpointDir(directory.resolve("checkpoints").toString())
                .setCheckpointInterval(2);
    }

    private List<String> names() throws IOException {
        try (Stream<Path> entries = Files.list(directory.resolve("checkpoints"))) {
            return entries.map(entry -> entry.getFileName().toString()).sorted().toList();
        }
    }

    @Test
    void theLatestAreKept() throws IOException {
        saving().setCheckpointKeep(2).fit(words);
        assertEquals(List.of("iteration-000000000006", "iteration-000000000008"), names());
    }

    @Test
    void aHigherLimitGoesOn() {
        String expected =
                small(new RnnClassifier()).setMaxIter(12).fit(words).model().parameterHash();
        saving().fit(words);
        assertEquals(
                expected,
                saving().setMaxIter(12).setResume(true).fit(words).model().parameterHash());
    }

    /** What only the end has validated, or a reason to stop behind the limit, must not be part of what goes on. */
    @Test
    void aHigherLimitGoesOn_withPatienceAndTolerance() {
        for (int limit = 5; limit <= 9; limit++) {
            for (boolean patient : new boolean[] {true, false}) {
                String folder = directory.resolve("limit-" + limit + patient).toString();
                Supplier<RnnClassifier> training = () -> patient
                        ? small(new RnnClassifier())
                                .setOptimizer("momentum")
                                .setStepSize(0.5)
                                .setValidationFraction(0.2)
                                .setValidationInterval(3)
                                .setPatience(2)
                        : small(new RnnClassifier()).setTol(0.04);
                RnnClassifierModel whole = training.get().setMaxIter(30).fit(words);
                training.get().setMaxIter(limit).setCheckpointDir(folder).fit(words);
                RnnClassifierModel resumed = training.get()
                        .setMaxIter(30)
                        .setCheckpointDir(folder)
                        .setResume(true)
                        .fit(words);
                assertEquals(whole.model().parameterHash(), resumed.model().parameterHash(), folder);
                assertEquals(
                        whole.summary().orElseThrow().result(),
                        resumed.summary().orElseThrow().result(),
                        folder);
            }
        }
    }

    @Test
    void aLowerLimitIsRefused() {
        saving().fit(words);
        InputException refused = assertThrows(
                InputException.class,
                () -> saving().setMaxIter(6).setResume(true).fit(words));
        assertTrue(refused.getMessage().contains("raise max-iter"), refused.getMessage());
    }

    @Test
    void aDirectoryThatCannotBeWrittenIsRefusedBeforeTraining() throws IOException {
        Path file = Files.writeString(directory.resolve("file"), "");
        List<Long> made = new ArrayList<>();
        RnnClassifier training = saving().setCheckpointDir(file.resolve("below").toString());
        training.addListener(report -> made.add(report.iteration()));
        assertThrows(InputException.class, () -> training.fit(words));
        assertEquals(List.of(), made);
    }

    @Test
    void whatIsTornIsNotUsed() throws IOException {
        String expected = saving().fit(words).model().parameterHash();
        Path latest = directory.resolve("checkpoints/iteration-000000000008");
        List<Path> files;
        try (Stream<Path> entries = Files.list(latest)) {
            files = entries.sorted().toList();
        }
        assertEquals(3, files.size());
        for (Path file : files) {
            byte[] whole = Files.readAllBytes(file);
            for (int variant = 0; variant < 4; variant++) {
                byte[] torn = variant == 0
                        ? new byte[0]
                        : variant == 1 ? java.util.Arrays.copyOf(whole, whole.length / 2) : whole.clone();
                if (variant == 2) {
                    torn[torn.length - 3] ^= 1;
                }
                if (variant == 3) {
                    Files.delete(file);
                } else {
                    Files.write(file, torn);
                }
                List<Long> made = new ArrayList<>();
                RnnClassifier resumed = saving().setCheckpointInterval(0).setResume(true);
                resumed.addListener(report -> made.add(report.iteration()));
                assertEquals(expected, resumed.fit(words).model().parameterHash(), file + " variant " + variant);
                assertEquals(List.of(7L, 8L), made, file + " variant " + variant);
                Files.write(file, whole);
            }
        }
    }

    @Test
    void ofAnotherTrainingIsRefused() {
        saving().fit(words);
        Map<String, RnnClassifier> others = new TreeMap<>();
        others.put("optimizer", saving().setStepSize(0.01));
        others.put("plan", saving().setSeed(2));
        others.put("network", saving().setHiddenSize(7));
        others.put("unrolling", saving().setTruncation("fixed:2"));
        others.put("loss", saving().setClassWeights("balanced"));
        others.put("data", saving().setMaxLength(5).setHandleInvalid("skip"));
        others.put("initial parameters", saving().setForgetBias(1));
        others.forEach((name, other) -> {
            InputException refused = assertThrows(
                    InputException.class, () -> other.setResume(true).fit(words), name);
            assertTrue(refused.getMessage().contains("another training"), name + ": " + refused.getMessage());
        });
        InputException refused = assertThrows(
                InputException.class,
                () -> saving().setStepSize(0.01).setResume(true).fit(words));
        assertTrue(refused.getMessage().contains("its optimizer is"), refused.getMessage());
    }

    @Test
    void usedDirectoriesAreNotOverwrittenUnasked() throws IOException {
        Path mine = Files.createDirectories(directory.resolve("checkpoints")).resolve("notes.txt");
        Files.writeString(mine, "of the user");
        saving().fit(words);
        InputException refused = assertThrows(InputException.class, () -> saving().fit(words));
        assertTrue(refused.getMessage().contains("has checkpoints already"), refused.getMessage());
        saving().setMaxIter(3).setOverwriteCheckpoints(true).fit(words);
        assertEquals(List.of("iteration-000000000002", "iteration-000000000003", "notes.txt"), names());
        assertThrows(
                IllegalArgumentException.class,
                () -> small(new RnnClassifier()).setResume(true).fit(words));
    }

    @Test
    void nothingToGoOnFromIsABeginning() {
        String expected =
                small(new RnnClassifier()).setMaxIter(8).fit(words).model().parameterHash();
        assertEquals(expected, saving().setResume(true).fit(words).model().parameterHash());
    }
}
