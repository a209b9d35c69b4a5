package dev.unroll.ml;

import org.apache.spark.ml.Model;
import org.apache.spark.ml.param.BooleanParam;
import org.apache.spark.ml.param.IntParam;
import org.apache.spark.ml.param.Param;

/**
 * Params of every estimator: where training runs, and its checkpoints.
 *
 * @param <E> the estimator itself, for setters that can be chained
 * @param <M> its model
 */
public abstract class PlacementParams<E extends PlacementParams<E, M>, M extends Model<M>>
        extends ValidationParams<E, M> {

    private static final long serialVersionUID = 1L;

    private final IntParam numShards = ParamFactory.integer(
            this,
            "numShards",
            "shards that the data are dealt to, which bounds useful parallelism; 0 = from the steps per update",
            0,
            AllowedValues.atLeast(0));
    private final IntParam partitions = ParamFactory.integer(
            this,
            "partitions",
            "partitions that the shards are cached in; 0 = one per task that runs at once, at most one per shard. Changes no bit",
            0,
            AllowedValues.atLeast(0));
    private final Param<String> engine = ParamFactory.text(
            this,
            "engine",
            "where iterations run: spark, in tasks on the cluster; local, in the driver; auto, in the driver where that is predicted to save a"
                    + " tenth of an update or more, its memory has room and the rows are at most 64 MB. Changes no bit",
            "auto",
            AllowedValues.oneOf("auto", "spark", "local"));
    private final IntParam updatesPerJob = ParamFactory.integer(
            this,
            "updatesPerJob",
            "with engine spark: updates that the tasks of one Spark job compute at most; 1 = a job for each, 0 = as many as take about a"
                    + " second. Changes no bit",
            0,
            AllowedValues.atLeast(0));
    private final Param<String> checkpointDir = ParamFactory.text(
            this,
            "checkpointDir",
            "directory of checkpoints, on any file system that Hadoop knows; empty: none. Where training ends is one, too",
            "",
            AllowedValues.any("a path; empty for none"));
    private final IntParam checkpointInterval = ParamFactory.integer(
            this,
            "checkpointInterval",
            "updates from one checkpoint to the next; 0 = only where training ends",
            100,
            AllowedValues.atLeast(0));
    private final IntParam checkpointKeep = ParamFactory.integer(
            this, "checkpointKeep", "latest checkpoints that are kept", 3, AllowedValues.atLeast(1));
    private final BooleanParam resume = ParamFactory.flag(
            this,
            "resume",
            "whether training goes on from the latest checkpoint that is whole and of the same training, with the bits of a run that never stopped;"
                    + " without any it begins",
            false);
    private final BooleanParam overwriteCheckpoints = ParamFactory.flag(
            this,
            "overwriteCheckpoints",
            "whether checkpoints that are in checkpoint-dir are removed where training begins anew; otherwise they are an error",
            false);

    PlacementParams(String uid) {
        super(uid);
    }

    public final IntParam numShards() {
        return numShards;
    }

    public final E setNumShards(int value) {
        return with(numShards, value);
    }

    public final IntParam partitions() {
        return partitions;
    }

    public final E setPartitions(int value) {
        return with(partitions, value);
    }

    public final Param<String> engine() {
        return engine;
    }

    public final E setEngine(String value) {
        return with(engine, value);
    }

    public final IntParam updatesPerJob() {
        return updatesPerJob;
    }

    public final E setUpdatesPerJob(int value) {
        return with(updatesPerJob, value);
    }

    public final Param<String> checkpointDir() {
        return checkpointDir;
    }

    public final E setCheckpointDir(String directory) {
        return with(checkpointDir, directory);
    }

    public final IntParam checkpointInterval() {
        return checkpointInterval;
    }

    public final E setCheckpointInterval(int updates) {
        return with(checkpointInterval, updates);
    }

    public final IntParam checkpointKeep() {
        return checkpointKeep;
    }

    public final E setCheckpointKeep(int count) {
        return with(checkpointKeep, count);
    }

    public final BooleanParam resume() {
        return resume;
    }

    public final E setResume(boolean value) {
        return with(resume, value);
    }

    public final BooleanParam overwriteCheckpoints() {
        return overwriteCheckpoints;
    }

    public final E setOverwriteCheckpoints(boolean value) {
        return with(overwriteCheckpoints, value);
    }
}
