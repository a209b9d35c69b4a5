package dev.unroll.nn;

import dev.unroll.data.Sequence;
import dev.unroll.nn.PlainCell.Step;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * The oracle of bits: the whole network for one packed batch as plain loops over sequences, layers, steps and numbers. Nothing is packed,
 * tiled, transposed or reused; only the polynomials of {@link dev.unroll.math.Activations} are the kernel's own. Indices: j gate rows in PyTorch's
 * order, i inputs, k units, c outputs.
 *
 * <p>What it shows of the order of additions: every product is a chain of fma; every sum over places runs from the layer's own last step
 * down to its first and, within a step, over sequences by (length descending, order).
 */
public final class PlainNetwork {

    /** One sequence; the steps of a layer stand in its own order, whatever else in that of the sequence. */
    private final class Run {
        final Sequence sequence;
        final long ordinal;
        final Step[][] steps; // by layer (both directions), then step
        final float[][] states; // (S + D H) what the head reads, where there is a loss term
        final float[][] dO; // (C), where there is a loss term
        float[] dScores; // (T) what the query of attention receives of each state; null without
        float[][] dAbove; // (D H) what the states of the layer at hand receive from above

        Run(Sequence sequence, long ordinal) {
            this.sequence = sequence;
            this.ordinal = ordinal;
            this.steps = new Step[layers.size()][length()];
            this.states = new float[length()][];
            this.dO = new float[length()][];
        }

        int length() {
            return sequence.length();
        }

        /** Where a layer's own step t stands in the sequence, and the other way round. */
        int place(PlainLayer layer, int t) {
            return layer.direction() == 0 ? t : length() - 1 - t;
        }

        boolean hasTerm(int t) {
            return head.everyStep() || t == length() - 1;
        }
    }

    private final String cell;
    private final PlainCell plainCell;
    private final int hidden;
    private final int width; // of a state in one direction
    private final int gates;
    private final boolean recurrent; // whether there is a W_hh
    private final int directions;
    private final HeadSpec head;
    private final PlainPooling pooling;
    private final int embeddingSize;
    private final PlainColumns columns; // of mixed inputs; otherwise null
    private final int statics; // S
    private final int headInputs; // S + D H
    private final List<PlainLayer> layers = new ArrayList<>();
    private final float[] theta;
    private final int weightHead;
    private final int biasHead;
    private final PlainCrf crf; // null without
    private final Unrolling unrolling;
    private final Draws draws;
    public double labelSmoothing; // the share of a label that all classes have alike
    private List<State>
            states; // of each sequence, in the order given: what it begins in, then what is behind it; null for zero

    double lossSum;
    private double weightSum;
    long correct;
    long terms;

    public PlainNetwork(NetworkSpec spec, float[] theta) {
        this(spec, theta, Unrolling.FULL, Draws.NONE);
    }

    PlainNetwork(NetworkSpec spec, float[] theta, Unrolling unrolling, Draws draws) {
        this.theta = theta;
        this.unrolling = unrolling;
        this.draws = draws;
        cell = spec.cell();
        hidden = spec.hiddenSize();
        width = spec.projSize() > 0 ? spec.projSize() : hidden;
        plainCell = new PlainCell(cell, spec.activation().equals("relu"), hidden);
        gates = plainCell.gates();
        recurrent = plainCell.recurrent();
        directions = spec.bidirectional() ? 2 : 1;
        head = spec.head();
        embeddingSize = spec.input() instanceof NetworkSpec.Tokens tokens ? tokens.embeddingSize() : 0;
        columns = spec.input() instanceof NetworkSpec.Mixed mixed ? new PlainColumns(mixed, theta) : null;
        statics = columns == null ? 0 : columns.input().staticSize();
        headInputs = statics + directions * width;
        int at = PlainColumns.parameters(spec.input());
        for (int level = 0; level < spec.numLayers(); level++) {
            for (int d = 0; d < directions; d++) {
                int inputs = level == 0 ? statics + spec.input().size() : directions * width;
                int weightHh = at + gates * hidden * inputs;
                int biasIh = weightHh + (recurrent ? gates * hidden * width : 0);
                int biasHh = biasIh + gates * hidden;
                int end = biasHh + (recurrent ? gates * hidden : 0);
                PlainProjection projection = width < hidden ? new PlainProjection(theta, hidden, width, end) : null;
                layers.add(new PlainLayer(level, d, inputs, at, weightHh, biasIh, biasHh, projection));
                at = end + (projection == null ? 0 : width * hidden);
            }
        }
        pooling = new PlainPooling(head.pooling(), width, theta, at);
        at += head.pooling() == Pooling.ATTENTION ? directions * width : 0;
        weightHead = head.tied() ? 0 : at;
        biasHead = head.tied() ? at : at + head.outputs() * headInputs;
        crf = head.loss() instanceof Loss.Crf ? new PlainCrf(theta, head.outputs(), biasHead + head.outputs()) : null;
    }

    /** Adds the gradient of one packed batch, given in the order of the epoch; its sequences have the ordinals 0, 1, ... */
    public void accumulate(List<Sequence> batch, LossReduction reduction, float[] gradient) {
        List<Run> runs = new ArrayList<>();
        for (int i = 0; i < batch.size(); i++) {
            runs.add(new Run(batch.get(i), i));
        }
        runs.sort(Comparator.comparing(run -> -run.length())); // stable
        for (Run run : runs) {
            float weight = run.sequence.weight();
            weightSum += reduction == LossReduction.STEP ? weight * PlainLoss.termWeights(run.sequence) : weight;
            layers.forEach(layer -> forward(run, layer));
        }
        int longest = runs.get(0).length();
        for (int t = longest - 1; t >= 0; t--) {
            for (Run run : runs) {
                if (t < run.length() && run.hasTerm(t)) {
                    loss(run, t, reduction);
                }
            }
        }
        for (int n = 0; crf != null && n < runs.size(); n++) {
            crf.accumulate(runs.get(n).dO, runs.get(n).sequence, reduction, this, gradient);
        }
        runs.forEach(this::backward);
        for (int t = longest - 1; t >= 0; t--) {
            for (Run run : runs) {
                if (t < run.length() && run.hasTerm(t)) {
                    PlainLoss.addHeadGradients(run.states[t], statics, run.dO[t], weightHead, biasHead, gradient);
                }
                for (int k = 0; t < run.length() && run.dScores != null && k < directions * width; k++) {
                    int at = pooling.query() + k;
                    gradient[at] = Math.fma(run.dScores[t], top(run)[t][k], gradient[at]);
                }
            }
        }
        for (int t = longest - 1; t >= 0; t--) {
            for (Run run : runs) {
                for (int n = 0; t < run.length() && n < layers.size(); n++) {
                    addGradients(layers.get(n), run.steps[n][t], t == 0 && states == null, gradient);
                }
            }
        }
        for (int t = longest - 1; t >= 0; t--) {
            for (Run run : runs) {
                if (columns != null && t < run.length()) {
                    columns.addGradients(run.sequence, t, run.dAbove[t], gradient);
                }
                for (int i = 0; t < run.length() && i < embeddingSize; i++) {
                    gradient[run.sequence.tokens()[t] * embeddingSize + i] += run.dAbove[t][i];
                }
            }
        }
        for (int n = 0; statics > 0 && n < runs.size(); n++) {
            addStaticGradients(runs.get(n), gradient);
        }
    }

    /** The same, with sequences that begin in the given states, each of one sequence and replaced by the one behind it. */
    public void accumulate(List<Sequence> batch, List<State> given, LossReduction reduction, float[] gradient) {
        states = given;
        accumulate(batch, reduction, gradient);
        states = null;
    }

    public double weightSum() {
        return weightSum;
    }

    private void forward(Run run, PlainLayer layer) {
        Step[] steps = run.steps[layers.indexOf(layer)];
        for (int t = 0; t < run.length(); t++) {
            Step step = plainCell.newStep();
            steps[t] = step;
            if (t > 0) {
                step.hBefore = steps[t - 1].state;
                step.cBefore = steps[t - 1].c;
            } else if (states != null) {
                State state = states.get((int) run.ordinal);
                step.hBefore = state.h()[layer.level()].clone();
                step.cBefore = Arrays.copyOf(state.c()[layer.level()], hidden);
            }
            readInput(run, layer, run.place(layer, t), step);
            for (int j = 0; j < gates * hidden; j++) {
                boolean apart = cell.equals("gru") && j >= 2 * hidden; // the n gate's recurrent part
                boolean one = apart || !recurrent;
                float a = one ? theta[layer.biasIh() + j] : theta[layer.biasIh() + j] + theta[layer.biasHh() + j];
                if (step.x == null) {
                    a += theta[layer.weightIh() + j * layer.inputs() + step.token];
                } else {
                    for (int i = 0; i < layer.inputs(); i++) {
                        a = Math.fma(step.x[i], theta[layer.weightIh() + j * layer.inputs() + i], a);
                    }
                }
                float chain = apart ? theta[layer.biasHh() + j] : a;
                for (int k = 0; recurrent && (t > 0 || states != null) && k < width; k++) {
                    chain = Math.fma(step.hBefore[k], theta[layer.weightHh() + j * width + k], chain);
                }
                step.a[j] = apart ? a : chain;
                if (apart) {
                    step.recurrentN[j - 2 * hidden] = chain;
                }
            }
            for (int k = 0; k < hidden; k++) {
                plainCell.forward(step, k);
            }
            step.state = layer.state(step.h);
        }
        if (states != null) {
            State state = states.get((int) run.ordinal);
            System.arraycopy(steps[run.length() - 1].state, 0, state.h()[layer.level()], 0, width);
            System.arraycopy(
                    steps[run.length() - 1].c, 0, state.c()[layer.level()], 0, state.c()[layer.level()].length);
        }
    }

    private void readInput(Run run, PlainLayer layer, int place, Step step) {
        Sequence s = run.sequence;
        if (layer.level() > 0) {
            step.x = joined(run, layer.level() - 1, place);
            for (int i = 0; i < step.x.length && unrolling.dropout() > 0; i++) {
                step.x[i] *= dropoutFactor(run, layer.level(), place, i);
            }
        } else if (columns != null) {
            step.x = columns.row(s, place);
        } else if (!s.hasTokens()) {
            step.x = Arrays.copyOfRange(s.values(), place * layer.inputs(), (place + 1) * layer.inputs());
        } else {
            step.token = s.tokens()[place];
            if (embeddingSize > 0) {
                step.x = Arrays.copyOfRange(theta, step.token * layer.inputs(), (step.token + 1) * layer.inputs());
            }
        }
    }

    private float dropoutFactor(Run run, int level, int place, int unit) {
        return unrolling.dropoutFactor(draws.dropout(run.ordinal, level, place).uniform(unit));
    }

    /** The states of both directions of a level, side by side. */
    private float[] joined(Run run, int level, int place) {
        float[] joined = new float[directions * width];
        for (int d = 0; d < directions; d++) {
            int n = level * directions + d;
            System.arraycopy(run.steps[n][run.place(layers.get(n), place)].state, 0, joined, d * width, width);
        }
        return joined;
    }

    /** The states of all steps of the last level. */
    private float[][] top(Run run) {
        int level = layers.size() / directions - 1;
        return IntStream.range(0, run.length())
                .mapToObj(t -> joined(run, level, t))
                .toArray(float[][]::new);
    }

    private void loss(Run run, int t, LossReduction reduction) {
        int term = head.everyStep() ? t : 0;
        float[] weights = run.sequence.termWeights();
        float weight = run.sequence.weight() * (weights == null ? 1 : weights[term]);
        double scale = PlainLoss.scale(run.sequence, weight, reduction);
        float[] h = head.everyStep() ? top(run)[t] : pooling.forward(top(run));
        float[] state = statics > 0 ? Arrays.copyOf(columns.statics(run.sequence), headInputs) : h;
        System.arraycopy(h, 0, state, statics, h.length);
        run.states[t] = state;
        float[] o = new float[head.outputs()];
        run.dO[t] = o;
        if (weight == 0 && crf == null) {
            return;
        }
        for (int c = 0; c < head.outputs(); c++) {
            o[c] = theta[biasHead + c];
            for (int k = 0; k < state.length; k++) {
                o[c] = Math.fma(state[k], theta[weightHead + c * state.length + k], o[c]);
            }
        }
        if (crf != null) {
            return; // outputs of all steps have one loss
        }
        correct += PlainLoss.isCorrect(head.loss(), o, run.sequence, term) ? 1 : 0;
        lossSum += scale * PlainLoss.of(head.loss(), o, run.sequence, term, labelSmoothing);
        terms++;
        for (int c = 0; c < head.outputs(); c++) {
            o[c] *= (float) scale;
        }
    }

    /** Equations (3) and (4), level by level from above; in the end {@code dAbove} is dL/dx of the first. */
    private void backward(Run run) {
        run.dAbove = new float[run.length()][];
        for (int t = 0; t < run.length(); t++) {
            run.dAbove[t] = new float[directions * width];
            for (int k = 0; run.dO[t] != null && k < directions * width; k++) {
                float dH = 0;
                for (int c = 0; c < head.outputs(); c++) {
                    dH = Math.fma(run.dO[t][c], theta[weightHead + c * headInputs + statics + k], dH);
                }
                run.dAbove[t][k] = dH;
            }
        }
        run.dScores = pooling.scoreGradients(top(run), run.dAbove[run.length() - 1]);
        run.dAbove = head.everyStep() ? run.dAbove : pooling.backward(top(run), run.dAbove[run.length() - 1]);
        int levels = layers.size() / directions;
        for (int level = levels - 1; level >= 0; level--) {
            for (int d = 0; d < directions; d++) {
                backward(run, layers.get(level * directions + d));
            }
            float[][] dX = new float[run.length()][];
            for (int t = 0; t < run.length() && (level > 0 || embeddingSize > 0 || columns != null); t++) {
                dX[t] = inputGradient(run, level, t);
            }
            run.dAbove = dX;
        }
    }

    /** dL/dx at one place: forward, then what reverse adds; for a layer above, times what dropout left. */
    private float[] inputGradient(Run run, int level, int place) {
        PlainLayer forward = layers.get(level * directions);
        float[] dX = new float[forward.inputs()];
        for (int i = 0; i < dX.length; i++) {
            for (int d = 0; d < directions; d++) {
                PlainLayer layer = layers.get(level * directions + d);
                Step step = run.steps[level * directions + d][run.place(layer, place)];
                float chain = 0;
                for (int j = 0; j < gates * hidden; j++) {
                    int row = plainCell.inOrder(j);
                    chain = Math.fma(step.dA[row], theta[layer.weightIh() + row * layer.inputs() + i], chain);
                }
                dX[i] = d == 0 ? chain : dX[i] + chain;
            }
            if (level > 0 && unrolling.dropout() > 0) {
                dX[i] *= dropoutFactor(run, level, place, i);
            }
        }
        return dX;
    }

    /** The head's term (or that of the layer above) first, then what flows point-wise, then W_hh' da. */
    private void backward(Run run, PlainLayer layer) {
        Step[] steps = run.steps[layers.indexOf(layer)];
        for (int t = run.length() - 1; t >= 0; t--) {
            Step step = steps[t];
            Step next = t == run.length() - 1 || unrolling.truncation().cuts(t + 1) ? null : steps[t + 1];
            boolean scaled = next != null && unrolling.truncation().isRandomized();
            float scale =
                    scaled ? unrolling.gradientScale(draws, run.ordinal, layer.level(), layer.direction(), t + 1) : 1f;
            float[] above = run.dAbove[run.place(layer, t)];
            step.dState = new float[width];
            for (int k = 0; k < width; k++) {
                float local = above[layer.direction() * width + k];
                float dH = scaled ? 0f : local;
                if (next != null && cell.equals("gru")) {
                    dH = Math.fma(next.dH[k], next.a[hidden + k], dH);
                }
                if (next != null && cell.equals("mingru")) {
                    dH = Math.fma(next.dH[k], 1 - next.a[k], dH);
                }
                for (int j = 0; recurrent && next != null && j < gates * hidden; j++) {
                    dH = Math.fma(next.dRecurrent[j], theta[layer.weightHh() + j * width + k], dH);
                }
                step.dState[k] = scale == 0 ? local : scaled ? Math.fma(scale, dH, local) : dH;
            }
            step.dH = layer.outputGradient(step.dState);
            for (int k = 0; k < hidden; k++) {
                step.dC[k] = next == null || !cell.equals("lstm") ? 0 : 0 + next.dC[k] * next.a[hidden + k];
                if (scaled) {
                    step.dC[k] = scale == 0 ? 0 : scale * step.dC[k];
                }
                plainCell.backward(step, k);
            }
        }
    }

    /** Equation (5): what one place adds to each parameter's sum. The first step has no state before it. */
    private void addGradients(PlainLayer layer, Step s, boolean first, float[] gradient) {
        for (int j = 0; j < gates * hidden; j++) {
            for (int k = 0; recurrent && !first && k < width; k++) {
                int at = layer.weightHh() + j * width + k;
                gradient[at] = Math.fma(s.dRecurrent[j], s.hBefore[k], gradient[at]);
            }
            gradient[layer.biasIh() + j] += s.dA[j];
            if (recurrent) {
                gradient[layer.biasHh() + j] += s.dRecurrent[j];
            }
            if (s.x == null) {
                gradient[layer.weightIh() + j * layer.inputs() + s.token] += s.dA[j];
            }
            for (int i = layer.level() == 0 ? statics : 0; s.x != null && i < layer.inputs(); i++) {
                int at = layer.weightIh() + j * layer.inputs() + i;
                gradient[at] = Math.fma(s.dA[j], s.x[i], gradient[at]);
            }
        }
        if (layer.projection() != null) {
            layer.projection().addGradient(s.dState, s.h, gradient);
        }
    }

    /** What statics add: their weights see what all places of a sequence receive, added up from each layer's own last step to its first. */
    private void addStaticGradients(Run run, float[] gradient) {
        float[] s = columns.statics(run.sequence);
        float[] dStatics = new float[statics];
        float[] ofHead = new float[head.outputs()];
        for (int t = run.length() - 1; t >= 0; t--) {
            for (int c = 0; run.dO[t] != null && c < head.outputs(); c++) {
                ofHead[c] += run.dO[t][c];
            }
        }
        columns.addProducts(
                ofHead, IntStream.range(0, head.outputs()).toArray(), s, weightHead, headInputs, dStatics, gradient);
        int[] blocks =
                IntStream.range(0, gates * hidden).map(plainCell::inOrder).toArray();
        for (int d = 0; d < directions; d++) {
            float[] sums = new float[gates * hidden];
            for (int t = run.length() - 1; t >= 0; t--) {
                for (int j = 0; j < sums.length; j++) {
                    sums[j] += run.steps[d][t].dA[j];
                }
            }
            PlainLayer layer = layers.get(d);
            columns.addProducts(sums, blocks, s, layer.weightIh(), layer.inputs(), dStatics, gradient);
        }
        columns.addStaticGradients(run.sequence, dStatics, gradient);
    }
}
