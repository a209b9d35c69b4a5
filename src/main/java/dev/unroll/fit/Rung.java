package dev.unroll.fit;

import dev.unroll.data.ShardPlan;
import dev.unroll.spark.shards.ObjectBytes;
import dev.unroll.train.Checkpoint;
import dev.unroll.train.CheckpointSink;
import dev.unroll.train.Trainer;
import java.util.Optional;

/**
 * A part of a training in memory: continues where the one before it left off, to a share of all updates. Parts one after another
 * have the bits of a training that never stopped.
 *
 * <p>Source of the name: Li et al. 2020, A System for Massively Parallel Hyperparameter Tuning.
 */
final class Rung implements CheckpointSink {

    private final double share;
    private final byte[] from; // null: from the beginning
    private byte[] to; // null until the training has ended

    /**
     * @param share of all updates, at which it ends, above 0 and at most 1
     * @param from {@link #to} of the one before; null for none
     */
    Rung(double share, byte[] from) {
        this.share = share;
        this.from = from;
    }

    Optional<Checkpoint> from() {
        return Optional.ofNullable(from).map(ObjectBytes::read);
    }

    /** Those of the whole training, with fewer updates at most. */
    Trainer.Limits limits(Trainer.Limits whole, ShardPlan plan) {
        if (share == 1) {
            return whole;
        }
        long updates = Math.max(1, (long) Math.ceil(share * whole.updates(plan)));
        return new Trainer.Limits(updates, whole.epochs(), whole.tol(), whole.validationInterval(), whole.patience());
    }

    /** The checkpoint in which it ended. */
    byte[] to() {
        return to;
    }

    @Override
    public boolean isDue(long iteration) {
        return false; // but where training ends
    }

    @Override
    public void write(Checkpoint checkpoint, boolean last) {
        to = share == 1 ? null : ObjectBytes.write(checkpoint);
    }
}
