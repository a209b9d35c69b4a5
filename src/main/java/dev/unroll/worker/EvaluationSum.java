package dev.unroll.worker;

import dev.unroll.data.SequenceBatch;
import dev.unroll.data.Standardization;
import dev.unroll.nn.HeadSpec;
import dev.unroll.nn.LearningTask;
import dev.unroll.nn.Loss;
import dev.unroll.nn.Loss.Quantile;
import dev.unroll.nn.LossSum;
import dev.unroll.nn.Readout;
import dev.unroll.nn.Workspace;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** Loss, counts by class and errors summed over sequences: validation and {@code evaluate}. Mutable. */
public final class EvaluationSum implements Sum<EvaluationSum> {

    private static final int HEADER = 5; // sizes in front of a message's sums

    private final LossSum loss;
    private final int classes; // 0 where none are counted: regression, and language models
    private final long[] labels; // (C) how often each class is the label
    private final long[] predicted; // (C) how often it is predicted
    private final long[] hits; // (C) how often both
    private final double[] squaredError; // per number of a target
    private final double[] absoluteError; // per number of a target
    private final double[] absoluteAhead; // per step of a horizon, the first one first; empty where there is none
    private final long[] ahead; // numbers that it is the sum of
    private final NaiveErrors naive; // null where there is no naive forecast
    private final QuantileErrors quantiles; // null where none are predicted

    /** Zero, for that problem. */
    EvaluationSum(Problem problem) {
        this(
                new LossSum(),
                classes(problem.task(), problem.network().head()),
                numbers(problem.task(), problem.network().head()),
                problem.horizon(),
                problem.naive().isSome() ? new NaiveErrors() : null,
                quantiles(problem.network().head()));
    }

    /** Zero, for that task and head. */
    public EvaluationSum(LearningTask task, HeadSpec head) {
        this(new LossSum(), classes(task, head), numbers(task, head), 0, null, quantiles(head));
    }

    private static int classes(LearningTask task, HeadSpec head) {
        return task.hasClasses() ? head.labels() : 0;
    }

    private static int numbers(LearningTask task, HeadSpec head) {
        return task == LearningTask.REGRESSION ? head.targetWidth() : 0;
    }

    private static QuantileErrors quantiles(HeadSpec head) {
        return head.loss() instanceof Quantile ? new QuantileErrors() : null;
    }

    private EvaluationSum(
            LossSum loss, int classes, int numbers, int horizon, NaiveErrors naive, QuantileErrors quantiles) {
        this.loss = loss;
        this.classes = classes;
        this.labels = new long[classes];
        this.predicted = new long[classes];
        this.hits = new long[classes];
        this.squaredError = new double[numbers];
        this.absoluteError = new double[numbers];
        this.absoluteAhead = new double[horizon];
        this.ahead = new long[horizon];
        this.naive = naive;
        this.quantiles = quantiles;
    }

    public LossSum loss() {
        return loss;
    }

    /**
     * Counts those output rows of a batch that are in the workspace, but for those whose loss term or sequence weighs 0. Errors are
     * those of predictions in the targets' units.
     */
    void count(SequenceBatch batch, Workspace workspace, Problem problem) {
        double[] exact = batch.exactTargets();
        int numbers = squaredError.length;
        Readout readout = new Readout(problem.network().head());
        double[] outputs = new double[numbers == 0 ? 0 : readout.width()]; // as predictions are made of them
        double[] targets = new double[numbers];
        double[] errors = new double[numbers];
        for (int r = 0; r < workspace.outputs(); r++) {
            int row = workspace.firstOutput() + r;
            int sequence = problem.network().head().everyStep() ? batch.sequence(row) : row;
            if (batch.termWeight(row) == 0 || batch.weight(sequence) == 0) {
                continue;
            }
            if (problem.network().head().loss().hasLabelSets()) {
                countSet(batch.targets(), row * classes, workspace.values(), r * classes);
            } else if (classes > 0) {
                count(batch.label(row), workspace.predictions()[r]);
            }
            Standardization own = numbers == 0 ? null : batch.targetScale(row);
            Standardization units = own == null ? problem.targets() : own;
            if (numbers > 0) {
                readout.read(workspace.values(), r * outputs.length, units, outputs);
            }
            for (int j = 0; j < numbers; j++) {
                int at = row * numbers + j;
                targets[j] = exact == null ? units.undo(batch.targets()[at], j) : exact[at];
                errors[j] = readout.prediction(outputs, j) - targets[j];
                squaredError[j] += errors[j] * errors[j];
                absoluteError[j] += Math.abs(errors[j]);
            }
            if (quantiles != null) {
                quantiles.count(((Quantile) readout.loss()).levels(), outputs, targets);
            }
            int step = ahead.length == 0 ? 0 : ahead.length - 1 - batch.stepsAfter(row);
            if (ahead.length > 0 && step >= 0) {
                countAhead(step, errors);
            }
            if (naive != null && step >= 0) {
                int count =
                        problem.naive().within() ? problem.horizon() : numbers; // one output has all, or one of them
                naive.count(problem.naive(), batch, sequence, step, count, targets, errors);
            }
        }
    }

    private void countAhead(int step, double[] errors) {
        for (double error : errors) {
            absoluteAhead[step] += Math.abs(error);
            ahead[step]++;
        }
    }

    /** The mean absolute error of each step of a horizon, in the targets' units; null for one without any target. */
    public List<Double> absoluteErrorsAhead() {
        List<Double> means = new ArrayList<>();
        for (int step = 0; step < ahead.length; step++) {
            means.add(ahead[step] == 0 ? null : absoluteAhead[step] / ahead[step]);
        }
        return means;
    }

    /** Counts one prediction. */
    void count(int label, int prediction) {
        labels[label]++;
        predicted[prediction]++;
        if (label == prediction) {
            hits[label]++;
        }
    }

    /** Counts the labels of a set, 1 in y, and those whose output is above 0, so that they are more probable than not. */
    private void countSet(float[] y, int yAt, float[] outputs, int at) {
        for (int c = 0; c < classes; c++) {
            boolean label = y[yAt + c] > 0;
            boolean prediction = outputs[at + c] > 0;
            labels[c] += label ? 1 : 0;
            predicted[c] += prediction ? 1 : 0;
            hits[c] += label && prediction ? 1 : 0;
        }
    }

    /** How often class c is the label. */
    long labels(int c) {
        return labels[c];
    }

    /** How often class c was predicted where it is the label. */
    long hits(int c) {
        return hits[c];
    }

    /**
     * Metrics by name. {@code loss} is the mean loss, of scaled targets where they are scaled; errors are
     * in the targets' own units. {@code bitsPerCharacter} is per predicted token, end marks included. Errors of naive
     * forecasts are there where every target has them; scaled ones are over the sequences whose past changes.
     */
    public Map<String, Double> metrics(Problem problem) {
        return metrics(problem.task(), problem.network().head().loss(), problem.naive());
    }

    /** The names of the metrics that there may be: those of naive forecasts only where every target has them. */
    public static Set<String> names(LearningTask task, Loss loss, NaiveForecast forecast) {
        EvaluationSum none =
                new EvaluationSum(new LossSum(), 0, 1, 0, null, loss instanceof Quantile ? new QuantileErrors() : null);
        Set<String> names = new TreeSet<>(none.metrics(task, loss, forecast).keySet());
        if (forecast.isSome()) {
            names.addAll(NaiveErrors.names(forecast));
        }
        return names;
    }

    private Map<String, Double> metrics(LearningTask task, Loss head, NaiveForecast forecast) {
        Map<String, Double> metrics = new LinkedHashMap<>();
        metrics.put("loss", loss.meanLoss());
        if (task == LearningTask.REGRESSION) {
            double squared = 0;
            double absolute = 0;
            for (int j = 0; j < squaredError.length; j++) {
                squared += squaredError[j];
                absolute += absoluteError[j];
            }
            double numbers = (double) loss.terms() * squaredError.length;
            metrics.put("meanSquaredError", squared / numbers);
            metrics.put("meanAbsoluteError", absolute / numbers);
            if (quantiles != null) {
                quantiles.addTo(metrics, (Quantile) head, numbers);
            }
            if (naive != null) {
                naive.addTo(metrics, forecast, numbers);
            }
            return metrics;
        }
        metrics.put("accuracy", loss.accuracy());
        if (task == LearningTask.LANGUAGE_MODEL) {
            metrics.put("perplexity", StrictMath.exp(loss.meanLoss()));
            metrics.put("bitsPerCharacter", loss.meanLoss() / StrictMath.log(2));
        } else {
            metrics.put("macroF1", macroF1());
        }
        return metrics;
    }

    /** The mean over classes that occur (as label or prediction) of F1 = 2 true positives / (labels + predictions). */
    private double macroF1() {
        double sum = 0;
        int present = 0;
        for (int c = 0; c < classes; c++) {
            if (labels[c] + predicted[c] > 0) {
                sum += 2.0 * hits[c] / (labels[c] + predicted[c]);
                present++;
            }
        }
        return sum / present;
    }

    @Override
    public void merge(EvaluationSum other) {
        MessageBytes.requireSame(classes, other.classes, "classes");
        MessageBytes.requireSame(squaredError.length, other.squaredError.length, "numbers of a target");
        MessageBytes.requireSame(naiveSums(), other.naiveSums(), "sums of naive forecasts");
        MessageBytes.requireSame(ahead.length, other.ahead.length, "steps of a horizon");
        MessageBytes.requireSame(quantileSums(), other.quantileSums(), "sums of quantiles");
        loss.merge(other.loss);
        for (int c = 0; c < classes; c++) {
            labels[c] += other.labels[c];
            predicted[c] += other.predicted[c];
            hits[c] += other.hits[c];
        }
        for (int j = 0; j < squaredError.length; j++) {
            squaredError[j] += other.squaredError[j];
            absoluteError[j] += other.absoluteError[j];
        }
        for (int step = 0; step < ahead.length; step++) {
            absoluteAhead[step] += other.absoluteAhead[step];
            ahead[step] += other.ahead[step];
        }
        if (naive != null) {
            naive.merge(other.naive);
        }
        if (quantiles != null) {
            quantiles.merge(other.quantiles);
        }
    }

    private int naiveSums() {
        return naive == null ? 0 : NaiveErrors.SIZE;
    }

    private int quantileSums() {
        return quantiles == null ? 0 : QuantileErrors.SIZE;
    }

    @Override
    public int byteCount() {
        int numbers = 3 * classes
                + squaredError.length
                + absoluteError.length
                + 2 * ahead.length
                + naiveSums()
                + quantileSums();
        return SumBytes.LOSS + HEADER * Integer.BYTES + Math.multiplyExact(Long.BYTES, numbers);
    }

    @Override
    public void write(ByteBuffer out) {
        SumBytes.writeLoss(loss, out);
        out.putInt(classes)
                .putInt(squaredError.length)
                .putInt(ahead.length)
                .putInt(naiveSums())
                .putInt(quantileSums());
        for (long[] counts : List.of(labels, predicted, hits)) {
            out.asLongBuffer().put(counts);
            out.position(out.position() + Long.BYTES * counts.length);
        }
        for (int j = 0; j < squaredError.length; j++) {
            out.putDouble(squaredError[j]).putDouble(absoluteError[j]);
        }
        for (int step = 0; step < ahead.length; step++) {
            out.putDouble(absoluteAhead[step]).putLong(ahead[step]);
        }
        if (naive != null) {
            naive.write(out);
        }
        if (quantiles != null) {
            quantiles.write(out);
        }
    }

    /** @throws IllegalStateException for bytes that are no such sum */
    public static EvaluationSum read(ByteBuffer in) {
        LossSum loss = SumBytes.readLoss(in);
        MessageBytes.require(in, HEADER * Integer.BYTES);
        int classes = in.getInt();
        int targets = in.getInt();
        int horizon = in.getInt();
        int naive = in.getInt();
        int quantiles = in.getInt();
        if (classes < 0
                || targets < 0
                || horizon < 0
                || (naive != 0 && naive != NaiveErrors.SIZE)
                || (quantiles != 0 && quantiles != QuantileErrors.SIZE)) {
            throw MessageBytes.damaged("it has " + classes + " classes, " + targets + " numbers of a target, " + horizon
                    + " steps of a horizon, " + naive + " sums of naive forecasts and " + quantiles
                    + " sums of quantiles");
        }
        long numbers = 3L * classes + 2L * targets + 2L * horizon + naive + quantiles;
        MessageBytes.require(in, Long.BYTES * numbers);
        EvaluationSum sum = new EvaluationSum(
                loss,
                classes,
                targets,
                horizon,
                naive == 0 ? null : new NaiveErrors(),
                quantiles == 0 ? null : new QuantileErrors());
        for (long[] counts : List.of(sum.labels, sum.predicted, sum.hits)) {
            in.asLongBuffer().get(counts);
            in.position(in.position() + Long.BYTES * counts.length);
        }
        for (int j = 0; j < sum.squaredError.length; j++) {
            sum.squaredError[j] = in.getDouble();
            sum.absoluteError[j] = in.getDouble();
        }
        for (int step = 0; step < horizon; step++) {
            sum.absoluteAhead[step] = in.getDouble();
            sum.ahead[step] = in.getLong();
        }
        if (sum.naive != null) {
            sum.naive.merge(NaiveErrors.read(in));
        }
        if (sum.quantiles != null) {
            sum.quantiles.merge(QuantileErrors.read(in));
        }
        return sum;
    }
}
