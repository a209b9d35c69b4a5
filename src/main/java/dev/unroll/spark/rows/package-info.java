/**
 * A DataFrame to rows in canonical order: {@link dev.unroll.spark.rows.RowParser} turns one row into canonical bytes,
 * {@link dev.unroll.spark.rows.SequenceReader} sorts all rows by their hash, whatever partition they come from, and
 * finds out what a training must know of them.
 *
 * @apiNote Not API: it may change with any version.
 */
package dev.unroll.spark.rows;
