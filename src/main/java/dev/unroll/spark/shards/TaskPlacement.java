package dev.unroll.spark.shards;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.spark.SparkEnv;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.rdd.PartitionCoalescer;
import org.apache.spark.rdd.PartitionGroup;
import org.apache.spark.rdd.RDD;
import org.apache.spark.storage.BlockManagerId;
import scala.Option;
import scala.jdk.javaapi.CollectionConverters;

/**
 * Runs of partitions, each for one task, where they are cached. Partitions are then only what an executor stores and loads at a time: a task packs
 * parameters once for all its shards, and sends one sum, however many partitions it has. Every executor gets its share of the runs, so that one that
 * replaces another has work at once; what it then fetches from others it {@linkplain ShardGroup#keepHere keeps}.
 */
public final class TaskPlacement implements PartitionCoalescer, Serializable {

    private static final long serialVersionUID = 1L;

    private final int[][] runs; // the partitions of each, in the order in which it takes them
    private final String[] places; // where each run should be computed, in Spark's words; null for anywhere

    private TaskPlacement(int[][] runs, String[] places) {
        this.runs = runs;
        this.places = places;
    }

    /** Partitions as they are, neighbours on one executor as far as that has room: for where they are first made. */
    public static <T> JavaRDD<T> spread(JavaRDD<T> rdd, JavaSparkContext context) {
        List<String> executors = executors();
        if (executors.isEmpty()) {
            return rdd;
        }
        int partitions = rdd.getNumPartitions();
        int[][] each = new int[partitions][];
        String[] places = new String[partitions];
        for (int p = 0; p < partitions; p++) {
            each[p] = new int[] {p};
            places[p] = executors.get((int) ((long) p * executors.size() / partitions));
        }
        return new TaskPlacement(each, places).of(rdd);
    }

    /**
     * Units of partitions in as many runs as there are tasks at once, neighbours in one.
     *
     * @param units what a run takes or leaves as a whole: the partitions of each, in order; of one without any there is nothing to do
     */
    public static <T> JavaRDD<T> together(JavaRDD<T> rdd, List<int[]> units, JavaSparkContext context) {
        int[][] runs = runs(units, ShardedRows.tasksAtOnce(context));
        List<String> executors = executors();
        if (executors.isEmpty() && runs.length == rdd.getNumPartitions()) {
            return rdd;
        }
        return new TaskPlacement(runs, places(rdd, runs, executors, context)).of(rdd);
    }

    /** The partitions of each run. */
    public static int[][] runs(List<int[]> units, int atOnce) {
        List<int[]> some = units.stream().filter(unit -> unit.length > 0).toList();
        int[][] runs = new int[Math.min(atOnce, some.size())][];
        for (int r = 0; r < runs.length; r++) {
            runs[r] = some.subList(first(r, runs.length, some.size()), first(r + 1, runs.length, some.size())).stream()
                    .flatMapToInt(Arrays::stream)
                    .toArray();
        }
        return runs;
    }

    /** The first unit of a run. Where they differ, earlier runs have more units, as earlier partitions have fewer shards. */
    private static int first(int run, int runs, int units) {
        return (int) (((long) run * units + runs - 1) / runs);
    }

    /** An executor for each run: the one that has most of its partitions, as long as that has no more than its share of runs. */
    private static String[] places(JavaRDD<?> rdd, int[][] runs, List<String> executors, JavaSparkContext context) {
        String[] places = new String[runs.length];
        if (executors.isEmpty()) {
            return places;
        }
        record Claim(int run, String executor, long partitions) {}
        List<Claim> claims = new ArrayList<>();
        for (int r = 0; r < runs.length; r++) {
            Map<String, Long> cached = new TreeMap<>();
            for (int partition : runs[r]) {
                CollectionConverters.asJava(context.sc().getPreferredLocs(rdd.rdd(), partition))
                        .forEach(location -> cached.merge(location.toString(), 1L, Long::sum));
            }
            for (Map.Entry<String, Long> entry : cached.entrySet()) {
                claims.add(new Claim(r, entry.getKey(), entry.getValue()));
            }
        }
        claims.sort(Comparator.comparingLong(Claim::partitions).reversed().thenComparingInt(Claim::run));
        int share = (runs.length + executors.size() - 1) / executors.size();
        Map<String, Integer> room = new HashMap<>();
        executors.forEach(executor -> room.put(executor, share));
        for (Claim claim : claims) {
            if (places[claim.run] == null && room.getOrDefault(claim.executor, 0) > 0) {
                places[claim.run] = claim.executor;
                room.merge(claim.executor, -1, Integer::sum);
            }
        }
        for (int r = 0; r < runs.length; r++) {
            if (places[r] == null) {
                places[r] =
                        executors.stream().max(Comparator.comparing(room::get)).orElseThrow();
                room.merge(places[r], -1, Integer::sum);
            }
        }
        return places;
    }

    /** All executors but the driver, in a fixed order, each as Spark names the place of a task. */
    private static List<String> executors() {
        return CollectionConverters.asJava(
                        SparkEnv.get().blockManager().master().getMemoryStatus())
                .keySet()
                .stream()
                .filter(id -> !id.isDriver())
                .sorted(Comparator.comparing(BlockManagerId::executorId))
                .map(id -> "executor_" + id.host() + "_" + id.executorId())
                .toList();
    }

    private <T> JavaRDD<T> of(JavaRDD<T> rdd) {
        RDD<T> coalesced = rdd.rdd().coalesce(runs.length, false, Option.apply(this), null);
        return JavaRDD.fromRDD(coalesced, rdd.classTag());
    }

    @Override
    public PartitionGroup[] coalesce(int most, RDD<?> parent) {
        PartitionGroup[] groups = new PartitionGroup[runs.length];
        for (int r = 0; r < runs.length; r++) {
            groups[r] = new PartitionGroup(Option.apply(places[r]));
            for (int partition : runs[r]) {
                groups[r].partitions().addOne(parent.partitions()[partition]);
            }
        }
        return groups;
    }
}
