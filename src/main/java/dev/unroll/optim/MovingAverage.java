package dev.unroll.optim;

import java.util.Map;

/**
 * An exponential moving average of theta over the updates (Kingma and Ba 2015, <i>Adam</i>, section 7.2), as PyTorch's
 * {@code AveragedModel} has it with {@code get_ema_multi_avg_fn}:
 *
 * <pre>
 *   a = theta                              after the first update
 *   a = a + (1 - decay) (theta - a)        after every other
 * </pre>
 *
 * Since it starts at a theta and not at 0, nothing is corrected. Training does not see it.
 */
final class MovingAverage {

    private final float rest; // 1 - decay
    private final float[] average; // a

    /** @param decay above 0 and below 1 */
    MovingAverage(int size, double decay) {
        rest = (float) (1 - decay);
        average = new float[size];
    }

    /**
     * Adds theta as it is after an update.
     *
     * @param from the first element; blocks of one update may be added at the same time
     * @param to the element after the last
     */
    void add(float[] theta, long iteration, int from, int to) {
        if (iteration == 1) {
            System.arraycopy(theta, from, average, from, to - from);
            return;
        }
        for (int i = from; i < to; i++) {
            average[i] = average[i] + rest * (theta[i] - average[i]);
        }
    }

    /** The live array. */
    float[] average() {
        return average;
    }

    Map<String, float[]> state() {
        return Map.of("ema.theta", average);
    }
}
