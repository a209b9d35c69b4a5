package dev.unroll.train;

import dev.unroll.data.ShardPlan;
import dev.unroll.format.FormatException;
import dev.unroll.optim.Norms;
import dev.unroll.optim.Optimizer;
import dev.unroll.optim.StepReport;
import dev.unroll.param.ParameterHash;
import dev.unroll.worker.GradientSum;
import java.io.Serializable;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Supplier;

/**
 * The loop: synchronous updates of theta until a limit is reached. It knows an {@link Objective}, and not where that
 * runs: {@code SparkObjective} on a cluster, {@link LocalObjective} in this process.
 *
 * <p>One iteration: sums over the batch from the objective; mean = gradientSum / weightSum; clip, schedule and step in
 * the optimiser; a report to the listeners. The optimiser ({@code GradientChain}, or {@code Lbfgs}) asks for the mean
 * gradient itself, through {@link BatchLoss}: L-BFGS more than once.
 */
public final class Trainer {

    /**
     * When to stop.
     *
     * @param maxIter updates at most; 0 for no such limit
     * @param epochs passes at most; 0 for no such limit
     * @param tol stop when an epoch's mean loss improves on the one before by less than this share of it; 0 for off
     * @param validationInterval updates between validations; 0 for once per epoch
     * @param patience stop after this many validations without a lower loss, and go back to the best parameters; 0 for
     *     off
     */
    public record Limits(long maxIter, long epochs, double tol, long validationInterval, int patience)
            implements Serializable {
        public Limits {
            if (maxIter <= 0 && epochs <= 0) {
                throw new IllegalArgumentException("one of max-iter and epochs must be above 0");
            }
        }

        /** That many updates, whatever happens to the loss. */
        public static Limits until(long iteration) {
            return new Limits(iteration, 0, 0, 0, 0);
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
    public record Result(long iterations, double loss, Map<String, Double> validation, StopReason stopReason)
            implements Serializable {}

    // Names in a checkpoint.
    private static final String LOSS = "loss";
    private static final String OPTIMIZER = "optimizer.";
    private static final String EPOCH = "epoch.";
    private static final String BEST = "best.";
    private static final String BEST_METRIC = "best.metric.";

    private final Objective objective;
    private final ShardPlan plan;
    private final Optimizer optimizer;
    private final Limits limits;
    private final List<IterationListener> listeners;
    private final Optional<CheckpointSink> saving;

    /** A training without checkpoints. */
    public Trainer(
            Objective objective,
            ShardPlan plan,
            Optimizer optimizer,
            Limits limits,
            List<IterationListener> listeners) {
        this(objective, plan, optimizer, limits, listeners, Optional.empty());
    }

    /** @param saving where and when checkpoints are written; one is always written when training ends */
    public Trainer(
            Objective objective,
            ShardPlan plan,
            Optimizer optimizer,
            Limits limits,
            List<IterationListener> listeners,
            Optional<? extends CheckpointSink> saving) {
        this.saving = saving.map(s -> s);
        this.objective = objective;
        this.plan = plan;
        this.optimizer = optimizer;
        this.limits = limits;
        this.listeners = List.copyOf(listeners);
    }

    /**
     * Trains theta in place. In the end it holds what the model gets: the parameters after the last update, their moving
     * average where the optimiser has one, or of either the best with {@code patience}.
     *
     * @throws TrainingException if the loss or the gradient is not finite, or a listener asked to stop
     */
    public Result run(float[] theta) {
        return new Run(theta).from(1);
    }

    /**
     * Goes on from a checkpoint, with the bits of a run that never stopped. If that run had ended, its result is given
     * again, unless a limit was raised.
     *
     * @param theta takes the parameters
     * @throws FormatException if the checkpoint lacks something, or is of another optimiser
     * @throws TrainingException as {@link #run(float[])}
     */
    public Result resume(float[] theta, Checkpoint checkpoint) throws FormatException {
        return new Run(theta).resume(checkpoint);
    }

    /** One run of the loop: theta, and all that is remembered from update to update. */
    private final class Run {
        private final float[] theta;
        private final long updates = limits.updates(plan);
        private final BatchLoss passes = new BatchLoss(objective, plan, optimizer);
        private final EpochLoss epochLoss = new EpochLoss();
        private final Best best = new Best();
        private double loss = Double.NaN; // of the latest iteration
        private Optional<Map<String, Double>> validation = Optional.empty(); // of the latest iteration

        Run(float[] theta) {
            this.theta = theta;
        }

        Result from(long first) {
            for (long iteration = first; ; iteration++) {
                Optional<StopReason> stop = update(iteration);
                if (stop.isPresent()) {
                    return result(iteration, stop.get());
                }
            }
        }

        private Result result(long iteration, StopReason stop) {
            System.arraycopy(averaged(), 0, theta, 0, theta.length);
            return new Result(
                    iteration, loss, best.restore(theta).or(() -> validation).orElse(Map.of()), stop);
        }

        private float[] averaged() {
            return optimizer.averaged(theta);
        }

        /** One iteration; returns why training ends with it, if it does. */
        private Optional<StopReason> update(long iteration) {
            ShardPlan.Batch batch = passes.next(iteration);
            long start = System.nanoTime();
            StepReport step = optimizer.step(theta, passes, iteration);
            FiniteValue.GRADIENT_NORM.require(step.gradientNorm(), iteration);
            double updateMs = (System.nanoTime() - start - passes.nanos()) / 1e6;
            GradientSum sum = passes.evaluation().sum();
            loss = sum.loss().meanLoss();

            boolean epochEnds = batch.to() == plan.sequences();
            Optional<StopReason> stop = epochLoss.add(sum, epochEnds, batch.epoch() + 1);
            if (!step.improved()) {
                stop = Optional.of(StopReason.lineSearch(iteration, step.gradientNorm()));
            }
            Optional<StopReason> limit = limitReached(iteration);
            boolean ends = stop.isPresent() || limit.isPresent();
            if (ends) {
                FiniteValue.PARAMETERS.require(Norms.l2(averaged()), iteration);
            }
            boolean scheduled =
                    limits.validationInterval() > 0 ? iteration % limits.validationInterval() == 0 : epochEnds;
            validation = scheduled || ends ? objective.validate(averaged()) : Optional.empty();
            if (validation.isPresent()) {
                FiniteValue.VALIDATION_LOSS.require(validation.get().get("loss"), iteration);
            }
            if (scheduled && limits.patience() > 0 && validation.isPresent()) {
                stop = stop.or(best.add(iteration, validation.get(), averaged()));
            }
            // A limit comes last: were it higher, training would still end for any other reason.
            stop = stop.or(() -> limit);
            Optional<StopRequest> request = report(iteration, batch, step, updateMs);
            if (stop.isPresent()
                    || request.isPresent()
                    || saving.map(s -> s.isDue(iteration)).orElse(false)) {
                save(iteration, stop);
            }
            if (stop.isPresent() && !scheduled) {
                addLast(iteration);
            }
            if (stop.isEmpty() && request.isPresent()) {
                throw new TrainingException(
                        "stopped " + request.get().getMessage() + " after iteration " + iteration + " of " + updates);
            }
            return stop;
        }

        /**
         * Counts a validation that was due only because training ends: after the checkpoint, since a resumed training
         * goes on without it.
         */
        private void addLast(long iteration) {
            if (limits.patience() > 0 && validation.isPresent()) {
                best.add(iteration, validation.get(), averaged());
            }
        }

        private Optional<StopReason> limitReached(long iteration) {
            if (iteration < updates && !passes.reached(limits.epochs())) {
                return Optional.empty();
            }
            return Optional.of(
                    iteration == limits.maxIter() ? StopReason.maxIter(iteration) : StopReason.epochs(limits.epochs()));
        }

        private void save(long iteration, Optional<StopReason> stop) {
            saving.ifPresent(s -> {
                FiniteValue.PARAMETERS.require(Norms.l2(theta), iteration); // a resume would refuse others
                Checkpoint.Draft draft = new Checkpoint.Draft();
                draft.put(LOSS, loss);
                stop.ifPresent(reason -> reason.save(draft));
                passes.save(draft, theta);
                epochLoss.save(draft);
                best.save(draft);
                optimizer.state().forEach((name, array) -> draft.put(OPTIMIZER + name, array));
                s.write(draft.of(iteration, theta), stop.isPresent());
            });
        }

        Result resume(Checkpoint checkpoint) throws FormatException {
            System.arraycopy(checkpoint.theta(), 0, theta, 0, theta.length);
            loss = checkpoint.finite(LOSS);
            passes.restore(checkpoint);
            epochLoss.restore(checkpoint);
            best.restore(checkpoint);
            requireNumbers(checkpoint.arrays(OPTIMIZER));
            try {
                optimizer.restore(checkpoint.arrays(OPTIMIZER));
            } catch (IllegalArgumentException e) {
                throw new FormatException("a checkpoint does not fit: " + e.getMessage(), e);
            }
            Checkpoint.requireFinite("average of the parameters", averaged(), theta.length);
            long iteration = checkpoint.iteration();
            Optional<StopReason> end = StopReason.read(checkpoint)
                    .filter(reason -> !reason.isLimit())
                    .or(() -> limitReached(iteration));
            if (iteration > updates) {
                throw new FormatException("the limits end training with iteration " + updates
                        + ", and the checkpoint is of iteration " + iteration + "; raise max-iter or epochs");
            }
            if (end.isPresent()) {
                validation = objective.validate(averaged());
                addLast(iteration);
                return result(iteration, end.get());
            }
            return from(iteration + 1);
        }

        /** A square of a gradient may overflow to infinity, and training goes on; NaN comes from nowhere. */
        private static void requireNumbers(Map<String, float[]> state) throws FormatException {
            for (Map.Entry<String, float[]> array : state.entrySet()) {
                for (float number : array.getValue()) {
                    if (Float.isNaN(number)) {
                        throw new FormatException(
                                "a checkpoint's " + OPTIMIZER + array.getKey() + " has NaN; allowed are numbers");
                    }
                }
            }
        }

        /** Tells all listeners; returns the request to stop, if one of them asks for it. */
        private Optional<StopRequest> report(long iteration, ShardPlan.Batch batch, StepReport step, double updateMs) {
            Objective.Evaluation e = passes.evaluation();
            IterationReport report = new IterationReport(
                    iteration,
                    updates,
                    batch.epoch(),
                    loss,
                    e.sum().loss().accuracy(),
                    e.sum().loss().weightSum(),
                    e.sum().loss().terms(),
                    step.gradientNorm(),
                    step.stepSize(),
                    e.sum().loss().sequences(),
                    e.sum().loss().steps(),
                    passes.count(),
                    e.phases().withUpdate(updateMs),
                    e.balance(),
                    objective.jobs(),
                    validation,
                    Optional.ofNullable(e.sum().auxiliary().flow()),
                    Optional.ofNullable(e.sum().auxiliary().terms()),
                    Optional.ofNullable(e.sum().noise()),
                    () -> ParameterHash.of(theta));
            Optional<StopRequest> request = Optional.empty();
            for (IterationListener listener : listeners) {
                try {
                    listener.onIteration(report);
                } catch (StopRequest stop) {
                    request = Optional.of(stop);
                }
            }
            return request;
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

        void save(Checkpoint.Draft draft) {
            if (theta != null) {
                draft.put(BEST + "iteration", iteration);
                draft.put(BEST + "without", without);
                metrics.forEach((name, value) -> draft.put(BEST_METRIC + name, value));
                draft.put(BEST + "theta", theta);
            }
        }

        void restore(Checkpoint checkpoint) throws FormatException {
            theta = limits.patience() == 0 ? null : checkpoint.arrays(BEST).get("theta");
            if (theta != null) {
                Checkpoint.requireFinite(BEST + "theta", theta, checkpoint.theta().length);
                iteration = checkpoint.count(BEST + "iteration", checkpoint.iteration());
                without = (int) checkpoint.count(BEST + "without", checkpoint.iteration());
                checkpoint.finite(BEST_METRIC + "loss");
                metrics = new TreeMap<>();
                for (String name : checkpoint.values(BEST_METRIC).keySet()) {
                    metrics.put(name, checkpoint.number(BEST_METRIC + name));
                }
            }
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

        void save(Checkpoint.Draft draft) {
            draft.put(EPOCH + "lossSum", lossSum);
            draft.put(EPOCH + "weightSum", weightSum);
            draft.put(EPOCH + "previous", previous);
        }

        void restore(Checkpoint checkpoint) throws FormatException {
            lossSum = checkpoint.finite(EPOCH + "lossSum");
            weightSum = checkpoint.finite(EPOCH + "weightSum");
            if (weightSum < 0) {
                throw checkpoint.refused(EPOCH + "weightSum", "a number from 0 on");
            }
            previous = checkpoint.number(EPOCH + "previous");
        }

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
