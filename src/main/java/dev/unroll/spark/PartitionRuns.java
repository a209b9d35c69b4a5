package dev.unroll.spark;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import org.apache.spark.SparkEnv;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.rdd.PartitionCoalescer;
import org.apache.spark.rdd.PartitionGroup;
import org.apache.spark.rdd.RDD;
import org.apache.spark.scheduler.TaskLocation;
import org.apache.spark.storage.BlockManagerId;
import scala.Option;
import scala.collection.Seq;
import scala.jdk.javaapi.CollectionConverters;

/**
 * Runs of neighbouring partitions, each for one task, where they are cached. Partitions are then only what an executor stores and loads at a time: a
 * task packs parameters once for all its shards, and sends one sum, however many partitions it has.
 */
final class PartitionRuns implements PartitionCoalescer, Serializable {

    private static final long serialVersionUID = 1L;

    private final int[] ends; // of each run, ascending
    private final String[] places; // where each run should be computed, in Spark's words; null for anywhere

    private PartitionRuns(int[] ends, String[] places) {
        this.ends = ends;
        this.places = places;
    }

    /** Partitions as they are, neighbours on one executor as far as that has room: for where they are first made. */
    static <T> JavaRDD<T> spread(JavaRDD<T> rdd, JavaSparkContext context) {
        List<String> executors = executors(context);
        if (executors.isEmpty()) {
            return rdd;
        }
        int partitions = rdd.getNumPartitions();
        int[] ends = new int[partitions];
        String[] places = new String[partitions];
        for (int p = 0; p < partitions; p++) {
            ends[p] = p + 1;
            places[p] = executors.get((int) ((long) p * executors.size() / partitions));
        }
        return new PartitionRuns(ends, places).of(rdd);
    }

    /** Cached partitions in runs of one executor each, about as many as there are tasks at once; those that are cached nowhere stand alone. */
    static <T> JavaRDD<T> together(JavaRDD<T> rdd, JavaSparkContext context) {
        int partitions = rdd.getNumPartitions();
        int atOnce = ShardedRows.tasksAtOnce(context);
        if (partitions <= atOnce) {
            return rdd;
        }
        int most = (partitions + atOnce - 1) / atOnce;
        List<Integer> ends = new ArrayList<>();
        List<String> places = new ArrayList<>();
        String place = null;
        int first = 0;
        for (int p = 0; p < partitions; p++) {
            String here = place(rdd, context, p);
            boolean joins = p > 0 && here != null && here.equals(place) && p - first < most;
            if (!joins) {
                if (p > 0) {
                    ends.add(p);
                    places.add(place);
                }
                first = p;
                place = here;
            }
        }
        ends.add(partitions);
        places.add(place);
        return new PartitionRuns(ends.stream().mapToInt(Integer::intValue).toArray(), places.toArray(new String[0]))
                .of(rdd);
    }

    /** The first place where a partition is cached; null where it is not. */
    private static String place(JavaRDD<?> rdd, JavaSparkContext context, int partition) {
        Seq<TaskLocation> locations = context.sc().getPreferredLocs(rdd.rdd(), partition);
        return locations.isEmpty() ? null : locations.head().toString();
    }

    /** All executors but the driver, in a fixed order, each as Spark names the place of a task. */
    private static List<String> executors(JavaSparkContext context) {
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
        RDD<T> runs = rdd.rdd().coalesce(ends.length, false, Option.apply(this), null);
        return JavaRDD.fromRDD(runs, rdd.classTag());
    }

    @Override
    public PartitionGroup[] coalesce(int most, RDD<?> parent) {
        PartitionGroup[] groups = new PartitionGroup[ends.length];
        for (int run = 0; run < ends.length; run++) {
            groups[run] = new PartitionGroup(Option.apply(places[run]));
            int from = run == 0 ? 0 : ends[run - 1];
            groups[run]
                    .partitions()
                    .addAll(CollectionConverters.asScala(
                            Arrays.asList(parent.partitions()).subList(from, ends[run])));
        }
        return groups;
    }
}
