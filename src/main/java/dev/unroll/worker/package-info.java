/**
 * What runs inside a task, without Spark: a {@link dev.unroll.worker.ShardWorker} takes parameters and the sequences of
 * some shards, gives a {@link dev.unroll.worker.CanonicalTree} of their {@link dev.unroll.worker.GradientSum}s. The
 * local engine runs the same classes in the driver.
 *
 * @apiNote Not API: it may change with any version.
 */
package dev.unroll.worker;
