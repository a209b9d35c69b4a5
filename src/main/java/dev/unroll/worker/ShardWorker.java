package dev.unroll.worker;

import dev.unroll.data.Sequence;
import dev.unroll.data.SequenceBatch;
import dev.unroll.data.Shard;
import dev.unroll.data.ShardPlan;
import dev.unroll.nn.Draws;
import dev.unroll.nn.LossReduction;
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
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * One thread's part of one iteration: takes parameters and shards, gives the canonical forest of their sums. The local engine and the
 * Spark tasks both are this class; it knows neither. Its memory is reused from call to call; not thread-safe.
 */
public final class ShardWorker {

    /** Bytes of the gradient sums that may wait for a shared batch: large models have few, and their products are large anyway. */
    public static final long WAITING_BYTES = 64 << 20;

    /** Steps of a longer sequence that are evaluated at once. */
    private static final int SLICE = 8192;

    /** In updates of at least so many sequences, the gradient is followed through one of {@value #FOLLOWED}. */
    private static final int FOLLOW_ALL = 32;

    private static final int FOLLOWED = 4;

    private final NetworkSpec spec;
    private final Network network;
    private final Workspace workspace;
    private final Weights weights;
    private final SequenceBatch batch = new SequenceBatch();
    private final Deque<GradientSum> spare = new ArrayDeque<>(); // merged into others: their memory is used again

    /** What is computed for one evaluation. */
    private record Job(Problem problem, ShardPlan plan, EvaluationRequest pass) {

        Draws draws() {
            return new Draws(plan.seed(), pass.batch().epoch(), plan.shards());
        }

        Unrolling unrolling() {
            return pass.truncation().map(problem.unrolling()::with).orElse(problem.unrolling());
        }

        /** Whether anything is looked at besides the gradient. */
        boolean isWatched() {
            return pass.truncation().isEmpty();
        }

        /** Whether the gradient of a sequence is followed in every iteration: of many a part, chosen by what it is and not by where. */
        boolean isFollowed(SequenceBatch batch, int b) {
            return pass.batch().size() < FOLLOW_ALL || (batch.place(b) + batch.shardIndex(b)) % FOLLOWED == 0;
        }

        /** The stream whose window sequence b of a packed batch is. */
        int stream(SequenceBatch batch, int b) {
            return (int) (draws().ordinal(batch, b) % plan.batchSize());
        }
    }

    public ShardWorker(NetworkSpec spec) {
        this.spec = spec;
        this.network = new Network(spec);
        this.workspace = network.newWorkspace();
        this.weights = network.newWeights();
    }

    public NetworkSpec spec() {
        return spec;
    }

    /**
     * Gradient sums of some shards for one batch of the plan. Shards share packed batches, and so the products over them, as long as their sequences
     * fit into one.
     *
     * @param parts the sequences of the batch: one shard behind the other, each {@linkplain ShardChunk#last to its end}; none of a shard without any
     *     makes it a node without a sum
     * @param pass the positions, the states that streams begin in, and what is looked at besides
     */
    public CanonicalTree<GradientSum> gradient(
            float[] theta, Iterator<ShardChunk> parts, ShardPlan plan, EvaluationRequest pass, Problem problem) {
        Job job = new Job(problem, plan, pass);
        network.bind(theta, weights);
        CanonicalTree<GradientSum> tree = new CanonicalTree<>(plan.shards(), this::keep);
        List<SequenceBatch.ShardSlice> waiting = new ArrayList<>();
        List<GradientSum> sums = new ArrayList<>();
        GradientSum open = null; // of the shard whose next part is to come
        int waitingSequences = 0;
        long waitingRows = 0;
        long rowsThatFit =
                network.rowsThatFit(job.unrolling()); // or else what is refused would depend on how shards are spread
        while (parts.hasNext()) {
            requireNotInterrupted();
            ShardChunk part = parts.next();
            int[] sequences = part.sequences();
            if (sequences.length == 0 && open == null && part.last()) {
                tree.add(part.shard().index(), null);
                continue;
            }
            long rows = part.steps();
            if (waitingSequences + sequences.length > SequenceBatch.MAX_SEQUENCES
                    || waitingRows + rows > rowsThatFit
                    || (sums.size() + 1L) * bytesOfSum() > WAITING_BYTES) {
                accumulate(waiting, sums, job, tree);
                waitingSequences = 0;
                waitingRows = 0;
            }
            GradientSum sum = open == null ? newSum() : open;
            open = part.last() ? null : sum;
            int from = 0;
            int keptBack = part.last() ? 1 : 0; // the last ones may share their packed batch
            for (;
                    sequences.length - from >= SequenceBatch.MAX_SEQUENCES + keptBack;
                    from += SequenceBatch.MAX_SEQUENCES) {
                batch.pack(part.shard(), sequences, from, SequenceBatch.MAX_SEQUENCES);
                accumulate(job, List.of(sum));
            }
            if (part.last()) {
                waiting.add(new SequenceBatch.ShardSlice(part.shard(), sequences, from, sequences.length - from));
                sums.add(sum);
                waitingSequences += sequences.length - from;
                waitingRows += rows;
            }
        }
        if (open != null) {
            throw new IllegalArgumentException("the last part of a shard is missing");
        }
        accumulate(waiting, sums, job, tree);
        return tree;
    }

    private GradientSum newSum() {
        return spare.isEmpty()
                ? new GradientSum(network.layout().size(), network.sparse())
                : spare.pop().cleared();
    }

    private static void requireNotInterrupted() {
        if (Thread.currentThread().isInterrupted()) {
            throw new IllegalStateException("interrupted while shards were computed");
        }
    }

    /** Keeps the memory of a sum that was added to another, as far as there is room. */
    private void keep(GradientSum sum) {
        if ((spare.size() + 1L) * bytesOfSum() <= WAITING_BYTES) {
            spare.push(sum);
        }
    }

    private long bytesOfSum() {
        return (long) Float.BYTES * network.layout().size();
    }

    /** Adds the waiting parts to their sums and these to the tree; nothing waits any more. */
    private void accumulate(
            List<SequenceBatch.ShardSlice> parts, List<GradientSum> sums, Job job, CanonicalTree<GradientSum> tree) {
        if (parts.isEmpty()) {
            return;
        }
        batch.packParts(parts);
        accumulate(job, sums);
        for (int i = 0; i < parts.size(); i++) {
            if (job.pass.sampled()) {
                sums.get(i).noteShard();
            }
            tree.add(parts.get(i).shard().index(), sums.get(i));
        }
        parts.clear();
        sums.clear();
    }

    /** The packed batch: where the head reads last states, its backward pass shows how far back they reach; otherwise one more may. */
    private void accumulate(Job job, List<GradientSum> sums) {
        boolean everyStep = spec.head().everyStep();
        Draws draws = job.draws();
        LossSpec loss = job.problem.loss();
        State before = job.plan.streams() ? statesBefore(job) : null;
        Probe terms = !job.isWatched()
                ? null
                : new GradientTerms.Watch(
                        sums.stream().map(sum -> sum.terms(spec.numLayers())).toArray(GradientTerms[]::new),
                        network.hasBoundedStates());
        List<PartialSum> partials = new ArrayList<>();
        for (GradientSum sum : sums) {
            partials.add(sum.partial());
        }
        Unrolling unrolling = job.unrolling();
        Probe probe = !job.isWatched() ? null : everyStep ? terms : Probe.both(terms, flow(null, job, sums));
        network.accumulate(weights, batch, loss, before, unrolling, draws, workspace, partials, probe);
        if (job.plan.streams()) {
            keepStates(job, sums);
        }
        if (everyStep && job.pass.sampled()) {
            int[] origins = IntStream.range(0, batch.size())
                    .map(b -> draws.step(batch, b))
                    .toArray();
            network.backwardFrom(
                    origins, weights, batch, loss, before, unrolling, draws, workspace, flow(origins, job, sums));
        }
    }

    /** The states that the packed windows begin in. */
    private State statesBefore(Job job) {
        State before = network.newState(batch.size());
        for (int b = 0; b < batch.size(); b++) {
            job.pass.states().copyTo(before, b, spec.hiddenSize(), job.stream(batch, b));
        }
        return before;
    }

    /** Puts the states behind the packed windows into the sums of their shards. */
    private void keepStates(Job job, List<GradientSum> sums) {
        State last = network.newState(batch.size());
        network.lastState(batch, workspace, last);
        for (int b = 0; b < batch.size(); b++) {
            sums.get(batch.part(b)).states().copyFrom(last, b, spec.hiddenSize(), job.stream(batch, b));
        }
    }

    /** Watches how far back the gradients of those steps reach, or of the last ones for null, where every backward pass shows it. */
    private Probe flow(int[] origins, Job job, List<GradientSum> sums) {
        boolean[] watched = new boolean[batch.size()];
        GradientFlow[] flows = new GradientFlow[sums.size()];
        for (int b = 0; b < watched.length; b++) {
            watched[b] = origins != null || job.isFollowed(batch, b);
            if (watched[b]) {
                flows[batch.part(b)] = sums.get(batch.part(b)).flow(spec.numLayers());
            }
        }
        return new GradientFlow.Watch(flows, origins, watched);
    }

    /**
     * Evaluation sums of some shards: of {@value ShardPlan#PIECE} places after the other, first the sequences that are evaluated as a whole, then the
     * longer ones.
     *
     * @param parts all sequences in the order of their places: one shard behind the other, each {@linkplain ShardChunk#last to its end}
     * @param shardCount U
     */
    public CanonicalTree<EvaluationSum> evaluate(
            float[] theta, Iterator<ShardChunk> parts, int shardCount, Problem problem) {
        network.bind(theta, weights);
        CanonicalTree<EvaluationSum> tree = new CanonicalTree<>(shardCount);
        EvaluationSum sum = null;
        while (parts.hasNext()) {
            requireNotInterrupted();
            ShardChunk part = parts.next();
            if (part.sequences().length > 0) {
                sum = sum == null ? new EvaluationSum(problem.task(), spec.head()) : sum;
                evaluate(part, problem, sum);
            }
            if (part.last()) {
                tree.add(part.shard().index(), sum);
                sum = null;
            }
        }
        return tree;
    }

    /** Piece by piece, as blocks of a shard too large to be loaded at once are whole pieces. */
    private void evaluate(ShardChunk part, Problem problem, EvaluationSum sum) {
        int[] all = part.sequences();
        for (int from = 0; from < all.length; from += ShardPlan.PIECE) {
            int[] piece = Arrays.copyOfRange(all, from, Math.min(all.length, from + ShardPlan.PIECE));
            evaluatePiece(part.shard(), piece, problem, sum);
        }
    }

    private void evaluatePiece(Shard shard, int[] sequences, Problem problem, EvaluationSum sum) {
        int[] packed = IntStream.of(sequences)
                .filter(i -> !isSliced(shard, i, problem))
                .toArray();
        for (int from = 0; from < packed.length; from += SequenceBatch.MAX_SEQUENCES) {
            batch.pack(shard, packed, from, Math.min(SequenceBatch.MAX_SEQUENCES, packed.length - from));
            evaluatePacked(null, problem, sum);
        }
        for (int i : sequences) {
            if (isSliced(shard, i, problem)) {
                evaluateSlices(shard.sequence(i), problem, sum);
            }
        }
    }

    private void evaluatePacked(State before, Problem problem, EvaluationSum sum) {
        long memory = problem.unrolling().memory();
        network.evaluate(
                weights, batch, problem.loss(), before, memory, workspace, sum.loss(), out -> sum.count(batch, out));
    }

    /** Whether a sequence is so long that it is evaluated piece by piece, which is the same where steps are read forward and weigh the same. */
    private boolean isSliced(Shard shard, int i, Problem problem) {
        return shard.length(i) > SLICE
                && spec.head().everyStep()
                && !spec.bidirectional()
                && problem.loss().reduction() == LossReduction.STEP;
    }

    private void evaluateSlices(Sequence sequence, Problem problem, EvaluationSum sum) {
        State state = network.newState(1);
        for (int from = 0; from < sequence.length(); from += SLICE) {
            batch.pack(List.of(sequence.slice(from, Math.min(from + SLICE, sequence.length()))));
            evaluatePacked(state, problem, sum);
            network.lastState(batch, workspace, state);
        }
    }
}
