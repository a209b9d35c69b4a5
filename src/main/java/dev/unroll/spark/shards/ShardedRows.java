package dev.unroll.spark.shards;

import dev.unroll.data.Sequence;
import dev.unroll.data.Shard;
import dev.unroll.data.Steps;
import dev.unroll.data.Vocabulary;
import dev.unroll.worker.CanonicalTree;
import dev.unroll.worker.MessageBytes;
import dev.unroll.worker.StatisticsSum;
import dev.unroll.worker.Sum;
import java.io.Serializable;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.spark.api.java.JavaPairRDD;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.storage.StorageLevel;

/**
 * Sequences dealt to shards and cached on executors, one {@link ShardGroup} per partition, in memory as far as there is
 * room and otherwise on disk: takes rows in canonical order, gives shards.
 */
public record ShardedRows(JavaRDD<ShardGroup> rdd, ShardLayout layout) implements Shards {

    /**
     * Deals rows: those of ordinal n go to shard n mod U at place n div U. Rows of one ordinal make one sequence, in
     * ascending order of their keys.
     */
    public static ShardedRows deal(
            JavaPairRDD<Long, byte[]> rows, ShardDealer.Ordinal ordinal, ShardLayout layout, RowDecoder decoder) {
        ShardDealer dealer = new ShardDealer(ordinal, layout);
        JavaRDD<ShardGroup> groups = RowShuffle.partitioned(rows, dealer)
                .mapPartitionsWithIndex((p, dealt) -> group(layout, p, dealer.shards(p, dealt, decoder)), true);
        return new ShardedRows(TaskPlacement.spread(groups).persist(StorageLevel.MEMORY_AND_DISK()), layout);
    }

    private static Iterator<ShardGroup> group(ShardLayout layout, int partition, List<Shard> shards) {
        return (shards.isEmpty()
                        ? List.<ShardGroup>of()
                        : List.of(new ShardGroup(partition, shards, layout.isLast(partition))))
                .iterator();
    }

    /**
     * Shards that exist already, in that many partitions. Not for long work: a partition that is lost is not computed
     * again.
     */
    public static ShardedRows of(JavaSparkContext context, List<Shard> shards, int partitions) {
        ShardLayout layout = ShardLayout.whole(shards.size(), partitions);
        List<ShardGroup> groups = new ArrayList<>();
        for (int p = 0; p < partitions; p++) {
            List<Shard> some = new ArrayList<>(shards.subList(layout.firstShard(p), layout.firstShard(p + 1)));
            groups.add(new ShardGroup(p, some, true));
        }
        JavaRDD<ShardGroup> rdd = context.parallelize(groups, partitions).persist(StorageLevel.MEMORY_AND_DISK());
        rdd.rdd().localCheckpoint(); // or else every task of every job would bring the shards along
        return new ShardedRows(rdd, layout);
    }

    /** U, the number of shards. */
    public int shards() {
        return layout.shards();
    }

    @Override
    public List<Shard> collect() {
        List<Shard> blocks = new ArrayList<>();
        rdd.map(group -> ObjectBytes.write(new ArrayList<>(group.shards())))
                .collect()
                .forEach(bytes -> blocks.addAll(ObjectBytes.<ArrayList<Shard>>read(bytes)));
        if (layout.isWhole()) {
            return blocks;
        }
        Map<Integer, List<Shard>> byShard =
                blocks.stream().collect(Collectors.groupingBy(Shard::index, TreeMap::new, Collectors.toList()));
        return byShard.values().stream().map(ShardedRows::joined).toList();
    }

    /** One shard of its blocks, given in the order of their places. */
    private static Shard joined(List<Shard> blocks) {
        List<Sequence> sequences = blocks.stream()
                .flatMap(block -> IntStream.range(0, block.size()).mapToObj(block::sequence))
                .toList();
        int idBound = blocks.stream().mapToInt(Shard::idBound).max().orElse(0);
        return new Shard(blocks.get(0).index(), sequences, idBound);
    }

    @Override
    public StatisticsSum statistics(int inputWidth, int staticWidth, int targetWidth) {
        ShardWork<StatisticsSum> work = (before, shard) -> {
            StatisticsSum sum = before == null ? new StatisticsSum(inputWidth, staticWidth, targetWidth) : before;
            sum.add(shard);
            return sum;
        };
        return sum(work, StatisticsSum::read);
    }

    /** What a task makes of one shard. */
    public interface ShardWork<S> extends Serializable {
        /**
         * The sum with those sequences of a shard added that are in this partition.
         *
         * @param before the sum over the places before; null for the first of them
         * @return null where the shard adds nothing
         */
        S add(S before, Shard here);
    }

    /** The canonical sum of what {@code work} makes of every shard; {@code read} reads a sum that has travelled. */
    public <S extends Sum<S>> S sum(ShardWork<S> work, Function<ByteBuffer, S> read) {
        int count = shards();
        CanonicalTree<S> tree = new CanonicalTree<>(count);
        walk().mapPartitions(groups -> Stream.of(forest(groups, count, work)).iterator())
                .collect()
                .forEach(bytes -> tree.merge(MessageBytes.wrap(bytes), read));
        return tree.root();
    }

    private static <S extends Sum<S>> byte[] forest(Iterator<ShardGroup> groups, int count, ShardWork<S> work) {
        CanonicalTree<S> forest = new CanonicalTree<>(count);
        S sum = null;
        while (groups.hasNext()) {
            ShardGroup group = groups.next();
            for (Shard shard : group.shards()) {
                sum = work.add(sum, shard);
                if (group.isLast()) {
                    forest.add(shard.index(), sum);
                    sum = null;
                }
            }
        }
        return forest.toBytes();
    }

    /** Tokens that are not in the vocabulary. */
    public long unknownTokens() {
        return rdd.map(group ->
                        group.shards().stream().mapToLong(Shard::unknownTokens).sum())
                .fold(0L, Long::sum);
    }

    /**
     * Categories that are in no vocabulary, by column: of steps, then of whole sequences.
     *
     * @param columns of steps
     * @param statics columns of whole sequences
     */
    public long[] unknownCategories(int columns, int statics) {
        return rdd.map(group -> {
                    long[] counts = new long[columns + statics];
                    for (Shard shard : group.shards()) {
                        for (int i = 0; i < shard.size(); i++) {
                            addUnknown((Steps.Mixed) shard.sequence(i).steps(), counts);
                        }
                    }
                    return counts;
                })
                .fold(new long[columns + statics], (a, b) -> {
                    for (int k = 0; k < a.length; k++) {
                        a[k] += b[k];
                    }
                    return a;
                });
    }

    private static void addUnknown(Steps.Mixed steps, long[] counts) {
        int columns = steps.ids().length;
        for (int k = 0; k < columns; k++) {
            for (int id : steps.ids()[k]) {
                counts[k] += id == Vocabulary.UNKNOWN ? 1 : 0;
            }
        }
        for (int k = 0; k < steps.staticIds().length; k++) {
            counts[columns + k] += steps.staticIds()[k] == Vocabulary.UNKNOWN ? 1 : 0;
        }
    }

    /** All partitions, those of one shard in one task and in order. */
    private JavaRDD<ShardGroup> walk() {
        JavaSparkContext context = JavaSparkContext.fromSparkContext(rdd.context());
        return TaskPlacement.coalesced(rdd, layout.all(), TaskSlots.of(context));
    }

    @Override
    public long longest(int count) {
        return walk().mapPartitions(groups -> List.of(longest(groups, count)).iterator())
                .reduce(Math::max);
    }

    private static long longest(Iterator<ShardGroup> groups, int count) {
        long longest = 0;
        int[] lengths = {}; // the longest of one shard
        while (groups.hasNext()) {
            ShardGroup group = groups.next();
            for (Shard shard : group.shards()) {
                lengths = IntStream.concat(
                                IntStream.of(lengths),
                                IntStream.range(0, shard.size()).map(shard::length))
                        .boxed()
                        .sorted(Comparator.reverseOrder())
                        .limit(count)
                        .mapToInt(Integer::intValue)
                        .toArray();
                longest = Math.max(longest, IntStream.of(lengths).asLongStream().sum());
                lengths = group.isLast() ? new int[0] : lengths;
            }
        }
        return longest;
    }

    @Override
    public ShardedRows materialize() {
        boolean done = false;
        try {
            rdd.count();
            done = true;
            return this;
        } finally {
            if (!done) {
                close();
            }
        }
    }

    @Override
    public void close() {
        rdd.unpersist(true);
    }
}
