package dev.unroll.optim;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * L-BFGS: Nocedal and Wright, "Numerical Optimization" (2006), algorithms 7.4 ({@link #direction}) and 7.5 ({@link #step}), with the last
 * {@value #HISTORY} pairs and a {@link WolfeLineSearch}. One step costs an evaluation or a few; it begins where the one before has ended.
 *
 * <p>theta and what is remembered are float32, as the gradient is; directions and inner products are double, the latter in the fixed
 * order of {@link Norms}. A pair is made of places as they were evaluated, after rounding, so s and y belong to each other.
 *
 * <p>Weight decay adds {@code decay / 2 theta'theta} to the loss and {@code decay theta} to the gradient.
 */
final class Lbfgs implements Optimizer {

    static final int HISTORY = 10;

    static final String CONSTANTS = "the last " + HISTORY + " pairs and a line search, on all sequences at once";

    /** Least cosine between s and y; below it rounding may have decided, and the pair is left out. */
    private static final double LEAST_COSINE = 1e-8;

    private static final String STEP = "lbfgs.step.";
    private static final String CHANGE = "lbfgs.change.";

    private final int size;
    private final double stepSize;
    private final double weightDecay;
    private final Deque<Pair> pairs = new ArrayDeque<>(); // oldest first

    /**
     * What one step has taught of the curvature.
     *
     * @param s how theta changed
     * @param y how the gradient changed
     * @param sy their inner product, above 0
     */
    private record Pair(float[] s, float[] y, double sy) {
        Pair(float[] s, float[] y) {
            this(s, y, Norms.dot(s, y));
        }

        boolean isCurved() {
            return sy > LEAST_COSINE * Norms.l2(s) * Norms.l2(y);
        }
    }

    Lbfgs(int size, double stepSize, double weightDecay) {
        this.size = size;
        this.stepSize = stepSize;
        this.weightDecay = weightDecay;
    }

    /** Arrays that are remembered after so many updates: two for each pair. */
    static int stateArrays(long updates) {
        return 2 * (int) Math.min(HISTORY, updates);
    }

    @Override
    public boolean isFullBatch() {
        return true;
    }

    @Override
    public StepReport step(float[] theta, LossFunction function, long iteration) {
        requireSize("theta", theta);
        LossFunction.Point loss = function.at(theta);
        requireSize("the gradient", loss.gradient());
        double norm = Norms.l2(loss.gradient());
        if (!Double.isFinite(norm) || !Double.isFinite(loss.loss())) {
            return new StepReport(norm, 0, true);
        }
        LossFunction.Point start = penalised(loss, theta);
        WolfeLineSearch.Trial end = search(theta, start, function);
        if (end.step() == 0 && !pairs.isEmpty()) {
            pairs.clear(); // they have misled; once more, along the gradient
            end = search(theta, start, function);
        }
        if (end.step() == 0) {
            return new StepReport(norm, 0, false);
        }
        remember(new Pair(difference(end.theta(), theta), difference(end.gradient(), start.gradient())));
        System.arraycopy(end.theta(), 0, theta, 0, size);
        return new StepReport(norm, end.step(), true);
    }

    /** The place that the line search ends at; the start (step 0) if there is no lower one. */
    private WolfeLineSearch.Trial search(float[] theta, LossFunction.Point start, LossFunction function) {
        double[] direction = direction(start.gradient());
        double slope = Norms.dot(start.gradient(), direction);
        WolfeLineSearch.Trial origin = new WolfeLineSearch.Trial(0, start.loss(), slope, theta, start.gradient());
        if (!(slope < 0)) {
            return origin;
        }
        // Without a pair nothing is known of the scale: the first place to try is then as far away as the step size.
        double first = pairs.isEmpty() ? stepSize / Norms.l2(start.gradient()) : stepSize;
        return WolfeLineSearch.search(step -> trial(theta, direction, step, function), origin, first);
    }

    private WolfeLineSearch.Trial trial(float[] theta, double[] direction, double step, LossFunction function) {
        float[] there = new float[size];
        for (int i = 0; i < size; i++) {
            there[i] = (float) (theta[i] + step * direction[i]);
        }
        LossFunction.Point point = penalised(function.at(there), there);
        double slope = Norms.dot(point.gradient(), direction);
        boolean finite = Double.isFinite(point.loss()) && Double.isFinite(slope);
        return new WolfeLineSearch.Trial(
                step, finite ? point.loss() : Double.POSITIVE_INFINITY, slope, there, point.gradient());
    }

    /** Algorithm 7.4, the two loops: minus the gradient times the approximate inverse of the Hessian. */
    private double[] direction(float[] gradient) {
        double[] q = new double[size];
        for (int i = 0; i < size; i++) {
            q[i] = -gradient[i];
        }
        double[] alpha = new double[pairs.size()];
        int k = pairs.size();
        for (Iterator<Pair> newestFirst = pairs.descendingIterator(); newestFirst.hasNext(); ) {
            Pair pair = newestFirst.next();
            alpha[--k] = Norms.dot(pair.s(), q) / pair.sy();
            add(-alpha[k], pair.y(), q);
        }
        if (!pairs.isEmpty()) {
            Pair newest = pairs.getLast();
            double scale = newest.sy() / Norms.dot(newest.y(), newest.y()); // (7.20)
            for (int i = 0; i < size; i++) {
                q[i] *= scale;
            }
        }
        for (Pair pair : pairs) {
            double beta = Norms.dot(pair.y(), q) / pair.sy();
            add(alpha[k++] - beta, pair.s(), q);
        }
        return q;
    }

    private static void add(double factor, float[] x, double[] to) {
        for (int i = 0; i < to.length; i++) {
            to[i] += factor * x[i];
        }
    }

    private static float[] difference(float[] a, float[] b) {
        float[] difference = new float[a.length];
        for (int i = 0; i < a.length; i++) {
            difference[i] = a[i] - b[i];
        }
        return difference;
    }

    private void remember(Pair pair) {
        if (!pair.isCurved()) {
            return;
        }
        if (pairs.size() == HISTORY) {
            pairs.removeFirst();
        }
        pairs.addLast(pair);
    }

    private LossFunction.Point penalised(LossFunction.Point point, float[] theta) {
        if (weightDecay == 0) {
            return point;
        }
        float[] gradient = point.gradient();
        for (int i = 0; i < size; i++) {
            gradient[i] = (float) (gradient[i] + weightDecay * theta[i]);
        }
        return new LossFunction.Point(point.loss() + weightDecay / 2 * Norms.dot(theta, theta), gradient);
    }

    /** The pairs, oldest first; as many as there are. */
    @Override
    public SortedMap<String, float[]> state() {
        SortedMap<String, float[]> state = new TreeMap<>();
        int k = 0;
        for (Pair pair : pairs) {
            state.put(STEP + k, pair.s());
            state.put(CHANGE + k, pair.y());
            k++;
        }
        return state;
    }

    @Override
    public void restore(Map<String, float[]> saved) {
        List<Pair> restored = new ArrayList<>();
        for (int k = 0; k < saved.size() / 2; k++) {
            float[] s = saved.get(STEP + k);
            float[] y = saved.get(CHANGE + k);
            if (s == null || y == null) {
                break;
            }
            requireSize(STEP + k, s);
            requireSize(CHANGE + k, y);
            restored.add(new Pair(s.clone(), y.clone()));
        }
        if (2 * restored.size() != saved.size() || restored.size() > HISTORY) {
            throw new IllegalArgumentException(
                    "the optimiser's state was saved as " + new TreeMap<>(saved).keySet() + "; this optimiser has "
                            + STEP + "k and " + CHANGE + "k for k from 0 to at most " + (HISTORY - 1));
        }
        pairs.clear();
        pairs.addAll(restored);
    }

    private void requireSize(String name, float[] values) {
        if (values.length != size) {
            throw new IllegalArgumentException(
                    name + " has " + values.length + " numbers; this optimiser is for " + size);
        }
    }
}
