package dev.unroll.metric;

/**
 * A number of a target with what was predicted of it, in the units of the data.
 *
 * @param weight above 0
 * @param naive the naive forecast of it; NaN where there is none
 * @param seasonal the seasonal naive forecast; NaN where there is none
 * @param change by which a scaled error is divided; NaN where there is none
 * @param quantiles ascending, (K); empty where none are predicted
 * @param crps of the predicted distribution; NaN where none is predicted
 */
public record NumberTerm(
        double weight,
        double target,
        double prediction,
        double naive,
        double seasonal,
        double change,
        double[] quantiles,
        double crps) {}
