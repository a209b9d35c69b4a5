/**
 * Arithmetic whose bits are the same on every machine: {@link dev.unroll.math.Gemm} for matrix products, {@link
 * dev.unroll.math.Activations} for tanh, sigmoid and softmax, {@link dev.unroll.math.CounterRandom} for numbers drawn
 * by key.
 */
package dev.unroll.math;
