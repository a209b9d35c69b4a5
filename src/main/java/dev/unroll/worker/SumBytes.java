package dev.unroll.worker;

import dev.unroll.nn.LossSum;
import java.nio.ByteBuffer;

/** The bytes of the scalars that every sum of losses has. */
final class SumBytes {

    /** Bytes of a {@link LossSum}. */
    static final int LOSS = 6 * Long.BYTES;

    private SumBytes() {}

    static void writeLoss(LossSum loss, ByteBuffer out) {
        out.putDouble(loss.lossSum()).putDouble(loss.weightSum());
        out.putLong(loss.sequences())
                .putLong(loss.steps())
                .putLong(loss.terms())
                .putLong(loss.correct());
    }

    static LossSum readLoss(ByteBuffer in) {
        MessageBytes.require(in, LOSS);
        return new LossSum(in.getDouble(), in.getDouble(), in.getLong(), in.getLong(), in.getLong(), in.getLong());
    }
}
