package dev.unroll.metric;

/**
 * A label with what was predicted of it.
 *
 * @param weight above 0
 * @param label index of its class
 * @param predicted index of the class that was predicted
 * @param probabilities of all classes, (C)
 */
public record ClassTerm(double weight, int label, int predicted, float[] probabilities) {}
