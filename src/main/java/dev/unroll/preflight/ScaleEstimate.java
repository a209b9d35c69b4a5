package dev.unroll.preflight;

import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * An update on several numbers of executors, each with as many tasks at once as one has in the session; in local mode the session's process counts as
 * one. The shards are those of the training, in a partition for each task: they bound the tasks, and no bit depends on the executors.
 *
 * @param points in the order in which they were asked for
 */
public record ScaleEstimate(List<Point> points) {

    private static final double MS_OF_HOUR = 3.6e6;

    /** The efficiency from which on an executor is worth what it costs: half of it works. */
    public static final double WORTH_IT = 0.5;

    /**
     * An update on so many executors.
     *
     * @param tasks of an update
     * @param speedup times as fast as on one executor
     * @param costOfEpoch of all executors for an epoch, in the unit of the price; empty without a price
     */
    public record Point(int executors, int tasks, TimeEstimate time, double speedup, OptionalDouble costOfEpoch) {

        /** The speed-up over the number of executors. */
        public double efficiency() {
            return speedup / executors;
        }

        /** Updates in an hour. */
        public double updatesPerHour() {
            return MS_OF_HOUR / time.totalMs();
        }
    }

    /**
     * Of a training.
     *
     * @param engines with costs that were measured on executors, or the usual ones
     * @param price of an executor for an hour; empty for none
     */
    static ScaleEstimate of(Engines engines, double gigaflops, List<Integer> executors, OptionalDouble price) {
        ClusterCosts costs = engines.costs();
        Cluster session = engines.session();
        Cluster one = session.withExecutors(1);
        double alone =
                TimeEstimate.of(on(one, engines.work()), one, gigaflops, costs).totalMs();
        double hoursOfEpoch = engines.work().plan().batchesPerEpoch() / MS_OF_HOUR;
        return new ScaleEstimate(executors.stream()
                .map(count -> {
                    Cluster cluster = session.withExecutors(count);
                    Workload work = on(cluster, engines.work());
                    TimeEstimate time = TimeEstimate.of(work, cluster, gigaflops, costs);
                    double hours = hoursOfEpoch * time.totalMs() * count;
                    OptionalDouble cost =
                            price.isPresent() ? OptionalDouble.of(price.getAsDouble() * hours) : OptionalDouble.empty();
                    int tasks = work.tasks(cluster.tasksAtOnce()).count();
                    return new Point(count, tasks, time, alone / time.totalMs(), cost);
                })
                .toList());
    }

    private static Workload on(Cluster cluster, Workload work) {
        return work.withPartitions(Math.min(work.plan().shards(), cluster.tasksAtOnce()));
    }

    /** The most executors of those asked for that are worth what they cost: with an efficiency of {@value #WORTH_IT} at least. */
    public Optional<Point> useful() {
        return points.stream()
                .filter(point -> point.efficiency() >= WORTH_IT)
                .max((a, b) -> Integer.compare(a.executors, b.executors));
    }

    /** The executors of those asked for that take the least time; the fewest of these. */
    public Point fastest() {
        return points.stream()
                .min((a, b) -> {
                    int faster = Double.compare(a.time.totalMs(), b.time.totalMs());
                    return faster != 0 ? faster : Integer.compare(a.executors, b.executors);
                })
                .orElseThrow();
    }
}
