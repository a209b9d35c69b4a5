package dev.unroll.worker;

import java.io.Serializable;
import java.nio.ByteBuffer;

/**
 * How much of the gradient of a batch is noise (McCandlish et al. 2018, "An empirical model of large-batch training",
 * appendix A.1). A mean over n sequences has E|g_n|^2 = |G|^2 + tr(Sigma) / n, with G the true gradient and Sigma the
 * covariance of a single sequence's; two sizes of n give both. Here they are the shards, which are small batches that
 * are computed anyway, and the whole batch. The estimate is exact where all sequences weigh the same, and otherwise an
 * approximation.
 *
 * @param trace an estimate of tr(Sigma), unbiased where all sequences weigh the same
 * @param square an estimate of |G|^2, likewise, which may come out below 0
 */
public record GradientNoise(double trace, double square) implements Serializable {

    /** What is summed over shards: |g_u|^2 of the mean gradient, 1 / n_u, and how many shards there are. */
    record Shards(double squares, double inverseSizes, long count) {

        static final int BYTES = 3 * Long.BYTES;
        static final Shards NONE = new Shards(0, 0, 0);

        Shards plus(Shards other) {
            return new Shards(squares + other.squares, inverseSizes + other.inverseSizes, count + other.count);
        }

        /**
         * The estimate; null where all sequences were in one shard.
         *
         * @param square the squared norm of the mean gradient over all sequences
         */
        GradientNoise noise(double square, long sequences) {
            double inverse = count == 0 ? 0 : inverseSizes / count - 1.0 / sequences;
            if (!(inverse > 0)) {
                return null;
            }
            double trace = (squares / count - square) / inverse;
            return new GradientNoise(trace, square - trace / sequences);
        }

        void write(ByteBuffer out) {
            out.putDouble(squares).putDouble(inverseSizes).putLong(count);
        }

        static Shards read(ByteBuffer in) {
            return new Shards(in.getDouble(), in.getDouble(), in.getLong());
        }
    }

    /**
     * The noise scale tr(Sigma) / |G|^2: a batch of so many sequences is half noise. Much smaller batches gain from
     * more sequences almost in proportion, much larger ones hardly.
     */
    public double scale() {
        return square > 0 ? Math.max(0, trace) / square : Double.POSITIVE_INFINITY;
    }

    /** A running mean of both estimates, since their quotient alone is biased. */
    public GradientNoise towards(GradientNoise next, double share) {
        return new GradientNoise(trace + share * (next.trace - trace), square + share * (next.square - square));
    }
}
