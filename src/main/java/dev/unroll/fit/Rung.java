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
    private final long most;
    private byte[] to;

    /**
     * @param share of all updates, at which it ends, above 0 and at most 1
     * @param from {@link #to} of the one before; null for none
     * @param most bytes of a checkpoint that is kept
     */
    Rung(double share, byte[] from, long most) {
        this.share = share;
        this.from = from;
        this.most = most;
        this.to = share == 1 ? null : from; // which stays where the training had ended before
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

    /** The checkpoint in which it ended; null where all is done, or it is too large to be kept: then the next one is from the beginning. */
    byte[] to() {
        return to;
    }

    @Override
    public boolean isDue(long iteration) {
        return false; // but where training ends
    }

    @Override
    public void write(Checkpoint checkpoint, boolean last) {
        byte[] bytes = share == 1 ? null : ObjectBytes.write(checkpoint);
        to = bytes == null || bytes.length > most ? null : bytes;
    }
}
