package dev.unroll.spark.shards;

import dev.unroll.data.ShardPlan;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.commons.lang3.ArrayUtils;

/**
 * Which partition holds which sequences: some neighbouring shards each, as even as can be; or, where a corpus may not
 * fit into memory, one <em>block</em> of a shard's places, so that an update loads only the blocks that it takes
 * sequences from. Has no influence on any bit.
 *
 * <p>A <em>unit</em> is what one task has to take as a whole: a partition of whole shards, or all blocks of one shard,
 * since the sequences of a shard are added in their order.
 *
 * @param shards U
 * @param wholePartitions partitions of whole shards; those beyond U stay empty
 * @param blocks of every shard; 0 for whole shards
 * @param blockPlaces places of a block, a multiple of {@value ShardPlan#PIECE}
 */
public record ShardLayout(int shards, int wholePartitions, int blocks, int blockPlaces) implements Serializable {

    /** Bytes of a partition of whole shards at most. */
    private static final long MOST_WHOLE = 32L << 20;

    /**
     * Bytes of a block, about, unless a piece has more: what is loaded from disk when a batch passes to the next block, or
     * with each update where {@link CurrentBlocks} have no room. A small one takes a millisecond, and there are not too many.
     */
    private static final long BLOCK = 2L << 20;

    private static final int MOST_BLOCKS = 4096;

    /** Whole shards in that many partitions. */
    public static ShardLayout whole(int shards, int partitions) {
        return new ShardLayout(shards, partitions, 0, 0);
    }

    /**
     * Whole shards where those of a partition are small enough to be loaded at once, otherwise blocks.
     *
     * @param partitions of whole shards
     * @param sequences N
     * @param bytes of all of them, about
     */
    public static ShardLayout of(int shards, int partitions, long sequences, long bytes) {
        if (bytes / Math.min(partitions, shards) <= MOST_WHOLE) {
            return whole(shards, partitions);
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
        return isWhole() ? wholePartitions : Math.multiplyExact(shards, blocks);
    }

    /** Where sequence n is. */
    int partition(long ordinal) {
        int shard = (int) (ordinal % shards);
        return isWhole()
                ? (int) (((shard + 1L) * wholePartitions - 1) / shards)
                : shard * blocks + (int) (ordinal / shards / blockPlaces);
    }

    /** The first shard of a partition; for the number of partitions, U. */
    public int firstShard(int partition) {
        return isWhole() ? (int) ((long) partition * shards / wholePartitions) : partition / blocks;
    }

    /** Shards of which a partition holds something. */
    public int shardCount(int partition) {
        return isWhole() ? firstShard(partition + 1) - firstShard(partition) : 1;
    }

    /** The first place of a partition's shards that it holds. */
    int firstPlace(int partition) {
        return isWhole() ? 0 : partition % blocks * blockPlaces;
    }

    /** Whether a partition has the last places of its shards. */
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

    /** The shards of some partitions, ascending. */
    int[] shards(int[] partitions) {
        return Arrays.stream(partitions)
                .flatMap(p -> IntStream.range(firstShard(p), firstShard(p) + shardCount(p)))
                .distinct()
                .sorted()
                .toArray();
    }

    /**
     * Of whole shards, the partitions that each task needs for its shards: first those that are its own, of which no
     * other task has the first.
     *
     * @param home the partitions of each task where it computes all of their shards
     */
    public int[][] partitions(ShardDivision division, int[][] home) {
        int[][] partitions = new int[home.length][];
        for (int g = 0; g < home.length; g++) {
            int[] own = home[g];
            int[] needed = Arrays.stream(division.shards().get(g))
                    .map(this::partition)
                    .distinct()
                    .toArray();
            partitions[g] = IntStream.concat(
                            Arrays.stream(own).filter(p -> ArrayUtils.contains(needed, p)),
                            Arrays.stream(needed).filter(p -> !ArrayUtils.contains(own, p)))
                    .toArray();
        }
        return partitions;
    }

    /**
     * By unit, the partitions that a batch takes sequences from, in the order in which it does; one may occur again.
     */
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
