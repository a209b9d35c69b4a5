package dev.unroll.spark.shards;

import dev.unroll.data.ShardPlan;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Which partition holds which sequences: runs of whole shards, as even as can be; or, of a corpus that may not fit into memory, blocks of one shard's
 * places, so that an update loads no more than what it takes its sequences from. Has no influence on any bit.
 *
 * <p>A <em>unit</em> is what one task has to walk by itself: a partition of whole shards, or all blocks of one shard, since its sum is added in the
 * order of its sequences.
 *
 * @param shards U
 * @param runs partitions of whole shards; those beyond U stay empty
 * @param blocks of every shard; 0 for whole shards
 * @param blockPlaces places of a block, a multiple of {@value ShardPlan#PIECE}
 */
public record ShardLayout(int shards, int runs, int blocks, int blockPlaces) implements Serializable {

    /** Bytes of a partition of whole shards at most. */
    private static final long MOST_WHOLE = 32L << 20;

    /**
     * Bytes of a block, about, where a piece has no more. Spark brings no block back into memory in place of another of the same RDD, so updates may
     * load theirs from disk again and again: small ones take a millisecond, and there are not too many.
     */
    private static final long BLOCK = 2L << 20;

    private static final int MOST_BLOCKS = 4096;

    /** Whole shards. */
    public static ShardLayout whole(int shards, int runs) {
        return new ShardLayout(shards, runs, 0, 0);
    }

    /**
     * @param sequences N
     * @param bytes of all of them, about
     */
    public static ShardLayout of(int shards, int runs, long sequences, long bytes) {
        if (bytes / Math.min(runs, shards) <= MOST_WHOLE) {
            return whole(shards, runs);
        }
        long bytesPerPiece = Math.max(1, bytes / sequences * ShardPlan.PIECE);
        long pieces = Math.max(1, Math.max(BLOCK, bytes / MOST_BLOCKS) / bytesPerPiece);
        return ofBlocks(shards, sequences, (int) Math.min(pieces, Integer.MAX_VALUE / ShardPlan.PIECE));
    }

    /** Blocks of so many pieces of {@value ShardPlan#PIECE} places. */
    static ShardLayout ofBlocks(int shards, long sequences, int pieces) {
        int blockPlaces = Math.multiplyExact(pieces, ShardPlan.PIECE);
        long largestShard = (sequences + shards - 1) / shards;
        return new ShardLayout(
                shards, shards, Math.toIntExact((largestShard + blockPlaces - 1) / blockPlaces), blockPlaces);
    }

    public boolean isWhole() {
        return blocks == 0;
    }

    int partitions() {
        return isWhole() ? runs : Math.multiplyExact(shards, blocks);
    }

    /** Where sequence n is. */
    int partition(long ordinal) {
        int shard = (int) (ordinal % shards);
        return isWhole()
                ? (int) (((shard + 1L) * runs - 1) / shards)
                : shard * blocks + (int) (ordinal / shards / blockPlaces);
    }

    /** The first shard of a partition; for the number of partitions, U. */
    public int firstShard(int partition) {
        return isWhole() ? (int) ((long) partition * shards / runs) : partition / blocks;
    }

    /** Shards of which a partition holds something. */
    public int shardCount(int partition) {
        return isWhole() ? firstShard(partition + 1) - firstShard(partition) : 1;
    }

    /** The first place of a partition's shards that it holds. */
    int firstPlace(int partition) {
        return isWhole() ? 0 : partition % blocks * blockPlaces;
    }

    /** Whether the last places of its shards are in this partition. */
    boolean isLast(int partition) {
        return isWhole() || partition % blocks == blocks - 1;
    }

    /** By unit, the partitions with all of its sequences, in the order of their places. */
    public List<int[]> all() {
        List<int[]> all = new ArrayList<>();
        int perUnit = isWhole() ? 1 : blocks;
        for (int first = 0; first < partitions(); first += perUnit) {
            if (shardCount(first) == 0) {
                continue; // of more partitions than shards
            }
            all.add(IntStream.range(first, first + perUnit).toArray());
        }
        return all;
    }

    /** By unit, the partitions that a batch takes sequences of, in the order in which it does: again where it comes back to one. */
    public List<int[]> visited(ShardPlan plan, ShardPlan.Batch batch) {
        if (isWhole()) {
            return all();
        }
        List<int[]> visited = new ArrayList<>();
        for (int u = 0; u < shards; u++) {
            int first = u * blocks;
            int[] blocksOfPieces = Arrays.stream(plan.pieces(batch, u))
                    .map(piece -> first + (int) ((long) piece * ShardPlan.PIECE / blockPlaces))
                    .toArray();
            visited.add(withoutRepeats(blocksOfPieces));
        }
        return visited;
    }

    private static int[] withoutRepeats(int[] numbers) {
        return IntStream.range(0, numbers.length)
                .filter(i -> i == 0 || numbers[i] != numbers[i - 1])
                .map(i -> numbers[i])
                .toArray();
    }
}
