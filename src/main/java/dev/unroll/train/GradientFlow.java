package dev.unroll.train;

import dev.unroll.data.SequenceBatch;
import dev.unroll.math.Elementwise;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/**
 * How much of a loss term's gradient arrives how many steps before it: by layer and lag, |dL/dh_t|^2 summed over sequences, where the lag
 * is the distance from t to the step whose loss it is. Equation (4) in closed form says why it shrinks or grows: a product of one factor
 * per step (Bengio et al. 1994; Pascanu et al. 2013).
 *
 * <p>Where the head reads the last state, every backward pass shows it. Where every step has a loss, gradients of later losses overlay
 * each other, and an extra pass follows the loss of one step per sequence alone. Mutable; a sum like the gradient's.
 */
public final class GradientFlow {

    /** The share of the start under which a gradient counts as gone. */
    public static final double SMALL = 0.01;

    private static final double LARGE = 100; // times its start: it explodes
    private static final int SHORT = 4; // it vanishes within that part of the steps

    private final int layers;
    private double[][] squares; // by layer, then lag
    private long[] counts = {}; // by lag: sequences that have a step there

    public GradientFlow(int layers) {
        this.layers = layers;
        this.squares = new double[layers][0];
    }

    public int layers() {
        return layers;
    }

    /** Lags that were seen, 0 to this less one. */
    public int lags() {
        return counts.length;
    }

    /** Root mean square, over the sequences that reach so far back, of |dL/dh_t|; directions are added. */
    public double norm(int layer, int lag) {
        return counts[lag] == 0 ? 0 : Math.sqrt(squares[layer][lag] / counts[lag]);
    }

    /** The lag from which on the norm stays below a share of the one at lag 0, in the last layer; {@link #lags} where it does not fall so low. */
    public int reach(double share) {
        double bound = share * norm(layers - 1, 0);
        int reach = lags();
        while (reach > 0 && !(norm(layers - 1, reach - 1) >= bound)) {
            reach--;
        }
        return reach;
    }

    /** The norm at the longest lag that a tenth of the sequences have, as a multiple of that at lag 0; in the last layer. */
    public double growth() {
        int lag = lags() - 1;
        while (lag > 0 && counts[lag] * 10 < counts[0]) {
            lag--;
        }
        return lags() == 0 ? 1 : norm(layers - 1, lag) / norm(layers - 1, 0);
    }

    /**
     * What it says, in one sentence for people; with what to change, where the gradient vanishes or explodes. Empty where no sequence has
     * two steps.
     */
    public Optional<String> sentence() {
        int steps = lags() - 1;
        if (steps < 1 || norm(layers - 1, 0) == 0) {
            return Optional.empty();
        }
        int reach = reach(SMALL);
        String text = reach == lags()
                ? "|dL/dh| stays above 1 % of its start over all " + steps + " steps back"
                : "|dL/dh| falls under 1 % of its start at lag " + reach + " of " + steps;
        if (growth() > LARGE) {
            text += String.format(
                    Locale.ROOT,
                    "; it grows %.0f-fold on the way back: lower step-size, keep clip-norm above 0, or try initializer orthogonal",
                    growth());
        } else if (reach < lags() / SHORT) {
            text +=
                    "; what lies further back is hardly learnt: try cell lstm or gru, forget-bias 1, or initializer orthogonal";
        }
        return Optional.of(text);
    }

    /** Adds one step of one sequence. */
    private void add(int layer, int direction, int lag, double square) {
        grow(lag + 1);
        squares[layer][lag] += square;
        if (layer == 0 && direction == 0) {
            counts[lag]++;
        }
    }

    private void grow(int lags) {
        if (counts.length < lags) {
            counts = Arrays.copyOf(counts, lags);
            for (int l = 0; l < layers; l++) {
                squares[l] = Arrays.copyOf(squares[l], lags);
            }
        }
    }

    void merge(GradientFlow other) {
        grow(other.lags());
        for (int lag = 0; lag < other.lags(); lag++) {
            counts[lag] += other.counts[lag];
            for (int l = 0; l < layers; l++) {
                squares[l][lag] += other.squares[l][lag];
            }
        }
    }

    int byteCount() {
        return 2 * Integer.BYTES + lags() * (Long.BYTES + layers * Double.BYTES);
    }

    void write(ByteBuffer out) {
        out.putInt(layers).putInt(lags());
        for (int lag = 0; lag < lags(); lag++) {
            out.putLong(counts[lag]);
            for (int l = 0; l < layers; l++) {
                out.putDouble(squares[l][lag]);
            }
        }
    }

    static GradientFlow read(ByteBuffer in) {
        GradientFlow flow = new GradientFlow(in.getInt());
        flow.grow(in.getInt());
        for (int lag = 0; lag < flow.lags(); lag++) {
            flow.counts[lag] = in.getLong();
            for (int l = 0; l < flow.layers; l++) {
                flow.squares[l][lag] = in.getDouble();
            }
        }
        return flow;
    }

    /** Watches one batch for the flows of its parts. */
    static final class Probe implements dev.unroll.nn.Probe {

        private final GradientFlow[] flows; // by part
        private final int[]
                origins; // by sequence, the step whose loss is followed, in forward order; null for each direction's
        // last

        Probe(GradientFlow[] flows, int[] origins) {
            this.flows = flows;
            this.origins = origins;
        }

        int[] origins() {
            return origins;
        }

        @Override
        public void onStateGradients(
                int layer, int direction, int step, SequenceBatch batch, float[] dH, int row, int rows, int hidden) {
            for (int b = 0; b < rows; b++) {
                int last = batch.length(b) - 1;
                int origin = origins == null ? last : direction == 0 ? origins[b] : last - origins[b];
                if (step <= origin) {
                    double square = Elementwise.sumOfSquares(dH, (row + b) * hidden, hidden);
                    flows[batch.part(b)].add(layer, direction, origin - step, square);
                }
            }
        }
    }
}
