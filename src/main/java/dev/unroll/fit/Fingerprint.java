package dev.unroll.fit;

import dev.unroll.data.Encoding;
import dev.unroll.data.SeriesScales;
import dev.unroll.data.ShardPlan;
import dev.unroll.data.Standardization;
import dev.unroll.nn.LossSpec;
import dev.unroll.optim.Schedule;
import dev.unroll.param.ParameterHash;
import dev.unroll.spark.rows.RowStatistics;
import dev.unroll.spark.shards.RowDecoder;
import dev.unroll.train.Checkpoints;
import dev.unroll.worker.Problem;
import java.lang.reflect.RecordComponent;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.DoubleStream;

/**
 * Everything that determines the bits of a training, by name: data, network, loss, optimiser, seed and shards; not where it runs, or when
 * it ends. A checkpoint keeps it, and is resumed only by a training with the same.
 */
final class Fingerprint {

    /** The entry that is the hash of the parameters before the first update. */
    static final String INITIAL = "initial parameters";

    private Fingerprint() {}

    /**
     * The fingerprint of one training.
     *
     * @param facts of the rows to train on
     * @param validation of the rows to validate on
     * @param initial parameters before the first update
     */
    static Map<String, String> of(
            TrainingConfig config,
            Problem problem,
            ShardPlan plan,
            RowStatistics facts,
            RowStatistics validation,
            RowDecoder decoder,
            float[] initial) {
        Map<String, String> entries = new TreeMap<>();
        ownEntries(config, entries);
        entries.put("data", facts.trainingFingerprint());
        if (config.limits().patience() > 0) {
            entries.put(
                    Checkpoints.VALIDATION,
                    validation.heldOutFingerprint() + ", every "
                            + config.limits().validationInterval() + " updates");
        }
        entries.put("network", problem.network().toString());
        LossSpec loss = problem.loss();
        entries.put(
                "loss",
                problem.task().key() + " by " + loss.reduction() + ", classes weigh "
                        + Arrays.toString(loss.classWeights())
                        + (loss.labelSmoothing() == 0 ? "" : ", labels smoothed by " + loss.labelSmoothing()));
        entries.put(
                "unrolling",
                problem.unrolling().dropout() + " dropout, truncation "
                        + problem.unrolling().truncation());
        entries.put(
                "tokens",
                decoder.vocabulary() == null
                        ? columns(decoder.encoding())
                        : hash(decoder.vocabulary().tokens()));
        entries.put(
                "labels",
                decoder.labels() == null ? "none" : hash(decoder.labels().values()));
        // In float32 it follows from the data, whose hash is that of numbers as float32.
        if (decoder.scaling().statics().inDouble()) {
            entries.put("scaling of statics", scaling(decoder.scaling().statics()));
        }
        if (decoder.scaling().inputs().inDouble() || decoder.scaling().targets().inDouble()) {
            entries.put(
                    "scaling",
                    scaling(decoder.scaling().inputs()) + ", "
                            + scaling(decoder.scaling().targets()));
        }
        if (decoder.scaling().isBySeries()) {
            SeriesScales series = decoder.scaling().series();
            entries.put("scaling", "of " + hash(series.keys()) + ", " + scaling(series.numbers()));
        }
        entries.put(INITIAL, ParameterHash.of(initial));
        entries.put(
                "plan",
                plan + (plan.streams() ? " of windows of " + config.batches().window() : ""));
        entries.put("optimizer", config.optimizer().toString());
        if (Schedule.parse(config.optimizer().schedule()).endsWithRun()) {
            entries.put("updates", Long.toString(config.limits().updates(plan)));
        }
        return entries;
    }

    /** The vocabularies of columns, in their order. */
    private static String columns(Encoding encoding) {
        if (encoding.columns() == null || encoding.columns().coded().isEmpty()) {
            return "none";
        }
        return encoding.columns().coded().stream()
                .map(category -> hash(category.vocabulary().tokens()))
                .collect(Collectors.joining(", "));
    }

    private static String scaling(Standardization side) {
        List<String> numbers = DoubleStream.concat(DoubleStream.of(side.means()), DoubleStream.of(side.deviations()))
                .mapToObj(Double::toHexString)
                .toList();
        return (side.inDouble() ? "in double by " : "in float32 by ") + hash(numbers);
    }

    private static String hash(List<String> texts) {
        return texts.size() + " with hash " + Integer.toHexString(texts.hashCode());
    }

    /** An entry of its own for each component that is not marked, and for those of components that are parts of the configuration. */
    static void ownEntries(Record part, Map<String, String> entries) {
        for (RecordComponent component : part.getClass().getRecordComponents()) {
            if (component.isAnnotationPresent(ChangesNoBit.class) || component.isAnnotationPresent(HeldIn.class)) {
                continue;
            }
            Object value = value(part, component);
            Neutral neutral = component.getAnnotation(Neutral.class);
            if (value instanceof Record record && record.getClass().getPackage() == Fingerprint.class.getPackage()) {
                ownEntries(record, entries);
            } else if (neutral == null || !neutral.value().equals(String.valueOf(value))) {
                entries.put(component.getName(), String.valueOf(value));
            }
        }
    }

    private static Object value(Record part, RecordComponent component) {
        try {
            return component.getAccessor().invoke(part);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("cannot read " + component + " of the configuration", e);
        }
    }
}
