package dev.unroll.worker;

import dev.unroll.data.SequenceBatch;
import dev.unroll.data.SequenceBatch.ShardSlice;
import dev.unroll.data.ShardPlan;
import dev.unroll.nn.Draws;
import dev.unroll.nn.LossSpec;
import dev.unroll.nn.Network;
import dev.unroll.nn.NetworkSpec;
import dev.unroll.nn.PartialSum;
import dev.unroll.nn.Probe;
import dev.unroll.nn.State;
import dev.unroll.nn.Unrolling;
import dev.unroll.nn.Weights;
import dev.unroll.nn.Workspace;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;

/**
 * One thread's work in one iteration: takes parameters and shards, gives the canonical forest of their sums. The local
 * engine and the tasks of Spark use this same class. Its buffers are used again from call to call; not thread-safe.
 */
public final class ShardWorker {

    /*
     * For maintainers: the order of additions.
     *
     * The bits of a gradient depend on the order in which its terms are added, so that order is a function of data and
     * plan alone, and never of what happens to be at hand. From the innermost sum to the outermost:
     *
     *   1. A packed batch of at most 64 sequences of one shard: Network adds the products over its rows in storage
     *      order (last step first, longest sequence first). The rows of other shards in the same packed batch change
     *      nothing: a row of a product does not see the other rows, and sums over rows are made shard by shard. So
     *      sharing a batch (SharedBatch) is free, and what decides when it is full (sequences, memory, sums that wait)
     *      may be changed at will.
     *   2. A shard: its sequences in the order of the epoch, 64 by 64, each packed batch added to the one sum of the
     *      shard. This is why a chunk that is not its shard's last must have a multiple of 64 sequences (ShardChunk),
     *      and why a shard of 130 is 64 + 64 + 2 however it arrives. Of the last chunk, 1 to 64 sequences are left for
     *      the shared batch: full batches before them gain nothing from company.
     *   3. Shards: the canonical tree, and nothing else. A sum enters the tree when it is complete.
     *
     * A shard that spans several chunks keeps its sum open from chunk to chunk. The shared batch is flushed before such
     * a shard begins, since its first chunk has at least 64 sequences and does not fit beside others.
     *
     * No allocation may depend on the number of steps: sums that were merged into others are emptied and used again,
     * and Workspace, Weights and SequenceBatch only grow.
     */

    /**
     * Bytes of gradient sums that may wait for a shared batch. Large models have few such sums, and large products
     * without sharing.
     */
    public static final long WAITING_BYTES = 64 << 20;

    private final NetworkSpec spec;
    private final Network network;
    private final Workspace workspace;
    private final Weights weights;
    private final SequenceBatch batch = new SequenceBatch();
    private final HeapWatch watch = new HeapWatch();
    private final Deque<GradientSum> spare = new ArrayDeque<>(); // merged into others: their arrays are used again
    private final long weightBytes; // but for embeddings, of which a batch reads few rows
    private final int mostSums; // that wait, and as many that are spare

    public ShardWorker(NetworkSpec spec) {
        this.spec = spec;
        this.network = new Network(spec);
        this.workspace = network.newWorkspace();
        this.weights = network.newWeights();
        int parameters = network.layout().size();
        this.weightBytes = (long) Float.BYTES * (parameters - network.sparse().size());
        this.mostSums = (int) Math.min(Integer.MAX_VALUE, WAITING_BYTES / ((long) Float.BYTES * parameters));
    }

    public NetworkSpec spec() {
        return spec;
    }

    /**
     * Gradient sums of some shards for one batch of the plan. Shards share packed batches, and so the products over
     * them, as long as their sequences fit into one.
     *
     * @param chunks the sequences of the batch, one shard after the other, each {@linkplain ShardChunk#last to its
     *     end}; a shard without any becomes a node without a sum
     * @param request the positions, the states that streams begin in, and what is observed
     */
    public CanonicalTree<GradientSum> gradient(
            float[] theta, Iterator<ShardChunk> chunks, ShardPlan plan, EvaluationRequest request, Problem problem) {
        GradientJob job = new GradientJob(problem, plan, request);
        Diagnostics diagnostics = new Diagnostics(network, job);
        network.bind(theta, weights);
        CanonicalTree<GradientSum> tree = new CanonicalTree<>(plan.shards(), this::recycle);
        SharedBatch shared = new SharedBatch(weightBytes, network.rowsThatFit(job.unrolling()), mostSums);
        GradientSum open = null; // of the shard whose next chunk is to come
        while (chunks.hasNext()) {
            requireNotInterrupted();
            ShardChunk chunk = chunks.next();
            if (open == null && chunk.isEmptyShard()) {
                tree.add(chunk.shard().index(), null);
                continue;
            }
            long rows = chunk.steps();
            if (!shared.hasRoomFor(chunk.sequences().length, rows)) {
                flush(shared, job, diagnostics, tree);
            }
            GradientSum sum = open == null ? newSum() : open;
            ShardSlice rest = addFullBatches(chunk, sum, job, diagnostics);
            if (chunk.last()) {
                shared.add(rest, rows, sum);
            }
            open = chunk.last() ? null : sum;
        }
        if (open != null) {
            throw new IllegalArgumentException("the last chunk of a shard is missing");
        }
        flush(shared, job, diagnostics, tree);
        return tree;
    }

    private GradientSum newSum() {
        return spare.isEmpty()
                ? new GradientSum(network.layout().size(), network.sparse())
                : spare.pop().emptied();
    }

    /** Takes a sum that was added to another, to use its arrays again. */
    private void recycle(GradientSum sum) {
        if (spare.size() < mostSums) {
            spare.push(sum);
        }
    }

    private static void requireNotInterrupted() {
        if (Thread.currentThread().isInterrupted()) {
            throw new IllegalStateException("interrupted while shards were computed");
        }
    }

    /**
     * Adds the packed batches that a chunk fills by itself; the sequences that are left, at least one, or null where
     * the shard has more chunks.
     */
    private ShardSlice addFullBatches(ShardChunk chunk, GradientSum sum, GradientJob job, Diagnostics diagnostics) {
        int[] sequences = chunk.sequences();
        int left = chunk.last() ? 1 : 0;
        int from = 0;
        while (sequences.length - from >= SequenceBatch.MAX_SEQUENCES + left) {
            batch.pack(chunk.shard(), sequences, from, SequenceBatch.MAX_SEQUENCES);
            accumulate(job, diagnostics, List.of(sum));
            from += SequenceBatch.MAX_SEQUENCES;
        }
        return chunk.last() ? new ShardSlice(chunk.shard(), sequences, from, sequences.length - from) : null;
    }

    /** Adds what waits to the sums of its shards, and these, which are complete then, to the tree. */
    private void flush(SharedBatch shared, GradientJob job, Diagnostics diagnostics, CanonicalTree<GradientSum> tree) {
        if (shared.isEmpty()) {
            return;
        }
        batch.packSlices(shared.slices());
        accumulate(job, diagnostics, shared.sums());
        shared.sums().forEach(diagnostics::note);
        int[] shards = shared.slices().stream()
                .mapToInt(slice -> slice.shard().index())
                .toArray();
        tree.addAll(shards, shared.sums());
        shared.clear();
    }

    /** Forward, loss and backward of the packed batch. */
    private void accumulate(GradientJob job, Diagnostics diagnostics, List<GradientSum> sums) {
        Draws draws = job.draws();
        LossSpec loss = job.problem().loss();
        Unrolling unrolling = job.unrolling();
        State before = job.plan().streams() ? statesBefore(job) : null;
        List<PartialSum> partials = sums.stream().map(GradientSum::partial).toList();
        Probe probe = diagnostics.ofBackwardPass(batch, sums);
        watch.begin();
        network.accumulate(weights, batch, loss, before, unrolling, draws, workspace, partials, probe);
        watch.end(batch.rows());
        sums.forEach(GradientSum::hasBegun);
        if (job.plan().streams()) {
            noteStates(job, sums);
        }
        if (diagnostics.needsExtraPass()) {
            int[] origins = diagnostics.origins(batch);
            network.backwardFrom(
                    origins,
                    weights,
                    batch,
                    loss,
                    before,
                    unrolling,
                    draws,
                    workspace,
                    diagnostics.ofExtraPass(origins, batch, sums));
        }
    }

    /** The states that the packed windows begin in. */
    private State statesBefore(GradientJob job) {
        State before = network.newState(batch.size());
        for (int b = 0; b < batch.size(); b++) {
            job.request().states().copyTo(before, b, batch.size(), job.stream(batch, b));
        }
        return before;
    }

    /** Notes the states after the packed windows in the sums of their shards. */
    private void noteStates(GradientJob job, List<GradientSum> sums) {
        State last = network.newState(batch.size());
        network.lastState(batch, workspace, last);
        for (int b = 0; b < batch.size(); b++) {
            sums.get(batch.slice(b)).auxiliary().states().copyFrom(last, b, batch.size(), job.stream(batch, b));
        }
    }

    /**
     * Evaluation sums of some shards: piece after piece of {@value ShardPlan#PIECE} places, of each first the sequences
     * that are evaluated as a whole, then the longer ones.
     *
     * @param chunks all sequences in the order of their places, one shard after the other, each {@linkplain
     *     ShardChunk#last to its end}
     * @param shardCount U
     */
    public CanonicalTree<EvaluationSum> evaluate(
            float[] theta, Iterator<ShardChunk> chunks, int shardCount, Problem problem) {
        network.bind(theta, weights);
        ShardEvaluator evaluator = new ShardEvaluator(network, weights, workspace, batch, problem);
        CanonicalTree<EvaluationSum> tree = new CanonicalTree<>(shardCount);
        EvaluationSum sum = null; // of the shard at hand; null while it has no sequence
        while (chunks.hasNext()) {
            requireNotInterrupted();
            ShardChunk chunk = chunks.next();
            if (chunk.sequences().length > 0) {
                sum = sum == null ? new EvaluationSum(problem) : sum;
                evaluator.add(chunk, sum);
            }
            if (chunk.last()) {
                tree.add(chunk.shard().index(), sum);
                sum = null;
            }
        }
        return tree;
    }
}
