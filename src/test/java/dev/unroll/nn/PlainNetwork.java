package dev.unroll.nn;

import dev.unroll.data.Sequence;
import dev.unroll.math.Activations;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/**
 * The oracle of bits: the whole network for one packed batch as plain loops over sequences, steps and numbers. Nothing is packed,
 * tiled, transposed or reused; only the polynomials of {@link Activations} are the kernel's own. Indices: j gate rows in PyTorch's
 * order, i inputs, k units, c outputs.
 *
 * <p>What it shows of the order of additions: every product is a chain of fma; every sum over places runs from the last step down to
 * the first and, within a step, over sequences by (length descending, order).
 */
public final class PlainNetwork {

    /** One step of one sequence: everything that was computed there. */
    private final class Step {
        int token;
        float[] x; // (I), or null for one-hot
        float[] hBefore = new float[hidden];
        float[] cBefore = new float[hidden];
        float[] a = new float[gates * hidden]; // pre-activations, then gates
        float[] recurrentN = new float[hidden]; // GRU: W_hn h + b_hn, which r multiplies
        float[] h = new float[hidden];
        float[] c = new float[hidden];
        float[] dA = new float[gates * hidden]; // gradient of W_ih x + b_ih
        float[] dRecurrent = new float[gates * hidden]; // gradient of W_hh h + b_hh
        float[] dH = new float[hidden];
        float[] dC = new float[hidden];
        float[] dO; // (C), where there is a loss term
    }

    private record Run(Sequence sequence, List<Step> steps) {
        boolean isLast(int t) {
            return t == steps.size() - 1;
        }
    }

    private final String cell;
    private final boolean relu;
    private final int hidden;
    private final int gates;
    private final int inputs;
    private final int outputs;
    private final boolean everyStep;
    private final boolean squaredError;
    private final boolean embedded;
    private final float[] theta;
    private final int weightIh; // offsets in theta, behind the embedding
    private final int weightHh;
    private final int biasIh;
    private final int biasHh;
    private final int weightHead;
    private final int biasHead;

    double lossSum;
    private double weightSum;
    long correct;
    long terms;

    public PlainNetwork(NetworkSpec spec, float[] theta) {
        this.theta = theta;
        cell = spec.cell();
        relu = spec.activation().equals("relu");
        hidden = spec.hiddenSize();
        gates = cell.equals("lstm") ? 4 : cell.equals("gru") ? 3 : 1;
        inputs = spec.input().size();
        outputs = spec.head().outputs();
        everyStep = spec.head().everyStep();
        squaredError = spec.head().loss() == NetworkSpec.Loss.SQUARED_ERROR;
        embedded = spec.input() instanceof NetworkSpec.Tokens tokens && tokens.embeddingSize() > 0;
        weightIh = embedded ? ((NetworkSpec.Tokens) spec.input()).vocabulary() * inputs : 0;
        weightHh = weightIh + gates * hidden * inputs;
        biasIh = weightHh + gates * hidden * hidden;
        biasHh = biasIh + gates * hidden;
        weightHead = biasHh + gates * hidden;
        biasHead = weightHead + outputs * hidden;
    }

    /** Adds the gradient of one packed batch, given in the order of the epoch. */
    public void accumulate(List<Sequence> batch, LossReduction reduction, float[] gradient) {
        List<Sequence> order = new ArrayList<>(batch);
        order.sort(Comparator.comparing(s -> -s.length())); // stable
        List<Run> runs = new ArrayList<>();
        for (Sequence s : order) {
            int count = everyStep ? s.length() : 1;
            weightSum += reduction == LossReduction.STEP ? (double) s.weight() * count : s.weight();
            runs.add(forward(s));
        }
        int longest = order.get(0).length();
        for (int t = longest - 1; t >= 0; t--) {
            for (Run run : runs) {
                if (t < run.steps.size() && (everyStep || run.isLast(t))) {
                    loss(run, t, reduction);
                }
            }
        }
        runs.forEach(this::backward);
        for (int t = longest - 1; t >= 0; t--) {
            for (Run run : runs) {
                if (t < run.steps.size()) {
                    addGradients(run.steps.get(t), t == 0, gradient);
                }
            }
        }
    }

    public double weightSum() {
        return weightSum;
    }

    private Run forward(Sequence s) {
        Run run = new Run(s, new ArrayList<>());
        for (int t = 0; t < s.length(); t++) {
            Step step = new Step();
            if (t > 0) {
                step.hBefore = run.steps.get(t - 1).h;
                step.cBefore = run.steps.get(t - 1).c;
            }
            readInput(s, t, step);
            for (int j = 0; j < gates * hidden; j++) {
                boolean apart = cell.equals("gru") && j >= 2 * hidden; // the n gate's recurrent part
                float a = apart ? theta[biasIh + j] : theta[biasIh + j] + theta[biasHh + j];
                if (step.x == null) {
                    a += theta[weightIh + j * inputs + step.token];
                } else {
                    for (int i = 0; i < inputs; i++) {
                        a = Math.fma(step.x[i], theta[weightIh + j * inputs + i], a);
                    }
                }
                float chain = apart ? theta[biasHh + j] : a;
                for (int k = 0; t > 0 && k < hidden; k++) {
                    chain = Math.fma(step.hBefore[k], theta[weightHh + j * hidden + k], chain);
                }
                step.a[j] = apart ? a : chain;
                if (apart) {
                    step.recurrentN[j - 2 * hidden] = chain;
                }
            }
            for (int k = 0; k < hidden; k++) {
                cellForward(step, k);
            }
            run.steps.add(step);
        }
        return run;
    }

    private void readInput(Sequence s, int t, Step step) {
        if (!s.hasTokens()) {
            step.x = Arrays.copyOfRange(s.values(), t * inputs, (t + 1) * inputs);
            return;
        }
        step.token = s.tokens()[t];
        if (embedded) {
            int row = step.token * inputs;
            step.x = Arrays.copyOfRange(theta, row, row + inputs);
        }
    }

    private void cellForward(Step s, int k) {
        switch (cell) {
            case "elman" -> s.h[k] = relu ? (s.a[k] > 0 ? s.a[k] : 0) : tanh(s.a[k]);
            case "lstm" -> {
                float i = s.a[k] = sigmoid(s.a[k]);
                float f = s.a[hidden + k] = sigmoid(s.a[hidden + k]);
                float g = s.a[2 * hidden + k] = tanh(s.a[2 * hidden + k]);
                float o = s.a[3 * hidden + k] = sigmoid(s.a[3 * hidden + k]);
                s.c[k] = Math.fma(f, s.cBefore[k], i * g);
                s.h[k] = o * tanh(s.c[k]);
            }
            default -> {
                float r = s.a[k] = sigmoid(s.a[k]);
                float z = s.a[hidden + k] = sigmoid(s.a[hidden + k]);
                float n = s.a[2 * hidden + k] = tanh(Math.fma(r, s.recurrentN[k], s.a[2 * hidden + k]));
                s.h[k] = Math.fma(z, s.hBefore[k] - n, n);
            }
        }
    }

    private void loss(Run run, int t, LossReduction reduction) {
        Step step = run.steps.get(t);
        int term = everyStep ? t : 0;
        int count = everyStep ? run.steps.size() : 1;
        double scale = reduction == LossReduction.STEP ? run.sequence.weight() : (double) run.sequence.weight() / count;
        float[] o = new float[outputs];
        for (int c = 0; c < outputs; c++) {
            o[c] = theta[biasHead + c];
            for (int k = 0; k < hidden; k++) {
                o[c] = Math.fma(step.h[k], theta[weightHead + c * hidden + k], o[c]);
            }
        }
        lossSum += scale * (squaredError ? squaredError(o, run.sequence, term) : crossEntropy(o, run.sequence, term));
        terms++;
        for (int c = 0; c < outputs; c++) {
            o[c] *= (float) scale;
        }
        step.dO = o;
    }

    /** l = log sum_c e^{o_c} - o_y; turns o into l'. */
    private double crossEntropy(float[] o, Sequence sequence, int term) {
        int label = sequence.labels()[term];
        int best = 0;
        for (int c = 1; c < outputs; c++) {
            best = o[c] > o[best] ? c : best;
        }
        correct += best == label ? 1 : 0;
        float logit = o[label];
        double logSum = Activations.softmax(o, 0, outputs, max(o), new float[Activations.VIRTUAL_LANES]);
        o[label] -= 1;
        return logSum - logit;
    }

    /** l = mean_c (o_c - y_c)^2: differences in float, squares and their sum in double; turns o into l'. */
    private double squaredError(float[] o, Sequence sequence, int term) {
        double sum = 0;
        for (int c = 0; c < outputs; c++) {
            float difference = o[c] - sequence.targets()[term * outputs + c];
            sum += (double) difference * difference;
            o[c] = 2f / outputs * difference;
        }
        return sum / outputs;
    }

    /** Equations (3) and (4): the head's term first, then what flows point-wise, then W_hh' da. */
    private void backward(Run run) {
        for (int t = run.steps.size() - 1; t >= 0; t--) {
            Step step = run.steps.get(t);
            Step next = run.isLast(t) ? null : run.steps.get(t + 1);
            for (int k = 0; k < hidden; k++) {
                float dH = 0;
                for (int c = 0; step.dO != null && c < outputs; c++) {
                    dH = Math.fma(step.dO[c], theta[weightHead + c * hidden + k], dH);
                }
                if (next != null && cell.equals("gru")) {
                    dH = Math.fma(next.dH[k], next.a[hidden + k], dH);
                }
                for (int j = 0; next != null && j < gates * hidden; j++) {
                    dH = Math.fma(next.dRecurrent[j], theta[weightHh + j * hidden + k], dH);
                }
                step.dH[k] = dH;
                step.dC[k] = next == null || !cell.equals("lstm") ? 0 : 0 + next.dC[k] * next.a[hidden + k];
            }
            for (int k = 0; k < hidden; k++) {
                cellBackward(step, k);
            }
        }
    }

    private void cellBackward(Step s, int k) {
        float dH = s.dH[k];
        switch (cell) {
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
                float dC = s.dC[k] = Math.fma(dH * o, Math.fma(-tanhC, tanhC, 1), s.dC[k]);
                s.dA[k] = dC * g * (i * (1 - i));
                s.dA[hidden + k] = dC * s.cBefore[k] * (f * (1 - f));
                s.dA[2 * hidden + k] = dC * i * Math.fma(-g, g, 1);
                s.dA[3 * hidden + k] = dH * tanhC * (o * (1 - o));
                s.dRecurrent = s.dA;
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

    /** Equations (2) and (5): what one place adds to each parameter's sum. The first step has no state before it. */
    private void addGradients(Step s, boolean first, float[] gradient) {
        for (int c = 0; s.dO != null && c < outputs; c++) {
            for (int k = 0; k < hidden; k++) {
                int at = weightHead + c * hidden + k;
                gradient[at] = Math.fma(s.dO[c], s.h[k], gradient[at]);
            }
            gradient[biasHead + c] += s.dO[c];
        }
        for (int j = 0; j < gates * hidden; j++) {
            for (int k = 0; !first && k < hidden; k++) {
                int at = weightHh + j * hidden + k;
                gradient[at] = Math.fma(s.dRecurrent[j], s.hBefore[k], gradient[at]);
            }
            gradient[biasIh + j] += s.dA[j];
            gradient[biasHh + j] += s.dRecurrent[j];
            if (s.x == null) {
                gradient[weightIh + j * inputs + s.token] += s.dA[j];
            }
            for (int i = 0; s.x != null && i < inputs; i++) {
                int at = weightIh + j * inputs + i;
                gradient[at] = Math.fma(s.dA[j], s.x[i], gradient[at]);
            }
        }
        for (int i = 0; embedded && i < inputs; i++) {
            float dX = 0;
            for (int j = 0; j < gates * hidden; j++) {
                // GRU: the n gate's rows come first, then r and z.
                int row = cell.equals("gru") ? (j + 2 * hidden) % (3 * hidden) : j;
                dX = Math.fma(s.dA[row], theta[weightIh + row * inputs + i], dX);
            }
            gradient[s.token * inputs + i] += dX;
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

    private static float max(float[] x) {
        float max = Float.NEGATIVE_INFINITY;
        for (float one : x) {
            max = Math.max(max, one);
        }
        return max;
    }
}
