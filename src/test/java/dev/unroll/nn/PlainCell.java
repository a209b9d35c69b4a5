package dev.unroll.nn;

import dev.unroll.math.Activations;

/**
 * The cells of {@link PlainNetwork}, unit by unit: what lies between its products. Gates are in PyTorch's order.
 *
 * @param relu of an Elman cell
 * @param hidden H
 */
record PlainCell(String name, boolean relu, int hidden) {

    /** One step of one sequence in one layer: everything that was computed there. */
    static final class Step {
        int token;
        float[] x; // (I), or null for one-hot
        float[] hBefore;
        float[] cBefore;
        float[] a; // pre-activations, then gates
        float[] recurrentN; // GRU: W_hn h + b_hn, which r multiplies
        float[] h;
        float[] c;
        float[] dA; // gradient of W_ih x + b_ih
        float[] dRecurrent; // gradient of W_hh h + b_hh
        float[] dH;
        float[] dC;
        float[] state; // what the next step and whatever is above read: h, or what it is projected to
        float[] dState; // its gradient

        private Step(int gates, int hidden) {
            hBefore = new float[hidden];
            cBefore = new float[hidden];
            a = new float[gates * hidden];
            recurrentN = new float[hidden];
            h = new float[hidden];
            c = new float[hidden];
            dA = new float[gates * hidden];
            dRecurrent = new float[gates * hidden];
            dH = new float[hidden];
            dC = new float[hidden];
            state = h;
            dState = dH;
        }
    }

    int gates() {
        return switch (name) {
            case "lstm" -> 4;
            case "gru" -> 3;
            case "mingru" -> 2;
            default -> 1;
        };
    }

    /** Whether there is a W_hh. */
    boolean recurrent() {
        return !name.equals("mingru");
    }

    /** The j-th gate row that gradients run over: GRU's n gate comes first, then r and z. */
    int inOrder(int j) {
        return name.equals("gru") ? (j + 2 * hidden) % (3 * hidden) : j;
    }

    Step newStep() {
        return new Step(gates(), hidden);
    }

    /** From the pre-activations of unit k to its gates and states. */
    void forward(Step s, int k) {
        switch (name) {
            case "elman" -> s.h[k] = relu ? (s.a[k] > 0 ? s.a[k] : 0) : tanh(s.a[k]);
            case "lstm" -> {
                s.a[k] = sigmoid(s.a[k]);
                float i = s.a[k];
                s.a[hidden + k] = sigmoid(s.a[hidden + k]);
                float f = s.a[hidden + k];
                s.a[2 * hidden + k] = tanh(s.a[2 * hidden + k]);
                float g = s.a[2 * hidden + k];
                s.a[3 * hidden + k] = sigmoid(s.a[3 * hidden + k]);
                float o = s.a[3 * hidden + k];
                s.c[k] = Math.fma(f, s.cBefore[k], i * g);
                s.h[k] = o * tanh(s.c[k]);
            }
            case "mingru" -> {
                s.a[k] = sigmoid(s.a[k]);
                s.h[k] = Math.fma(s.a[k], s.a[hidden + k] - s.hBefore[k], s.hBefore[k]);
            }
            default -> {
                s.a[k] = sigmoid(s.a[k]);
                float r = s.a[k];
                s.a[hidden + k] = sigmoid(s.a[hidden + k]);
                float z = s.a[hidden + k];
                s.a[2 * hidden + k] = tanh(Math.fma(r, s.recurrentN[k], s.a[2 * hidden + k]));
                float n = s.a[2 * hidden + k];
                s.h[k] = Math.fma(z, s.hBefore[k] - n, n);
            }
        }
    }

    /** From dL/dh and dL/dc of unit k to the gradients of its pre-activations. */
    void backward(Step s, int k) {
        float dH = s.dH[k];
        switch (name) {
            case "elman" -> {
                float slope = relu ? (s.h[k] > 0 ? 1 : 0) : Math.fma(-s.h[k], s.h[k], 1);
                s.dA[k] = s.dRecurrent[k] = slope * dH;
            }
            case "lstm" -> {
                float i = s.a[k];
                float f = s.a[hidden + k];
                float g = s.a[2 * hidden + k];
                float o = s.a[3 * hidden + k];
                float tanhC = tanh(s.c[k]);
                s.dC[k] = Math.fma(dH * o, Math.fma(-tanhC, tanhC, 1), s.dC[k]);
                float dC = s.dC[k];
                s.dA[k] = dC * g * (i * (1 - i));
                s.dA[hidden + k] = dC * s.cBefore[k] * (f * (1 - f));
                s.dA[2 * hidden + k] = dC * i * Math.fma(-g, g, 1);
                s.dA[3 * hidden + k] = dH * tanhC * (o * (1 - o));
                s.dRecurrent = s.dA;
            }
            case "mingru" -> {
                float z = s.a[k];
                s.dA[k] = dH * (s.a[hidden + k] - s.hBefore[k]) * (z * (1 - z));
                s.dA[hidden + k] = dH * z;
            }
            default -> {
                float r = s.a[k];
                float z = s.a[hidden + k];
                float n = s.a[2 * hidden + k];
                float dN = dH * (1 - z) * Math.fma(-n, n, 1);
                s.dA[k] = s.dRecurrent[k] = dN * s.recurrentN[k] * (r * (1 - r));
                s.dA[hidden + k] = s.dRecurrent[hidden + k] = dH * (s.hBefore[k] - n) * (z * (1 - z));
                s.dA[2 * hidden + k] = dN;
                s.dRecurrent[2 * hidden + k] = dN * r;
            }
        }
    }

    private static float sigmoid(float x) {
        float[] y = new float[1];
        Activations.sigmoid(new float[] {x}, 0, y, 0, 1);
        return y[0];
    }

    private static float tanh(float x) {
        float[] y = new float[1];
        Activations.tanh(new float[] {x}, 0, y, 0, 1);
        return y[0];
    }
}
