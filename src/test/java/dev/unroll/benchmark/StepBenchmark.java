package dev.unroll.benchmark;

import dev.unroll.data.Sequence;
import dev.unroll.data.SequenceBatch;
import dev.unroll.nn.HeadSpec;
import dev.unroll.nn.LossReduction;
import dev.unroll.nn.LossSpec;
import dev.unroll.nn.LossSum;
import dev.unroll.nn.Network;
import dev.unroll.nn.NetworkSpec;
import dev.unroll.nn.Weights;
import dev.unroll.nn.Workspace;
import dev.unroll.param.Initializer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** A whole training step, and its parts: a batch of sequences of 64 steps, inputs 128, hidden 256, softmax over 64 classes at every step. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
public class StepBenchmark {

    private static final int STEPS = 64;
    private static final int INPUTS = 128;
    private static final int CLASSES = 64;

    @Param({"lstm", "gru", "elman"})
    public String cell;

    /** Narrow batches are where strong scaling ends. */
    @Param({"1", "4", "8", "32"})
    public int sequences;

    private final SequenceBatch batch = new SequenceBatch();
    private final LossSpec lossSpec = new LossSpec(LossReduction.STEP);
    private Network network;
    private float[] theta;
    private float[] gradient;
    private Weights weights;
    private Workspace workspace;

    @Setup
    public void prepare() {
        network = new Network(
                new NetworkSpec(new NetworkSpec.Dense(INPUTS), cell, "tanh", 256, new HeadSpec(CLASSES, true)));
        Random random = new Random(1);
        List<Sequence> drawn = new ArrayList<>();
        for (int s = 0; s < sequences; s++) {
            int[] labels = random.ints(STEPS, 0, CLASSES).toArray();
            drawn.add(Sequence.ofValues(ProductBenchmark.random(STEPS * INPUTS, random), INPUTS, labels, 1f));
        }
        batch.pack(drawn);
        theta = Initializer.initialize(network.layout(), 1);
        gradient = new float[theta.length];
        weights = network.bind(theta);
        workspace = network.newWorkspace();
    }

    /** Lays the weights out for the products: once an iteration. */
    @Benchmark
    public Weights bind() {
        return network.bind(theta, weights);
    }

    @Benchmark
    public Workspace forward() {
        network.forward(weights, batch, workspace);
        return workspace;
    }

    /** Forward, loss, backward, all gradients. */
    @Benchmark
    public LossSum accumulate() {
        LossSum loss = new LossSum();
        network.accumulate(weights, batch, lossSpec, workspace, gradient, loss);
        return loss;
    }
}
