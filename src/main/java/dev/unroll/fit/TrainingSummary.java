package dev.unroll.fit;

import dev.unroll.data.ShardPlan;
import dev.unroll.preflight.EngineChoice;
import dev.unroll.preflight.Preflight;
import dev.unroll.train.FlowHistory;
import dev.unroll.train.History;
import dev.unroll.train.JobCounts;
import dev.unroll.train.Kernels;
import dev.unroll.train.LossTrend;
import dev.unroll.train.NoiseHistory;
import dev.unroll.train.Phases;
import dev.unroll.train.Trainer;
import dev.unroll.train.TruncationAdvisor;
import dev.unroll.worker.GradientFlow;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/**
 * What a training was.
 *
 * @param sequences sequences trained on
 * @param steps their steps
 * @param skipped rows left out, by column and reason
 * @param missingTargets steps without a label or target in rows that have others, validation included
 * @param missingNumbers numbers of steps and sequences that are missing, validation included
 * @param warnings what may not be what was meant, a sentence each
 * @param plan shards and batches
 * @param preflight what was said of it before; nothing of a training inside a task
 * @param engine where updates were computed, and why
 * @param kernels which kernel ran where
 * @param jobs of Spark that it took
 * @param updates loss and phase times of every update
 * @param gradientFlow how far back the gradient of single losses reached
 * @param gradientNoise how much of the gradient was noise, lately
 * @param truncationAdvice how far the gradient could be truncated, on the latest iteration that was sampled, where that was asked for
 */
public record TrainingSummary(
        Trainer.Result result,
        long sequences,
        long steps,
        Map<String, Long> skipped,
        long missingTargets,
        long missingNumbers,
        List<String> warnings,
        ShardPlan plan,
        Optional<Preflight> preflight,
        EngineChoice engine,
        Kernels kernels,
        JobCounts jobs,
        History updates,
        FlowHistory gradientFlow,
        NoiseHistory gradientNoise,
        Optional<TruncationAdvisor.Advice> truncationAdvice)
        implements Serializable {

    private static final StructType HISTORY = withPhases(new StructType()
            .add("iteration", DataTypes.LongType)
            .add("epoch", DataTypes.LongType)
            .add("loss", DataTypes.DoubleType)
            .add("gradientNorm", DataTypes.DoubleType)
            .add("stepSize", DataTypes.DoubleType)
            .add("sequences", DataTypes.LongType)
            .add("steps", DataTypes.LongType));

    private static final StructType FLOW = new StructType()
            .add("iteration", DataTypes.LongType)
            .add("layer", DataTypes.IntegerType)
            .add("lag", DataTypes.IntegerType)
            .add("norm", DataTypes.DoubleType);

    private static StructType withPhases(StructType columns) {
        StructType all = columns;
        for (Phases.Phase phase : Phases.ALL) {
            all = all.add(phase.key(), DataTypes.DoubleType);
        }
        return all;
    }

    /** The mean loss of every update's batch, before the update; of evenly spaced ones where there were more than some hundred thousand. */
    public double[] objectiveHistory() {
        return updates.updates().stream().mapToDouble(History.Update::loss).toArray();
    }

    /** Updates that were made. */
    public long totalIterations() {
        return result.iterations();
    }

    /** What to say where a limit ended the training while the loss was still falling fast; empty where it was not. */
    public Optional<String> stillFalling() {
        return result.stopReason().isLimit()
                ? LossTrend.of(updates.updates()).filter(LossTrend::isFast).map(LossTrend::sentence)
                : Optional.empty();
    }

    /** The median ms of an update, all phases together; empty where there was none. */
    public OptionalDouble iterationMs() {
        double[] ms = updates.updates().stream()
                .mapToDouble(u -> u.phases().totalMs())
                .sorted()
                .toArray();
        return ms.length == 0 ? OptionalDouble.empty() : OptionalDouble.of(ms[ms.length / 2]);
    }

    /** What was predicted for {@link #iterationMs}. */
    public OptionalDouble predictedIterationMs() {
        return preflight.stream()
                .mapToDouble(findings -> findings.time().totalMs())
                .findFirst();
    }

    /** A row for each update, as in {@link #objectiveHistory}: iteration, epoch, loss, gradientNorm, stepSize, sequences, steps, and the ms of its phases. */
    public Dataset<Row> history(SparkSession spark) {
        List<Row> rows = updates.updates().stream()
                .map(u -> RowFactory.create(
                        u.iteration(),
                        u.epoch(),
                        u.loss(),
                        u.gradientNorm(),
                        u.stepSize(),
                        u.sequences(),
                        u.steps(),
                        u.phases().broadcastMs(),
                        u.phases().computeMs(),
                        u.phases().waitMs(),
                        u.phases().mergeMs(),
                        u.phases().updateMs()))
                .toList();
        return spark.createDataFrame(rows, HISTORY);
    }

    /** A row for each sampled iteration, layer (from 1) and bin of lags: the first lag of the bin, and the norm |dL/dh| there. */
    public Dataset<Row> gradientFlow(SparkSession spark) {
        List<Row> rows = new ArrayList<>();
        gradientFlow.flows().forEach((iteration, flow) -> {
            for (int layer = 0; layer < flow.layers(); layer++) {
                for (int bin = 0; bin < flow.bins(); bin++) {
                    rows.add(
                            RowFactory.create(iteration, layer + 1, GradientFlow.firstLag(bin), flow.norm(layer, bin)));
                }
            }
        });
        return spark.createDataFrame(rows, FLOW);
    }
}
