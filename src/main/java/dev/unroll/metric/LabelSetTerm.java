package dev.unroll.metric;

/**
 * A set of labels with what was predicted of it.
 *
 * @param weight above 0
 * @param labels indices of its labels, each once
 * @param predicted indices of the labels that were predicted, each once
 * @param probabilities of all labels, each by itself, (C)
 */
public record LabelSetTerm(double weight, int[] labels, int[] predicted, float[] probabilities) {}
