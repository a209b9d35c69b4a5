/**
 * What training leaves: a {@link dev.unroll.model.Model} is a network's shape, its parameters and what its inputs and outputs mean,
 * in memory and in files, without Spark.
 */
package dev.unroll.model;
