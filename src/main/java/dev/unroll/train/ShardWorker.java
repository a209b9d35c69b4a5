package dev.unroll.train;

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
    private static final long WAITING_BYTES = 64 << 20;

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
    private record Job(Problem problem, ShardPlan plan, Pass pass) {

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
     * Gradient sums of the given shards for one batch of the plan. Shards share packed batches, and so the products over them, as long as
     * their sequences fit into one.
     *
     *
     * @param pass the positions, the states that streams begin in, and what is looked at besides
     */
    public CanonicalTree<GradientSum> gradient(
            float[] theta, Iterator<Shard> shards, ShardPlan plan, Pass pass, Problem problem) {
        Job job = new Job(problem, plan, pass);
        network.bind(theta, weights);
        CanonicalTree<GradientSum> tree = new CanonicalTree<>(plan.shards(), this::keep);
        List<SequenceBatch.Part> parts = new ArrayList<>();
        List<GradientSum> sums = new ArrayList<>();
        int waiting = 0;
        long waitingRows = 0;
        long rowsThatFit =
                network.rowsThatFit(job.unrolling()); // or else what is refused would depend on how shards are spread
        while (shards.hasNext()) {
            requireNotInterrupted();
            Shard shard = shards.next();
            int[] places = plan.places(pass.batch(), shard.index());
            if (places.length == 0) {
                tree.add(shard.index(), null);
                continue;
            }
            long rows = shard.steps(places);
            if (waiting + places.length > SequenceBatch.ROWS
                    || waitingRows + rows > rowsThatFit
                    || (sums.size() + 1L) * bytesOfSum() > WAITING_BYTES) {
                accumulate(parts, sums, job, tree);
                waiting = 0;
                waitingRows = 0;
            }
            GradientSum sum = spare.isEmpty()
                    ? new GradientSum(network.layout().size(), network.sparse())
                    : spare.pop().cleared();
            int from = 0;
            for (; places.length - from > SequenceBatch.ROWS; from += SequenceBatch.ROWS) {
                batch.pack(shard, places, from, SequenceBatch.ROWS);
                accumulate(job, List.of(sum));
            }
            parts.add(new SequenceBatch.Part(shard, places, from, places.length - from));
            sums.add(sum);
            waiting += places.length - from;
            waitingRows += rows;
        }
        accumulate(parts, sums, job, tree);
        return tree;
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
            List<SequenceBatch.Part> parts, List<GradientSum> sums, Job job, CanonicalTree<GradientSum> tree) {
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

    /** Evaluation sums of all sequences of the given shards, in order of place. */
    public CanonicalTree<EvaluationSum> evaluate(
            float[] theta, Iterator<Shard> shards, int shardCount, Problem problem) {
        network.bind(theta, weights);
        CanonicalTree<EvaluationSum> tree = new CanonicalTree<>(shardCount);
        while (shards.hasNext()) {
            requireNotInterrupted();
            Shard shard = shards.next();
            tree.add(shard.index(), shard.size() == 0 ? null : evaluate(shard, problem));
        }
        return tree;
    }

    private EvaluationSum evaluate(Shard shard, Problem problem) {
        EvaluationSum sum = new EvaluationSum(problem.task(), spec.head());
        int[] places = IntStream.range(0, shard.size())
                .filter(place -> !isSliced(shard, place, problem))
                .toArray();
        for (int from = 0; from < places.length; from += SequenceBatch.ROWS) {
            batch.pack(shard, places, from, Math.min(SequenceBatch.ROWS, places.length - from));
            evaluate(null, problem, sum);
        }
        for (int place = 0; place < shard.size(); place++) {
            if (isSliced(shard, place, problem)) {
                evaluateSlices(shard.sequence(place), problem, sum);
            }
        }
        return sum;
    }

    private void evaluate(State before, Problem problem, EvaluationSum sum) {
        long memory = problem.unrolling().memory();
        network.evaluate(
                weights, batch, problem.loss(), before, memory, workspace, sum.loss(), out -> sum.count(batch, out));
    }

    /** Whether a sequence is so long that it is evaluated piece by piece, which is the same where steps are read forward and weigh the same. */
    private boolean isSliced(Shard shard, int place, Problem problem) {
        return shard.length(place) > SLICE
                && spec.head().everyStep()
                && !spec.bidirectional()
                && problem.loss().reduction() == LossReduction.STEP;
    }

    private void evaluateSlices(Sequence sequence, Problem problem, EvaluationSum sum) {
        State state = network.newState(1);
        for (int from = 0; from < sequence.length(); from += SLICE) {
            batch.pack(List.of(sequence.slice(from, Math.min(from + SLICE, sequence.length()))));
            evaluate(state, problem, sum);
            network.lastState(batch, workspace, state);
        }
    }
}
