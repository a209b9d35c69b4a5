package dev.unroll.train;

import dev.unroll.data.ShardPlan;
import dev.unroll.format.FormatException;
import dev.unroll.optim.LossFunction;
import dev.unroll.optim.Optimizer;
import dev.unroll.optim.OptimizerSpec;
import dev.unroll.worker.EvaluationRequest;
import dev.unroll.worker.StreamStates;
import java.util.Arrays;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * The objective as the function that an optimiser minimises: the mean loss over the mini-batch of one iteration.
 *
 * <p>An optimiser of the full batch (L-BFGS) needs a function that stays the same to the bit. So every evaluation for
 * it adds in the order of the first epoch, and the sums at the latest parameters are remembered. Its passes over the
 * data are counted as they happen; those of other optimisers follow from the plan.
 */
final class BatchLoss implements LossFunction {

    private static final String COMPLETED = "passes.completed";
    private static final String REMEMBERED = "passes.remembered";
    private static final String STATES = "streams.states";
    private static final String STREAMS = "streams.numbers";

    private final Objective objective;
    private final ShardPlan plan;
    private final boolean fullBatch;
    private boolean counted; // whether the next evaluation was counted before a checkpoint
    private long completed; // of the full batch, over all iterations
    private float[] latestTheta; // of the full batch
    private Objective.Evaluation latest;
    private StreamStates states = new StreamStates(); // of streams, after the latest update
    private Iteration now;

    /** One iteration: sums at theta before the update, and what all its evaluations took. */
    private static final class Iteration {
        final long number;
        final ShardPlan.Batch batch;
        Objective.Evaluation before;
        int passes;
        Phases phases = Phases.ZERO;
        long nanos;

        Iteration(long number, ShardPlan.Batch batch) {
            this.number = number;
            this.batch = batch;
        }
    }

    BatchLoss(Objective objective, ShardPlan plan, Optimizer optimizer) {
        this.objective = objective;
        this.plan = plan;
        this.fullBatch = optimizer.isFullBatch();
        if (fullBatch) {
            OptimizerSpec.requireFullBatch(plan.batchSize());
        }
    }

    /**
     * What is remembered between iterations. The latest evaluation of a full batch is not: it is made again, and then
     * not counted again.
     *
     * @param theta the parameters now
     */
    void save(Checkpoint.Draft draft, float[] theta) {
        draft.put(COMPLETED, completed);
        draft.put(REMEMBERED, Boolean.toString(Arrays.equals(theta, latestTheta)));
        saveStates(draft);
    }

    void restore(Checkpoint checkpoint) throws FormatException {
        completed = checkpoint.count(COMPLETED, Long.MAX_VALUE);
        counted = checkpoint.flag(REMEMBERED);
        states = restoredStates(checkpoint, plan);
    }

    /** All states, one after the other, and the numbers of their streams. */
    private void saveStates(Checkpoint.Draft draft) {
        SortedMap<Integer, float[]> byStream = states.byStream();
        if (byStream.isEmpty()) {
            return;
        }
        int length = byStream.get(byStream.firstKey()).length;
        float[] all = new float[Math.multiplyExact(byStream.size(), length)];
        int at = 0;
        for (float[] state : byStream.values()) {
            System.arraycopy(state, 0, all, at, length);
            at += length;
        }
        draft.put(STATES, all);
        draft.put(STREAMS, byStream.keySet().stream().map(String::valueOf).collect(Collectors.joining(",")));
    }

    /** States of streams of the plan: as many numbers each, and no stream twice. */
    private static StreamStates restoredStates(Checkpoint checkpoint, ShardPlan plan) throws FormatException {
        SortedMap<Integer, float[]> byStream = new TreeMap<>();
        float[] all = checkpoint.arrays("").get(STATES);
        if (all != null) {
            String allowed = "numbers of streams below " + plan.batchSize() + ", none twice, with commas between them,"
                    + " that divide the " + all.length + " numbers of " + STATES;
            String text = checkpoint.text(STREAMS);
            // Possessive: any other loop of groups takes a frame of the stack for each stream.
            if (!plan.streams() || !text.matches("[0-9]{1,9}(?:,[0-9]{1,9})*+")) {
                throw checkpoint.refused(STREAMS, plan.streams() ? allowed : "none, since no state is carried");
            }
            Checkpoint.requireFinite(STATES, all, all.length);
            String[] streams = text.split(",");
            int length = all.length / streams.length;
            for (int n = 0; n < streams.length; n++) {
                byStream.put(Integer.parseInt(streams[n]), Arrays.copyOfRange(all, n * length, (n + 1) * length));
            }
            if (byStream.size() * length != all.length
                    || byStream.size() != streams.length
                    || byStream.lastKey() >= plan.batchSize()) {
                throw checkpoint.refused(STREAMS, allowed);
            }
        }
        return new StreamStates(byStream);
    }

    /** Goes on to an iteration; returns its batch, whose epoch counts the passes completed. */
    ShardPlan.Batch next(long iteration) {
        ShardPlan.Batch batch = plan.batch(fullBatch ? 0 : iteration - 1);
        now = new Iteration(iteration, batch);
        return fullBatch ? new ShardPlan.Batch(completed, batch.from(), batch.to()) : batch;
    }

    /**
     * @throws TrainingException if the loss before the update is not finite; after that, a line search shrinks its step
     */
    @Override
    public Point at(float[] theta) {
        if (!Arrays.equals(theta, latestTheta)) {
            evaluate(theta);
        }
        double loss = latest.sum().loss().meanLoss();
        if (now.before == null) {
            now.before = latest;
            FiniteValue.LOSS.require(loss, now.number);
        }
        return new Point(loss, latest.sum().mean());
    }

    private void evaluate(float[] theta) {
        long start = System.nanoTime();
        if (now.batch.from() == 0) {
            states = new StreamStates(); // every epoch starts anew
        }
        latest = objective.evaluate(theta, new EvaluationRequest(now.batch, states, isSampled()));
        states = latest.sum().auxiliary().states();
        now.nanos += System.nanoTime() - start;
        now.phases = now.phases.plus(latest.phases());
        if (counted) {
            counted = false;
        } else {
            now.passes++;
            completed += fullBatch ? 1 : 0;
        }
        if (fullBatch) {
            latestTheta = theta.clone();
        }
    }

    /**
     * Whether this evaluation is sampled. None of L-BFGS is: what it reports of an update was evaluated in the one
     * before.
     */
    private boolean isSampled() {
        return !fullBatch && IterationReport.isSampled(now.number);
    }

    /** The sums at theta as it was before this iteration's update, and the times of all its evaluations. */
    Objective.Evaluation evaluation() {
        return new Objective.Evaluation(now.before.sum(), now.phases, now.before.balance());
    }

    /** Evaluations of this iteration. */
    int count() {
        return now.passes;
    }

    /** Time of this iteration's evaluations. */
    long nanos() {
        return now.nanos;
    }

    /** Whether the full batch has been passed over that often; 0 for no such limit. */
    boolean reached(long epochs) {
        return fullBatch && epochs > 0 && completed >= epochs;
    }
}
