package dev.unroll.math;

/**
 * sigmoid, tanh and softmax of arrays, by the polynomials of {@link ScalarFunctions}: the same bits on every machine
 * and JDK. NaN gives NaN, infinities give limits.
 */
public final class Activations {

    /**
     * The fixed number of virtual lanes of a sum across an array: lane l adds elements l, l + 16, ... in ascending
     * order.
     */
    public static final int VIRTUAL_LANES = ElementwiseLanes.VIRTUAL_LANES;

    private Activations() {}

    /** y = sigmoid(x) for {@code count} elements; x and y may be the same place. */
    public static void sigmoid(float[] x, int xOffset, float[] y, int yOffset, int count) {
        Lanes.ELEMENTWISE.sigmoid(x, xOffset, y, yOffset, count);
    }

    /** y = tanh(x) for {@code count} elements; x and y may be the same place. */
    public static void tanh(float[] x, int xOffset, float[] y, int yOffset, int count) {
        Lanes.ELEMENTWISE.tanh(x, xOffset, y, yOffset, count);
    }

    /**
     * The greatest of {@code count} elements; NaN if one of them is NaN.
     *
     * @param lanes memory for {@value #VIRTUAL_LANES} numbers
     */
    public static float max(float[] x, int offset, int count, float[] lanes) {
        return Lanes.ELEMENTWISE.max(x, offset, count, lanes);
    }

    /**
     * Turns {@code count} logits into probabilities, in place. The maximum is subtracted first, so that no exponential
     * overflows.
     *
     * @param max the greatest logit
     * @param lanes memory for {@value #VIRTUAL_LANES} numbers
     * @return the logarithm of the sum of e^logit, in double, so that the cross-entropy of class y is this minus logit
     *     y
     */
    public static double softmax(float[] x, int offset, int count, float max, float[] lanes) {
        Lanes.ELEMENTWISE.exp(x, offset, count, max);
        Lanes.ELEMENTWISE.laneSums(x, offset, count, lanes);
        float sum = fold(lanes, 0, VIRTUAL_LANES);
        float inverse = 1f / sum;
        for (int j = offset; j < offset + count; j++) {
            x[j] *= inverse;
        }
        return max + StrictMath.log(sum);
    }

    /** The sum of the virtual lanes: neighbours are added as a binary tree. */
    static float fold(float[] lanes, int from, int count) {
        int half = count / 2;
        return count == 1 ? lanes[from] : fold(lanes, from, half) + fold(lanes, from + half, half);
    }
}
