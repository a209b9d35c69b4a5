package dev.unroll.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unroll.data.ShardPlan;
import dev.unroll.nn.LossSum;
import dev.unroll.optim.Optimizer;
import dev.unroll.optim.OptimizerSpec;
import dev.unroll.param.ParameterHash;
import dev.unroll.worker.EvaluationRequest;
import dev.unroll.worker.EvaluationSumTest;
import dev.unroll.worker.GradientSum;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongToDoubleFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The loop against an objective whose numbers are known beforehand. */
class TrainerTest {

    /** 10 sequences in batches of 4: updates of 4, 4 and 2 sequences make an epoch. */
    private static final ShardPlan PLAN = new ShardPlan(1, 2, 10, 4);

    /** Gives the loss of each update as told, and a gradient sum of 2 per sequence, so a mean of 2. */
    private static final class Told implements Objective {
        final List<ShardPlan.Batch> batches = new ArrayList<>();
        final List<Float> validated = new ArrayList<>();
        LongToDoubleFunction loss = iteration -> 1;
        LongToDoubleFunction gradient = iteration -> 2;
        boolean hasValidation = true;

        @Override
        public Evaluation evaluate(float[] theta, EvaluationRequest pass) {
            batches.add(pass.batch());
            int iteration = batches.size();
            long n = pass.batch().size();
            GradientSum sum = new GradientSum(1);
            sum.gradient()[0] = (float) (gradient.applyAsDouble(iteration) * n);
            sum.loss().merge(new LossSum(loss.applyAsDouble(iteration) * n, n, n, 5 * n, n, 1));
            return new Evaluation(sum, new Phases(1, 2, 3, 4, 0), 1);
        }

        @Override
        public Optional<Map<String, Double>> validate(float[] theta) {
            if (!hasValidation) {
                return Optional.empty();
            }
            validated.add(theta[0]);
            return Optional.of(Map.of("loss", (double) theta[0], "accuracy", 1.0));
        }

        @Override
        public void close() {}
    }

    private final Told objective = new Told();
    private final List<IterationReport> reports = new ArrayList<>();
    private final List<Long> validatedAt = new ArrayList<>();
    private final float[] theta = {100};

    /** Plain descent by 0.5 x 2 = 1 per update. */
    private Trainer.Result run(Trainer.Limits limits) {
        return run(limits, 0);
    }

    private Trainer.Result run(Trainer.Limits limits, double ema) {
        Optimizer optimizer = new OptimizerSpec("sgd", 0.5, "constant", 0, 0, ema).create(1, 100);
        IterationListener listener = report -> {
            reports.add(report);
            report.validation().ifPresent(metrics -> validatedAt.add(report.iteration()));
        };
        return new Trainer(objective, PLAN, optimizer, limits, List.of(listener)).run(theta);
    }

    /** max-iter counts updates, epochs passes; alone each is the only limit, together the first reached holds. */
    @ParameterizedTest
    @CsvSource({
        "7,   0,  7, MAX_ITER, reached max-iter 7",
        "1,   0,  1, MAX_ITER, reached max-iter 1",
        "0,   2,  6, EPOCHS,   reached epochs 2",
        "100, 1,  3, EPOCHS,   reached epochs 1",
        "2,   50, 2, MAX_ITER, reached max-iter 2",
        "6,   2,  6, MAX_ITER, reached max-iter 6"
    })
    void limits_firstOneReached_stops(long maxIter, long epochs, int updates, StopReason.Kind kind, String text) {
        Trainer.Result result = run(new Trainer.Limits(maxIter, epochs, 0, 0, 0));
        assertEquals(updates, result.iterations());
        assertEquals(new StopReason(kind, text), result.stopReason());
        assertEquals(updates, objective.batches.size());
        assertArrayEquals(new float[] {100f - updates}, theta, "mean gradient 2, step size 0.5");
        for (int i = 0; i < updates; i++) {
            assertEquals(PLAN.batch(i), objective.batches.get(i));
        }
    }

    @Test
    void limits_none_areRefusedByName() {
        String message = assertThrows(IllegalArgumentException.class, () -> new Trainer.Limits(0, 0, 0, 0, 0))
                .getMessage();
        assertTrue(message.contains("max-iter") && message.contains("epochs"), message);
    }

    /** The loss of an epoch is the mean over its weight: the short last batch must count for what it is. */
    @Test
    void tol_smallImprovementOfTheEpochMean_stops() {
        // Epoch means: (4 a + 4 b + 2 c) / 10 = 1, 0.5, 0.49. A mean of means would be 1, 1.07, ...
        double[] losses = {1.25, 0.75, 1, 0.25, 0.25, 1.5, 0.49, 0.49, 0.49, 0, 0, 0};
        objective.loss = iteration -> losses[(int) iteration - 1];
        Trainer.Result result = run(new Trainer.Limits(0, 4, 0.1, 0, 0));
        assertEquals(9, result.iterations());
        assertEquals(StopReason.Kind.TOLERANCE, result.stopReason().kind());
        String text = result.stopReason().text();
        assertTrue(
                text.contains("epoch 3") && text.contains("0.49") && text.contains("0.5") && text.contains("0.1"),
                text);
        assertEquals(0.49, result.loss());
    }

    /** A loss that rises does not improve either. */
    @Test
    void tol_risingLoss_stops() {
        objective.loss = iteration -> iteration;
        assertEquals(6, run(new Trainer.Limits(0, 9, 1e-6, 0, 0)).iterations());
    }

    @Test
    void tol_off_neverStops() {
        assertEquals(27, run(new Trainer.Limits(0, 9, 0, 0, 0)).iterations());
    }

    @Test
    void tol_largeImprovements_goOnToTheLimit() {
        objective.loss = iteration -> Math.pow(0.5, (double) iteration);
        Trainer.Result result = run(new Trainer.Limits(0, 5, 0.1, 0, 0));
        assertEquals(StopReason.Kind.EPOCHS, result.stopReason().kind());
    }

    /** The user must learn where it broke and what to do; going on would write a model of NaN. */
    @ParameterizedTest
    @CsvSource({"NaN", "Infinity", "-Infinity"})
    void loss_notFinite_endsTrainingWithAdvice(double bad) {
        objective.loss = iteration -> iteration == 5 ? bad : 1;
        String message = assertThrows(TrainingException.class, () -> run(new Trainer.Limits(9, 0, 0, 0, 0)))
                .getMessage();
        assertTrue(message.contains("loss is " + bad) && message.contains("iteration 5"), message);
        assertTrue(message.contains("lower step-size") && message.contains("clip-norm"), message);
        assertEquals(4, reports.size());
        assertArrayEquals(new float[] {96}, theta, "the parameters of the last good update");
    }

    @ParameterizedTest
    @CsvSource({"NaN", "Infinity", "-Infinity"})
    void gradient_notFinite_endsTrainingWithAdvice(double bad) {
        objective.gradient = iteration -> iteration == 3 ? bad : 2;
        String message = assertThrows(TrainingException.class, () -> run(new Trainer.Limits(9, 0, 0, 0, 0)))
                .getMessage();
        assertTrue(message.contains("gradient") && message.contains("iteration 3"), message);
        assertTrue(message.contains("lower step-size") && message.contains("clip-norm"), message);
        assertEquals(2, reports.size());
    }

    @Test
    void validationInterval_zero_isOncePerEpochAndAtTheEnd() {
        Trainer.Result result = run(new Trainer.Limits(8, 0, 0, 0, 0));
        assertEquals(List.of(3L, 6L, 8L), validatedAt);
        assertEquals(List.of(97f, 94f, 92f), objective.validated, "after the update");
        assertEquals(92, result.validation().get("loss"), "of the final parameters");
    }

    @Test
    void validationInterval_two_isEverySecondUpdateAndAtTheEnd() {
        run(new Trainer.Limits(7, 0, 0, 2, 0));
        assertEquals(List.of(2L, 4L, 6L, 7L), validatedAt);
    }

    /** The end must not be validated twice: on a large validation set that is minutes. */
    @Test
    void validation_dueAtTheEnd_runsOnce() {
        run(new Trainer.Limits(0, 1, 0, 3, 0));
        assertEquals(1, objective.validated.size());
    }

    @Test
    void validation_withoutData_givesNoMetrics() {
        objective.hasValidation = false;
        assertEquals(Map.of(), run(new Trainer.Limits(4, 0, 0, 1, 0)).validation());
        assertEquals(List.of(), validatedAt);
    }

    /** What a listener is told is what the metrics file says for ever. */
    @Test
    void listeners_hearOfEveryUpdateInOrder() {
        objective.loss = iteration -> 10.0 * iteration;
        List<String> order = new ArrayList<>();
        List<String> hashes = new ArrayList<>();
        Optimizer optimizer = new OptimizerSpec("sgd", 0.5, "constant", 0, 0).create(1, 100);
        List<IterationListener> listeners = List.of(
                report -> {
                    order.add("first " + report.iteration());
                    hashes.add(report.parameterHash().get());
                    reports.add(report);
                },
                report -> order.add("second " + report.iteration()));
        new Trainer(objective, PLAN, optimizer, new Trainer.Limits(4, 0, 0, 0, 0), listeners).run(theta);
        assertEquals(
                List.of("first 1", "second 1", "first 2", "second 2", "first 3", "second 3", "first 4", "second 4"),
                order);
        for (int i = 0; i < 4; i++) {
            IterationReport report = reports.get(i);
            long n = PLAN.batch(i).size();
            assertEquals(i + 1, report.iteration());
            assertEquals(4, report.updates());
            assertEquals(i / 3, report.epoch());
            assertEquals(10.0 * (i + 1), report.loss(), 1e-12);
            assertEquals(1.0 / n, report.accuracy());
            assertEquals(2, report.gradientNorm());
            assertEquals(0.5, report.stepSize());
            assertEquals(n, report.sequences());
            assertEquals(5 * n, report.steps());
            assertEquals(new Phases(1, 2, 3, 4, 0), report.phases().withUpdate(0));
            assertTrue(report.phases().updateMs() >= 0);
            assertEquals(ParameterHash.of(new float[] {100f - (i + 1)}), hashes.get(i), "after the update");
        }
    }

    /** Clipping must not hide from the report how long the gradient was. */
    @Test
    void report_clippedGradient_saysTheNormBefore() {
        Optimizer optimizer = new OptimizerSpec("sgd", 0.5, "constant", 1, 0).create(1, 100);
        new Trainer(objective, PLAN, optimizer, new Trainer.Limits(1, 0, 0, 0, 0), List.of(reports::add)).run(theta);
        assertEquals(2, reports.get(0).gradientNorm());
        assertArrayEquals(new float[] {99.5f}, theta);
    }

    /** The engine in this process has threads; their number must not reach a bit, and shards may be fewer than threads. */
    @Test
    void localObjective_anyNumberOfThreads_givesTheSameBits() {
        TrainingCase c = TrainingCase.random(51, true, 61);
        String expected = null;
        for (int threads : new int[] {1, 2, 3, 9}) {
            ShardPlan plan = c.plan(5, 16);
            float[] trained = c.theta().clone();
            Optimizer optimizer = new OptimizerSpec("adam", 0.01, "constant", 1, 0).create(trained.length, 10);
            List<String> validations = new ArrayList<>();
            try (Objective local =
                    new LocalObjective(EvaluationSumTest.problem(c.spec()), plan, c.shards(5), c.shards(3), threads)) {
                new Trainer(
                                local,
                                plan,
                                optimizer,
                                new Trainer.Limits(10, 0, 0, 4, 0),
                                List.of(report ->
                                        validations.add(report.validation().toString())))
                        .run(trained);
            }
            String result = ParameterHash.of(trained) + validations;
            expected = expected == null ? result : expected;
            assertEquals(expected, result, threads + " threads");
        }
    }

    /** Early stopping must hand out the best parameters, not the last ones. */
    @Test
    void patience_lossRises_goesBackToTheBestParameters() {
        objective.gradient = iteration -> iteration <= 6 ? 2 : -2;
        Trainer.Result result = run(new Trainer.Limits(100, 0, 0, 1, 3));
        assertEquals(9, result.iterations());
        assertEquals(StopReason.Kind.PATIENCE, result.stopReason().kind());
        assertEquals(94, theta[0]);
        assertEquals(94.0, result.validation().get("loss"));
    }

    /** Averages of 99, 98, 97, 96 by halves: 99, 98.5, 97.75, 96.875. What listeners are told of is still theta. */
    @Test
    void average_isValidatedAndIsTheResult() {
        Trainer.Result result = run(new Trainer.Limits(4, 0, 0, 1, 0), 0.5);
        assertEquals(List.of(99f, 98.5f, 97.75f, 96.875f), objective.validated);
        assertArrayEquals(new float[] {96.875f}, theta);
        assertEquals(96.875, result.validation().get("loss"));
    }

    @Test
    void average_withoutValidation_isTheResult() {
        objective.hasValidation = false;
        run(new Trainer.Limits(4, 0, 0, 0, 0), 0.5);
        assertArrayEquals(new float[] {96.875f}, theta);
    }

    /** A model and a metrics file: the hashes of updates are those of what training continues with. */
    @Test
    void average_isNotWhatUpdatesAreReportedOf() {
        List<String> hashes = new ArrayList<>();
        Optimizer optimizer = new OptimizerSpec("sgd", 0.5, "constant", 0, 0, 0.5).create(1, 100);
        IterationListener listener = report -> hashes.add(report.parameterHash().get());
        new Trainer(objective, PLAN, optimizer, new Trainer.Limits(2, 0, 0, 0, 0), List.of(listener)).run(theta);
        assertEquals(List.of(ParameterHash.of(new float[] {99}), ParameterHash.of(new float[] {98})), hashes);
    }

    /** 99, 98, 97, 98, 99, 100 by halves: 99, 98.5, 97.75, 97.875, ...: the lowest average, not the one of the lowest theta. */
    @Test
    void patience_withAnAverage_goesBackToTheBestAverage() {
        objective.gradient = iteration -> iteration <= 3 ? 2 : -2;
        Trainer.Result result = run(new Trainer.Limits(100, 0, 0, 1, 2), 0.5);
        assertEquals(5, result.iterations());
        assertEquals(StopReason.Kind.PATIENCE, result.stopReason().kind());
        assertArrayEquals(new float[] {97.75f}, theta);
        assertEquals(97.75, result.validation().get("loss"));
    }
}
