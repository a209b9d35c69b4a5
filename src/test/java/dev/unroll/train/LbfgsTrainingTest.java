package dev.unroll.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unroll.data.ShardPlan;
import dev.unroll.nn.LossSum;
import dev.unroll.optim.OptimizerSpec;
import dev.unroll.worker.EvaluationRequest;
import dev.unroll.worker.GradientSum;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** L-BFGS in the loop: what the loop evaluates, counts and reports, and when it stops. */
class LbfgsTrainingTest {

    private static final int SEQUENCES = 10;

    /** Rosenbrock's function, as if ten sequences had summed to it. Remembers where and over what it was evaluated. */
    private static final class Rosenbrock implements Objective {
        private final List<float[]> places = new ArrayList<>();
        private final List<ShardPlan.Batch> batches = new ArrayList<>();

        @Override
        public Evaluation evaluate(float[] theta, EvaluationRequest pass) {
            places.add(theta.clone());
            batches.add(pass.batch());
            double x = theta[0];
            double up = theta[1] - x * x;
            double loss = (1 - x) * (1 - x) + 100 * up * up;
            GradientSum sum = new GradientSum(2);
            sum.gradient()[0] = (float) (SEQUENCES * (-2 * (1 - x) - 400 * x * up));
            sum.gradient()[1] = (float) (SEQUENCES * 200 * up);
            sum.loss().merge(new LossSum(SEQUENCES * loss, SEQUENCES, SEQUENCES, 3 * SEQUENCES, SEQUENCES, 0));
            return new Evaluation(sum, new Phases(1, 2, 3, 4, 0), 1);
        }

        @Override
        public Optional<Map<String, Double>> validate(float[] theta) {
            return Optional.empty();
        }

        @Override
        public void close() {}
    }

    private final Rosenbrock objective = new Rosenbrock();
    private final List<IterationReport> reports = new ArrayList<>();
    private final float[] theta = {-1.2f, 1};

    private Trainer trainer(String optimizer, int batchSize, Trainer.Limits limits) {
        OptimizerSpec spec = new OptimizerSpec(optimizer, optimizer.equals("lbfgs") ? 1 : 1e-4, "constant", 0, 0);
        ShardPlan plan = new ShardPlan(1, 2, SEQUENCES, batchSize);
        return new Trainer(objective, plan, spec.create(2, limits.updates(plan)), limits, List.of(reports::add));
    }

    private Trainer.Result train(long maxIter, long epochs, double tol) {
        return trainer("lbfgs", 0, new Trainer.Limits(maxIter, epochs, tol, 0, 0))
                .run(theta);
    }

    @Test
    void reports_countEveryPassOnce() {
        Trainer.Result result = train(20, 0, 0);
        assertEquals(20, result.iterations());
        assertEquals(StopReason.Kind.MAX_ITER, result.stopReason().kind());
        assertEquals(20, reports.size());
        long passes = 0;
        double lossBefore = Double.POSITIVE_INFINITY;
        for (IterationReport report : reports) {
            assertEquals(passes, report.epoch(), "passes completed before");
            assertTrue(
                    report.loss() < lossBefore, "the loss before an update is that of the place the last one ended at");
            assertEquals(report.passes() * 1.0, report.phases().broadcastMs());
            assertEquals(report.passes() * 4.0, report.phases().mergeMs());
            assertEquals(SEQUENCES, report.sequences());
            passes += report.passes();
            lossBefore = report.loss();
        }
        assertEquals(objective.places.size(), passes);
        assertTrue(passes < 20 * 1.7, passes + " passes for 20 updates");
        for (int i = 0; i < objective.places.size(); i++) {
            for (int j = 0; j < i; j++) {
                assertTrue(
                        !java.util.Arrays.equals(objective.places.get(i), objective.places.get(j)),
                        "evaluated twice at the same place");
            }
        }
        // Another order would be another function, by some bits.
        assertTrue(objective.batches.stream().allMatch(new ShardPlan.Batch(0, 0, SEQUENCES)::equals));
    }

    @ParameterizedTest
    @CsvSource({"1", "2", "10", "25"})
    void epochs_arePassesAndTheUpdateUnderWayIsFinished(int epochs) {
        Trainer.Result result = train(0, epochs, 0);
        IterationReport last = reports.get(reports.size() - 1);
        assertEquals("reached epochs " + epochs, result.stopReason().text());
        assertTrue(last.epoch() < epochs && last.epoch() + last.passes() >= epochs);
    }

    @Test
    void minimum_endsTrainingWithAReason() {
        Trainer.Result result = train(1000, 0, 0);
        assertEquals(StopReason.Kind.LINE_SEARCH, result.stopReason().kind());
        String start = "the line search of iteration " + result.iterations() + " found no lower loss";
        assertTrue(
                result.stopReason().text().startsWith(start),
                result.stopReason().text());
        assertArrayEquals(new float[] {1, 1}, theta, 1e-5f);
        assertEquals(0, reports.get(reports.size() - 1).stepSize());
    }

    @Test
    void tolerance_comparesUpdates() {
        Trainer.Result result = train(1000, 0, 0.01);
        assertEquals(StopReason.Kind.TOLERANCE, result.stopReason().kind());
        assertTrue(result.iterations() < 40);
    }

    @Test
    void miniBatches_areRefused() {
        Trainer trainer = trainer("lbfgs", 5, new Trainer.Limits(3, 0, 0, 0, 0));
        String message = assertThrows(IllegalArgumentException.class, () -> trainer.run(theta))
                .getMessage();
        assertEquals("optimizer lbfgs needs batch-size 0 (all sequences per update); batch-size is 5", message);
    }

    @Test
    void nonFiniteStart_namesTheIteration() {
        theta[0] = Float.NaN;
        String message =
                assertThrows(TrainingException.class, () -> train(3, 0, 0)).getMessage();
        assertTrue(message.startsWith("the loss is NaN at iteration 1, before any update"), message);
    }

    /** Guards the others: one pass an update, in the order of its own epoch, and never an answer from memory. */
    @Test
    void otherOptimizers_evaluateOnceAnUpdate() {
        trainer("sgd", 0, new Trainer.Limits(5, 0, 0, 0, 0)).run(theta);
        assertEquals(5, objective.batches.size());
        for (int k = 0; k < 5; k++) {
            assertEquals(new ShardPlan.Batch(k, 0, SEQUENCES), objective.batches.get(k));
            assertEquals(k, reports.get(k).epoch());
            assertEquals(1, reports.get(k).passes());
        }
    }
}
