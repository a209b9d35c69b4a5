package dev.unroll.fit;

import dev.unroll.nn.Loss;
import dev.unroll.nn.LossReduction;
import java.io.Serializable;

/**
 * What a loss term is, how sure its label is, and how terms are weighted.
 *
 * @param loss l, which the network has
 * @param balancedClasses whether a term weighs N / (C count of its label)
 * @param labelSmoothing the share of a label that all classes have alike ({@link dev.unroll.nn.LossSpec}); 0 for none
 */
public record LossConfig(Loss loss, LossReduction reduction, boolean balancedClasses, double labelSmoothing)
        implements Serializable {}
