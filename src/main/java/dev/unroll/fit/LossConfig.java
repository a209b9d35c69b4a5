package dev.unroll.fit;

import dev.unroll.nn.Loss;
import dev.unroll.nn.LossReduction;
import java.io.Serializable;

/**
 * What a loss term is, and how terms are weighted.
 *
 * @param loss l, which the network has
 * @param balancedClasses whether a term weighs N / (C count of its label)
 */
public record LossConfig(Loss loss, LossReduction reduction, boolean balancedClasses) implements Serializable {}
