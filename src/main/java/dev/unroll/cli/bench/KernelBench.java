package dev.unroll.cli.bench;

import com.sun.management.ThreadMXBean;
import dev.unroll.data.Sequence;
import dev.unroll.data.SequenceBatch;
import dev.unroll.data.Steps;
import dev.unroll.math.CounterRandom;
import dev.unroll.nn.Draws;
import dev.unroll.nn.HeadSpec;
import dev.unroll.nn.LossReduction;
import dev.unroll.nn.LossSpec;
import dev.unroll.nn.LossSum;
import dev.unroll.nn.Network;
import dev.unroll.nn.NetworkCost;
import dev.unroll.nn.NetworkSpec;
import dev.unroll.nn.NetworkSpec.Category;
import dev.unroll.nn.PartialSum;
import dev.unroll.nn.Truncation;
import dev.unroll.nn.Unrolling;
import dev.unroll.nn.Weights;
import dev.unroll.nn.Workspace;
import dev.unroll.param.Initializer;
import java.io.Serializable;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * One thread's training steps on made-up sequences, timed: weights laid out, forward, softmax cross-entropy, backward, all
 * gradients. Or forward passes alone, as predictions are made: the weights are laid out once, and few tokens tabled.
 */
final class KernelBench {

    private static final double WARM_UP_SECONDS = 3;
    private static final int WARM_UP_STEPS = 20;
    private static final long SEED = 1;

    /**
     * What is timed.
     *
     * @param width I, of dense inputs, or of the embedding where there is a vocabulary
     * @param vocabulary V; 0 for dense inputs
     * @param categories of which embeddings are a part of dense inputs
     * @param statics S, numbers of the whole sequence
     * @param ragged whether lengths are spread evenly from T/8 to T
     * @param everyStep whether the softmax is at every step; otherwise at the last one
     */
    record Shape(
            String cell,
            int width,
            int hidden,
            int layers,
            boolean bidirectional,
            int classes,
            int vocabulary,
            List<Category> categories,
            int statics,
            int batch,
            int steps,
            boolean ragged,
            boolean everyStep)
            implements Serializable {

        private boolean isMixed() {
            return !categories.isEmpty() || statics > 0;
        }

        /** The numbers of a step beside its embeddings. */
        private int numbers() {
            return width - categories.stream().mapToInt(Category::embeddingSize).sum();
        }

        NetworkSpec network() {
            NetworkSpec.Input input = isMixed()
                    ? new NetworkSpec.Mixed(numbers(), false, categories, statics, List.of())
                    : vocabulary > 0 ? new NetworkSpec.Tokens(vocabulary, width) : new NetworkSpec.Dense(width);
            HeadSpec head = new HeadSpec(classes, everyStep);
            return new NetworkSpec(input, cell, "tanh", hidden, layers, bidirectional, head);
        }

        /** Floating-point operations of a step of an update, whose sequences have so many together. */
        double flops(int realSteps) {
            return new NetworkCost(network()).flops(batch, realSteps) / realSteps;
        }

        /** The same with other steps. */
        Shape withSteps(int other) {
            return new Shape(
                    cell,
                    width,
                    hidden,
                    layers,
                    bidirectional,
                    classes,
                    vocabulary,
                    categories,
                    statics,
                    batch,
                    other,
                    ragged,
                    everyStep);
        }

        /** That many sequences of this shape, the same ones each time. */
        List<Sequence> sequences(int count) {
            CounterRandom random = new CounterRandom(SEED, 1);
            List<Sequence> sequences = new ArrayList<>();
            for (int b = 0; b < count; b++) {
                int least = Math.max(1, steps / 8);
                int length = ragged ? steps - b * (steps + 1 - least) / count : steps;
                int[] labels = new int[everyStep ? length : 1];
                for (int t = 0; t < labels.length; t++) {
                    labels[t] = random.below(classes, (long) b * steps + t);
                }
                sequences.add(Sequence.of(steps(length, new CounterRandom(SEED, 2, b)), labels, 1f));
            }
            return sequences;
        }

        private Steps steps(int length, CounterRandom random) {
            if (vocabulary > 0) {
                return new Steps.Tokens(ids(vocabulary, length, random, 0));
            }
            int[][] ids = new int[categories.size()][];
            for (int k = 0; k < ids.length; k++) {
                ids[k] = ids(categories.get(k).vocabulary(), length, random, k + 1L);
            }
            float[] values = normal(length * numbers(), random);
            return isMixed()
                    ? new Steps.Mixed(values, numbers(), ids, normal(statics, random), new int[0])
                    : new Steps.Dense(values, width);
        }

        private static int[] ids(int bound, int count, CounterRandom random, long column) {
            int[] ids = new int[count];
            for (int i = 0; i < count; i++) {
                ids[i] = random.below(bound, (column << 32) + i);
            }
            return ids;
        }

        private static float[] normal(int count, CounterRandom random) {
            float[] numbers = new float[count];
            for (int i = 0; i < count; i++) {
                numbers[i] = (float) random.normal(i);
            }
            return numbers;
        }
    }

    /**
     * What came out.
     *
     * @param steps real steps of one batch
     * @param medianNanos of one batch
     * @param bestNanos of one batch
     * @param bytesPerBatch allocated by this thread
     * @param workspaceBytes of the memory that is used again for each batch
     */
    record Timing(
            int steps, double medianNanos, double bestNanos, double bytesPerBatch, long workspaceBytes, double loss) {}

    private final Network network;
    private final List<SequenceBatch> batches = new ArrayList<>(); // of at most as many sequences as a part has
    private final int steps;
    private final float[] theta;
    private final float[] gradient;
    private final List<PartialSum> sums;
    private final Weights weights;
    private final Workspace workspace;
    private final Unrolling unrolling;
    private final LossSpec lossSpec = new LossSpec(LossReduction.STEP);
    private final boolean forward;

    /** Of training steps. */
    KernelBench(Shape shape, long memory) {
        this(shape, memory, false);
    }

    /**
     * @param memory as the bptt-memory of training
     * @param forward whether to time forward passes alone
     */
    KernelBench(Shape shape, long memory, boolean forward) {
        this.forward = forward;
        unrolling = new Unrolling(0, Truncation.NONE, memory);
        network = new Network(shape.network());
        List<Sequence> sequences = shape.sequences(shape.batch());
        for (int from = 0; from < sequences.size(); from += SequenceBatch.MAX_SEQUENCES) {
            SequenceBatch batch = new SequenceBatch();
            batch.pack(sequences.subList(from, Math.min(sequences.size(), from + SequenceBatch.MAX_SEQUENCES)));
            batches.add(batch);
        }
        steps = batches.stream().mapToInt(SequenceBatch::rows).sum();
        theta = Initializer.initialize(network.layout(), SEED);
        gradient = new float[theta.length];
        sums = List.of(new PartialSum(gradient, new LossSum()));
        weights = forward ? network.bindForward(theta) : network.newWeights();
        workspace = network.newWorkspace();
    }

    /** Runs for a warm-up and then for that many seconds, and at least 20 batches. */
    Timing run(double seconds) {
        long start = System.nanoTime();
        for (int i = 0; i < WARM_UP_STEPS || System.nanoTime() - start < WARM_UP_SECONDS * 1e9; i++) {
            step();
        }
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long[] nanos = new long[1 << 16];
        long id = Thread.currentThread().getId();
        long allocated = threads.getThreadAllocatedBytes(id);
        long begin = System.nanoTime();
        int count = 0;
        double loss = 0;
        while (count < nanos.length && (count < WARM_UP_STEPS || System.nanoTime() - begin < seconds * 1e9)) {
            long before = System.nanoTime();
            loss = step();
            nanos[count++] = System.nanoTime() - before;
        }
        double bytes = (double) (threads.getThreadAllocatedBytes(id) - allocated) / count;
        Arrays.sort(nanos, 0, count);
        return new Timing(steps, nanos[count / 2], nanos[0], bytes, workspace.bytes(), loss);
    }

    /** The loss of a training step; NaN of a forward pass. */
    double step() {
        if (forward) {
            for (int i = 0; i < batches.size(); i++) {
                network.forward(weights, batches.get(i), workspace);
                network.probabilities(weights, batches.get(i), workspace);
            }
            return Double.NaN;
        }
        Arrays.fill(gradient, 0f);
        network.bind(theta, weights);
        for (int i = 0; i < batches.size(); i++) {
            network.accumulate(weights, batches.get(i), lossSpec, null, unrolling, Draws.NONE, workspace, sums, null);
        }
        return sums.get(0).loss().meanLoss(); // over all batches so far, which are the same
    }
}
