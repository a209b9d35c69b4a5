package dev.unroll.optim;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The optimisers that look at one gradient a step: it goes through a chain of transforms, and what comes out, times the step size, is
 * subtracted from theta.
 *
 * <pre>
 *   sgd       clip, decay                  adam      clip, decay, adam
 *   momentum  clip, decay, momentum        adamw     clip, adam, decay
 * </pre>
 */
final class GradientChain implements Optimizer {

    private final int size;
    private final ClipNorm clip;
    private final List<GradientTransform> chain = new ArrayList<>();
    private final LearningRate rate;
    private final SortedMap<String, float[]> state = new TreeMap<>();

    GradientChain(OptimizerSpec spec, int size, long updates) {
        this.size = size;
        this.rate = LearningRate.parse(spec.schedule(), spec.stepSize(), updates);
        this.clip = new ClipNorm(spec.clipNorm() == 0 ? Double.POSITIVE_INFINITY : spec.clipNorm());
        chain.add(clip);
        boolean decoupled = spec.optimizer().equals("adamw");
        if (spec.weightDecay() > 0 && !decoupled) {
            chain.add(new WeightDecay(spec.weightDecay()));
        }
        switch (spec.optimizer()) {
            case "sgd" -> {}
            case "momentum" -> chain.add(new Momentum(size));
            case "adam", "adamw" -> chain.add(new Adam(size));
            default -> throw new AssertionError("the spec has let pass optimizer " + spec.optimizer());
        }
        if (spec.weightDecay() > 0 && decoupled) {
            chain.add(new WeightDecay(spec.weightDecay()));
        }
        chain.forEach(transform -> state.putAll(transform.state()));
    }

    @Override
    public StepReport step(float[] theta, LossFunction function, long iteration) {
        requireSize("theta", theta);
        if (iteration < 1) {
            throw new IllegalArgumentException("iteration is " + iteration + "; the first is 1");
        }
        float[] gradient = function.at(theta).gradient();
        requireSize("the gradient", gradient);
        for (GradientTransform transform : chain) {
            transform.apply(gradient, theta, iteration);
        }
        double stepSize = rate.stepSize(iteration);
        float step = (float) stepSize;
        for (int i = 0; i < size; i++) {
            theta[i] = theta[i] - step * gradient[i];
        }
        return new StepReport(clip.norm(), stepSize, true);
    }

    @Override
    public SortedMap<String, float[]> state() {
        return Collections.unmodifiableSortedMap(state);
    }

    @Override
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
