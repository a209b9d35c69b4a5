package dev.unroll.nn;

/**
 * The oracle of {@link StatePooling}'s bits, and of the last state's: of the states of one sequence what its head reads, and back, as plain
 * loops.
 *
 * @param hidden H; from there on a state is that of the reverse direction
 */
record PlainPooling(Pooling pooling, int hidden) {

    /** c of the states h, by step. */
    float[] forward(float[][] h) {
        float[] c = new float[h[0].length];
        for (int k = 0; k < c.length; k++) {
            switch (pooling) {
                case LAST -> c[k] = h[last(h, k)][k];
                case MAX -> c[k] = h[greatest(h, k)][k];
                case MEAN -> {
                    for (int t = h.length - 1; t >= 0; t--) {
                        c[k] += h[t][k];
                    }
                    c[k] /= h.length;
                }
            }
        }
        return c;
    }

    /** By step, what the states receive of dL/dc. */
    float[][] backward(float[][] h, float[] dC) {
        float[][] dH = new float[h.length][dC.length];
        for (int k = 0; k < dC.length; k++) {
            switch (pooling) {
                case LAST -> dH[last(h, k)][k] = dC[k];
                case MAX -> dH[greatest(h, k)][k] += dC[k];
                case MEAN -> {
                    for (float[] ofStep : dH) {
                        ofStep[k] += dC[k] / h.length;
                    }
                }
            }
        }
        return dH;
    }

    /** The last step in the direction of unit k. */
    private int last(float[][] h, int k) {
        return k < hidden ? h.length - 1 : 0;
    }

    /** The first step at which unit k is greatest. */
    private static int greatest(float[][] h, int k) {
        int step = 0;
        for (int t = 1; t < h.length; t++) {
            step = h[t][k] > h[step][k] ? t : step;
        }
        return step;
    }
}
