/**
 * The result of training: a {@link dev.unroll.model.Model} is a network's shape, its parameters and the meaning of its
 * inputs and outputs, in memory and in files, without Spark.
 */
package dev.unroll.model;
