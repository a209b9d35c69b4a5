package dev.unroll.nn;

/**
 * The projection of {@link PlainNetwork}: h = W_hr m by plain loops, one sequence and step at a time.
 *
 * @param hidden H, of m
 * @param size P, of h
 * @param weight where W_hr (P, H) begins in theta
 */
record PlainProjection(float[] theta, int hidden, int size, int weight) {

    /** Each number of h is a chain of fma from 0 over ascending units. */
    float[] forward(float[] m) {
        float[] h = new float[size];
        for (int p = 0; p < size; p++) {
            for (int k = 0; k < hidden; k++) {
                h[p] = Math.fma(m[k], theta[weight + p * hidden + k], h[p]);
            }
        }
        return h;
    }

    /** Each number of dL/dm is a chain of fma from 0 over ascending numbers of h. */
    float[] backward(float[] dH) {
        float[] dM = new float[hidden];
        for (int k = 0; k < hidden; k++) {
            for (int p = 0; p < size; p++) {
                dM[k] = Math.fma(dH[p], theta[weight + p * hidden + k], dM[k]);
            }
        }
        return dM;
    }

    /** What one place adds to dL/dW_hr. */
    void addGradient(float[] dH, float[] m, float[] gradient) {
        for (int p = 0; p < size; p++) {
            for (int k = 0; k < hidden; k++) {
                int at = weight + p * hidden + k;
                gradient[at] = Math.fma(dH[p], m[k], gradient[at]);
            }
        }
    }
}
