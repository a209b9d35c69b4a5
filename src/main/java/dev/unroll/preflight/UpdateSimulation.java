package dev.unroll.preflight;

import dev.unroll.math.CounterRandom;
import dev.unroll.spark.iteration.SparkObjective;
import java.util.Arrays;
import java.util.PriorityQueue;
import java.util.stream.IntStream;

/**
 * Updates event by event, with the costs that {@link TimeEstimate} adds up: theta goes out, each task computes for a time that is drawn, its sum
 * goes over its own link to the driver's, which takes one after the other, and the driver merges and updates. A job is launched when a group of
 * updates is over. Where all times are equal it takes what the estimate says; otherwise it has the whole distribution, of any recorded times, and
 * executors that are slow.
 *
 * @param tasks that send a sum each, on an executor each
 * @param bytes of theta
 * @param times that one task is recorded to have taken, in ms, from which each draws; at least one
 * @param slowest what the first executor takes as many times as long; 1 for none that is slow
 */
public record UpdateSimulation(int tasks, long bytes, double[] times, double slowest, ClusterCosts costs) {

    /** Log-normal times of that mean and coefficient of variation: so many quantiles. */
    public static double[] logNormal(double ms, double spread, int count) {
        TaskSpread distribution = new TaskSpread(spread);
        return IntStream.rangeClosed(1, count)
                .mapToDouble(rank -> ms * distribution.ranked(rank, count))
                .toArray();
    }

    /** What so many updates take, each in ms, in their order; the same of the same seed. */
    public double[] run(int updates, long seed) {
        double mean = Arrays.stream(times).average().orElseThrow();
        boolean staying =
                TimeEstimate.ofGhostWork(tasks, bytes, mean, 0, 0, costs).updatesPerJob() > 1;
        double megabytes = bytes / TimeEstimate.MEGABYTE;
        boolean isBroadcast = !staying || Exchange.isBroadcast(tasks, megabytes, costs);
        double outMs = (isBroadcast ? costs.broadcast() : costs.order()).ms(tasks, tasks, megabytes);
        ExchangeCost back = staying ? costs.report() : costs.collect();
        double afterMs = tasks * costs.sumMs(megabytes) + costs.optimiserMbMs() * megabytes;
        double[] ms = new double[updates];
        double age = 0; // of the group of updates that is open
        boolean ends = true; // with the latest update
        for (int update = 0; update < updates; update++) {
            double launchMs = 0;
            if (staying && ends) {
                launchMs = costs.collect().ms(tasks, 0, 0);
                age = 0;
            }
            ends = age > SparkObjective.MS_OF_GROUP;
            double withoutLaunch = arrived(new CounterRandom(seed, update), outMs, back, megabytes) + afterMs;
            age += withoutLaunch;
            ms[update] = launchMs + withoutLaunch;
        }
        return ms;
    }

    /** When the last sum is at the driver. */
    private double arrived(CounterRandom random, double outMs, ExchangeCost back, double megabytes) {
        PriorityQueue<Double> ends = new PriorityQueue<>(tasks);
        for (int task = 0; task < tasks; task++) {
            double drawn = times[random.below(times.length, task)];
            ends.add(outMs + drawn * (task == 0 ? slowest : 1) + back.mbMs() * megabytes);
        }
        double serviceMs = back.taskMs() + back.taskMbMs() * megabytes;
        double free = 0;
        while (!ends.isEmpty()) {
            free = Math.max(free, ends.remove()) + serviceMs;
        }
        return free + back.ms();
    }
}
