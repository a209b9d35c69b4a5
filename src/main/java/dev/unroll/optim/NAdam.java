package dev.unroll.optim;

import java.util.Map;

/**
 * NAdam, {@link Adam} with Nesterov's look-ahead (Dozat 2016, <i>Incorporating Nesterov Momentum into Adam</i>,
 * algorithm 2), with PyTorch's constants and its schedule of the momentum, mu:
 *
 * <pre>
 *   mu_k = beta1 (1 - 0.96^(0.004 k) / 2)          P_k = mu_1 mu_2 ... mu_k          k = iteration
 *   m = m + (1 - beta1) (g - m)                    v = beta2 v + ((1 - beta2) g) g
 *   update = (g (1 - mu_k) / (1 - P_k) + m mu_{k+1} / (1 - P_{k+1})) / (sqrt(v) / sqrt(1 - beta2^k) + epsilon)
 * </pre>
 *
 * The factors of g and m are computed in double and rounded to float once.
 */
final class NAdam implements GradientTransform {

    static final String CONSTANTS = Adam.CONSTANTS + ", momentum decay 0.004";

    private static final double DECAY = 0.004;

    /** A product below this one changes no bit of what 1 minus it is. */
    private static final double NO_PRODUCT = 0x1p-60;

    private final float[] mean; // m
    private final float[] square; // v

    private float gradientScale; // of the iteration that has begun
    private float meanScale;
    private float rootScale;

    NAdam(int size) {
        mean = new float[size];
        square = new float[size];
    }

    @Override
    public void begin(long iteration) {
        double product = product(iteration);
        double next = momentum(iteration + 1);
        gradientScale = (float) ((1 - momentum(iteration)) / (1 - product));
        meanScale = (float) (next / (1 - product * next));
        rootScale = Adam.rootScale(iteration);
    }

    private static double momentum(long iteration) {
        return Adam.BETA1 * (1 - 0.5 * StrictMath.pow(0.96, DECAY * (double) iteration));
    }

    /** From the iteration alone, as Adam's corrections are: some 60 factors, and all others change no bit. */
    private static double product(long iteration) {
        double product = 1;
        for (long k = 1; k <= iteration && product > NO_PRODUCT; k++) {
            product *= momentum(k);
        }
        return product;
    }

    @Override
    public void apply(float[] gradient, float[] theta, long iteration, int from, int to) {
        float byGradient = gradientScale;
        float byMean = meanScale;
        float byRoot = rootScale;
        for (int i = from; i < to; i++) {
            float g = gradient[i];
            float m = mean[i] + Adam.BETA1_REST * (g - mean[i]);
            float v = Adam.BETA2_FLOAT * square[i] + (Adam.BETA2_REST * g) * g;
            mean[i] = m;
            square[i] = v;
            gradient[i] = (g * byGradient + m * byMean) / ((float) Math.sqrt(v) / byRoot + Adam.EPSILON);
        }
    }

    @Override
    public Map<String, float[]> state() {
        return Map.of("nadam.exp_avg", mean, "nadam.exp_avg_sq", square);
    }
}
