package dev.unroll.cli.bench;

import dev.unroll.data.Sequence;
import dev.unroll.math.bench.ProductRate;
import dev.unroll.nn.NetworkCost;
import dev.unroll.preflight.ClusterCosts;
import dev.unroll.preflight.ExchangeCost;
import dev.unroll.spark.iteration.GhostWork;
import dev.unroll.spark.iteration.SparkObjective;
import dev.unroll.spark.shards.TaskSlots;
import dev.unroll.train.Phases;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.TreeSet;
import org.apache.spark.api.java.JavaSparkContext;

/**
 * Measures the costs of a cluster piece by piece: updates without work of a few sizes, on one task, on some and on all that run at once, by each way to bring
 * parameters out and sums back; and the kernel in all tasks at once. No whole training takes part in it.
 */
final class CostsBench {

    private static final int[] HIDDEN = {32, 448, 896}; // Elman networks of some 5 KB, 0.8 MB and 3.2 MB
    private static final double MEGABYTE = 1e6;
    private static final double GHOST_MS = 10; // so that what is computed all the same is not waited for
    private static final long GHOST_SEED = 1;
    private static final long MOST_COLLECTED = 64L << 20; // more is merged in two stages
    private static final int KERNEL_STEPS = 20;

    private final JavaSparkContext context;
    private final KernelBench.Shape shape;
    private final double seconds;
    private final int slots;

    /**
     * @param shape whose kernel is timed
     * @param seconds of each piece, after a warm-up as long
     */
    CostsBench(JavaSparkContext context, KernelBench.Shape shape, double seconds) {
        this.context = context;
        this.shape = shape;
        this.seconds = seconds;
        this.slots = TaskSlots.of(context);
    }

    /** What all pieces say; the rest is as usual. */
    ClusterCosts run() {
        ClusterCosts usual = ClusterCosts.usual(context.isLocal());
        List<ExchangeFit.Point> calls = new ArrayList<>();
        List<ExchangeFit.Point> broadcasts = new ArrayList<>();
        List<ExchangeFit.Point> jobs = new ArrayList<>();
        List<ExchangeFit.Point> twoStages = new ArrayList<>();
        double largest = 0;
        double sumMbMs = 0;
        double optimiserMbMs = 0;
        for (int tasks : new TreeSet<>(List.of(1, (int) Math.round(Math.sqrt(slots)), slots))) {
            for (int hidden : HIDDEN) {
                KernelBench.Shape theta = theta(hidden);
                double megabytes = Float.BYTES * theta.network().layout().size() / MEGABYTE;
                if (tasks * megabytes * MEGABYTE <= SparkObjective.MOST_SENT) {
                    Phases staying = phases(theta, tasks, 0, 0);
                    calls.add(new ExchangeFit.Point(tasks, tasks, megabytes, staying.exchangeMs()));
                }
                if (tasks * megabytes * MEGABYTE <= MOST_COLLECTED) {
                    Phases job = phases(theta, tasks, 1, 0);
                    broadcasts.add(new ExchangeFit.Point(tasks, tasks, megabytes, job.broadcastMs()));
                    jobs.add(new ExchangeFit.Point(tasks, tasks, megabytes, job.waitMs()));
                    if (tasks * megabytes > largest) {
                        largest = tasks * megabytes;
                        sumMbMs = job.mergeMs() / largest;
                        optimiserMbMs = job.updateMs() / megabytes;
                    }
                }
                int slices = 2 * tasks;
                Phases sliced = phases(theta, tasks, 1, slices);
                twoStages.add(new ExchangeFit.Point(tasks + slices, 1, megabytes, sliced.waitMs()));
            }
        }
        ExchangeCost call = ExchangeFit.of(calls);
        Kernel kernel = kernel(usual);
        return new ClusterCosts(
                origin(),
                OptionalDouble.of(kernel.gigaflops),
                kernel.operationsPerActivation,
                usual.taskFactor(),
                usual.taskMs(),
                sumMbMs,
                usual.largeSumMbMs(),
                usual.cacheMb(),
                optimiserMbMs,
                kernel.spread,
                ExchangeFit.of(broadcasts),
                ExchangeFit.of(jobs),
                ExchangeFit.of(twoStages),
                // A message is as large in either direction, and a task knows nothing of how long its own was on the
                // way.
                new ExchangeCost(0, 0, call.mbMs() / 2, call.taskMbMs() / 2),
                new ExchangeCost(call.ms(), call.taskMs(), call.mbMs() / 2, call.taskMbMs() / 2));
    }

    private KernelBench.Shape theta(int hidden) {
        return new KernelBench.Shape("elman", 4, hidden, 1, false, 2, 0, List.of(), 0, 1, 1, false, false);
    }

    private Phases phases(KernelBench.Shape theta, int tasks, int updatesPerJob, int slices) {
        Optional<GhostWork> ghost = Optional.of(new GhostWork(GHOST_MS, 0, GHOST_SEED));
        return new SparkBench(context, theta, updatesPerJob, ghost, tasks).leastPhases(slices, seconds);
    }

    private ClusterCosts.Origin origin() {
        int executors =
                context.isLocal() ? 0 : context.sc().getExecutorMemoryStatus().size() - 1;
        return new ClusterCosts.Origin(
                Runtime.getRuntime().availableProcessors() + " processors, " + System.getProperty("os.arch"),
                System.getProperty("java.version"),
                executors,
                LocalDate.now(ZoneOffset.UTC).toString());
    }

    /** What the kernel makes of the shape while all tasks compute. */
    private record Kernel(double gigaflops, double operationsPerActivation, double spread) {}

    private Kernel kernel(ClusterCosts usual) {
        KernelBench.Shape timed = shape;
        List<double[]> all = context.parallelize(Collections.nCopies(slots, 0), slots)
                .map(any -> {
                    KernelBench kernel = new KernelBench(timed, 0);
                    for (int i = 0; i < KERNEL_STEPS; i++) {
                        kernel.step();
                    }
                    // The rate, and ms of steps: every serializer knows arrays.
                    double[] seen = new double[1 + KERNEL_STEPS];
                    for (int i = 1; i <= KERNEL_STEPS; i++) {
                        long start = System.nanoTime();
                        kernel.step();
                        seen[i] = (System.nanoTime() - start) / 1e6;
                    }
                    seen[0] = ProductRate.gigaflops();
                    return seen;
                })
                .collect();
        double count = (double) slots * KERNEL_STEPS;
        double rate = all.stream().mapToDouble(seen -> seen[0]).average().orElseThrow();
        double sum = 0;
        double squares = 0;
        for (double[] seen : all) {
            for (int i = 1; i <= KERNEL_STEPS; i++) {
                sum += seen[i];
                squares += seen[i] * seen[i];
            }
        }
        double mean = sum / count;
        double steps = timed.sequences(timed.batch()).stream()
                .mapToLong(Sequence::length)
                .sum();
        NetworkCost cost = new NetworkCost(timed.network());
        // Besides its arithmetic a step clears a gradient and lays out the weights.
        double megabytes = Float.BYTES * timed.network().layout().size() / MEGABYTE;
        double operations = (mean - 2 * usual.sumMbMs() * megabytes) * rate * 1e6 - cost.flops(timed.batch(), steps);
        return new Kernel(
                rate,
                Math.max(0, operations) / cost.activations(timed.batch(), steps),
                Math.sqrt(Math.max(0, squares / count - mean * mean)) / mean);
    }
}
