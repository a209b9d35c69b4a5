package dev.unroll.fit;

import java.io.Serializable;

/**
 * Where a training runs.
 *
 * @param engine where updates are computed
 * @param partitions that the shards are cached in; 0 for one per task that runs at once
 * @param updatesPerJob updates that the tasks of one Spark job compute at most; 1 for a job for each, 0 for as many as
 *     take about a second
 */
public record PlacementConfig(Engine engine, int partitions, int updatesPerJob) implements Serializable {

    /** Where updates are computed. */
    public enum Engine {
        /** In the driver where that is clearly faster and the rows are small, and otherwise on the cluster. */
        AUTO,
        /** In tasks on the cluster. */
        SPARK,
        /** In the driver. */
        LOCAL
    }
}
