package dev.unroll.model;

/**
 * What a model says of one sequence.
 *
 * @param label the most probable label
 * @param probabilities of every label, in ascending order of labels (C)
 */
public record Prediction(String label, float[] probabilities) {}
