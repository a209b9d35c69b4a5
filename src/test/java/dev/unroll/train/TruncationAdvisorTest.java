package dev.unroll.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unroll.data.Scaling;
import dev.unroll.data.Sequence;
import dev.unroll.data.Shard;
import dev.unroll.data.ShardPlan;
import dev.unroll.math.CounterRandom;
import dev.unroll.nn.HeadSpec;
import dev.unroll.nn.LearningTask;
import dev.unroll.nn.LossReduction;
import dev.unroll.nn.LossSpec;
import dev.unroll.nn.NetworkSpec;
import dev.unroll.nn.Truncation;
import dev.unroll.nn.Unrolling;
import dev.unroll.param.Initializer;
import dev.unroll.param.ParameterLayout.Slot;
import dev.unroll.worker.EvaluationRequest;
import dev.unroll.worker.Problem;
import dev.unroll.worker.StreamStates;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TruncationAdvisorTest {

    private static final int STEPS = 30;
    private static final NetworkSpec SPEC =
            new NetworkSpec(new NetworkSpec.Dense(2), "elman", "tanh", 4, new HeadSpec(3, false));

    /** An Elman network whose recurrent weights are a multiple of the identity: that decides how far back gradients reach. */
    private static float[] theta(float recurrent) {
        float[] theta = Initializer.initialize(SPEC.layout(), 3);
        Slot weights = SPEC.layout().slot("rnn.weight_hh_l0");
        for (int i = 0; i < weights.size(); i++) {
            theta[weights.offset() + i] = i % 5 == 0 ? recurrent : 0f;
        }
        return theta;
    }

    private static LocalObjective objective(Unrolling unrolling) {
        List<Sequence> sequences = new ArrayList<>();
        for (int s = 0; s < 20; s++) {
            CounterRandom random = new CounterRandom(6, s);
            float[] values = new float[2 * STEPS];
            for (int i = 0; i < values.length; i++) {
                values[i] = 0.1f * (float) random.normal(i);
            }
            sequences.add(Sequence.ofValues(values, 2, new int[] {random.below(3, 1000)}, 1f));
        }
        Problem problem = Problem.of(
                SPEC, LearningTask.CLASSIFICATION, new LossSpec(LossReduction.STEP), unrolling, Scaling.NONE);
        return new LocalObjective(problem, PLAN, List.of(new Shard(0, sequences, 0)), List.of(), 1);
    }

    private static final ShardPlan PLAN = new ShardPlan(1, 1, 20, 0);
    private static final EvaluationRequest SAMPLED = new EvaluationRequest(PLAN.batch(0), new StreamStates(), true);

    @ParameterizedTest
    @ValueSource(strings = {"none", "fixed:2"})
    void cosines_areThoseOfTruncatedGradients_untilOneIsHighEnough(String truncation) {
        Unrolling unrolling = new Unrolling(0, Truncation.parse(truncation));
        for (float recurrent : new float[] {0.3f, 0.95f}) {
            float[] theta = theta(recurrent);
            TruncationAdvisor advisor = new TruncationAdvisor(objective(unrolling), unrolling.truncation());
            float[] answer = advisor.evaluate(theta, SAMPLED).sum().gradient();
            assertArrayEquals(gradient(theta, unrolling), answer, "the answer is the run's own gradient");
            TruncationAdvisor.Advice advice = advisor.latest().orElseThrow();
            float[] full = gradient(theta, Unrolling.FULL);
            advice.cosines().forEach((k, cosine) -> {
                float[] truncated = gradient(theta, new Unrolling(0, new Truncation(k, 1)));
                double product = 0;
                double left = 0;
                double right = 0;
                for (int i = 0; i < full.length; i++) {
                    product += (double) full[i] * truncated[i];
                    left += (double) full[i] * full[i];
                    right += (double) truncated[i] * truncated[i];
                }
                assertEquals(product / Math.sqrt(left * right), cosine, 1e-9, "K = " + k);
                assertEquals(k.equals(advice.cosines().lastKey()), cosine >= 0.99, "K = " + k + ", " + advice);
            });
            // Factors of 0.3 leave 1 % of the gradient after 4 steps; factors of 0.95 reach back to the beginning.
            assertTrue(
                    recurrent < 0.5
                            ? advice.cosines().lastKey() <= 8
                            : advice.cosines().lastKey() >= 12,
                    () -> advice.sentence());
            int last = advice.cosines().lastKey();
            assertEquals(last >= STEPS, advice.whole());
            String keeps = advice.whole() ? "only all steps keep" : "fixed:" + last + " keeps";
            assertTrue(advice.sentence().startsWith(keeps), advice::sentence);
        }
    }

    private static float[] gradient(float[] theta, Unrolling unrolling) {
        return objective(unrolling).evaluate(theta, PLAN.batch(0)).sum().gradient();
    }

    @Test
    void onlyAllSteps_isSaid() {
        SortedMap<Integer, Double> cosines = new TreeMap<>(Map.of(1, 0.5, 2, 0.75, 3, 1.0));
        assertEquals(
                "only all steps keep the direction of the gradient (cosines 1: 0.500, 2: 0.750)",
                new TruncationAdvisor.Advice(cosines, true).sentence());
        assertEquals(
                "fixed:3 keeps the direction of the gradient (cosine 1.000, 1: 0.500, 2: 0.750)",
                new TruncationAdvisor.Advice(cosines, false).sentence());
    }

    @Test
    void updateThatIsNotSampled_givesNone_andAGradientWithoutDirection_saysSo() {
        TruncationAdvisor advisor = new TruncationAdvisor(objective(Unrolling.FULL), Truncation.NONE);
        advisor.evaluate(theta(1), EvaluationRequest.of(PLAN.batch(0)));
        assertTrue(advisor.latest().isEmpty(), "not a sampled pass");
        float[] infinite = theta(1);
        infinite[0] = Float.NaN;
        advisor.evaluate(infinite, SAMPLED);
        assertTrue(advisor.latest().orElseThrow().sentence().contains("no direction"));
    }
}
