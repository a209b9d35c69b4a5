package dev.unroll.preflight;

/**
 * An update by either engine: in tasks of Spark on the session's cluster, and in the driver alone.
 *
 * @param work in the partitions of the session
 * @param costs what times are made from
 */
public record Engines(Workload work, Cluster session, ClusterCosts costs) {

    /** The driver's machine alone. */
    Cluster alone() {
        return session.oneMachine();
    }

    /** The work where the driver does it: a partition for each of its threads. */
    Workload workAlone() {
        return work.withPartitions(alone().tasksAtOnce());
    }

    /** Of an update in tasks of Spark. */
    public TimeEstimate spark(double gigaflops) {
        return TimeEstimate.of(work, session, gigaflops, costs);
    }

    /** Of an update on the driver's machine alone. */
    public TimeEstimate driver(double gigaflops) {
        return TimeEstimate.of(workAlone(), alone(), gigaflops, costs);
    }

    /** Whether the driver alone is clearly faster. */
    boolean isDriverFaster(double gigaflops) {
        return driver(gigaflops).totalMs()
                < (1 - Preflight.WORTH_IT) * spark(gigaflops).totalMs();
    }

    /**
     * Of training in the driver, where rows are held twice while they are collected: as shards, and as the bytes that
     * came.
     *
     * @param rowBytes of all rows as shards, those to validate on included
     */
    MemoryNeed driverMemory(long rowBytes) {
        Workload work = workAlone();
        MemoryNeed need = MemoryNeed.ofBoth(work, alone(), Traffic.of(work, alone()));
        return new MemoryNeed(need.least(), need.usual() - work.dataBytes() + 2 * rowBytes, need.heap());
    }
}
