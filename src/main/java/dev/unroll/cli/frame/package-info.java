/**
 * What every command of the command line is made of: the {@link dev.unroll.cli.frame.Command} itself, its {@link
 * dev.unroll.cli.frame.Settings}, files that it reads and writes.
 *
 * @apiNote Not API: it may change with any version.
 */
package dev.unroll.cli.frame;
