package dev.unroll.train;

import dev.unroll.data.Scaling;
import dev.unroll.data.Sequence;
import dev.unroll.data.Shard;
import dev.unroll.data.ShardPlan;
import dev.unroll.nn.HeadSpec;
import dev.unroll.nn.LearningTask;
import dev.unroll.nn.LossReduction;
import dev.unroll.nn.LossSpec;
import dev.unroll.nn.NetworkSpec;
import dev.unroll.param.Initializer;
import dev.unroll.worker.EvaluationRequest;
import dev.unroll.worker.GradientSum;
import dev.unroll.worker.Problem;
import dev.unroll.worker.ShardChunk;
import dev.unroll.worker.ShardWorker;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** A small network and random ragged, unequally weighted sequences, dealt to any number of shards. */
public record TrainingCase(NetworkSpec spec, List<Sequence> sequences, float[] theta) {

    public static TrainingCase random(long seed, boolean everyStep, int count) {
        NetworkSpec spec = new NetworkSpec(new NetworkSpec.Tokens(7, 3), "lstm", "tanh", 5, new HeadSpec(4, everyStep));
        Random random = new Random(seed);
        List<Sequence> sequences = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            int length = 1 + random.nextInt(9);
            sequences.add(Sequence.ofTokens(
                    random.ints(length, 0, 7).toArray(),
                    random.ints(everyStep ? length : 1, 0, 4).toArray(),
                    0.25f * (1 + random.nextInt(8))));
        }
        return new TrainingCase(spec, sequences, Initializer.initialize(spec.layout(), seed));
    }

    public List<Shard> shards(int count) {
        List<Shard> shards = new ArrayList<>();
        for (int u = 0; u < count; u++) {
            List<Sequence> part = new ArrayList<>();
            for (int n = u; n < sequences.size(); n += count) {
                part.add(sequences.get(n));
            }
            shards.add(new Shard(u, part, 7));
        }
        return shards;
    }

    ShardPlan plan(int shards, int batchSize) {
        return new ShardPlan(1, shards, sequences.size(), batchSize);
    }

    public GradientSum gradientOfAll(LossReduction reduction, int shards) {
        ShardPlan plan = plan(shards, 0);
        Problem problem = Problem.of(spec, LearningTask.CLASSIFICATION, new LossSpec(reduction), Scaling.NONE);
        return new ShardWorker(spec)
                .gradient(
                        theta,
                        ShardChunk.of(shards(shards), plan, plan.batch(0)),
                        plan,
                        EvaluationRequest.of(plan.batch(0)),
                        problem)
                .root();
    }
}
