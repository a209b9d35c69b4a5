package dev.unroll.optim;

import dev.unroll.math.Blocks;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The optimisers that look at one gradient a step: it goes through a chain of transforms, and what comes out, times the
 * step size, is subtracted from theta. Clipping comes first, then the rule of the {@link OptimizerKind}; weight decay
 * before the rule, or after it where it is decoupled.
 */
final class GradientChain implements Optimizer {

    private final int size;
    private final ClipNorm clip;
    private final List<GradientTransform> chain;
    private final LearningRate rate;
    private final Optional<MovingAverage> average;
    private final SortedMap<String, float[]> state = new TreeMap<>();

    /**
     * @param clipNorm limit of the gradient's norm; 0 = none
     * @param transforms what follows clipping, in this order
     * @param average of theta, which it is shown after every update
     */
    GradientChain(
            int size,
            double clipNorm,
            List<GradientTransform> transforms,
            LearningRate rate,
            Optional<MovingAverage> average) {
        this.size = size;
        this.rate = rate;
        this.average = average;
        this.clip = new ClipNorm(clipNorm == 0 ? Double.POSITIVE_INFINITY : clipNorm);
        this.chain = List.copyOf(transforms);
        chain.forEach(transform -> state.putAll(transform.state()));
        average.ifPresent(a -> state.putAll(a.state()));
    }

    @Override
    public StepReport step(float[] theta, LossFunction function, long iteration) {
        requireSize("theta", theta);
        if (iteration < 1) {
            throw new IllegalArgumentException("iteration is " + iteration + "; the first is 1");
        }
        float[] gradient = function.at(theta).gradient();
        requireSize("the gradient", gradient);
        clip.apply(gradient);
        double stepSize = rate.stepSize(iteration);
        float step = (float) stepSize;
        chain.forEach(transform -> transform.begin(iteration));
        Blocks.forEach(size, (from, to) -> {
            for (GradientTransform transform : chain) {
                transform.apply(gradient, theta, iteration, from, to);
            }
            for (int i = from; i < to; i++) {
                theta[i] = theta[i] - step * gradient[i];
            }
            average.ifPresent(a -> a.add(theta, iteration, from, to));
        });
        return new StepReport(clip.norm(), stepSize, true);
    }

    @Override
    public float[] averaged(float[] theta) {
        return average.map(MovingAverage::average).orElse(theta);
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
