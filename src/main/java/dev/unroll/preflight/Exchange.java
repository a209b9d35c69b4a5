package dev.unroll.preflight;

import dev.unroll.spark.iteration.SparkObjective;
import dev.unroll.train.Phases;

/** The ways to bring theta to tasks of Spark and their sums back, each with the phases of an update that takes it. */
enum Exchange {

    /** A job for each update, whose sums all come to the driver. */
    JOB {
        @Override
        Phases phases(Update update, ClusterCosts costs) {
            return update.phases(update.out(costs.broadcast()), update.back(costs.collect()), update.sums);
        }
    },

    /** A job in two stages: executors merge the sums slice by slice, after the slowest task. */
    TWO_STAGES {
        @Override
        Phases phases(Update update, ClusterCosts costs) {
            double ofTask = update.sums / update.tasks;
            double wait = update.beyondMs(update.tasks)
                    + costs.slices().ms((double) update.tasks + update.slices, ofTask, update.megabytes);
            return update.phases(update.out(costs.broadcast()), wait, ofTask);
        }
    },

    /** Tasks that stay, called without a job; on executors, theta is broadcast to many. */
    STAYING {
        @Override
        Phases phases(Update update, ClusterCosts costs) {
            ExchangeCost out = isBroadcast(update.tasks, update.megabytes, costs) ? costs.broadcast() : costs.order();
            return update.phases(update.out(out), update.back(costs.report()), update.sums);
        }
    };

    /**
     * What is known of an update, whichever way it takes.
     *
     * @param tasks that compute it
     * @param sums that all of them send together
     * @param slices that executors merge them in; 0 where the driver does
     * @param megabytes of theta, and so of a sum
     * @param computeMs of the task that has most to do, as it is expected to take
     * @param sumMs to merge one more sum
     * @param updateMs of the optimiser
     * @param spread of tasks that have the same work
     */
    record Update(
            int tasks,
            double sums,
            int slices,
            double megabytes,
            double computeMs,
            double sumMs,
            double updateMs,
            TaskSpread spread) {

        private double out(ExchangeCost cost) {
            return cost.ms(tasks, tasks, megabytes);
        }

        /** What the task of that rank is expected to take beyond the mean. */
        private double beyondMs(int rank) {
            return computeMs * (spread.ranked(rank, tasks) - 1);
        }

        /**
         * From the mean end of computing until all sums are here. They come one after the other: those of late tasks may wait for earlier ones, or the
         * driver for them.
         */
        private double back(ExchangeCost cost) {
            double latest = 0;
            for (int rank = 1; rank <= tasks; rank++) {
                int left = tasks - rank + 1;
                latest = Math.max(latest, beyondMs(rank) + cost.ms(left, sums * left / tasks, megabytes));
            }
            return latest;
        }

        private Phases phases(double broadcastMs, double waitMs, double merged) {
            return new Phases(broadcastMs, computeMs, waitMs, merged * sumMs, updateMs);
        }
    }

    /** Whether theta is broadcast to tasks that stay. */
    static boolean isBroadcast(int tasks, double megabytes, ClusterCosts costs) {
        return !costs.isLocal() && tasks * megabytes * TimeEstimate.MEGABYTE > SparkObjective.MOST_SENT;
    }

    /** Of an update that goes this way. */
    abstract Phases phases(Update update, ClusterCosts costs);
}
