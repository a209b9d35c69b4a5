package dev.unroll.train;

/**
 * Is told of every update: the progress line and the metrics file are listeners. Called on the driver's training
 * thread.
 */
@FunctionalInterface
public interface IterationListener {
    void onIteration(IterationReport report);
}
