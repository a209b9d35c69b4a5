package dev.unroll.optim;

import dev.unroll.param.Keyed;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.IntFunction;
import java.util.stream.Collectors;

/**
 * All optimisers: the one place that lists them. The keys, their docs, the plan's memory, and the tests are made from
 * it, so a new optimiser is a {@link GradientTransform} and a line here.
 *
 * <p>Most optimisers look at one gradient an update: it goes through clipping, the rule and weight decay as a {@link
 * GradientChain}.
 */
public enum OptimizerKind implements Keyed {
    /** The gradient itself is the update. */
    SGD("", Decay.IN_GRADIENT, size -> List.of()),
    /** {@link Momentum}. */
    MOMENTUM(Momentum.CONSTANTS, Decay.IN_GRADIENT, size -> List.of(new Momentum(size))),
    /** {@link Adam}. */
    ADAM(Adam.CONSTANTS, Decay.IN_GRADIENT, size -> List.of(new Adam(size))),
    /** {@link Adam} with decoupled weight decay (Loshchilov and Hutter 2019). */
    ADAMW(Adam.CONSTANTS, Decay.DECOUPLED, size -> List.of(new Adam(size))),
    /** {@link RmsProp}. */
    RMSPROP(RmsProp.CONSTANTS, Decay.IN_GRADIENT, size -> List.of(new RmsProp(size))),
    /** {@link AdaGrad}. */
    ADAGRAD(AdaGrad.CONSTANTS, Decay.IN_GRADIENT, size -> List.of(new AdaGrad(size))),
    /** {@link NAdam}. */
    NADAM(NAdam.CONSTANTS, Decay.IN_GRADIENT, size -> List.of(new NAdam(size))),
    /** {@link AmsGrad}. */
    AMSGRAD(AmsGrad.CONSTANTS, Decay.IN_GRADIENT, size -> List.of(new AmsGrad(size))),
    /** {@link Lbfgs}, which evaluates the loss several times an update and finds its own step. */
    LBFGS(Lbfgs.CONSTANTS, Decay.IN_GRADIENT, size -> List.of()) {
        @Override
        public boolean isFullBatch() {
            return true;
        }

        @Override
        public Map<String, Object> defaults() {
            return Map.of("batch-size", 0, "clip-norm", 0.0, "step-size", 1.0);
        }

        @Override
        int stateArrays(long updates) {
            return Lbfgs.stateArrays(updates);
        }

        @Override
        Optimizer create(int size, LearningRate rate, double clipNorm, double weightDecay, double ema) {
            return new Lbfgs(size, rate.stepSize(1), weightDecay);
        }
    };

    /** Where weight decay acts. */
    private enum Decay {
        /** Added to the gradient before the rule: the gradient of an L2 penalty. */
        IN_GRADIENT,
        /** Added to the update after the rule. */
        DECOUPLED
    }

    private final String constants;
    private final Decay decay;

    @SuppressWarnings("ImmutableEnumChecker") // a function of the size alone, without state
    private final IntFunction<List<GradientTransform>> rule;

    OptimizerKind(String constants, Decay decay, IntFunction<List<GradientTransform>> rule) {
        this.constants = constants;
        this.decay = decay;
        this.rule = rule;
    }

    /** @throws IllegalArgumentException for an unknown key, naming what is allowed */
    public static OptimizerKind of(String key) {
        return Keyed.of(OptimizerKind.class, "optimizer", key);
    }

    /** All keys for the docs, each with what is fixed of the optimiser and no setting. */
    public static String summary() {
        return Arrays.stream(values())
                .map(kind -> kind.key() + (kind.constants.isEmpty() ? "" : " (" + kind.constants + ")"))
                .collect(Collectors.joining("; "));
    }

    /** The keys of those that add weight decay to the update, for the docs. */
    public static String decoupled() {
        return Keyed.list(Arrays.stream(values())
                .filter(kind -> kind.decay == Decay.DECOUPLED)
                .map(Keyed::key)
                .toList());
    }

    /**
     * Whether it works on all sequences at once only: it evaluates the loss several times an update, so that must be
     * one function, and its line search finds the step, so there is no schedule and no clipping.
     */
    public boolean isFullBatch() {
        return false;
    }

    /** By key, the values that hold where a setting is not given, in place of the setting's own default. */
    public Map<String, Object> defaults() {
        return Map.of();
    }

    /** Arrays of theta's size that are remembered after so many updates. */
    int stateArrays(long updates) {
        return rule.apply(0).stream()
                .mapToInt(transform -> transform.state().size())
                .sum();
    }

    /**
     * A new optimiser, with nothing remembered yet.
     *
     * @param size numbers of theta
     * @param clipNorm limit of the gradient's norm; 0 = none
     * @param ema decay of the moving average of theta; 0 = none
     */
    Optimizer create(int size, LearningRate rate, double clipNorm, double weightDecay, double ema) {
        List<GradientTransform> transforms = new ArrayList<>(rule.apply(size));
        if (weightDecay > 0) {
            transforms.add(decay == Decay.DECOUPLED ? transforms.size() : 0, new WeightDecay(weightDecay));
        }
        Optional<MovingAverage> average = ema > 0 ? Optional.of(new MovingAverage(size, ema)) : Optional.empty();
        return new GradientChain(size, clipNorm, transforms, rate, average);
    }
}
