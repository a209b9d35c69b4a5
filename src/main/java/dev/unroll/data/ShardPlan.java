package dev.unroll.data;

import dev.unroll.math.CounterRandom;
import java.io.Serializable;
import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * Which sequence belongs to which shard, and to which update: a pure function of these components, never of
 * partitions, executors or arrival.
 *
 * <p>The sequence with ordinal n (its rank in canonical order) is at place n div U of shard n mod U. In epoch e a
 * shard's places are permuted: its pieces of {@value #PIECE} places by (seed, e, u), the places within a piece by
 * (seed, e, u, piece). Position p of an epoch is local place p div U of shard p mod U, and batch k is positions k b to
 * (k + 1) b: every batch but an epoch's last has exactly b sequences.
 *
 * <p>A plan of {@link Streams} permutes nothing: batch k is window k of every stream, whose state is carried from
 * update to update.
 *
 * @param seed keys the permutations
 * @param shards U
 * @param sequences N
 * @param batchSize b, sequences per update; 0 means all; of streams their number
 * @param streams whether sequences are windows of streams
 */
public record ShardPlan(long seed, int shards, long sequences, int batchSize, boolean streams) implements Serializable {

    /** Places that are permuted together; part of the definition of the bits. */
    public static final int PIECE = 4096;

    /** Shards are made for at least this many steps per update. */
    private static final int STEPS_PER_SHARD = 256;

    private static final int MAX_DEFAULT_SHARDS = 64;
    private static final long PURPOSE = 2;

    /** A plan of sequences that are permuted in every epoch. */
    public ShardPlan(long seed, int shards, long sequences, int batchSize) {
        this(seed, shards, sequences, batchSize, false);
    }

    /** A plan of the windows of streams. */
    public static ShardPlan of(Streams streams, long seed, int shards) {
        return new ShardPlan(seed, shards, streams.windows(), streams.count(), true);
    }

    public ShardPlan {
        if (shards < 1) {
            throw new IllegalArgumentException("num-shards is " + shards + "; allowed is at least 1");
        }
        if (sequences < 1) {
            throw new IllegalArgumentException("there is no sequence to train on");
        }
        if (batchSize < 0) {
            throw new IllegalArgumentException("batch-size is " + batchSize + "; allowed is at least 0 (0 = all)");
        }
        if (streams && batchSize == 0) {
            throw new IllegalArgumentException(
                    "batch-size is 0, and it is the number of streams; allowed is at least 1");
        }
    }

    /**
     * The positions of one update.
     *
     * @param epoch passes completed before this one
     * @param from first position
     * @param to one after the last position
     */
    public record Batch(long epoch, long from, long to) implements Serializable {
        public long size() {
            return to - from;
        }
    }

    /** U by default: the largest power of two not above (mean steps per update / 256), between 1 and 64. */
    public static int defaultShards(long sequences, long steps, int batchSize) {
        // Multiplied first: a rounded mean, times all sequences, can fall short of their steps.
        double perUpdate = batchSize == 0 ? steps : (double) steps * Math.min(batchSize, sequences) / sequences;
        long wanted = (long) (perUpdate / STEPS_PER_SHARD);
        return wanted < 1 ? 1 : (int) Math.min(MAX_DEFAULT_SHARDS, Long.highestOneBit(wanted));
    }

    /** Sequences per update, with 0 resolved. */
    public long effectiveBatchSize() {
        return batchSize == 0 ? sequences : Math.min(batchSize, sequences);
    }

    public long batchesPerEpoch() {
        return (sequences + effectiveBatchSize() - 1) / effectiveBatchSize();
    }

    /** The batch of update number {@code iteration}, counted from 0 over all epochs. */
    public Batch batch(long iteration) {
        long k = iteration % batchesPerEpoch();
        long from = k * effectiveBatchSize();
        return new Batch(iteration / batchesPerEpoch(), from, Math.min(sequences, from + effectiveBatchSize()));
    }

    /** Number of sequences of shard u. */
    public int shardSize(int u) {
        return Math.toIntExact(localPlaces(sequences, u));
    }

    /** How many sequences of shard u are part of the batch. */
    public int count(Batch batch, int u) {
        return Math.toIntExact(localPlaces(batch.to(), u) - localPlaces(batch.from(), u));
    }

    /** The places of shard u that are part of the batch, in the order of the epoch; empty where the shard has none. */
    public int[] places(Batch batch, int u) {
        long from = localPlaces(batch.from(), u);
        long to = localPlaces(batch.to(), u);
        int[] places = new int[count(batch, u)];
        if (streams) {
            Arrays.setAll(places, j -> (int) from + j);
            return places;
        }
        walk(batch, u, (piece, start, length) -> {
            int[] within = new CounterRandom(seed, PURPOSE, batch.epoch(), u, piece).permutation(length);
            long last = Math.min(to, start + length);
            for (long j = Math.max(from, start); j < last; j++) {
                places[(int) (j - from)] = piece * PIECE + within[(int) (j - start)];
            }
        });
        return places;
    }

    /** Shards of which the batch takes no sequence. */
    public int[] absent(Batch batch) {
        return IntStream.range(0, shards).filter(u -> count(batch, u) == 0).toArray();
    }

    /** The pieces of {@value #PIECE} places to which {@link #places} of shard u belong, in the order of the epoch. */
    public int[] pieces(Batch batch, int u) {
        if (count(batch, u) == 0) {
            return new int[0];
        }
        if (streams) {
            long from = localPlaces(batch.from(), u);
            long to = localPlaces(batch.to(), u);
            return IntStream.range((int) (from / PIECE), (int) ((to + PIECE - 1) / PIECE))
                    .toArray();
        }
        IntStream.Builder pieces = IntStream.builder();
        walk(batch, u, (piece, start, length) -> pieces.add(piece));
        return pieces.build().toArray();
    }

    /** Visits a piece from which a batch takes places: its first position in the shard's epoch, and its size. */
    private interface Visitor {
        void visit(int piece, long start, int length);
    }

    private void walk(Batch batch, int u, Visitor visitor) {
        long from = localPlaces(batch.from(), u);
        long to = localPlaces(batch.to(), u);
        int size = shardSize(u);
        int[] order = new CounterRandom(seed, PURPOSE, batch.epoch(), u).permutation((size + PIECE - 1) / PIECE);
        long start = 0;
        for (int piece : order) {
            int length = Math.min(PIECE, size - piece * PIECE);
            if (start < to && start + length > from) {
                visitor.visit(piece, start, length);
            }
            start += length;
        }
    }

    /** How many of the first {@code positions} positions are in shard u. */
    private long localPlaces(long positions, int u) {
        return (positions - u + shards - 1) / shards;
    }
}
