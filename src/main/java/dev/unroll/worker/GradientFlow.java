package dev.unroll.worker;

import dev.unroll.data.SequenceBatch;
import dev.unroll.math.Elementwise;
import dev.unroll.nn.NetworkSpec;
import dev.unroll.nn.Probe;
import java.io.Serializable;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/**
 * How much of a loss term's gradient arrives how many steps before it: by layer and lag, |dL/dh_t|^2 summed over
 * sequences, where the lag is the distance from t to the step whose loss it is. For Elman's cell, equation (4) in
 * closed form says why it shrinks or grows: a product of one factor per step (Bengio et al. 1994; Pascanu et al. 2013).
 *
 * <p>Where the head reads the last state, every backward pass shows it, and a sample of the sequences is enough. Where
 * every step has a loss, gradients of later losses overlay each other, and an extra pass follows the loss of one step
 * per sequence alone. Where layers read in both directions, the gradient reaches a state below the last layer through
 * both, so only in the last layer the lag is the length of a single path.
 *
 * <p>Far lags share bins: up to {@value #EXACT} each has its own, from there on {@value #PER_DOUBLING} for every
 * doubling. Mutable; a sum like the gradient's.
 */
public final class GradientFlow implements Serializable {

    private static final long serialVersionUID = 1L;

    /** The share of the start under which a gradient counts as gone. */
    public static final double SMALL = 0.01;

    private static final double LARGE = 100; // times its start: it explodes
    private static final int SHORT = 4; // it vanishes within that fraction of the steps
    private static final int EXACT = 64;
    private static final int PER_DOUBLING = 32;

    private final int layers;
    private final double[][] squares; // by layer, then bin
    private long[] counts = {}; // by bin: how many steps of how many directions
    private int lags; // that were seen

    public GradientFlow(int layers) {
        this.layers = layers;
        this.squares = new double[layers][0];
    }

    public int layers() {
        return layers;
    }

    /** One more than the longest lag that was seen. */
    public int lags() {
        return lags;
    }

    /** Number of bins. */
    public int bins() {
        return lags == 0 ? 0 : bin(lags - 1) + 1;
    }

    /** The bin of a lag. */
    static int bin(int lag) {
        if (lag < EXACT) {
            return lag;
        }
        int doublings = 31 - Integer.numberOfLeadingZeros(lag / EXACT);
        int within = (int) ((long) (lag - (EXACT << doublings)) * PER_DOUBLING / (EXACT << doublings));
        return EXACT + doublings * PER_DOUBLING + within;
    }

    /** The first lag of a bin. */
    public static int firstLag(int bin) {
        if (bin < EXACT) {
            return bin;
        }
        int doublings = (bin - EXACT) / PER_DOUBLING;
        int within = (bin - EXACT) % PER_DOUBLING;
        return (EXACT << doublings) + (int) ((long) within * (EXACT << doublings) / PER_DOUBLING);
    }

    /** Root mean square of |dL/dh_t| over the steps of a bin, of each direction by itself. */
    public double norm(int layer, int bin) {
        return counts[bin] == 0 ? 0 : Math.sqrt(squares[layer][bin] / counts[bin]);
    }

    /**
     * The lag from which on the norm stays below a share of the one at lag 0, in the last layer and as far back as a
     * tenth of the sequences go; {@link #lags} where it does not fall so low.
     */
    public int reach(double share) {
        if (lags == 0) {
            return 0;
        }
        double bound = share * norm(layers - 1, 0);
        int usual = usualBins();
        int bin = usual;
        while (bin > 0 && !(norm(layers - 1, bin - 1) >= bound)) {
            bin--;
        }
        return bin == usual ? lags : firstLag(bin);
    }

    /** The norm as far back as a tenth of the sequences go, as a multiple of that at lag 0; in the last layer. */
    public double growth() {
        return lags == 0 ? 1 : norm(layers - 1, usualBins() - 1) / norm(layers - 1, 0);
    }

    /** Bins up to the last that a tenth of the sequences have. */
    private int usualBins() {
        int bins = bins();
        while (bins > 1 && counts[bins - 1] * 10 < counts[0]) {
            bins--;
        }
        return bins;
    }

    /** How far the gradient reaches, in one sentence. Empty where no sequence has two steps. */
    public Optional<String> sentence() {
        int steps = lags - 1;
        if (steps < 1 || norm(layers - 1, 0) == 0) {
            return Optional.empty();
        }
        int reach = reach(SMALL);
        return Optional.of(
                reach == lags
                        ? "|dL/dh| is still above 1 % of its start " + firstLag(usualBins() - 1) + " steps back"
                        : "|dL/dh| falls under 1 % of its start at lag " + reach + " of " + steps);
    }

    /** What to change where the gradient explodes or vanishes; empty where it does neither. */
    public Optional<String> warning() {
        if (lags < 2 || norm(layers - 1, 0) == 0) {
            return Optional.empty();
        }
        if (growth() > LARGE) {
            return Optional.of(String.format(
                    Locale.ROOT,
                    "it grows %.0f-fold on the way back: lower step-size, keep clip-norm above 0,"
                            + " or try initializer orthogonal",
                    growth()));
        }
        return reach(SMALL) < lags / SHORT
                ? Optional.of("what lies further back is hardly learnt: try cell lstm or gru,"
                        + " for lstm a forget-bias near the logarithm of"
                        + " the steps, for elman initializer orthogonal, and less truncation if there is any")
                : Optional.empty();
    }

    /** Adds one step of one sequence. */
    private void add(int layer, int lag, double square) {
        reserve(lag + 1);
        int bin = bin(lag);
        squares[layer][bin] += square;
        if (layer == 0) {
            counts[bin]++;
        }
    }

    private void reserve(int wanted) {
        if (wanted <= lags) {
            return;
        }
        lags = wanted;
        int bins = bin(wanted - 1) + 1;
        if (counts.length < bins) {
            int room = Math.max(bins, 2 * counts.length);
            counts = Arrays.copyOf(counts, room);
            for (int l = 0; l < layers; l++) {
                squares[l] = Arrays.copyOf(squares[l], room);
            }
        }
    }

    void merge(GradientFlow other) {
        MessageBytes.requireSame(layers, other.layers, "layers");
        reserve(other.lags);
        for (int bin = 0; bin < other.bins(); bin++) {
            counts[bin] += other.counts[bin];
            for (int l = 0; l < layers; l++) {
                squares[l][bin] += other.squares[l][bin];
            }
        }
    }

    int byteCount() {
        return Math.addExact(
                2 * Integer.BYTES, Math.multiplyExact(bins(), Long.BYTES + Math.multiplyExact(layers, Double.BYTES)));
    }

    void write(ByteBuffer out) {
        out.putInt(layers).putInt(lags);
        for (int bin = 0; bin < bins(); bin++) {
            out.putLong(counts[bin]);
            for (int l = 0; l < layers; l++) {
                out.putDouble(squares[l][bin]);
            }
        }
    }

    static GradientFlow read(ByteBuffer in) {
        MessageBytes.require(in, 2 * Integer.BYTES);
        int layers = in.getInt();
        int lags = in.getInt();
        if (layers < 1 || layers > NetworkSpec.MAX_LAYERS || lags < 0) {
            throw MessageBytes.damaged("it followed the gradient through " + layers + " layers and " + lags + " lags");
        }
        GradientFlow flow = new GradientFlow(layers);
        if (lags > 0) {
            MessageBytes.require(in, (bin(lags - 1) + 1) * (Long.BYTES + (long) layers * Double.BYTES));
            flow.reserve(lags);
        }
        for (int bin = 0; bin < flow.bins(); bin++) {
            flow.counts[bin] = in.getLong();
            for (int l = 0; l < flow.layers; l++) {
                flow.squares[l][bin] = in.getDouble();
            }
        }
        return flow;
    }

    /**
     * Adds what it observes of one packed batch to the flows of its shards.
     *
     * @param flows by shard; null where none of its sequences is observed
     * @param origins by sequence, the step whose loss is followed, in forward order; null for each direction's last
     * @param watched by sequence, whether it is observed
     */
    record Watch(GradientFlow[] flows, int[] origins, boolean[] watched) implements Probe {

        @Override
        public void onStateGradients(int layer, int direction, int step, SequenceBatch batch, Rows dH) {
            for (int b = 0; b < dH.count(); b++) {
                int last = batch.length(b) - 1;
                int origin = origins == null ? last : direction == 0 ? origins[b] : last - origins[b];
                if (watched[b] && step <= origin) {
                    double square = Elementwise.sumOfSquares(dH.numbers(), dH.at(b), dH.hidden());
                    flows[batch.slice(b)].add(layer, origin - step, square);
                }
            }
        }
    }
}
