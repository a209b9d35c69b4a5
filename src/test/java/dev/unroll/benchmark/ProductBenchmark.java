package dev.unroll.benchmark;

import dev.unroll.math.Gemm;
import dev.unroll.math.Panels;
import dev.unroll.math.Transposition;
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

/** The products of one LSTM 128/256 over a batch of 32: (m, k) times (k, n), both sides laid out as the kernel has them. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
public class ProductBenchmark {

    /** m, k, n: a gate of a recurrent step, of 4 rows and of 1 row; the input product of 64 rows; a row block of a sum over rows. */
    @Param({"32,256,256", "4,256,256", "1,256,256", "64,128,256", "256,256,256", "31,100,70"})
    public String shape;

    private int m;
    private int k;
    private int n;
    private float[] a;
    private float[] b;
    private float[] c;
    private int[] rows;
    private float[] turned;
    private final Panels panels = new Panels();

    @Setup
    public void fill() {
        String[] sizes = shape.split(",");
        m = Integer.parseInt(sizes[0]);
        k = Integer.parseInt(sizes[1]);
        n = Integer.parseInt(sizes[2]);
        Random random = new Random(1);
        a = random(m * k, random);
        b = random(k * n, random);
        c = new float[m * n + 16];
        rows = new int[m];
        for (int i = 0; i < m; i++) {
            rows[i] = i;
        }
        turned = new float[m * k];
        panels.pack(k, n, b, 0, n);
    }

    static float[] random(int count, Random random) {
        float[] x = new float[count];
        for (int i = 0; i < count; i++) {
            x[i] = random.nextFloat() - 0.5f;
        }
        return x;
    }

    /** 2 m k n floating-point operations. */
    @Benchmark
    public float[] multiply() {
        Gemm.multiply(m, a, 0, k, panels, c, 0, n);
        return c;
    }

    /** k n floats. */
    @Benchmark
    public Panels pack() {
        return panels.pack(k, n, b, 0, n);
    }

    /** m k floats. */
    @Benchmark
    public float[] transposeRows() {
        Transposition.copyRows(rows, 0, m, k, a, 0, k, turned, m);
        return turned;
    }
}
