package dev.unroll.param;

import java.io.Serializable;

/** What decides the initial values of a tensor. */
public sealed interface Initialization extends Serializable {

    /** The scheme of the {@link Initializer}, by the tensor's name. */
    record ByScheme() implements Initialization {}

    /** As {@link ByScheme}; but where there is a {@link Initializer#forgetBias}, it decides one gate's H biases. */
    record ForgetGate(int gate) implements Initialization {}

    /** Uniform in [low, high], whatever the scheme; equal bounds are a constant. */
    record Uniform(float low, float high) implements Initialization {}
}
