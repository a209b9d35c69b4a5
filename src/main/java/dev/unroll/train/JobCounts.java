package dev.unroll.train;

import java.io.Serializable;
import java.util.Locale;

/**
 * How many jobs of Spark the evaluations of a training took until now: the tasks of one job may stay for several. An
 * update is one evaluation, and with L-BFGS as many as its line search took.
 *
 * @param evaluations that tasks of Spark have computed
 * @param jobs that they took, validation not counted
 * @param fallbacks evaluations by a job of their own although the tasks of a job may stay
 * @param reason of the latest fallback, in words; empty where there was none
 */
public record JobCounts(long evaluations, long jobs, long fallbacks, String reason) implements Serializable {

    /** Of what needs no Spark. */
    public static final JobCounts NONE = new JobCounts(0, 0, 0, "");

    /** One more, by tasks that were there. */
    public JobCounts withoutJob() {
        return new JobCounts(evaluations + 1, jobs, fallbacks, reason);
    }

    /** One more, by a job that was begun for it. */
    public JobCounts withJob() {
        return new JobCounts(evaluations + 1, jobs + 1, fallbacks, reason);
    }

    /** One more, by a job of its own, since no tasks could stay. */
    public JobCounts withFallback(String why) {
        return new JobCounts(evaluations + 1, jobs + 1, fallbacks + 1, why);
    }

    /** The mean evaluations, usually updates, of a job; 0 where there was none. */
    public double updatesPerJob() {
        return jobs == 0 ? 0 : (double) evaluations / jobs;
    }

    /** The same of numbers that were stored. */
    public static String sentence(double updatesPerJob, long fallbacks, String reason) {
        return String.format(Locale.ROOT, "%.1f updates a job", updatesPerJob)
                + (fallbacks == 0
                        ? ""
                        : String.format(Locale.ROOT, "; %,d had a job of their own: %s", fallbacks, reason));
    }

    /** For people, such as "52.3 updates a job; 3 had a job of their own: 1 of 2 tasks had no slot"; empty without Spark. */
    public String sentence() {
        return jobs == 0 ? "" : sentence(updatesPerJob(), fallbacks, reason);
    }
}
