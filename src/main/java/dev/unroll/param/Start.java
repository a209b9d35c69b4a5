package dev.unroll.param;

import java.io.Serializable;

/** What decides the first numbers of a tensor. */
public sealed interface Start extends Serializable {

    /** The scheme of the {@link Initializer}, by the tensor's name. */
    record Scheme() implements Start {}

    /** As {@link Scheme}; but where there is a {@link Initializer#forgetBias}, it decides one gate's H biases. */
    record ForgetGate(int gate) implements Start {}

    /** Uniform in [low, high], whatever the scheme; equal bounds are a constant. */
    record Range(float low, float high) implements Start {}
}
