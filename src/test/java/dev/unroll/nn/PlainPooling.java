package dev.unroll.nn;

import java.util.Arrays;

/**
 * The oracle of {@link StatePooling}'s bits, and of the last state's: of the states of one sequence what its head reads, and back, as plain
 * loops.
 *
 * @param hidden H; from there on a state is that of the reverse direction
 * @param query where the query of attention begins in theta
 */
record PlainPooling(Pooling pooling, int hidden, float[] theta, int query) {

    /** c of the states h, by step. */
    float[] forward(float[][] h) {
        float[] c = new float[h[0].length];
        float[] a = pooling == Pooling.ATTENTION ? weights(h) : null;
        for (int k = 0; k < c.length; k++) {
            switch (pooling) {
                case EVERY -> throw new IllegalStateException("states are read one by one");
                case LAST -> c[k] = h[last(h, k)][k];
                case MAX -> c[k] = h[greatest(h, k)][k];
                case ATTENTION -> {
                    for (int t = h.length - 1; t >= 0; t--) {
                        c[k] = Math.fma(a[t], h[t][k], c[k]);
                    }
                }
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
        float[] a = pooling == Pooling.ATTENTION ? weights(h) : null;
        float[] dScores = scoreGradients(h, dC);
        for (int k = 0; k < dC.length; k++) {
            switch (pooling) {
                case EVERY -> throw new IllegalStateException("states are read one by one");
                case LAST -> dH[last(h, k)][k] = dC[k];
                case MAX -> dH[greatest(h, k)][k] += dC[k];
                case ATTENTION -> {
                    for (int t = 0; t < h.length; t++) {
                        dH[t][k] = Math.fma(dScores[t], theta[query + k], a[t] * dC[k]);
                    }
                }
                case MEAN -> {
                    for (float[] ofStep : dH) {
                        ofStep[k] += dC[k] / h.length;
                    }
                }
            }
        }
        return dH;
    }

    /** By step, what the query receives of each unit's state: dL/de / sqrt(D H); null without a query. */
    float[] scoreGradients(float[][] h, float[] dC) {
        if (pooling != Pooling.ATTENTION) {
            return null;
        }
        float[] a = weights(h);
        float[] c = forward(h);
        float[] dScores = new float[h.length];
        for (int t = 0; t < h.length; t++) {
            dScores[t] = scale(dC.length) * (a[t] * (product(dC, h[t]) - product(dC, c)));
        }
        return dScores;
    }

    /** Of attention, by step. */
    private float[] weights(float[][] h) {
        float[] scores = new float[h.length];
        float[] q = Arrays.copyOfRange(theta, query, query + h[0].length);
        for (int t = 0; t < h.length; t++) {
            scores[t] = scale(q.length) * product(q, h[t]);
        }
        PlainLoss.softmax(scores);
        return scores;
    }

    private static float scale(int width) {
        return (float) (1 / Math.sqrt(width));
    }

    /** Four chains, of every fourth unit each; those that are left go to the first. */
    private static float product(float[] x, float[] y) {
        float[] chains = new float[4];
        for (int k = 0; k < x.length; k++) {
            int chain = k < x.length / 4 * 4 ? k % 4 : 0;
            chains[chain] = Math.fma(x[k], y[k], chains[chain]);
        }
        return (chains[0] + chains[1]) + (chains[2] + chains[3]);
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
