package dev.unroll.train;

import com.code_intelligence.jazzer.api.FuzzedDataProvider;
import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.unroll.data.ShardPlan;
import dev.unroll.format.FormatException;
import dev.unroll.optim.Optimizer;
import dev.unroll.optim.OptimizerSpec;
import dev.unroll.worker.GradientSum;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** A checkpoint with any values and arrays is resumed from, or refused by {@link FormatException}. */
class CheckpointFuzzTest {

    private static final int SIZE = 4;
    private static final List<String> VALUES = List.of(
            "loss", "epoch.lossSum", "epoch.weightSum", "epoch.previous", "passes.completed", "passes.remembered",
            "best.iteration", "best.without", "best.metric.loss", "best.metric.x", "stop.kind", "stop.text",
            "streams.numbers");
    private static final List<String> ARRAYS =
            List.of(
            "best.theta",
            "streams.states",
            "optimizer.adam.exp_avg",
            "optimizer.adam.exp_avg_sq",
            "optimizer.ema.theta",
            "optimizer.x");

    /** An objective whose gradient is always the same. */
    private static final Objective FLAT = new Objective() {
        @Override
        public Evaluation evaluate(float[] theta, dev.unroll.worker.EvaluationRequest request) {
            GradientSum sum = new GradientSum(SIZE);
            sum.loss().merge(new dev.unroll.nn.LossSum(1, 1, 1, 1, 1, 1));
            return new Evaluation(sum, Phases.ZERO, 1);
        }

        @Override
        public Optional<Map<String, Double>> validate(float[] theta) {
            return Optional.of(Map.of("loss", 1.0));
        }

        @Override
        public void close() {}
    };

    @FuzzTest
    void resume(FuzzedDataProvider data) {
        Optimizer optimizer = new OptimizerSpec("adam", 0.01, "constant", 1, 0, 0.9).create(SIZE, 5);
        Map<String, String> values = new TreeMap<>(Map.of(
                "loss", "0x1.0p0", "epoch.lossSum", "0x0.0p0", "epoch.weightSum", "0x0.0p0", "epoch.previous", "NaN",
                "passes.completed", "0", "passes.remembered", "false"));
        Map<String, float[]> arrays = new TreeMap<>();
        optimizer.state().forEach((name, array) -> arrays.put("optimizer." + name, array));
        for (int n = data.consumeInt(0, 4); n > 0; n--) {
            if (data.consumeBoolean()) {
                values.put(data.pickValue(VALUES), data.consumeString(30));
            } else {
                float[] array = new float[data.consumeInt(0, 2 * SIZE)];
                for (int i = 0; i < array.length; i++) {
                    array[i] = data.consumeFloat();
                }
                arrays.put(data.pickValue(ARRAYS), array);
            }
        }
        ShardPlan plan = new ShardPlan(1, 1, 6, 2, data.consumeBoolean());
        Trainer trainer = new Trainer(FLAT, plan, optimizer, new Trainer.Limits(5, 0, 0, 1, 2), List.of());
        try {
            trainer.resume(new float[SIZE], new Checkpoint(data.consumeLong(1, 6), new float[SIZE], values, arrays));
        } catch (FormatException | TrainingException refused) {
            // what is promised
        }
    }
}
