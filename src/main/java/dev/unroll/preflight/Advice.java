package dev.unroll.preflight;

import dev.unroll.spark.iteration.Bytes;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Something of a training that could be better.
 *
 * @param finding what is not well
 * @param setting what to give, as on the command line
 */
public record Advice(String finding, String setting) {

    private static final long USUAL_DIRECT = 8L << 20;

    /** Results that come with the end of their tasks stand in the driver's queue of messages. */
    private static final long MOST_DIRECT = 64L << 20;

    /** What could be better about a training. */
    public static List<Advice> on(Preflight findings) {
        List<Advice> advice = new ArrayList<>();
        onMemory("the driver", findings.driver(), MemoryNeed.DRIVER_KEY, advice);
        if (!findings.cluster().local()) {
            onMemory("an executor", findings.executor(), MemoryNeed.EXECUTOR_KEY, advice);
        }
        if (findings.cluster().spark()) {
            onPartitions(findings, advice);
            onResults(findings, advice);
        }
        onShards(findings, advice);
        if (findings.cluster().spark()
                && findings.oneMachineIsFaster()
                && !findings.engines().driverMemory(findings.work().dataBytes()).isTight()) {
            advice.add(new Advice("one machine would be faster", "--engine local"));
        }
        return advice;
    }

    private static void onMemory(String process, MemoryNeed memory, String key, List<Advice> advice) {
        if (memory.isTight()) {
            advice.add(new Advice(
                    "memory is tight: " + process + " takes some " + Bytes.shown(memory.usual()) + " of "
                            + Bytes.shown(memory.heap()),
                    memory.setting(key)));
        }
    }

    private static void onPartitions(Preflight findings, List<Advice> advice) {
        int partitions = findings.work().partitions();
        int shards = findings.work().plan().shards();
        int atOnce = findings.cluster().tasksAtOnce();
        if (partitions > shards) {
            advice.add(new Advice(
                    partitions - shards + " of " + partitions + " partitions stay empty: there are " + shards
                            + " shards",
                    "--partitions 0"));
        } else if (partitions < Math.min(shards, atOnce)) {
            advice.add(new Advice(
                    "partitions bound the tasks: " + partitions + " of " + atOnce + " that can run at once",
                    "--partitions 0"));
        }
    }

    /** Of jobs: what tasks that stay send is not fetched. */
    private static void onResults(Preflight findings, List<Advice> advice) {
        long bytes = findings.sending().taskBytes();
        boolean byJobs = findings.sending().stages() == 1 && findings.time().updatesPerJob() == 1;
        if (byJobs && bytes > findings.cluster().limits().direct() && bytes <= MOST_DIRECT) {
            advice.add(new Advice(
                    "results of " + Bytes.shown(bytes) + " are fetched in one more round",
                    "--spark-conf spark.task.maxDirectResultSize=" + (Math.max(USUAL_DIRECT, 2 * bytes) >> 20) + "m"));
        }
    }

    /** Where tasks could be and are not for want of shards, or one of them has more than the others. */
    private static void onShards(Preflight findings, List<Advice> advice) {
        Workload work = findings.work();
        int shards = work.plan().shards();
        int atOnce = findings.cluster().tasksAtOnce();
        int enough = (shards + atOnce - 1) / atOnce * atOnce;
        if (enough == shards || enough > work.plan().effectiveBatchSize()) {
            return;
        }
        double ms = findings.time(work.withShards(enough, atOnce)).totalMs();
        if (ms < (1 - Preflight.WORTH_IT) * findings.time().totalMs()) {
            String finding = shards < atOnce
                    ? "shards bound the tasks: " + shards + " of " + atOnce + " that can run at once"
                    : String.format(
                            Locale.ROOT,
                            "the longest task has %.2f times the steps of the mean one",
                            findings.tasks().balance());
            advice.add(new Advice(
                    String.format(
                            Locale.ROOT,
                            "%s; with %d an update would take some %.1f ms, and the model have other bits",
                            finding,
                            enough,
                            ms),
                    "--num-shards " + enough));
        }
    }
}
