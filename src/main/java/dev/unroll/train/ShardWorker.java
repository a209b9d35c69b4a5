package dev.unroll.train;

import dev.unroll.data.SequenceBatch;
import dev.unroll.data.Shard;
import dev.unroll.data.ShardPlan;
import dev.unroll.nn.LossReduction;
import dev.unroll.nn.LossSum;
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
    private final LossReduction reduction;
    private final Network network;
    private final Workspace workspace;
    private final SequenceBatch batch = new SequenceBatch();

    public ShardWorker(NetworkSpec spec, LossReduction reduction) {
        this.spec = spec;
        this.reduction = reduction;
        this.network = new Network(spec);
        this.workspace = network.newWorkspace();
    }

    /** Gradient sums of the given shards for one batch of the plan. */
    public CanonicalTree<GradientSum> gradient(
            float[] theta, Iterator<Shard> shards, ShardPlan plan, ShardPlan.Batch positions) {
        Weights weights = network.bind(theta);
        CanonicalTree<GradientSum> tree = new CanonicalTree<>(plan.shards());
        while (shards.hasNext()) {
            Shard shard = shards.next();
            int[] places = plan.places(positions, shard.index());
            tree.add(shard.index(), places.length == 0 ? null : gradient(weights, shard, places));
        }
        return tree;
    }

    private GradientSum gradient(Weights weights, Shard shard, int[] places) {
        GradientSum sum = new GradientSum(network.layout().size());
        for (int from = 0; from < places.length; from += SequenceBatch.ROWS) {
            batch.pack(shard, places, from, Math.min(SequenceBatch.ROWS, places.length - from));
            network.accumulate(weights, batch, reduction, workspace, sum.gradient(), sum.loss());
        }
        return sum;
    }

    /** Evaluation sums of all sequences of the given shards, in order of place. */
    public CanonicalTree<EvaluationSum> evaluate(float[] theta, Iterator<Shard> shards, int shardCount) {
        Weights weights = network.bind(theta);
        CanonicalTree<EvaluationSum> tree = new CanonicalTree<>(shardCount);
        while (shards.hasNext()) {
            Shard shard = shards.next();
            tree.add(shard.index(), shard.size() == 0 ? null : evaluate(weights, shard));
        }
        return tree;
    }

    private EvaluationSum evaluate(Weights weights, Shard shard) {
        EvaluationSum sum = new EvaluationSum(spec.head().classes());
        int[] places = new int[shard.size()];
        for (int i = 0; i < places.length; i++) {
            places[i] = i;
        }
        for (int from = 0; from < places.length; from += SequenceBatch.ROWS) {
            batch.pack(shard, places, from, Math.min(SequenceBatch.ROWS, places.length - from));
            LossSum loss = sum.loss();
            network.evaluate(weights, batch, reduction, workspace, loss);
            for (int row = 0; row < workspace.outputs(); row++) {
                sum.count(
                        spec.head().everyStep() ? batch.rowLabel(row) : batch.label(row),
                        workspace.predictions()[row]);
            }
        }
        return sum;
    }
}
