/** The command line: {@code Unroll} and its subcommands, whose keys are made from the Params of the estimators. */
package dev.unroll.cli;
