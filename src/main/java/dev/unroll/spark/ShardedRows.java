package dev.unroll.spark;

import dev.unroll.data.CanonicalRow;
import dev.unroll.data.Scaling;
import dev.unroll.data.Sequence;
import dev.unroll.data.Shard;
import dev.unroll.train.CanonicalTree;
import dev.unroll.train.StatisticsSum;
import dev.unroll.train.Sum;
import java.io.Serializable;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.function.Function;
import org.apache.spark.Partitioner;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaPairRDD;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.storage.StorageLevel;
import scala.Tuple2;

/**
 * Sequences dealt to shards and cached on executors, one {@link ShardGroup} a partition: takes rows in canonical order, gives shards.
 *
 * @param shards U
 */
public record ShardedRows(JavaRDD<ShardGroup> rdd, int shards) {

    /** The ordinal of the sequence that a row is part of, by the key of the row. */
    interface Ordinal extends Serializable {
        long of(long key);
    }

    /**
     * Deals rows: those of ordinal n go to shard n mod U at place n div U. Rows of one ordinal make one sequence, in ascending order of their
     * keys.
     *
     * @param partitions a partition holds a contiguous run of shards; beyond U they stay empty
     */
    static ShardedRows deal(
            JavaPairRDD<Long, byte[]> rows, Ordinal ordinal, int shards, int partitions, RowDecoder decoder) {
        ByShard partitioner = new ByShard(ordinal, shards, partitions);
        JavaRDD<ShardGroup> groups = rows.repartitionAndSortWithinPartitions(partitioner, new ByOrdinal(ordinal))
                .mapPartitionsWithIndex((partition, ordinals) -> build(partitioner, partition, ordinals, decoder), true)
                .persist(StorageLevel.MEMORY_AND_DISK());
        return new ShardedRows(groups, shards);
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
        ByShard partitioner = new ByShard(n -> n, shards.size(), partitions);
        for (int p = 0; p < partitions; p++) {
            groups.add(new ShardGroup(
                    new ArrayList<>(shards.subList(partitioner.firstShard(p), partitioner.firstShard(p + 1)))));
        }
        JavaRDD<ShardGroup> rdd = context.parallelize(groups, partitions).persist(StorageLevel.MEMORY_AND_DISK());
        rdd.rdd().localCheckpoint(); // or else every task of every job would bring the shards along
        return new ShardedRows(rdd, shards.size());
    }

    /** All shards, in order, on the driver. */
    public List<Shard> collect() {
        List<Shard> shards = new ArrayList<>();
        rdd.map(group -> ObjectBytes.write(new ArrayList<>(group.shards())))
                .collect()
                .forEach(bytes -> shards.addAll(ObjectBytes.<ArrayList<Shard>>read(bytes)));
        return shards;
    }

    /** Means and deviations of steps and targets, through the canonical sums. */
    public Scaling scaling(int inputWidth, int targetWidth) {
        return sum(shard -> statistics(shard, inputWidth, targetWidth), StatisticsSum::read)
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

    private static StatisticsSum statistics(Shard shard, int inputWidth, int targetWidth) {
        StatisticsSum sum = new StatisticsSum(inputWidth, targetWidth);
        for (int place = 0; place < shard.size(); place++) {
            sum.add(shard.sequence(place));
        }
        return sum;
    }

    /** The most steps that so many sequences of one shard have together. */
    public long longest(int count) {
        return rdd.map(group -> group.shards().stream()
                        .mapToLong(shard -> shard.longest(count))
                        .max()
                        .orElse(0))
                .reduce(Math::max);
    }

    /** Makes the shards and caches them now, so that what they are made from can be freed. */
    public ShardedRows materialize() {
        rdd.count();
        return this;
    }

    /** Frees the shards. */
    public void close() {
        rdd.unpersist(true);
    }

    private static Iterator<ShardGroup> build(
            ByShard partitioner, int partition, Iterator<Tuple2<Long, byte[]>> rows, RowDecoder decoder) {
        int first = partitioner.firstShard(partition);
        int count = partitioner.firstShard(partition + 1) - first;
        if (count == 0) {
            return List.<ShardGroup>of().iterator();
        }
        List<List<Sequence>> sequences = new ArrayList<>();
        for (int u = 0; u < count; u++) {
            sequences.add(new ArrayList<>());
        }
        List<Sequence> pieces = new ArrayList<>(); // of one ordinal
        long latest = -1;
        while (rows.hasNext()) {
            Tuple2<Long, byte[]> row = rows.next();
            long ordinal = partitioner.ordinal.of(row._1());
            if (ordinal != latest && !pieces.isEmpty()) {
                sequences.get((int) (latest % partitioner.shards) - first).add(Sequence.joined(pieces));
                pieces.clear();
            }
            pieces.add(decoder.decode(new CanonicalRow(row._2())));
            latest = ordinal;
        }
        if (!pieces.isEmpty()) {
            sequences.get((int) (latest % partitioner.shards) - first).add(Sequence.joined(pieces));
        }
        List<Shard> shards = new ArrayList<>();
        for (int u = 0; u < count; u++) {
            shards.add(new Shard(first + u, sequences.get(u), decoder.ids()));
        }
        return List.of(new ShardGroup(shards)).iterator();
    }

    /** By ordinal, and by key where that is the same. */
    private record ByOrdinal(Ordinal ordinal) implements Comparator<Long>, Serializable {
        @Override
        public int compare(Long a, Long b) {
            int order = Long.compare(ordinal.of(a), ordinal.of(b));
            return order != 0 ? order : Long.compare(a, b);
        }
    }

    /** Key to partition: contiguous runs of shards, as even as can be. */
    private static final class ByShard extends Partitioner {

        private static final long serialVersionUID = 1L;

        private final Ordinal ordinal;
        private final int shards;
        private final int partitions;

        ByShard(Ordinal ordinal, int shards, int partitions) {
            this.ordinal = ordinal;
            this.shards = shards;
            this.partitions = partitions;
        }

        int firstShard(int partition) {
            return (int) ((long) partition * shards / partitions);
        }

        @Override
        public int numPartitions() {
            return partitions;
        }

        @Override
        public int getPartition(Object key) {
            long shard = ordinal.of((Long) key) % shards;
            return (int) (((shard + 1) * partitions - 1) / shards);
        }
    }
}
