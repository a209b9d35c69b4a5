package dev.unroll.worker;

import dev.unroll.data.Scaling;
import dev.unroll.data.Standardization;
import dev.unroll.nn.LearningTask;
import dev.unroll.nn.LossSpec;
import dev.unroll.nn.NetworkSpec;
import dev.unroll.nn.Unrolling;
import java.io.Serializable;

/**
 * What is learnt, from what and by which loss: all that a worker must know besides parameters and data.
 *
 * @param unrolling truncation, dropout, and the memory that the graph may take
 * @param targets how the numbers of targets were scaled
 * @param naive the forecasts that errors are measured beside
 * @param horizon how many of the last steps of a sequence are predicted; 0 where all outputs are predictions
 */
public record Problem(
        NetworkSpec network,
        LearningTask task,
        LossSpec loss,
        Unrolling unrolling,
        Standardization targets,
        NaiveForecast naive,
        int horizon)
        implements Serializable {

    /** The problem by full back-propagation through time without dropout. */
    public static Problem of(NetworkSpec network, LearningTask task, LossSpec loss, Scaling scaling) {
        return of(network, task, loss, Unrolling.FULL, scaling);
    }

    /** @param scaling of inputs and targets */
    public static Problem of(
            NetworkSpec network, LearningTask task, LossSpec loss, Unrolling unrolling, Scaling scaling) {
        Standardization targets = scaling.targets();
        return new Problem(network, task, loss.of(targets), unrolling, targets, NaiveForecast.NONE, 0);
    }

    /** The same problem, of which the last so many steps of a sequence are predicted; 0 for all outputs. */
    public Problem ahead(int steps) {
        return new Problem(network, task, loss, unrolling, targets, naive, steps);
    }

    /**
     * The same problem, whose errors are measured beside those of naive forecasts, unless nobody asked for them and there
     * are none: of steps that are tokens, or have a target each but for those of a horizon.
     *
     * @throws IllegalArgumentException if there are none of those that are asked for
     */
    public Problem beside(NaiveForecast forecast) {
        boolean categories = network.input() instanceof NetworkSpec.Mixed mixed && mixed.numbers() == 0;
        boolean noNumbers = categories || network.input() instanceof NetworkSpec.Tokens;
        boolean none = noNumbers || (network.head().everyStep() && !isAhead(forecast));
        if (!forecast.asked() && none) {
            return this;
        }
        if (forecast.isSome() && noNumbers) {
            throw new IllegalArgumentException(
                    "season is " + forecast.season() + ", a naive forecast is a number of a step, and the steps are "
                            + (categories ? "categories" : "tokens"));
        }
        if (forecast.isSome() && none) {
            throw new IllegalArgumentException("season is " + forecast.season()
                    + ", a naive forecast goes with one target behind a sequence, and every step has one");
        }
        return new Problem(network, task, loss, unrolling, targets, forecast, horizon);
    }

    private boolean isAhead(NaiveForecast forecast) {
        return forecast.within() && forecast.ahead() == horizon;
    }
}
