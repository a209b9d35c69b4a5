/**
 * The commands, one class each, and what some of them share.
 *
 * @apiNote Not API: it may change with any version.
 */
package dev.unroll.cli.command;
