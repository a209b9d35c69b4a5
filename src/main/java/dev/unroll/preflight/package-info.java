/**
 * What can be said of a training before it begins: {@link dev.unroll.preflight.Preflight} takes the work and the cluster, gives bytes
 * that are sent, memory, time, and what to change.
 *
 * @apiNote Not API: it may change with any version.
 */
package dev.unroll.preflight;
