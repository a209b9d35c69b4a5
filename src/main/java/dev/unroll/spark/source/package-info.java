/**
 * Files to a DataFrame in which every row says where it comes from: {@link dev.unroll.spark.source.FileSource} takes a
 * path, gives rows with an {@link dev.unroll.spark.source.Origin}. A line that cannot be used is a row with a {@link
 * dev.unroll.spark.source.Fault}.
 *
 * @apiNote Not API: it may change with any version.
 */
package dev.unroll.spark.source;
