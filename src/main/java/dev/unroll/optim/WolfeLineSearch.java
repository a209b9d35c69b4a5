package dev.unroll.optim;

/**
 * How far to go along a direction: Nocedal and Wright, "Numerical Optimization" (2006), algorithms 3.5 ({@link #search}) and 3.6
 * (zoom), with cubic interpolation (3.59). Written f(t) for the loss after t times the direction, the strong Wolfe conditions are
 *
 * <pre>
 *   f(t) &lt;= f(0) + 0.0001 t f'(0)        (3.7a) it descends enough
 *   |f'(t)| &lt;= 0.9 |f'(0)|               (3.7b) and the slope has flattened, so that s'y > 0
 * </pre>
 */
final class WolfeLineSearch {

    static final double DECREASE = 1e-4; // c1
    static final double CURVATURE = 0.9; // c2

    /** Evaluations at most. With a float32 loss, more of them only measure its rounding. */
    static final int TRIALS = 20;

    private static final double LEAST_GROWTH = 1.1; // bounds of More and Thuente (1994)
    private static final double MOST_GROWTH = 4;
    private static final double MARGIN =
            0.1; // an interpolated step keeps away from both ends, by this share of the interval

    /**
     * One place on the line.
     *
     * @param step t
     * @param loss f(t); infinite where it, or the gradient, is not finite
     * @param slope f'(t)
     * @param theta the parameters there
     * @param gradient the gradient there
     */
    record Trial(double step, double loss, double slope, float[] theta, float[] gradient) {}

    /** The loss along a direction. */
    @FunctionalInterface
    interface Line {
        Trial at(double step);
    }

    private final Line line;
    private final Trial start;
    private int trials;

    private WolfeLineSearch(Line line, Trial start) {
        this.line = line;
        this.start = start;
    }

    /**
     * The first place found where both conditions hold; if there is none within {@value #TRIALS} trials, the lowest one where the first
     * holds; if there is none such either, the start.
     *
     * @param start at step 0, with a slope below 0
     * @param first the step to try first
     */
    static Trial search(Line line, Trial start, double first) {
        return new WolfeLineSearch(line, start).bracket(first);
    }

    /** Algorithm 3.5: goes on until a place satisfies both, or one lies between two places. */
    private Trial bracket(double first) {
        Trial last = start;
        double step = first;
        while (trials < TRIALS) {
            Trial trial = at(step);
            if (!descends(trial) || (trials > 1 && trial.loss() >= last.loss())) {
                return zoom(last, trial);
            }
            if (isFlat(trial)) {
                return trial;
            }
            if (trial.slope() >= 0) {
                return zoom(trial, last);
            }
            double beyond = cubicMinimum(last, trial);
            step = Double.isNaN(beyond) ? MOST_GROWTH * step : clamp(beyond, LEAST_GROWTH * step, MOST_GROWTH * step);
            last = trial;
        }
        return last;
    }

    /** Algorithm 3.6: low is the lowest place so far that descends; places that satisfy both lie between low and high. */
    private Trial zoom(Trial low, Trial high) {
        while (trials < TRIALS) {
            Trial trial = at(between(low, high));
            if (!descends(trial) || trial.loss() >= low.loss()) {
                high = trial;
                continue;
            }
            if (isFlat(trial)) {
                return trial;
            }
            if (trial.slope() * (high.step() - low.step()) >= 0) {
                high = low;
            }
            low = trial;
        }
        return low;
    }

    private Trial at(double step) {
        trials++;
        return line.at(step);
    }

    /** (3.7a), and lower than the start even where rounding swallows the term behind f(0). */
    private boolean descends(Trial trial) {
        return trial.loss() <= start.loss() + DECREASE * trial.step() * start.slope() && trial.loss() < start.loss();
    }

    /** (3.7b). */
    private boolean isFlat(Trial trial) {
        return Math.abs(trial.slope()) <= -CURVATURE * start.slope();
    }

    private static double between(Trial low, Trial high) {
        double width = high.step() - low.step();
        if (Double.isInfinite(high.loss())) {
            return low.step() + MARGIN * width;
        }
        double share = (cubicMinimum(low, high) - low.step()) / width;
        return low.step() + width * (Double.isNaN(share) ? 0.5 : clamp(share, MARGIN, 1 - MARGIN));
    }

    private static double clamp(double x, double least, double most) {
        return Math.min(Math.max(x, least), most);
    }

    /** (3.59): the minimum of the cubic with the losses and slopes of both places; NaN where it has none. */
    private static double cubicMinimum(Trial a, Trial b) {
        double width = b.step() - a.step();
        double d1 = a.slope() + b.slope() - 3 * (b.loss() - a.loss()) / width;
        double d2 = Math.copySign(Math.sqrt(d1 * d1 - a.slope() * b.slope()), width);
        return b.step() - width * (b.slope() + d2 - d1) / (b.slope() - a.slope() + 2 * d2);
    }
}
