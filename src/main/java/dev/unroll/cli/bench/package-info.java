/**
 * The command {@code bench}: the kernel and Spark's cost, timed on this machine.
 *
 * @apiNote Not API: it may change with any version.
 */
package dev.unroll.cli.bench;
