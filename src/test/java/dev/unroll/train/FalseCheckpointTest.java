package dev.unroll.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unroll.data.Scaling;
import dev.unroll.data.ShardPlan;
import dev.unroll.format.Directory;
import dev.unroll.format.FormatException;
import dev.unroll.nn.LearningTask;
import dev.unroll.nn.LossReduction;
import dev.unroll.nn.LossSpec;
import dev.unroll.optim.LossFunction;
import dev.unroll.optim.Optimizer;
import dev.unroll.optim.OptimizerSpec;
import dev.unroll.optim.StepReport;
import dev.unroll.worker.Problem;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Rule R10: a checkpoint with right sums and false contents is refused, and the sentence names what is false. */
class FalseCheckpointTest {

    private static final TrainingCase CASE = TrainingCase.random(3, true, 24);
    private static final ShardPlan PLAN = CASE.plan(2, 8);
    private static final Trainer.Limits LIMITS = new Trainer.Limits(6, 0, 0, 1, 9);

    @TempDir
    Path folder;

    private Checkpoints checkpoints() throws IOException {
        Directory directory = Directory.of(folder.resolve("c").toString(), new Configuration(false));
        return new Checkpoints(directory, CASE.spec().layout(), Map.of("data", "some"), 9);
    }

    private static Trainer trainer(Objective objective, Optional<CheckpointSchedule> saving) {
        return trainer(objective, saving, PLAN);
    }

    private static Trainer trainer(Objective objective, Optional<CheckpointSchedule> saving, ShardPlan plan) {
        Optimizer optimizer = new OptimizerSpec("adam", 0.01, "constant", 1, 0).create(CASE.theta().length, 6);
        return new Trainer(objective, plan, optimizer, LIMITS, List.of(), saving);
    }

    private static Objective objective() {
        Problem problem = Problem.of(
                CASE.spec(), LearningTask.TAGGING, new LossSpec(LossReduction.STEP, new float[0]), Scaling.NONE);
        return new LocalObjective(problem, PLAN, CASE.shards(2), CASE.shards(1), 1);
    }

    /** A training of six updates, of which the third's checkpoint is the latest. */
    private Checkpoint sound() throws IOException {
        Directory directory = Directory.of(folder.resolve("c").toString(), new Configuration(false));
        try (Objective objective = objective();
                CheckpointLock lock = CheckpointLock.take(directory)) {
            trainer(objective, Optional.of(new CheckpointSchedule(checkpoints(), lock, 1)))
                    .run(CASE.theta().clone());
        }
        return checkpoints().latest(4).orElseThrow();
    }

    /** Writes a checkpoint with true sums and goes on from it. */
    private Trainer.Result resume(Checkpoint checkpoint) throws IOException {
        checkpoints().write(checkpoint);
        try (Objective objective = objective()) {
            boolean streams = checkpoint.arrays().containsKey("streams.states");
            ShardPlan plan = new ShardPlan(1, 2, PLAN.sequences(), 8, streams);
            return trainer(objective, Optional.empty(), plan)
                    .resume(
                            CASE.theta().clone(),
                            checkpoints().latest(checkpoint.iteration() + 1).orElseThrow());
        }
    }

    private static Arguments value(String name, String text) {
        return change(name + " = " + text, name, (values, arrays) -> values.put(name, text));
    }

    private static Arguments array(String name, float[] array) {
        return change(name + " of " + array.length, name, (values, arrays) -> arrays.put(name, array));
    }

    private static Arguments change(
            String title, String named, BiConsumer<Map<String, String>, Map<String, float[]>> change) {
        return Arguments.of(title, named, change);
    }

    private static float[] with(float number) {
        float[] array = new float[CASE.theta().length];
        array[array.length - 1] = number;
        return array;
    }

    static Stream<Arguments> falsehoods() {
        return Stream.of(
                value("loss", "NaN"),
                value("loss", "Infinity"),
                value("loss", "x"),
                value("loss", "\u001b[31m"),
                value("epoch.lossSum", "NaN"),
                value("epoch.weightSum", "-0x1.0p3"),
                value("epoch.weightSum", "-Infinity"),
                value("passes.completed", "-1"),
                value("passes.completed", "9223372036854775808"),
                value("passes.remembered", "maybe"),
                value("best.iteration", "-3"),
                value("best.iteration", "4"),
                value("best.without", "-1"),
                value("best.without", "4294967296"),
                value("best.metric.loss", "NaN"),
                value("best.metric.accuracy", "much"),
                change("best without its metric", "best.metric.loss", (values, arrays) -> {
                    values.remove("best.metric.loss");
                }),
                change("best without its iteration", "best.iteration", (values, arrays) -> {
                    values.remove("best.iteration");
                }),
                array("best.theta", new float[3]),
                array("best.theta", new float[0]),
                array("best.theta", with(Float.NaN)),
                array("best.theta", with(Float.POSITIVE_INFINITY)),
                array("optimizer.first", with(Float.NaN)),
                array("optimizer.mean", new float[1]),
                array("optimizer.", new float[1]),
                change("no state of the optimiser", "optimiser", (values, arrays) -> {
                    arrays.keySet().removeIf(name -> name.startsWith("optimizer."));
                }),
                change("streams without numbers", "streams.numbers", (values, arrays) -> {
                    arrays.put("streams.states", new float[10]);
                }),
                streams(","),
                streams(""),
                streams("x"),
                streams("0,1,2"),
                streams("0,0"),
                streams("-1,0"),
                streams("0,8"),
                streams("0,99999999999"),
                change("thousands of streams", "streams.numbers", (values, arrays) -> {
                    arrays.put("streams.states", new float[20]);
                    values.put("streams.numbers", "0" + ",7".repeat(20_000));
                }),
                value("stop.kind", "WHATEVER"),
                change("a stop without text", "stop.text", (values, arrays) -> values.put("stop.kind", "TOLERANCE")));
    }

    private static Arguments streams(String numbers) {
        return change("streams " + numbers, "streams.numbers", (values, arrays) -> {
            arrays.put("streams.states", new float[20]);
            values.put("streams.numbers", numbers);
        });
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("falsehoods")
    void falseContents_areRefusedByName(
            String title, String named, BiConsumer<Map<String, String>, Map<String, float[]>> change)
            throws IOException {
        Checkpoint sound = sound();
        Map<String, String> values = new TreeMap<>(sound.values());
        values.remove("iteration");
        Map<String, float[]> arrays = new TreeMap<>(sound.arrays());
        if (named.equals("optimizer.first")) { // whatever the state is called
            arrays.replaceAll((name, array) -> name.startsWith("optimizer.") ? with(Float.NaN) : array);
        } else {
            change.accept(values, arrays);
        }
        String expected = named.startsWith("optimizer.") ? "optimi" : named;
        String message = assertThrows(
                        FormatException.class,
                        () -> resume(new Checkpoint(sound.iteration(), sound.theta(), values, arrays)))
                .getMessage();
        assertTrue(message.contains(expected), message);
        assertTrue(message.length() < 400 && message.chars().noneMatch(Character::isISOControl), message);
    }

    /** Removes all checkpoints but these. */
    private void keep(int... kept) throws IOException {
        for (int n = 1; n <= 6; n++) {
            int iteration = n;
            if (Arrays.stream(kept).noneMatch(k -> k == iteration)) {
                Directory.of(folder.resolve("c/iteration-00000000000" + n).toString(), new Configuration(false))
                        .delete();
            }
        }
    }

    @Test
    void parametersThatAreNoNumbers_areRefusedByTensor() throws IOException {
        Checkpoint sound = sound();
        float[] theta = sound.theta().clone();
        theta[0] = Float.NaN;
        keep();
        Checkpoint forged = new Checkpoint(sound.iteration(), theta, sound.values(), sound.arrays());
        String message =
                assertThrows(FormatException.class, () -> resume(forged)).getMessage();
        assertTrue(message.contains("embedding.weight") && message.contains("NaN"), message);
    }

    @Test
    void anIterationOfAnotherDirectory_isRefused() throws IOException {
        sound();
        keep(3);
        Files.move(folder.resolve("c/iteration-000000000003"), folder.resolve("c/iteration-000000000006"));
        String message = assertThrows(FormatException.class, () -> checkpoints().latest())
                .getMessage();
        assertTrue(message.contains("iteration-000000000006") && message.contains("iteration 3"), message);
    }

    /** A good checkpoint is not replaced by one that would be refused. */
    @Test
    void parametersThatAreNotFinite_areNotSaved() throws IOException {
        Optimizer diverging = new Optimizer() {
            @Override
            public StepReport step(float[] theta, LossFunction function, long iteration) {
                function.at(theta);
                theta[0] = iteration == 2 ? Float.POSITIVE_INFINITY : theta[0];
                return new StepReport(1, 1, true);
            }

            @Override
            public SortedMap<String, float[]> state() {
                return new TreeMap<>();
            }

            @Override
            public void restore(Map<String, float[]> saved) {}
        };
        Directory directory = Directory.of(folder.resolve("c").toString(), new Configuration(false));
        try (Objective objective = objective();
                CheckpointLock lock = CheckpointLock.take(directory)) {
            Trainer trainer = new Trainer(
                    objective,
                    PLAN,
                    diverging,
                    Trainer.Limits.until(6),
                    List.of(),
                    Optional.of(new CheckpointSchedule(checkpoints(), lock, 1)));
            float[] theta = CASE.theta().clone();
            String message = assertThrows(TrainingException.class, () -> trainer.run(theta))
                    .getMessage();
            assertTrue(message.contains("parameters' norm") && message.contains("step-size"), message);
        }
        assertEquals(1, checkpoints().latest().orElseThrow().iteration());
    }

    /** The model would get it without another look. */
    @Test
    void averageThatIsFalse_isRefused() throws IOException {
        OptimizerSpec averaging = new OptimizerSpec("adam", 0.01, "constant", 1, 0, 0.9);
        Checkpoint sound = sound();
        int size = CASE.theta().length;
        for (float[] average : new float[][] {
            null, new float[size - 1], with(Float.NaN), with(Float.POSITIVE_INFINITY), with(Float.NEGATIVE_INFINITY)
        }) {
            Map<String, float[]> arrays = new TreeMap<>(sound.arrays());
            if (average != null) {
                arrays.put("optimizer.ema.theta", average);
            }
            try (Objective objective = objective()) {
                Trainer trainer = new Trainer(objective, PLAN, averaging.create(size, 6), LIMITS, List.of());
                Checkpoint forged = new Checkpoint(sound.iteration(), sound.theta(), sound.values(), arrays);
                String message = assertThrows(
                                FormatException.class,
                                () -> trainer.resume(CASE.theta().clone(), forged))
                        .getMessage();
                assertTrue(message.contains("ema.theta") || message.contains("average of the parameters"), message);
            }
        }
    }

    /** What a run writes is never refused, and goes on with the bits of one that never stopped. */
    @Test
    void soundCheckpoint_isResumed() throws IOException {
        Checkpoint sound = sound();
        float[] whole = CASE.theta().clone();
        try (Objective objective = objective()) {
            trainer(objective, Optional.empty()).run(whole);
        }
        float[] resumed = CASE.theta().clone();
        try (Objective objective = objective()) {
            trainer(objective, Optional.empty()).resume(resumed, sound);
        }
        assertEquals(Arrays.toString(whole), Arrays.toString(resumed));
    }
}
