/** The command line: {@link dev.unroll.cli.Unroll} is the main class and lists the commands. */
package dev.unroll.cli;
