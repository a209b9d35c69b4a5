package dev.unroll.optim;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Takes theta and the mean gradient, gives the next theta: the gradient goes through a chain of transforms, and what comes out,
 * times the step size, is subtracted.
 *
 * <pre>
 *   sgd       clip, decay                  adam      clip, decay, adam
 *   momentum  clip, decay, momentum        adamw     clip, adam, decay
 * </pre>
 *
 * Mutable and for one thread. NaN and infinities pass through; whoever calls looks at the loss and the reported norm.
 */
public final class Optimizer {

    private final int size;
    private final ClipNorm clip;
    private final List<GradientTransform> chain;
    private final LearningRate rate;
    private final SortedMap<String, float[]> state = new TreeMap<>();

    private Optimizer(int size, ClipNorm clip, List<GradientTransform> rest, LearningRate rate) {
        this.size = size;
        this.clip = clip;
        this.rate = rate;
        this.chain = new ArrayList<>(rest);
        chain.add(0, clip);
        chain.forEach(transform -> state.putAll(transform.state()));
    }

    /** A new optimiser for a theta of that size, with nothing remembered yet. */
    public static Optimizer of(OptimizerSpec spec, int size) {
        ClipNorm clip = new ClipNorm(spec.clipNorm() == 0 ? Double.POSITIVE_INFINITY : spec.clipNorm());
        List<GradientTransform> rest = new ArrayList<>();
        boolean decoupled = spec.optimizer().equals("adamw");
        if (spec.weightDecay() > 0 && !decoupled) {
            rest.add(new WeightDecay(spec.weightDecay()));
        }
        switch (spec.optimizer()) {
            case "sgd" -> {}
            case "momentum" -> rest.add(new Momentum(size));
            case "adam", "adamw" -> rest.add(new Adam(size));
            default -> throw new AssertionError("the spec has let pass optimizer " + spec.optimizer());
        }
        if (spec.weightDecay() > 0 && decoupled) {
            rest.add(new WeightDecay(spec.weightDecay()));
        }
        return new Optimizer(size, clip, rest, LearningRate.constant(spec.stepSize()));
    }

    /**
     * One update.
     *
     * @param theta the parameters, moved in place
     * @param gradient the mean gradient; overwritten with the update
     * @param iteration 1 for the first update of a run
     */
    public StepReport step(float[] theta, float[] gradient, long iteration) {
        requireSize("theta", theta);
        requireSize("the gradient", gradient);
        if (iteration < 1) {
            throw new IllegalArgumentException("iteration is " + iteration + "; the first is 1");
        }
        for (GradientTransform transform : chain) {
            transform.apply(gradient, theta, iteration);
        }
        double stepSize = rate.stepSize(iteration);
        float step = (float) stepSize;
        for (int i = 0; i < size; i++) {
            theta[i] = theta[i] - step * gradient[i];
        }
        return new StepReport(clip.norm(), stepSize);
    }

    /** All that the optimiser remembers, by name and each of theta's size: live arrays, to be written before the next step. */
    public SortedMap<String, float[]> state() {
        return Collections.unmodifiableSortedMap(state);
    }

    /**
     * Goes on from a saved state, whose arrays are copied.
     *
     * @throws IllegalArgumentException if its names or sizes are not this optimiser's; nothing is changed then
     */
    public void restore(Map<String, float[]> saved) {
        if (!saved.keySet().equals(state.keySet())) {
            throw new IllegalArgumentException("the optimiser's state was saved as " + new TreeMap<>(saved).keySet()
                    + "; this optimiser has " + state.keySet());
        }
        saved.forEach(this::requireSize);
        saved.forEach((name, values) -> System.arraycopy(values, 0, state.get(name), 0, size));
    }

    private void requireSize(String name, float[] values) {
        if (values.length != size) {
            throw new IllegalArgumentException(
                    name + " has " + values.length + " numbers; this optimiser is for " + size);
        }
    }
}
