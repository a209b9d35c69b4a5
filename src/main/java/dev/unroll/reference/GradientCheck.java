package dev.unroll.reference;

import dev.unroll.math.CounterRandom;
import dev.unroll.param.ParameterLayout;
import dev.unroll.param.ParameterLayout.Slot;
import java.util.Locale;
import java.util.Objects;
import java.util.function.ToDoubleFunction;

/**
 * Compares a gradient with finite differences of its objective: takes an objective, a theta and the gradient that is
 * said to be the objective's there, gives the worst relative error and where it is. It knows neither networks nor
 * Spark, only {@code double[] -> double}; so it checks any path that ends in a loss.
 *
 * <p>Differences are central, over one and over two steps, combined so that the error is of fourth order: {@code f'(p)
 * h ~ (8 [f(p+h) - f(p-h)] - [f(p+2h) - f(p-2h)]) / 12}. The gain over the plain central difference is about three
 * digits, which is what lets the tests ask for 1e-7.
 *
 * <p>An objective in float cannot be asked at p + h, only at the float nearest to it. So the steps are those that were
 * really made: the difference of objective values is compared with the gradient times the difference of the points.
 */
public final class GradientCheck {

    /** The purpose that keys these draws apart from all others. */
    private static final long PURPOSE = 7;

    private final ParameterLayout layout;
    private final double step;
    private final double floor;
    private final boolean floats;

    private GradientCheck(ParameterLayout layout, double step, double floor, boolean floats) {
        this.layout = Objects.requireNonNull(layout, "layout");
        this.step = step;
        this.floor = floor;
        this.floats = floats;
    }

    /**
     * For an objective that computes in double. Steps are 2^-11: near there, rounding of the objective and the
     * fourth-order error are both below 1e-12. Derivatives below 1e-4 are judged by their absolute error.
     */
    public static GradientCheck ofDoubles(ParameterLayout layout) {
        return new GradientCheck(layout, 0x1p-11, 1e-4, false);
    }

    /**
     * For an objective that rounds theta to float and computes in float: the real path. Steps are 2^-5, because float
     * noise of 1e-7 in the loss is divided by them. Derivatives below 1e-2 are judged by their absolute error.
     */
    public static GradientCheck ofFloats(ParameterLayout layout) {
        return new GradientCheck(layout, 0x1p-5, 1e-2, true);
    }

    /** The same check with another step and another floor of the relative error. */
    public GradientCheck with(double newStep, double newFloor) {
        return new GradientCheck(layout, newStep, newFloor, floats);
    }

    /**
     * Where analytic and numeric derivative differ most.
     *
     * @param relativeError their difference, divided by the larger of the two or by the floor
     * @param tensor the parameter's tensor, or {@code direction}
     * @param index the parameter's place in its tensor, row-major, or the number of the direction
     */
    public record Worst(double relativeError, String tensor, int index, double analytic, double numeric) {
        /** The worse of the two; a NaN is worse than any number, so that a broken objective never looks right. */
        public Worst or(Worst other) {
            return Double.compare(other.relativeError, relativeError) > 0 ? other : this;
        }

        @Override
        public String toString() {
            return String.format(
                    Locale.ROOT,
                    "worst relative error %.2e at %s[%d]: analytic %.10g, numeric %.10g",
                    relativeError,
                    tensor,
                    index,
                    analytic,
                    numeric);
        }
    }

    /** Every parameter by itself: four evaluations each. */
    public Worst everyParameter(ToDoubleFunction<double[]> objective, double[] theta, double[] gradient) {
        return someParameters(objective, theta, gradient, Integer.MAX_VALUE, 0);
    }

    /**
     * At most so many parameters of each tensor, chosen by the seed: for networks whose every parameter would take too
     * long.
     */
    public Worst someParameters(
            ToDoubleFunction<double[]> objective, double[] theta, double[] gradient, int perTensor, long seed) {
        requireSizes(theta, gradient);
        Worst worst = null;
        int ordinal = 0;
        for (Slot slot : layout.slots()) {
            int[] order = new CounterRandom(seed, PURPOSE, ordinal++).permutation(slot.size());
            for (int k = 0; k < Math.min(perTensor, order.length); k++) {
                double[] direction = new double[theta.length];
                direction[slot.offset() + order[k]] = 1;
                worst = worse(worst, compare(objective, theta, gradient, direction, slot.name(), order[k]));
            }
        }
        return worst;
    }

    /**
     * Random directions, in each of which every parameter moves by one step up or down: four evaluations for each,
     * however many parameters there are. A wrong derivative anywhere shows in nearly every direction.
     */
    public Worst alongDirections(
            ToDoubleFunction<double[]> objective, double[] theta, double[] gradient, int directions, long seed) {
        requireSizes(theta, gradient);
        Worst worst = null;
        for (int d = 0; d < directions; d++) {
            CounterRandom random = new CounterRandom(seed, PURPOSE, -1, d);
            double[] direction = new double[theta.length];
            for (int k = 0; k < direction.length; k++) {
                direction[k] = random.bits(k) < 0 ? -1 : 1;
            }
            worst = worse(worst, compare(objective, theta, gradient, direction, "direction", d));
        }
        return worst;
    }

    private Worst compare(
            ToDoubleFunction<double[]> objective,
            double[] theta,
            double[] gradient,
            double[] direction,
            String tensor,
            int index) {
        double[] up = moved(theta, direction, step);
        double[] down = moved(theta, direction, -step);
        double[] up2 = moved(theta, direction, 2 * step);
        double[] down2 = moved(theta, direction, -2 * step);
        double numeric = fourthOrder(
                objective.applyAsDouble(up) - objective.applyAsDouble(down),
                objective.applyAsDouble(up2) - objective.applyAsDouble(down2));
        double analytic = fourthOrder(along(gradient, up, down), along(gradient, up2, down2));
        double scale = Math.max(floor, Math.max(Math.abs(analytic), Math.abs(numeric)));
        return new Worst(Math.abs(analytic - numeric) / scale, tensor, index, analytic, numeric);
    }

    /** A derivative per unit of the direction, from differences over one and over two steps each way. */
    private double fourthOrder(double overOneStep, double overTwoSteps) {
        return (8 * overOneStep - overTwoSteps) / (12 * step);
    }

    private double[] moved(double[] theta, double[] direction, double distance) {
        double[] point = new double[theta.length];
        for (int k = 0; k < point.length; k++) {
            double exact = theta[k] + distance * direction[k];
            point[k] = floats ? (float) exact : exact;
        }
        return point;
    }

    private static double along(double[] gradient, double[] up, double[] down) {
        double sum = 0;
        for (int k = 0; k < gradient.length; k++) {
            sum += gradient[k] * (up[k] - down[k]);
        }
        return sum;
    }

    private static Worst worse(Worst a, Worst b) {
        return a == null ? b : a.or(b);
    }

    private void requireSizes(double[] theta, double[] gradient) {
        if (theta.length != layout.size() || gradient.length != layout.size()) {
            throw new IllegalArgumentException("theta has " + theta.length + " and the gradient " + gradient.length
                    + " numbers; the layout has " + layout.size());
        }
    }
}
