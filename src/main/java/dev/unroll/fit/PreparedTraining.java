package dev.unroll.fit;

import dev.unroll.data.InputException;
import dev.unroll.data.Scaling;
import dev.unroll.data.SequenceBatch;
import dev.unroll.data.Standardization;
import dev.unroll.format.FormatException;
import dev.unroll.model.InitialParameters;
import dev.unroll.nn.LossSpec;
import dev.unroll.nn.Network;
import dev.unroll.nn.Unrolling;
import dev.unroll.spark.rows.CanonicalRows;
import dev.unroll.spark.rows.RowStatistics;
import dev.unroll.spark.shards.RowDecoder;
import dev.unroll.spark.shards.Shards;
import dev.unroll.train.Checkpoint;
import dev.unroll.train.Checkpoints;
import dev.unroll.worker.Problem;
import java.util.Map;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;

/**
 * A training that is ready to begin: what was decided from the rows, the problem, and the parameters before the first update.
 *
 * @param decoder vocabulary, labels and scaling
 * @param theta parameters before the first update; training changes them in place
 * @param fingerprint what determines the bits
 */
record PreparedTraining(
        TrainingConfig config,
        TrainingSetup setup,
        RowDecoder decoder,
        Problem problem,
        float[] theta,
        Map<String, String> fingerprint) {

    /**
     * Prepares a training.
     *
     * @param validation rows of their own to validate on; empty for those that the first rows hold out
     * @param hadoop where a file to begin with is read
     * @throws InputException if an {@code init} cannot be read or does not fit
     */
    static PreparedTraining of(
            TrainingConfig config,
            TrainingSetup setup,
            CanonicalRows<?> rows,
            Optional<? extends CanonicalRows<?>> validation,
            Configuration hadoop) {
        RowStatistics facts = rows.statistics();
        RowDecoder decoder = decoder(config, setup, rows);
        float[] theta = initialParameters(config, setup, decoder, hadoop);
        float[] classWeights = config.loss().balancedClasses() ? facts.balancedWeights(decoder.labels()) : new float[0];
        Problem problem = Problem.of(
                        setup.spec(),
                        config.task(),
                        new LossSpec(config.loss().reduction(), classWeights)
                                .withLabelSmoothing(config.loss().labelSmoothing()),
                        config.unrolling(),
                        decoder.scaling())
                .ahead(config.horizon())
                .beside(config.naive().scaled(decoder.scaling()));
        RowStatistics validationFacts =
                validation.isPresent() ? validation.get().statistics() : facts;
        return new PreparedTraining(
                config,
                setup,
                decoder,
                problem,
                theta,
                Fingerprint.of(config, problem, setup.plan(), facts, validationFacts, decoder, theta));
    }

    /** With scaling, where that is asked for: what the rows to train on say about how rows become numbers. */
    private static RowDecoder decoder(TrainingConfig config, TrainingSetup setup, CanonicalRows<?> rows) {
        RowDecoder plain = setup.decoder();
        RowStatistics facts = rows.statistics();
        boolean counts = config.loss().loss().counts();
        if (!config.data().scales()) {
            return plain;
        }
        Optional<Scaling> own = ofEachSequence(config, rows);
        int staticNumbers = facts.inputs().staticNumbers().size();
        if (own.isPresent() && staticNumbers == 0) {
            return plain.with(own.get());
        }
        Scaling coarse = new Scaling(
                        Standardization.coarse(facts.ranges()),
                        counts ? Standardization.NONE : Standardization.coarse(facts.targetRanges()))
                .withStatics(Standardization.coarse(facts.staticRanges()));
        try (Shards shards = rows.training(setup.plan().shards(), setup.partitions(), plain.with(coarse))) {
            Scaling found = shards.statistics(facts.width(), staticNumbers, facts.targetWidth())
                    .scaling(coarse);
            return plain.with(
                    own.map(scaling -> scaling.withStatics(found.statics())).orElse(counts ? found.ofCounts() : found));
        }
    }

    /** The scaling where each sequence has its own; empty where all have the same. */
    private static Optional<Scaling> ofEachSequence(TrainingConfig config, CanonicalRows<?> rows) {
        DataConfig data = config.data();
        if (!data.scalesEachSequence()) {
            return Optional.empty();
        }
        Scaling own = data.scalesByKey()
                ? Scaling.bySeries(DatasetRows.seriesScales(data, rows), data.unscaled())
                : Scaling.byWindow(data.unscaled());
        return Optional.of(config.loss().loss().counts() ? own.ofCounts() : own);
    }

    private static float[] initialParameters(
            TrainingConfig config, TrainingSetup setup, RowDecoder decoder, Configuration hadoop) {
        if (config.init().isEmpty()) {
            return config.initializer()
                    .parameters(setup.spec().layout(), config.batches().seed());
        }
        try {
            return InitialParameters.read(config.init(), setup.spec(), decoder.encoding(), hadoop);
        } catch (FormatException e) {
            throw new InputException("cannot begin with init " + config.init() + ": " + e.getMessage(), e);
        }
    }

    /** The hash of the parameters that were read from {@code init}; empty where they were drawn. */
    Optional<String> initHash() {
        return config.init().isEmpty() ? Optional.empty() : Optional.of(fingerprint.get(Fingerprint.INITIAL));
    }

    /**
     * The rows to train on as shards.
     *
     * @throws InputException if the longest sequences of a shard, should an update take them together, have no room in {@code bptt-memory}
     */
    <S extends Shards> S training(CanonicalRows<S> rows) {
        int shards = setup.plan().shards();
        S dealt = setup.streams().isPresent()
                ? rows.training(setup.streams().get(), shards, setup.partitions(), decoder)
                : rows.training(shards, setup.partitions(), decoder);
        boolean done = false;
        try {
            dealt.materialize();
            requireRoom(dealt);
            done = true;
            return dealt;
        } finally {
            if (!done) {
                dealt.close();
            }
        }
    }

    /** The rows held out as shards. */
    <S extends Shards> S heldOut(CanonicalRows<S> rows) {
        S dealt = rows.heldOut(setup.plan().shards(), setup.partitions(), decoder);
        dealt.materialize();
        return dealt;
    }

    private void requireRoom(Shards training) {
        Unrolling unrolling = config.unrolling();
        if (unrolling.byteBudget() > 0) {
            int shards = setup.plan().shards();
            long perShard = (setup.plan().effectiveBatchSize() + shards - 1) / shards;
            int count = (int) Math.min(SequenceBatch.MAX_SEQUENCES, perShard);
            new Network(setup.spec()).requireRoom(count, training.longest(count), unrolling);
        }
    }

    /** The checkpoints of this training; empty where none are written. */
    Optional<Checkpoints> checkpoints(Configuration hadoop) {
        CheckpointConfig checkpoints = config.checkpoints();
        if (!checkpoints.isOn()) {
            return Optional.empty();
        }
        try {
            return Optional.of(new Checkpoints(
                    checkpoints.directory(hadoop), setup.spec().layout(), fingerprint, checkpoints.keep()));
        } catch (FormatException e) {
            throw checkpoints.unusable(e);
        }
    }

    /** The latest checkpoint before an iteration. */
    static Optional<Checkpoint> latest(Optional<Checkpoints> checkpoints, long iteration) {
        try {
            return checkpoints.isPresent() ? checkpoints.get().latest(iteration) : Optional.empty();
        } catch (FormatException e) {
            throw new InputException("cannot resume: " + e.getMessage(), e);
        }
    }
}
