package dev.unroll.spark;

import dev.unroll.data.Scaling;
import dev.unroll.data.Shard;
import dev.unroll.train.CanonicalTree;
import dev.unroll.train.StatisticsSum;
import dev.unroll.train.Sum;
import java.io.Serializable;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.function.Function;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaPairRDD;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.storage.StorageLevel;

/**
 * Sequences dealt to shards and cached on executors, one {@link ShardGroup} a partition: takes rows in canonical order, gives shards.
 *
 * @param shards U
 */
public record ShardedRows(JavaRDD<ShardGroup> rdd, int shards) implements Shards {

    /**
     * Deals rows: those of ordinal n go to shard n mod U at place n div U. Rows of one ordinal make one sequence, in ascending order of their
     * keys.
     *
     * @param partitions a partition holds a contiguous run of shards; beyond U they stay empty
     */
    static ShardedRows deal(
            JavaPairRDD<Long, byte[]> rows,
            ShardDealer.Ordinal ordinal,
            int shards,
            int partitions,
            RowDecoder decoder) {
        ShardDealer dealer = new ShardDealer(ordinal, shards, partitions);
        JavaRDD<ShardGroup> groups = rows.repartitionAndSortWithinPartitions(dealer, dealer.order())
                .mapPartitionsWithIndex((partition, dealt) -> group(dealer.shards(partition, dealt, decoder)), true);
        JavaSparkContext context = JavaSparkContext.fromSparkContext(rows.context());
        return new ShardedRows(PartitionRuns.spread(groups, context).persist(StorageLevel.MEMORY_AND_DISK()), shards);
    }

    private static Iterator<ShardGroup> group(List<Shard> shards) {
        return (shards.isEmpty() ? List.<ShardGroup>of() : List.of(new ShardGroup(shards))).iterator();
    }

    /** How many tasks run at once, as far as Spark's settings say. */
    public static int tasksAtOnce(JavaSparkContext context) {
        SparkConf conf = context.getConf();
        int perTask = conf.contains("spark.default.parallelism") ? 1 : conf.getInt("spark.task.cpus", 1);
        return Math.max(1, context.defaultParallelism() / perTask);
    }

    /** Shards that are there already, in that many partitions. Not for long work: a partition that is lost is not made again. */
    public static ShardedRows of(JavaSparkContext context, List<Shard> shards, int partitions) {
        List<ShardGroup> groups = new ArrayList<>();
        ShardDealer dealer = new ShardDealer(n -> n, shards.size(), partitions);
        for (int p = 0; p < partitions; p++) {
            groups.add(new ShardGroup(new ArrayList<>(shards.subList(dealer.firstShard(p), dealer.firstShard(p + 1)))));
        }
        JavaRDD<ShardGroup> rdd = context.parallelize(groups, partitions).persist(StorageLevel.MEMORY_AND_DISK());
        rdd.rdd().localCheckpoint(); // or else every task of every job would bring the shards along
        return new ShardedRows(rdd, shards.size());
    }

    @Override
    public List<Shard> collect() {
        List<Shard> shards = new ArrayList<>();
        rdd.map(group -> ObjectBytes.write(new ArrayList<>(group.shards())))
                .collect()
                .forEach(bytes -> shards.addAll(ObjectBytes.<ArrayList<Shard>>read(bytes)));
        return shards;
    }

    @Override
    public Scaling scaling(int inputWidth, int targetWidth) {
        return sum(shard -> StatisticsSum.of(shard, inputWidth, targetWidth), StatisticsSum::read)
                .scaling();
    }

    /** What a task makes of one shard. */
    public interface ShardWork<S> extends Serializable {
        /** Null where the shard has no part in the sum. */
        S of(Shard shard);
    }

    /** The canonical sum of what {@code work} makes of every shard; {@code read} reads a sum that has travelled. */
    public <S extends Sum<S>> S sum(ShardWork<S> work, Function<ByteBuffer, S> read) {
        int count = shards;
        CanonicalTree<S> tree = new CanonicalTree<>(count);
        rdd.map(group -> {
                    CanonicalTree<S> part = new CanonicalTree<>(count);
                    for (Shard shard : group.shards()) {
                        part.add(shard.index(), work.of(shard));
                    }
                    return part.toBytes();
                })
                .collect()
                .forEach(bytes -> tree.mergeBytes(bytes, read));
        return tree.root();
    }

    @Override
    public long longest(int count) {
        return rdd.map(group -> group.shards().stream()
                        .mapToLong(shard -> shard.longest(count))
                        .max()
                        .orElse(0))
                .reduce(Math::max);
    }

    @Override
    public ShardedRows materialize() {
        rdd.count();
        return this;
    }

    @Override
    public void close() {
        rdd.unpersist(true);
    }
}
