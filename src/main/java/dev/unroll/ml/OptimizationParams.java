package dev.unroll.ml;

import dev.unroll.nn.LearningTask;
import dev.unroll.nn.LossNames;
import dev.unroll.nn.Pooling;
import dev.unroll.optim.OptimizerKind;
import java.util.Arrays;
import java.util.stream.Collectors;
import org.apache.spark.ml.Model;
import org.apache.spark.ml.param.DoubleParam;
import org.apache.spark.ml.param.IntParam;
import org.apache.spark.ml.param.LongParam;
import org.apache.spark.ml.param.Param;

/**
 * Params of every estimator: the loss, the mini-batches, the optimiser and when training stops.
 *
 * @param <E> the estimator itself, for setters that can be chained
 * @param <M> its model
 */
public abstract class OptimizationParams<E extends OptimizationParams<E, M>, M extends Model<M>>
        extends NetworkParams<E, M> {

    private static final long serialVersionUID = 1L;

    /** Epochs where neither maxIter nor epochs is given. */
    static final int DEFAULT_EPOCHS = 10;

    private final Param<String> loss = ParamFactory.text(
            this,
            "loss",
            "l of a label: softmax cross-entropy, binary of the sigmoid of one output, multi-label of the sigmoid of each label in a set, or crf of the labels of all steps together; of numbers: squared or absolute error of scaled targets, or huber, the one up to 1 and the other beyond, or the pinball loss of quantiles at some levels, or minus the log-likelihood of a distribution, gaussian or student-t; of counts: minus that of poisson or negative-binomial",
            LossNames.defaultOf(LearningTask.CLASSIFICATION),
            AllowedValues.losses());
    private final Param<String> lossReduction = ParamFactory.text(
            this,
            "lossReduction",
            "step: sum of l over the number of loss terms; sequence: equation (1) per sequence, then the mean over sequences",
            "step",
            AllowedValues.oneOf("step", "sequence"));
    private final Param<String> classWeights = ParamFactory.text(
            this,
            "classWeights",
            "balanced: a loss term weighs N / (C count of its label)",
            "none",
            AllowedValues.oneOf("none", "balanced"));
    private final DoubleParam labelSmoothing = ParamFactory.number(
            this,
            "labelSmoothing",
            "loss softmax: the share of a label that is spread evenly over all classes, in training only; 0 = off",
            0,
            AllowedValues.between(0, 1));
    private final IntParam batchSize =
            ParamFactory.integer(this, "batchSize", "sequences per update; 0 = all", 64, AllowedValues.atLeast(0));
    private final IntParam maxIter = ParamFactory.integer(
            this,
            "maxIter",
            "updates at most; 0 = no such limit (with epochs 0 as well: " + DEFAULT_EPOCHS + " epochs)",
            0,
            AllowedValues.atLeast(0));
    private final IntParam epochs = ParamFactory.integer(
            this, "epochs", "passes over the data at most; 0 = no such limit", 0, AllowedValues.atLeast(0));
    private final DoubleParam tol = ParamFactory.number(
            this,
            "tol",
            "stop when the mean loss of an epoch improves by less than this share of the one before; 0 = off",
            0,
            AllowedValues.atLeast(0));
    private final DoubleParam stepSize =
            ParamFactory.number(this, "stepSize", "step size of the optimiser", 0.003, AllowedValues.above(0));
    private final Param<String> optimizer = ParamFactory.text(
            this,
            "optimizer",
            "optimiser: " + OptimizerKind.summary(),
            OptimizerKind.ADAM.key(),
            AllowedValues.oneOf(OptimizerKind.class));
    private final Param<String> schedule = ParamFactory.text(
            this, "schedule", "how the step size goes on from step-size", "constant", AllowedValues.schedules());
    private final DoubleParam clipNorm = ParamFactory.number(
            this,
            "clipNorm",
            "the mean gradient is scaled down to this L2 norm, before weight decay; 0 = off",
            1,
            AllowedValues.atLeast(0));
    private final DoubleParam weightDecay = ParamFactory.number(
            this,
            "weightDecay",
            "weight decay: added to the gradient, decoupled for " + OptimizerKind.decoupled(),
            0,
            AllowedValues.atLeast(0));
    private final DoubleParam ema = ParamFactory.number(
            this,
            "ema",
            "decay of an exponential moving average of the parameters, which is validated and becomes the model; 0 = off",
            0,
            AllowedValues.between(0, 1));
    private final LongParam seed = ParamFactory.whole(
            this,
            "seed",
            "seed of initial parameters and of the order of the data",
            1,
            AllowedValues.any("any whole number"));

    OptimizationParams(String uid) {
        super(uid);
    }

    /** What the estimator learns. */
    abstract LearningTask task();

    @Override
    final Object replacedDefault(Param<?> param) {
        if (param.name().equals(loss.name())) {
            return LossNames.defaultOf(task());
        }
        return OptimizerKind.of(ParamFactory.get(this, optimizer)).defaults().get(ParamDocs.kebab(param.name()));
    }

    @Override
    public final String otherDefaults(Param<?> param) {
        if (param.name().equals(loss.name())) {
            return LossNames.defaultOf(LearningTask.REGRESSION) + " with task " + LearningTask.REGRESSION.key();
        }
        if (param.name().equals(pooling().name())) {
            return Pooling.EVERY.key() + " where every step has a label";
        }
        if (param.name().equals(epochs.name())) {
            return DEFAULT_EPOCHS + " where max-iter is 0";
        }
        return Arrays.stream(OptimizerKind.values())
                .filter(kind -> kind.defaults().containsKey(ParamDocs.kebab(param.name())))
                .map(kind -> kind.defaults().get(ParamDocs.kebab(param.name())) + " with optimizer " + kind.key())
                .collect(Collectors.joining(" or "));
    }

    public final Param<String> loss() {
        return loss;
    }

    public final E setLoss(String value) {
        return with(loss, value);
    }

    public final Param<String> lossReduction() {
        return lossReduction;
    }

    public final E setLossReduction(String value) {
        return with(lossReduction, value);
    }

    public final Param<String> classWeights() {
        return classWeights;
    }

    public final E setClassWeights(String value) {
        return with(classWeights, value);
    }

    public final DoubleParam labelSmoothing() {
        return labelSmoothing;
    }

    public final E setLabelSmoothing(double value) {
        return with(labelSmoothing, value);
    }

    public final IntParam batchSize() {
        return batchSize;
    }

    public final E setBatchSize(int value) {
        return with(batchSize, value);
    }

    public final IntParam maxIter() {
        return maxIter;
    }

    public final E setMaxIter(int value) {
        return with(maxIter, value);
    }

    public final IntParam epochs() {
        return epochs;
    }

    public final E setEpochs(int value) {
        return with(epochs, value);
    }

    public final DoubleParam tol() {
        return tol;
    }

    public final E setTol(double value) {
        return with(tol, value);
    }

    public final DoubleParam stepSize() {
        return stepSize;
    }

    public final E setStepSize(double value) {
        return with(stepSize, value);
    }

    public final Param<String> optimizer() {
        return optimizer;
    }

    public final E setOptimizer(String value) {
        return with(optimizer, value);
    }

    public final Param<String> schedule() {
        return schedule;
    }

    public final E setSchedule(String value) {
        return with(schedule, value);
    }

    public final DoubleParam clipNorm() {
        return clipNorm;
    }

    public final E setClipNorm(double value) {
        return with(clipNorm, value);
    }

    public final DoubleParam weightDecay() {
        return weightDecay;
    }

    public final E setWeightDecay(double value) {
        return with(weightDecay, value);
    }

    public final DoubleParam ema() {
        return ema;
    }

    public final E setEma(double value) {
        return with(ema, value);
    }

    public final LongParam seed() {
        return seed;
    }

    public final E setSeed(long value) {
        return with(seed, value);
    }
}
