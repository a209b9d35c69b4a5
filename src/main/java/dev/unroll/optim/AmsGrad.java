package dev.unroll.optim;

import java.util.Map;

/**
 * AMSGrad (Reddi, Kale and Kumar 2018), {@link Adam} that divides by the largest mean square so far, with PyTorch's
 * constants and order of operations:
 *
 * <pre>
 *   m = m + (1 - beta1) (g - m)          v = beta2 v + ((1 - beta2) g) g          w = max(w, v)
 *   update = (m / (1 - beta1^k)) / (sqrt(w) / sqrt(1 - beta2^k) + epsilon)        k = iteration
 * </pre>
 *
 * The maximum is of v before its correction, as PyTorch's is; the paper corrects neither m nor v.
 */
final class AmsGrad implements GradientTransform {

    static final String CONSTANTS = Adam.CONSTANTS;

    private final float[] mean; // m
    private final float[] square; // v
    private final float[] largest; // w

    private float meanScale; // of the iteration that has begun
    private float rootScale;

    AmsGrad(int size) {
        mean = new float[size];
        square = new float[size];
        largest = new float[size];
    }

    @Override
    public void begin(long iteration) {
        meanScale = Adam.meanScale(iteration);
        rootScale = Adam.rootScale(iteration);
    }

    @Override
    public void apply(float[] gradient, float[] theta, long iteration, int from, int to) {
        float byMean = meanScale;
        float byRoot = rootScale;
        for (int i = from; i < to; i++) {
            float g = gradient[i];
            float m = mean[i] + Adam.BETA1_REST * (g - mean[i]);
            float v = Adam.BETA2_FLOAT * square[i] + (Adam.BETA2_REST * g) * g;
            float w = Math.max(largest[i], v);
            mean[i] = m;
            square[i] = v;
            largest[i] = w;
            gradient[i] = (m * byMean) / ((float) Math.sqrt(w) / byRoot + Adam.EPSILON);
        }
    }

    @Override
    public Map<String, float[]> state() {
        return Map.of("amsgrad.exp_avg", mean, "amsgrad.exp_avg_sq", square, "amsgrad.max_exp_avg_sq", largest);
    }
}
