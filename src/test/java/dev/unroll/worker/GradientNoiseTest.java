package dev.unroll.worker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unroll.nn.LossSum;
import java.nio.ByteBuffer;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** The noise of a gradient whose mean and covariance are known. */
class GradientNoiseTest {

    private static final int PARAMETERS = 20;
    private static final double MEAN = 0.3; // of every parameter
    private static final double DEVIATION = 2; // of one sequence's gradient, of every parameter

    /** Shards of different sizes; each is a sum over sequences of weight 1. */
    private static GradientSum batch(Random random, int... sizes) {
        GradientSum sum = null;
        for (int size : sizes) {
            GradientSum shard = new GradientSum(PARAMETERS);
            for (int s = 0; s < size; s++) {
                for (int i = 0; i < PARAMETERS; i++) {
                    shard.gradient()[i] += (float) (MEAN + DEVIATION * random.nextGaussian());
                }
            }
            shard.loss().merge(new LossSum(0, size, size, size, size, 0));
            shard.noteShard();
            if (sum == null) {
                sum = shard;
            } else {
                sum.merge(shard);
            }
        }
        return sum;
    }

    @Test
    void estimates_areUnbiased() {
        long seed = 4;
        Random random = new Random(seed);
        double trace = 0;
        double square = 0;
        int batches = 4000;
        for (int b = 0; b < batches; b++) {
            GradientNoise noise = batch(random, 8, 4, 8, 2).noise();
            trace += noise.trace() / batches;
            square += noise.square() / batches;
        }
        assertEquals(PARAMETERS * DEVIATION * DEVIATION, trace, 1.5, "seed " + seed);
        assertEquals(PARAMETERS * MEAN * MEAN, square, 0.15, "seed " + seed);
    }

    @Test
    void oneShard_saysNothing() {
        assertNull(batch(new Random(1), 8).noise());
        assertNull(new GradientSum(PARAMETERS).noise());
    }

    @Test
    void noise_travelsWithTheSum() {
        GradientSum sum = batch(new Random(2), 3, 5);
        ByteBuffer bytes = ByteBuffer.allocate(sum.byteCount());
        sum.write(bytes);
        assertEquals(
                sum.noise(), GradientSum.read(bytes.flip(), Integer.MAX_VALUE).noise());
    }

    /** A gradient that cannot be told from 0 is all noise. */
    @Test
    void scale_ofNoSignal_isInfinite() {
        assertTrue(Double.isInfinite(new GradientNoise(3, -0.1).scale()));
        assertEquals(0, new GradientNoise(-1, 2).scale());
        assertEquals(1.5, new GradientNoise(3, 2).scale());
    }
}
