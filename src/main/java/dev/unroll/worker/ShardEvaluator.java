package dev.unroll.worker;

import dev.unroll.data.Sequence;
import dev.unroll.data.SequenceBatch;
import dev.unroll.data.Shard;
import dev.unroll.data.ShardPlan;
import dev.unroll.nn.LossReduction;
import dev.unroll.nn.LossSpec;
import dev.unroll.nn.Network;
import dev.unroll.nn.State;
import dev.unroll.nn.Weights;
import dev.unroll.nn.Workspace;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Adds sequences of one shard to an evaluation sum: forward passes only. Works in the buffers of a {@link ShardWorker};
 * not thread-safe.
 */
final class ShardEvaluator {

    /** Steps of a longer sequence that are evaluated at once. */
    private static final int SEGMENT = 8192;

    private final Network network;
    private final Weights weights;
    private final Workspace workspace;
    private final SequenceBatch batch;
    private final Problem problem;
    private final LossSpec loss;

    ShardEvaluator(Network network, Weights weights, Workspace workspace, SequenceBatch batch, Problem problem) {
        this.network = network;
        this.weights = weights;
        this.workspace = workspace;
        this.batch = batch;
        this.problem = problem;
        this.loss = problem.loss().withLabelSmoothing(0); // which acts in training only, as dropout
    }

    /** Adds piece after piece, since the blocks of a shard too large to be loaded at once are whole pieces. */
    void add(ShardChunk chunk, EvaluationSum sum) {
        int[] all = chunk.sequences();
        for (int from = 0; from < all.length; from += ShardPlan.PIECE) {
            int[] piece = Arrays.copyOfRange(all, from, Math.min(all.length, from + ShardPlan.PIECE));
            addPiece(chunk.shard(), piece, sum);
        }
    }

    private void addPiece(Shard shard, int[] sequences, EvaluationSum sum) {
        int[] whole =
                IntStream.of(sequences).filter(i -> !isSegmented(shard, i)).toArray();
        for (int from = 0; from < whole.length; from += SequenceBatch.MAX_SEQUENCES) {
            batch.pack(shard, whole, from, Math.min(SequenceBatch.MAX_SEQUENCES, whole.length - from));
            addPacked(null, sum);
        }
        for (int i : sequences) {
            if (isSegmented(shard, i)) {
                addSegments(shard.sequence(i), sum);
            }
        }
    }

    private void addPacked(State before, EvaluationSum sum) {
        long memory = problem.unrolling().byteBudget();
        network.evaluate(
                weights, batch, loss, before, memory, workspace, sum.loss(), out -> sum.count(batch, out, problem));
    }

    /**
     * Whether a sequence is evaluated in segments: a long one, where steps are read forward only and each has a loss of
     * its own, of the same weight, whatever its place.
     */
    private boolean isSegmented(Shard shard, int i) {
        return shard.length(i) > SEGMENT
                && network.spec().head().everyStep()
                && !network.spec().head().loss().joinsSteps()
                && problem.horizon() == 0
                && !network.spec().bidirectional()
                && loss.reduction() == LossReduction.STEP;
    }

    private void addSegments(Sequence sequence, EvaluationSum sum) {
        State state = network.newState(1);
        for (int from = 0; from < sequence.length(); from += SEGMENT) {
            batch.pack(List.of(sequence.slice(from, Math.min(from + SEGMENT, sequence.length()))));
            addPacked(state, sum);
            network.lastState(batch, workspace, state);
        }
    }
}
