package dev.unroll.testkit;

import dev.unroll.data.Scaling;
import dev.unroll.data.Sequence;
import dev.unroll.data.SequenceBatch;
import dev.unroll.data.Shard;
import dev.unroll.data.ShardPlan;
import dev.unroll.math.CounterRandom;
import dev.unroll.nn.Cell;
import dev.unroll.nn.Draws;
import dev.unroll.nn.HeadSpec;
import dev.unroll.nn.LearningTask;
import dev.unroll.nn.LossReduction;
import dev.unroll.nn.LossSpec;
import dev.unroll.nn.LossSum;
import dev.unroll.nn.Network;
import dev.unroll.nn.NetworkSpec;
import dev.unroll.nn.PartialSum;
import dev.unroll.nn.State;
import dev.unroll.nn.Truncation;
import dev.unroll.nn.Unrolling;
import dev.unroll.nn.Weights;
import dev.unroll.nn.Workspace;
import dev.unroll.optim.Norms;
import dev.unroll.param.Initialization;
import dev.unroll.param.Initializer;
import dev.unroll.param.ParameterLayout.Slot;
import dev.unroll.train.LocalObjective;
import dev.unroll.worker.Problem;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * What a {@link Cell} must do, as a test to call from any test framework: {@code CellContract.check("peephole")}. The
 * cell is found by its name, as training finds it.
 *
 * <ul>
 *   <li>The gradient is that of the loss, by central differences along random directions, of each tensor and of all
 *       (the best of several steps), with the head on the last state and on every one, in one layer and in two that read
 *       from both ends. The cell's own parameters are drawn within their bounds, and constants are moved by up to 0.3 of themselves.
 *   <li>Rows are independent: ragged sequences packed together, alone, shard by shard and by several threads give the
 *       same bits.
 *   <li>Nothing depends on hidden state: gates that are recomputed under a byte budget, and windows that begin in the
 *       state where others ended, give the same result.
 *   <li>|h| is at most 1 where the cell says so.
 * </ul>
 */
public final class CellContract {

    private static final LossSpec LOSS = new LossSpec(LossReduction.STEP);
    private static final int HIDDEN = 7;
    private static final int DIRECTIONS = 20;
    private static final int DIRECTIONS_OF_TENSOR = 2;

    /**
     * How far a cell's own parameters are moved from a constant, as a share of it where it is not 0: a gain of 1 or a
     * shift of 0 would hide much.
     */
    private static final double OWN_DEVIATION = 0.3;

    private static final long SEED = 1;

    /**
     * The first step of the central differences, and how often it is halved. Their error falls with the square of the
     * step until the loss's own rounding, of about 1e-4 at the first step, takes over: how small a step must be depends
     * on the curvature of the cell.
     */
    private static final double STEP = 1e-2;

    private static final int HALVINGS = 4;

    /** Leaves room for kinks. */
    private static final double RELATIVE_ERROR = 5e-3;

    /** A slope below which a difference of the loss says nothing, whose rounding is {@link #RELATIVE_ERROR} of it. */
    private static final double NOISE = 0.05;

    private final NetworkSpec spec;
    private final Network network;
    private final float[] theta;
    private final List<Sequence> sequences = new ArrayList<>();

    private CellContract(String cell, int layers, boolean bidirectional, boolean everyStep) {
        spec = new NetworkSpec(
                new NetworkSpec.Tokens(6, 5), cell, "tanh", HIDDEN, layers, bidirectional, new HeadSpec(3, everyStep));
        network = new Network(spec);
        theta = Initializer.initialize(spec.layout(), SEED);
        for (Slot slot : spec.layout().slots()) {
            CounterRandom random = new CounterRandom(SEED, 4, slot.offset());
            for (int i = 0; slot.initialization() instanceof Initialization.Uniform bounds && i < slot.size(); i++) {
                theta[slot.offset() + i] = own(bounds, random.uniform(i));
            }
        }
        for (int s = 0; s < 12; s++) {
            CounterRandom random = new CounterRandom(SEED, 1, s);
            int length = 1 + random.below(40, 0);
            int[] tokens = new int[length];
            int[] labels = new int[everyStep ? length : 1];
            Arrays.setAll(tokens, t -> random.below(6, 100 + t));
            Arrays.setAll(labels, t -> random.below(3, 200 + t));
            sequences.add(Sequence.ofTokens(tokens, labels, 1f));
        }
    }

    /** Within the bounds, which may be all that the cell is defined for; a constant is moved, u in [0, 1). */
    private static float own(Initialization.Uniform bounds, double u) {
        double low = bounds.low();
        double high = bounds.high();
        if (low < high) {
            return (float) (low + u * (high - low));
        }
        double moved = OWN_DEVIATION * (2 * u - 1);
        return (float) (low == 0 ? moved : low * (1 + moved));
    }

    /**
     * Checks all of it.
     *
     * @throws AssertionError naming what does not hold
     * @throws IllegalArgumentException if no cell has that name
     */
    public static void check(String cell) {
        for (boolean everyStep : new boolean[] {false, true}) {
            for (int layers = 1; layers <= 2; layers++) {
                CellContract contract = new CellContract(cell, layers, layers > 1, everyStep);
                contract.gradient();
                contract.rows();
                contract.shards();
                contract.recomputation();
                contract.bound();
            }
        }
        new CellContract(cell, 2, false, true).carriedState();
    }

    private void require(boolean holds, String what) {
        if (!holds) {
            throw new AssertionError("cell " + spec.cell() + ": " + what + " (" + spec.numLayers()
                    + (spec.numLayers() == 1 ? " layer" : " layers") + ", the head reads "
                    + spec.head().pooling().description() + ")");
        }
    }

    private void gradient() {
        float[] gradient = gradient(theta, sequences, Unrolling.FULL);
        for (Slot slot : spec.layout().slots()) {
            requireSlopes(gradient, slot.offset(), slot.size(), DIRECTIONS_OF_TENSOR, " of " + slot.name());
        }
        requireSlopes(gradient, 0, theta.length, DIRECTIONS, "");
    }

    /** Along random directions within {@code size} parameters from {@code offset} on. */
    private void requireSlopes(float[] gradient, int offset, int size, int directions, String of) {
        double typical = Norms.l2(Arrays.copyOfRange(gradient, offset, offset + size)) / Math.sqrt(size);
        for (int n = 0; n < directions; n++) {
            CounterRandom random = new CounterRandom(SEED, 2, offset, n);
            double slope = 0;
            double length = 0;
            double[] direction = new double[theta.length];
            for (int i = offset; i < offset + size; i++) {
                direction[i] = random.normal(i);
                length += direction[i] * direction[i];
            }
            for (int i = offset; i < offset + size; i++) {
                direction[i] /= Math.sqrt(length);
                slope += direction[i] * gradient[i];
            }
            requireSlope(slope, direction, Math.max(typical, Math.abs(slope)), of);
        }
    }

    /** That {@code slope} is what the loss changes by along {@code direction}, by the best of several differences. */
    private void requireSlope(double slope, double[] direction, double scale, String where) {
        List<String> tried = new ArrayList<>();
        double before = 0;
        double first = 0;
        double best = Double.POSITIVE_INFINITY;
        for (int halving = 0; halving <= HALVINGS; halving++) {
            double step = STEP / (1 << halving);
            double difference = (loss(moved(direction, step)) - loss(moved(direction, -step))) / (2 * step);
            // Richardson: with twice the step the error is four times as large, so this is without it.
            double extrapolated = halving == 0 ? difference : (4 * difference - before) / 3;
            // A gradient that is too small is no measure of itself.
            double of = Math.max(scale, Math.max(Math.abs(difference), NOISE));
            double error = Math.abs(difference - slope) / of;
            best = Math.min(best, Math.min(error, Math.abs(extrapolated - slope) / of));
            if (best <= RELATIVE_ERROR) {
                return;
            }
            tried.add(String.format(Locale.ROOT, "%.4g at step %.2g (relative error %.2g)", difference, step, error));
            first = halving == 0 ? error : first;
            before = difference;
        }
        boolean falls = best < first / 4;
        require(
                false,
                String.format(Locale.ROOT, "along a random direction%s the gradient says %.4g", where, slope)
                        + ", and differences of the loss say " + String.join(", ", tried)
                        + (falls
                                ? "; the error falls with the step, so backward may be right and the cell too steep to be"
                                        + " checked; look at backward where it divides"
                                : "; the error does not fall with the step; look at backward"));
    }

    private float[] moved(double[] direction, double step) {
        float[] moved = theta.clone();
        for (int i = 0; i < moved.length; i++) {
            moved[i] += (float) (step * direction[i]);
        }
        return moved;
    }

    private double loss(float[] at) {
        LossSum loss = new LossSum();
        network.accumulate(
                network.bind(at), packed(sequences), LOSS, network.newWorkspace(), new float[at.length], loss);
        require(
                Double.isFinite(loss.lossSum()),
                "the loss is " + loss.lossSum() + "; forward must give finite numbers for finite inputs, and for"
                        + " parameters near those that the cell begins with");
        return loss.lossSum();
    }

    private static SequenceBatch packed(List<Sequence> sequences) {
        SequenceBatch batch = new SequenceBatch();
        batch.pack(sequences);
        return batch;
    }

    private float[] gradient(float[] at, List<Sequence> of, Unrolling unrolling) {
        float[] gradient = new float[at.length];
        List<PartialSum> sums = List.of(new PartialSum(gradient, new LossSum()));
        Workspace workspace = network.newWorkspace();
        network.accumulate(network.bind(at), packed(of), LOSS, null, unrolling, Draws.NONE, workspace, sums, null);
        return gradient;
    }

    private void rows() {
        Weights weights = network.bind(theta);
        Workspace together = network.newWorkspace();
        SequenceBatch batch = packed(sequences);
        network.forward(weights, batch, together);
        int outputs = spec.head().outputs();
        for (int b = 0; b < batch.size(); b++) {
            Workspace alone = network.newWorkspace();
            network.forward(weights, packed(List.of(sequences.get(batch.place(b)))), alone);
            int last = spec.head().everyStep() ? batch.lastRow(b) : b; // alone it is the first
            for (int o = 0; o < outputs; o++) {
                require(
                        Float.floatToRawIntBits(alone.values()[o])
                                == Float.floatToRawIntBits(together.values()[last * outputs + o]),
                        "a sequence packed with others has other outputs than alone; a row must not see the others");
            }
        }
    }

    private void shards() {
        int shards = 5;
        List<Shard> dealt = new ArrayList<>();
        for (int u = 0; u < shards; u++) {
            List<Sequence> of = new ArrayList<>();
            for (int n = u; n < sequences.size(); n += shards) {
                of.add(sequences.get(n));
            }
            dealt.add(new Shard(u, of, 6));
        }
        LearningTask task = spec.head().everyStep() ? LearningTask.TAGGING : LearningTask.CLASSIFICATION;
        Problem problem = Problem.of(spec, task, LOSS, Scaling.NONE);
        ShardPlan plan = new ShardPlan(SEED, shards, sequences.size(), 0);
        float[] expected = null;
        for (int threads : new int[] {1, 2, shards}) { // with a shard a thread, none shares a batch
            try (LocalObjective objective = new LocalObjective(problem, plan, dealt, List.of(), threads)) {
                for (int time = 0; time < 2; time++) { // the second time in memory that the first one used
                    float[] gradient = objective
                            .evaluate(theta, plan.batch(0))
                            .sum()
                            .gradient()
                            .clone();
                    require(
                            expected == null || Arrays.equals(expected, gradient),
                            "shards that share a batch have another gradient than apart; a row must not see the others");
                    expected = gradient;
                }
            }
        }
    }

    private void recomputation() {
        SequenceBatch batch = packed(sequences);
        // The least budget that the batch can do with is found by trying; with it gates are recomputed.
        for (long byteBudget = 1000; ; byteBudget += byteBudget / 20) {
            Unrolling bounded = new Unrolling(0, Truncation.NONE, byteBudget);
            try {
                network.requireRoom(batch.size(), batch.rows(), bounded);
            } catch (IllegalArgumentException tooLittle) {
                continue;
            }
            require(
                    batch.rows() > network.rowsThatFit(bounded),
                    "its sequences are too short for gates to be recomputed under a byte budget");
            require(
                    Arrays.equals(gradient(theta, sequences, Unrolling.FULL), gradient(theta, sequences, bounded)),
                    "gates that are recomputed from the states are not the same;"
                            + " forward must write all that backward reads");
            return;
        }
    }

    private void bound() {
        if (network.hasBoundedStates()) {
            SequenceBatch batch = packed(sequences);
            float[] large = theta.clone();
            for (int i = 0; i < large.length; i++) {
                large[i] *= 50;
            }
            Workspace workspace = network.newWorkspace();
            network.forward(network.bind(large), batch, workspace);
            State last = network.newState(batch.size());
            network.lastState(batch, workspace, last);
            for (float[] layer : last.h()) {
                for (float number : layer) {
                    require(Math.abs(number) <= 1, "|h| is " + Math.abs(number) + " although isBounded is true");
                }
            }
        }
    }

    private void carriedState() {
        int window = 4;
        int length = 15;
        CounterRandom random = new CounterRandom(SEED, 3);
        int[] tokens = new int[length];
        int[] labels = new int[length];
        Arrays.setAll(tokens, t -> random.below(6, t));
        Arrays.setAll(labels, t -> random.below(3, 100 + t));
        Unrolling fixed = new Unrolling(0, new Truncation(window, 1));
        float[] expected = gradient(theta, List.of(Sequence.ofTokens(tokens, labels, 1f)), fixed);
        float[] gradient = new float[theta.length];
        Weights weights = network.bind(theta);
        Workspace workspace = network.newWorkspace();
        State state = network.newState(1);
        for (int from = 0; from < length; from += window) {
            int to = Math.min(length, from + window);
            SequenceBatch batch = packed(List.of(
                    Sequence.ofTokens(Arrays.copyOfRange(tokens, from, to), Arrays.copyOfRange(labels, from, to), 1f)));
            List<PartialSum> sums = List.of(new PartialSum(gradient, new LossSum()));
            network.accumulate(weights, batch, LOSS, state, Unrolling.FULL, Draws.NONE, workspace, sums, null);
            network.lastState(batch, workspace, state);
        }
        for (int i = 0; i < theta.length; i++) {
            require(
                    Math.abs(gradient[i] - expected[i]) <= 1e-4 * (1 + Math.abs(expected[i])),
                    "windows that begin where others ended have another gradient than truncation at their borders;"
                            + " backward must add to dH of the step before only where previousRow is not negative");
        }
    }
}
