package dev.unroll.train;

import dev.unroll.data.SequenceBatch;
import dev.unroll.data.Shard;
import dev.unroll.data.ShardPlan;
import dev.unroll.nn.LossSpec;
import dev.unroll.nn.Network;
import dev.unroll.nn.NetworkSpec;
import dev.unroll.nn.Weights;
import dev.unroll.nn.Workspace;
import java.util.Iterator;

/**
 * One thread's part of one iteration: takes parameters and shards, gives the canonical forest of their sums. The local engine and the
 * Spark tasks both are this class; it knows neither. Its memory is reused from call to call; not thread-safe.
 */
public final class ShardWorker {

    private final NetworkSpec spec;
    private final Network network;
    private final Workspace workspace;
    private final SequenceBatch batch = new SequenceBatch();

    public ShardWorker(NetworkSpec spec) {
        this.spec = spec;
        this.network = new Network(spec);
        this.workspace = network.newWorkspace();
    }

    public NetworkSpec spec() {
        return spec;
    }

    /** Gradient sums of the given shards for one batch of the plan. */
    public CanonicalTree<GradientSum> gradient(
            float[] theta, Iterator<Shard> shards, ShardPlan plan, ShardPlan.Batch positions, LossSpec lossSpec) {
        Weights weights = network.bind(theta);
        CanonicalTree<GradientSum> tree = new CanonicalTree<>(plan.shards());
        while (shards.hasNext()) {
            Shard shard = shards.next();
            int[] places = plan.places(positions, shard.index());
            tree.add(shard.index(), places.length == 0 ? null : gradient(weights, shard, places, lossSpec));
        }
        return tree;
    }

    private GradientSum gradient(Weights weights, Shard shard, int[] places, LossSpec lossSpec) {
        GradientSum sum = new GradientSum(network.layout().size());
        for (int from = 0; from < places.length; from += SequenceBatch.ROWS) {
            batch.pack(shard, places, from, Math.min(SequenceBatch.ROWS, places.length - from));
            network.accumulate(weights, batch, lossSpec, workspace, sum.gradient(), sum.loss());
        }
        return sum;
    }

    /** Evaluation sums of all sequences of the given shards, in order of place. */
    public CanonicalTree<EvaluationSum> evaluate(
            float[] theta, Iterator<Shard> shards, int shardCount, Problem problem) {
        Weights weights = network.bind(theta);
        CanonicalTree<EvaluationSum> tree = new CanonicalTree<>(shardCount);
        while (shards.hasNext()) {
            Shard shard = shards.next();
            tree.add(shard.index(), shard.size() == 0 ? null : evaluate(weights, shard, problem));
        }
        return tree;
    }

    private EvaluationSum evaluate(Weights weights, Shard shard, Problem problem) {
        EvaluationSum sum = new EvaluationSum(problem.task(), spec.head());
        int[] places = new int[shard.size()];
        for (int i = 0; i < places.length; i++) {
            places[i] = i;
        }
        for (int from = 0; from < places.length; from += SequenceBatch.ROWS) {
            batch.pack(shard, places, from, Math.min(SequenceBatch.ROWS, places.length - from));
            network.forward(weights, batch, workspace);
            sum.count(batch, workspace);
            network.loss(batch, problem.loss(), workspace, sum.loss());
        }
        return sum;
    }
}
