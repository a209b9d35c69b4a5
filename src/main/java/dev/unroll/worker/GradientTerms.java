package dev.unroll.worker;

import dev.unroll.data.SequenceBatch;
import dev.unroll.math.Elementwise;
import dev.unroll.nn.Probe;
import java.io.Serializable;
import java.nio.ByteBuffer;
import java.util.Locale;
import java.util.Optional;

/**
 * The two terms of equation (4) by layer, {@code dL/dh_t = W_hh' da_{t+1} + W_qh' dL/do_t}: what is carried back
 * through time, and what comes from the loss (or the layer above) at the step itself; and how many numbers of h are
 * saturated. Only every {@value #INTERVAL}th step is observed, which is enough. Mutable; a sum like the gradient's.
 */
public final class GradientTerms implements Serializable {

    private static final long serialVersionUID = 1L;

    /** Steps from one that is observed to the next. */
    static final int INTERVAL = 16;

    /** |h| above which a state is saturated: the slope of tanh there is a tenth of its largest. */
    static final float SATURATED = 0.95f;

    private static final double LARGE_SATURATION = 0.5;

    private final double[] carried; // by layer, sum of squares
    private final double[] local;
    private final long[] saturated; // by layer, numbers of h
    private final long[] numbers;

    GradientTerms(int layers) {
        carried = new double[layers];
        local = new double[layers];
        saturated = new long[layers];
        numbers = new long[layers];
    }

    public int layers() {
        return local.length;
    }

    /** The share of the carried term in both, |carried|^2 / (|carried|^2 + |local|^2); NaN where both are 0. */
    public double carriedShare(int layer) {
        return carried[layer] / (carried[layer] + local[layer]);
    }

    /** The share of the numbers of h whose absolute value is above {@value #SATURATED}; NaN where h is not bounded. */
    public double saturation(int layer) {
        return (double) saturated[layer] / numbers[layer];
    }

    /** What to change where more than half of the states of a layer are saturated; empty where no layer has so many. */
    public Optional<String> warning() {
        for (int l = 0; l < layers(); l++) {
            if (saturation(l) > LARGE_SATURATION) {
                return Optional.of(String.format(
                        Locale.ROOT,
                        "%.0f %% of |h| in layer %d are above %s, where gates and states hardly move any more:"
                                + " lower step-size, keep clip-norm above 0,"
                                + " and standardize dense inputs",
                        100 * saturation(l),
                        l + 1,
                        SATURATED));
            }
        }
        return Optional.empty();
    }

    void merge(GradientTerms other) {
        MessageBytes.requireSame(layers(), other.layers(), "layers");
        for (int l = 0; l < layers(); l++) {
            carried[l] += other.carried[l];
            local[l] += other.local[l];
            saturated[l] += other.saturated[l];
            numbers[l] += other.numbers[l];
        }
    }

    int byteCount() {
        return Integer.BYTES + 4 * Long.BYTES * layers();
    }

    void write(ByteBuffer out) {
        out.putInt(layers());
        for (int l = 0; l < layers(); l++) {
            out.putDouble(carried[l]).putDouble(local[l]).putLong(saturated[l]).putLong(numbers[l]);
        }
    }

    static GradientTerms read(ByteBuffer in) {
        int layers = MessageBytes.count(in, 4 * Long.BYTES, "layers");
        if (layers < 1) {
            throw MessageBytes.damaged("it has terms of no layer");
        }
        GradientTerms terms = new GradientTerms(layers);
        for (int l = 0; l < terms.layers(); l++) {
            terms.carried[l] = in.getDouble();
            terms.local[l] = in.getDouble();
            terms.saturated[l] = in.getLong();
            terms.numbers[l] = in.getLong();
        }
        return terms;
    }

    /**
     * Adds what it observes of one packed batch to the terms of its shards.
     *
     * @param terms by shard
     * @param bounded whether |h| is never above 1; otherwise nothing is saturated
     */
    record Watch(GradientTerms[] terms, boolean bounded) implements Probe {

        @Override
        public boolean wantsTerms(int step) {
            return step % INTERVAL == 0;
        }

        @Override
        public void onTerms(int layer, SequenceBatch batch, Rows h, Rows local, Rows dH) {
            int hidden = h.hidden();
            for (int b = 0; b < h.count(); b++) {
                GradientTerms of = terms[batch.slice(b)];
                of.local[layer] += Elementwise.sumOfSquares(local.numbers(), local.at(b), hidden);
                of.carried[layer] += Elementwise.sumOfSquaredDifferences(
                        dH.numbers(), dH.at(b), local.numbers(), local.at(b), hidden);
                if (bounded) {
                    of.saturated[layer] += saturated(h.numbers(), h.at(b), hidden);
                    of.numbers[layer] += hidden;
                }
            }
        }

        private static int saturated(float[] h, int from, int hidden) {
            int count = 0;
            for (int j = from; j < from + hidden; j++) {
                count += Math.abs(h[j]) > SATURATED ? 1 : 0;
            }
            return count;
        }
    }
}
