package dev.unroll.fit;

import dev.unroll.nn.LossReduction;
import java.io.Serializable;

/**
 * How loss terms are weighted.
 *
 * @param balancedClasses whether a term weighs N / (C count of its label)
 */
public record LossConfig(LossReduction reduction, boolean balancedClasses) implements Serializable {}
