package dev.unroll.train;

import dev.unroll.data.ShardPlan;
import dev.unroll.optim.Norms;
import dev.unroll.optim.Optimizer;
import dev.unroll.optim.StepReport;
import dev.unroll.param.ParameterHash;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * The loop: synchronous updates of theta until a limit is reached. It knows an {@link Objective} and nothing of where that runs.
 *
 * <p>One iteration: sums over the batch from the objective; mean = gradientSum / weightSum; clip, schedule and step in the optimiser;
 * a report to the listeners. The optimiser asks for the sums itself, through {@link Passes}: L-BFGS more than once.
 */
public final class Trainer {

    /**
     * When to stop.
     *
     * @param maxIter updates at most; 0 for no such limit
     * @param epochs passes at most; 0 for no such limit
     * @param tol stop when an epoch's mean loss improves on the one before by less than this share of it; 0 for off
     * @param validationInterval updates between validations; 0 for once per epoch
     * @param patience stop after this many validations without a lower loss, and go back to the best parameters; 0 for off
     */
    public record Limits(long maxIter, long epochs, double tol, long validationInterval, int patience) {
        public Limits {
            if (maxIter <= 0 && epochs <= 0) {
                throw new IllegalArgumentException("one of max-iter and epochs must be above 0");
            }
        }

        /** Updates to make, from both limits. */
        public long updates(ShardPlan plan) {
            long byEpochs = epochs <= 0 ? Long.MAX_VALUE : Math.multiplyExact(epochs, plan.batchesPerEpoch());
            return maxIter <= 0 ? byEpochs : Math.min(maxIter, byEpochs);
        }
    }

    /**
     * How training ended.
     *
     * @param iterations updates made
     * @param loss mean loss of the last batch, before its update
     * @param validation metrics of the parameters that theta holds in the end; empty without validation data
     */
    public record Result(long iterations, double loss, Map<String, Double> validation, StopReason stopReason) {}

    private final Objective objective;
    private final ShardPlan plan;
    private final Optimizer optimizer;
    private final Limits limits;
    private final List<IterationListener> listeners;

    public Trainer(
            Objective objective,
            ShardPlan plan,
            Optimizer optimizer,
            Limits limits,
            List<IterationListener> listeners) {
        this.objective = objective;
        this.plan = plan;
        this.optimizer = optimizer;
        this.limits = limits;
        this.listeners = List.copyOf(listeners);
    }

    /**
     * Trains theta in place.
     *
     * @throws TrainingException if the loss or the gradient is not finite
     */
    public Result run(float[] theta) {
        long updates = limits.updates(plan);
        Passes passes = new Passes(objective, plan, optimizer);
        EpochLoss epochLoss = new EpochLoss();
        Best best = new Best();
        for (long iteration = 1; ; iteration++) {
            ShardPlan.Batch batch = passes.next(iteration);
            long start = System.nanoTime();
            StepReport step = optimizer.step(theta, passes, iteration);
            requireFinite("gradient norm", step.gradientNorm(), iteration);
            double updateMs = (System.nanoTime() - start - passes.nanos()) / 1e6;
            Objective.Evaluation evaluation = passes.evaluation();
            GradientSum sum = evaluation.sum();
            double loss = sum.loss().meanLoss();

            boolean epochEnds = batch.to() == plan.sequences();
            Optional<StopReason> stop = epochLoss.add(sum, epochEnds, batch.epoch() + 1);
            if (iteration == updates || passes.reached(limits.epochs())) {
                stop = Optional.of(
                        iteration == limits.maxIter()
                                ? StopReason.maxIter(updates)
                                : StopReason.epochs(limits.epochs()));
            }
            if (!step.improved()) {
                stop = Optional.of(StopReason.lineSearch(iteration, step.gradientNorm()));
            }
            if (stop.isPresent()) {
                requireFinite("parameters' norm", Norms.l2(theta), iteration);
            }
            boolean due = stop.isPresent()
                    || (limits.validationInterval() > 0 ? iteration % limits.validationInterval() == 0 : epochEnds);
            Optional<Map<String, Double>> validation = due ? objective.validate(theta) : Optional.empty();
            if (validation.isPresent()) {
                requireFinite("validation loss", validation.get().get("loss"), iteration);
            }
            if (limits.patience() > 0 && validation.isPresent()) {
                stop = stop.or(best.add(iteration, validation.get(), theta));
            }
            report(iteration, batch, passes.count(), evaluation, step, updateMs, validation, theta);
            if (stop.isPresent()) {
                return new Result(
                        iteration,
                        loss,
                        best.restore(theta).or(() -> validation).orElse(Map.of()),
                        stop.get());
            }
        }
    }

    private void report(
            long iteration,
            ShardPlan.Batch batch,
            int passes,
            Objective.Evaluation e,
            StepReport step,
            double updateMs,
            Optional<Map<String, Double>> validation,
            float[] theta) {
        IterationReport report = new IterationReport(
                iteration,
                limits.updates(plan),
                batch.epoch(),
                e.sum().loss().meanLoss(),
                e.sum().loss().accuracy(),
                step.gradientNorm(),
                step.stepSize(),
                e.sum().loss().sequences(),
                e.sum().loss().steps(),
                passes,
                e.broadcastMs(),
                e.computeMs(),
                e.waitMs(),
                e.mergeMs(),
                updateMs,
                validation,
                Optional.ofNullable(e.sum().flow()),
                Optional.ofNullable(e.sum().terms()),
                Optional.ofNullable(e.sum().noise()),
                () -> ParameterHash.of(theta));
        listeners.forEach(listener -> listener.onIteration(report));
    }

    static void requireFinite(String what, double value, long iteration) {
        if (!Double.isFinite(value)) {
            throw new TrainingException("the " + what + " is " + value + " at iteration " + iteration
                    + (iteration == 1 && (what.equals("loss") || what.equals("gradient norm"))
                            ? ", before any update: the numbers of the data are too large for this network; scale them"
                            : "; lower step-size, or lower clip-norm (0 turns clipping off)"));
        }
    }

    /** The parameters with the lowest validation loss, for {@code patience}. */
    private final class Best {
        private long iteration;
        private int without;
        private float[] theta;
        private Map<String, Double> metrics;

        /** Notes a validation; a supplier of a reason to stop where there were too many without a lower loss. */
        Supplier<Optional<StopReason>> add(long now, Map<String, Double> validation, float[] current) {
            if (metrics == null || validation.get("loss") < metrics.get("loss")) {
                iteration = now;
                without = 0;
                metrics = validation;
                theta = current.clone();
            } else {
                without++;
            }
            return () -> without < limits.patience()
                    ? Optional.empty()
                    : Optional.of(StopReason.patience(without, metrics.get("loss"), iteration));
        }

        /** Goes back to the best parameters, if any were noted, and gives their metrics. */
        Optional<Map<String, Double>> restore(float[] current) {
            if (theta != null) {
                System.arraycopy(theta, 0, current, 0, theta.length);
            }
            return Optional.ofNullable(metrics);
        }
    }

    /** The mean loss per epoch, for {@code tol}. */
    private final class EpochLoss {
        private double lossSum;
        private double weightSum;
        private double previous = Double.NaN;

        Optional<StopReason> add(GradientSum sum, boolean epochEnds, long epoch) {
            lossSum += sum.loss().lossSum();
            weightSum += sum.loss().weightSum();
            if (!epochEnds) {
                return Optional.empty();
            }
            double before = previous;
            double mean = lossSum / weightSum;
            previous = mean;
            lossSum = 0;
            weightSum = 0;
            boolean stop = limits.tol() > 0 && before - mean < limits.tol() * Math.abs(before);
            return stop ? Optional.of(StopReason.tolerance(epoch, before, mean, limits.tol())) : Optional.empty();
        }
    }
}
