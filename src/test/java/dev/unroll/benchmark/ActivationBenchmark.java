package dev.unroll.benchmark;

import dev.unroll.math.Activations;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** Activations over the gate of one step, 32 x 256; time is per element. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class ActivationBenchmark {

    private static final int ELEMENTS = 32 * 256;
    private static final int CLASSES = 64;

    private final float[] x = new float[ELEMENTS];
    private final float[] y = new float[ELEMENTS];
    private final float[] lanes = new float[Activations.VIRTUAL_LANES];

    @Setup
    public void fill() {
        Random random = new Random(1);
        for (int i = 0; i < ELEMENTS; i++) {
            x[i] = 4 * random.nextFloat() - 2;
        }
    }

    @Benchmark
    @OperationsPerInvocation(ELEMENTS)
    public float[] sigmoid() {
        Activations.sigmoid(x, 0, y, 0, ELEMENTS);
        return y;
    }

    @Benchmark
    @OperationsPerInvocation(ELEMENTS)
    public float[] tanh() {
        Activations.tanh(x, 0, y, 0, ELEMENTS);
        return y;
    }

    /** Rows of 64 classes, with the copy that keeps the logits. */
    @Benchmark
    @OperationsPerInvocation(ELEMENTS)
    public double softmax() {
        System.arraycopy(x, 0, y, 0, ELEMENTS);
        double sum = 0;
        for (int at = 0; at < ELEMENTS; at += CLASSES) {
            float max = Activations.max(y, at, CLASSES, lanes);
            sum += Activations.softmax(y, at, CLASSES, max, lanes);
        }
        return sum;
    }
}
