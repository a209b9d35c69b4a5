package dev.unroll.spark.shards;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.ToDoubleFunction;
import org.apache.spark.SparkEnv;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.rdd.PartitionCoalescer;
import org.apache.spark.rdd.PartitionGroup;
import org.apache.spark.rdd.RDD;
import org.apache.spark.storage.BlockManagerId;
import scala.Option;
import scala.jdk.javaapi.CollectionConverters;

/**
 * Groups of partitions, each for one task, on the executors that have them cached. Partitions are then only what an
 * executor stores and loads at a time: a task packs parameters once for all its shards, and sends one sum, however many
 * partitions it has. Every executor gets its share of the groups, so that one that replaces another has work at once;
 * what it then fetches from others it {@linkplain ShardGroup#cacheHere caches}.
 */
public final class TaskPlacement implements PartitionCoalescer, Serializable {

    private static final long serialVersionUID = 1L;

    private final int[][] groups; // the partitions of each, in the order in which its task takes them
    private final String[] locations; // where each should be computed, in Spark's words; null for anywhere

    private TaskPlacement(int[][] groups, String[] locations) {
        this.groups = groups;
        this.locations = locations;
    }

    /** Each partition by itself, neighbours on one executor, spread evenly: for when they are first made. */
    public static <T> JavaRDD<T> spread(JavaRDD<T> rdd) {
        List<String> executors = executors();
        if (executors.isEmpty()) {
            return rdd;
        }
        int partitions = rdd.getNumPartitions();
        int[][] each = new int[partitions][];
        String[] locations = new String[partitions];
        for (int p = 0; p < partitions; p++) {
            each[p] = new int[] {p};
            locations[p] = executors.get((int) ((long) p * executors.size() / partitions));
        }
        return new TaskPlacement(each, locations).of(rdd);
    }

    /**
     * The partitions of some units, coalesced to one group for each task that can run at once; neighbouring units are
     * in one group.
     *
     * @param units what a group takes as a whole: the partitions of each, in order; a unit without any is left out
     * @param slots tasks that can run at once
     */
    public static <T> JavaRDD<T> coalesced(JavaRDD<T> rdd, List<int[]> units, int slots) {
        int[][] groups = groups(units, slots);
        List<String> executors = executors();
        if (executors.isEmpty() && groups.length == rdd.getNumPartitions()) {
            return rdd;
        }
        return new TaskPlacement(groups, locations(rdd, groups, executors)).of(rdd);
    }

    /**
     * The same, where shards of slow executors may be computed by others.
     *
     * @param units as the layout has them
     * @param speeds of an executor by its id, relative to each other
     */
    static PlacedTasks divided(
            JavaRDD<ShardGroup> rdd,
            ShardLayout layout,
            List<int[]> units,
            int slots,
            ToDoubleFunction<String> speeds) {
        int[][] groups = groups(units, slots);
        List<String> executors = executors();
        if (executors.isEmpty() || !layout.isWhole()) { // blocks that moved would be fetched with every update
            return new PlacedTasks(coalesced(rdd, units, slots), Optional.empty());
        }
        String[] locations = locations(rdd, groups, executors);
        double[] ofTasks = Arrays.stream(locations)
                .mapToDouble(location -> speeds.applyAsDouble(executor(location)))
                .toArray();
        List<int[]> home = Arrays.stream(groups).map(layout::shards).toList();
        Optional<ShardDivision> division = ShardDivision.of(home, ofTasks);
        int[][] partitions =
                division.map(shards -> layout.partitions(shards, groups)).orElse(groups);
        return new PlacedTasks(new TaskPlacement(partitions, locations).of(rdd), division);
    }

    /** The partitions of each group, in order. */
    public static int[][] groups(List<int[]> units, int slots) {
        List<int[]> some = units.stream().filter(unit -> unit.length > 0).toList();
        int[][] groups = new int[Math.min(slots, some.size())][];
        for (int g = 0; g < groups.length; g++) {
            groups[g] =
                    some
                            .subList(first(g, groups.length, some.size()), first(g + 1, groups.length, some.size()))
                            .stream()
                            .flatMapToInt(Arrays::stream)
                            .toArray();
        }
        return groups;
    }

    /**
     * The first unit of a group. Where they differ, earlier groups have more units, as earlier partitions have fewer
     * shards.
     */
    private static int first(int group, int groups, int units) {
        return (int) (((long) group * units + groups - 1) / groups);
    }

    /**
     * An executor for each group: the one that has most of its partitions, as long as that has no more than its share
     * of groups.
     */
    private static String[] locations(JavaRDD<?> rdd, int[][] groups, List<String> executors) {
        String[] locations = new String[groups.length];
        if (executors.isEmpty()) {
            return locations;
        }
        record Claim(int group, String executor, long partitions) {}
        List<Claim> claims = new ArrayList<>();
        for (int g = 0; g < groups.length; g++) {
            Map<String, Long> cached = new TreeMap<>();
            for (int partition : groups[g]) {
                CollectionConverters.asJava(rdd.context().getPreferredLocs(rdd.rdd(), partition))
                        .forEach(location -> cached.merge(location.toString(), 1L, Long::sum));
            }
            for (Map.Entry<String, Long> entry : cached.entrySet()) {
                claims.add(new Claim(g, entry.getKey(), entry.getValue()));
            }
        }
        claims.sort(Comparator.comparingLong(Claim::partitions).reversed().thenComparingInt(Claim::group));
        int share = (groups.length + executors.size() - 1) / executors.size();
        Map<String, Integer> room = new HashMap<>();
        executors.forEach(executor -> room.put(executor, share));
        for (Claim claim : claims) {
            if (locations[claim.group] == null && room.getOrDefault(claim.executor, 0) > 0) {
                locations[claim.group] = claim.executor;
                room.merge(claim.executor, -1, Integer::sum);
            }
        }
        for (int g = 0; g < groups.length; g++) {
            if (locations[g] == null) {
                locations[g] =
                        executors.stream().max(Comparator.comparing(room::get)).orElseThrow();
                room.merge(locations[g], -1, Integer::sum);
            }
        }
        return locations;
    }

    /** All executors but the driver, in a fixed order, each as Spark writes the preferred location of a task. */
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

    /** The executor's id in such a location. */
    private static String executor(String location) {
        return location.substring(location.lastIndexOf('_') + 1);
    }

    private <T> JavaRDD<T> of(JavaRDD<T> rdd) {
        RDD<T> coalesced = rdd.rdd().coalesce(groups.length, false, Option.apply(this), null);
        return JavaRDD.fromRDD(coalesced, rdd.classTag());
    }

    @Override
    public PartitionGroup[] coalesce(int most, RDD<?> parent) {
        PartitionGroup[] coalesced = new PartitionGroup[groups.length];
        for (int g = 0; g < groups.length; g++) {
            coalesced[g] = new PartitionGroup(Option.apply(locations[g]));
            for (int partition : groups[g]) {
                coalesced[g].partitions().addOne(parent.partitions()[partition]);
            }
        }
        return coalesced;
    }
}
