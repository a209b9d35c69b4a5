package dev.unroll.parity;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.unroll.data.Scaling;
import dev.unroll.data.Sequence;
import dev.unroll.data.Shard;
import dev.unroll.data.ShardPlan;
import dev.unroll.data.Streams;
import dev.unroll.nn.LearningTask;
import dev.unroll.nn.LossReduction;
import dev.unroll.nn.LossSpec;
import dev.unroll.optim.Optimizer;
import dev.unroll.optim.OptimizerSpec;
import dev.unroll.parity.Fixtures.CarriedCase;
import dev.unroll.train.LocalObjective;
import dev.unroll.train.Trainer;
import dev.unroll.worker.Problem;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.TreeMap;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** 50 updates of a two-layer language model over streams, whose states PyTorch detaches and carries on: every loss is PyTorch's. */
class CarriedStateParityTest {

    private static final double TOLERANCE = 1e-3;
    private static final int SHARDS = 3;

    static List<CarriedCase> cases() {
        return Fixtures.carried();
    }

    @ParameterizedTest
    @MethodSource("cases")
    void everyLoss_isPyTorchs(CarriedCase c) {
        assertEquals(50, c.losses().length);
        float[] theta = c.model().theta().clone();
        Streams streams = new Streams(c.streams(), c.window(), c.corpus().length - 1);
        ShardPlan plan = ShardPlan.of(streams, 1, SHARDS);
        Problem problem = Problem.of(
                c.model().spec(), LearningTask.LANGUAGE_MODEL, new LossSpec(LossReduction.STEP), Scaling.NONE);
        Optimizer optimizer =
                new OptimizerSpec("adam", c.stepSize(), "constant", c.clipNorm(), 0).create(theta.length, 50);
        List<Double> losses = new ArrayList<>();
        try (LocalObjective objective = new LocalObjective(problem, plan, shards(c.corpus(), streams), List.of(), 2)) {
            Trainer.Limits limits = new Trainer.Limits(50, 0, 0, 0, 0);
            new Trainer(objective, plan, optimizer, limits, List.of(report -> losses.add(report.loss()))).run(theta);
        }
        for (int update = 0; update < 50; update++) {
            assertEquals(c.losses()[update], losses.get(update), TOLERANCE, c + ", update " + (update + 1) + ", loss");
        }
    }

    private static List<Shard> shards(int[] corpus, Streams streams) {
        TreeMap<Long, Sequence> windows = new TreeMap<>();
        for (int from = 0; from + 1 < corpus.length; from = (int) streams.end(from)) {
            int to = (int) streams.end(from);
            windows.put(
                    streams.ordinal(from),
                    Sequence.ofTokens(
                            Arrays.copyOfRange(corpus, from, to), Arrays.copyOfRange(corpus, from + 1, to + 1), 1f));
        }
        List<Shard> shards = new ArrayList<>();
        for (int u = 0; u < SHARDS; u++) {
            int shard = u;
            shards.add(new Shard(
                    u,
                    windows.entrySet().stream()
                            .filter(window -> window.getKey() % SHARDS == shard)
                            .map(java.util.Map.Entry::getValue)
                            .toList(),
                    8));
        }
        return shards;
    }
}
