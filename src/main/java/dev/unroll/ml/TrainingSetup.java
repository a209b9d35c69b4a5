package dev.unroll.ml;

import dev.unroll.data.InputException;
import dev.unroll.data.Labels;
import dev.unroll.data.Scaling;
import dev.unroll.data.ShardPlan;
import dev.unroll.data.Streams;
import dev.unroll.data.Vocabulary;
import dev.unroll.nn.NetworkSpec;
import dev.unroll.preflight.Workload;
import dev.unroll.spark.rows.RowStatistics;
import dev.unroll.spark.shards.RowDecoder;
import dev.unroll.train.Trainer;
import java.util.Collections;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * What is decided of a training once its rows have been looked at, and before any of them is dealt.
 *
 * @param streams the layout of the corpus where states are carried from update to update
 * @param partitions that the shards are in
 * @param decoder vocabulary and labels, without scaling
 * @param workload what an update has to do
 * @param skipped rows left out, by column and reason
 */
record TrainingSetup(
        Optional<Streams> streams,
        ShardPlan plan,
        int partitions,
        RowDecoder decoder,
        NetworkSpec spec,
        Workload workload,
        Map<String, Long> skipped) {

    private static final int DEFAULT_EPOCHS = 10;

    /**
     * Decides.
     *
     * @param validation rows of their own to validate on
     * @param tasks that can run at once, where the user gives no number of partitions
     * @throws InputException for rows that cannot be trained on
     * @throws IllegalArgumentException for Params that do not go with them
     */
    static TrainingSetup of(
            RnnEstimator<?, ?> params, RowStatistics facts, Optional<RowStatistics> validation, int tasks) {
        requireParts(params, facts);
        Optional<Streams> streams = streams(params, facts);
        ShardPlan plan = plan(params, facts, streams);
        int wanted = params.integer(params.partitions());
        int partitions = wanted > 0 ? wanted : Math.min(plan.shards(), tasks);
        if (params.<Boolean>value(params.standardize())) {
            params.requireStandardizable(facts.hasTokens());
        }
        RowDecoder decoder = decoder(params, facts);
        NetworkSpec spec = spec(params, facts, decoder);
        validation.ifPresent(v -> v.requireInput(spec.input()));
        if (params.integer(params.patience()) > 0 && validation.isEmpty() && facts.heldOutSequences() == 0) {
            throw new IllegalArgumentException("patience is " + params.integer(params.patience())
                    + " and there are no validation data; give validation or validation-fraction");
        }
        long updates = limits(params).updates(plan);
        Workload workload = new Workload(
                spec,
                plan,
                params.unrolling(),
                streams.map(Streams::steps).orElse(facts.trainingSteps()),
                partitions,
                updates,
                params.optimizerSpec().stateArrays(updates));
        Map<String, Long> skipped = new TreeMap<>(facts.skipped());
        validation.ifPresent(v -> v.skipped().forEach((reason, n) -> skipped.merge(reason, n, Long::sum)));
        return new TrainingSetup(
                streams, plan, partitions, decoder, spec, workload, Collections.unmodifiableMap(skipped));
    }

    private static void requireParts(RnnEstimator<?, ?> params, RowStatistics facts) {
        double fraction = params.number(params.validationFraction());
        if (facts.trainingSequences() + facts.heldOutSequences() == 0) {
            throw new InputException("there is no usable row; skipped were " + facts.skipped());
        }
        if (facts.trainingSequences() == 0 && fraction == 0) {
            throw new InputException("there are rows to validate on only, and none to train on");
        }
        if (facts.trainingSequences() == 0) {
            throw new IllegalArgumentException("validation-fraction " + fraction + " leaves no sequence to train on");
        }
        if (fraction > 0 && facts.heldOutSequences() == 0) {
            throw new IllegalArgumentException("validation-fraction " + fraction + " holds out none of the "
                    + facts.trainingSequences() + " sequences; raise it, or set it to 0");
        }
    }

    private static RowDecoder decoder(RnnEstimator<?, ?> params, RowStatistics facts) {
        Vocabulary vocabulary = facts.hasTokens() ? facts.vocabulary(params.integer(params.vocabularySize())) : null;
        Labels labels = params.task().hasClasses() ? facts.labels() : null;
        return new RowDecoder(params.task(), vocabulary, labels, Scaling.NONE);
    }

    private static NetworkSpec spec(RnnEstimator<?, ?> params, RowStatistics facts, RowDecoder decoder) {
        NetworkSpec.Input input = facts.hasTokens()
                ? new NetworkSpec.Tokens(decoder.vocabulary().size(), params.integer(params.embeddingSize()))
                : new NetworkSpec.Dense(facts.width());
        NetworkSpec.HeadSpec head =
                switch (params.task()) {
                    case CLASSIFICATION, TAGGING ->
                        new NetworkSpec.HeadSpec(decoder.labels().size(), facts.everyStep());
                    case REGRESSION ->
                        new NetworkSpec.HeadSpec(
                                NetworkSpec.Loss.SQUARED_ERROR, facts.targetWidth(), facts.everyStep());
                    case LANGUAGE_MODEL ->
                        new NetworkSpec.HeadSpec(
                                NetworkSpec.Loss.CROSS_ENTROPY,
                                decoder.vocabulary().size(),
                                true,
                                params.<Boolean>value(params.tiedEmbeddings()));
                };
        return new NetworkSpec(
                input,
                params.value(params.cell()),
                params.value(params.activation()),
                params.integer(params.hiddenSize()),
                params.integer(params.numLayers()),
                params.<Boolean>value(params.bidirectional()),
                head);
    }

    /** The layout of the corpus where states are carried from update to update. */
    private static Optional<Streams> streams(RnnEstimator<?, ?> params, RowStatistics facts) {
        return params.<Boolean>value(params.carryState())
                ? Optional.of(facts.streams(params.integer(params.batchSize()), params.integer(params.window())))
                : Optional.empty();
    }

    private static ShardPlan plan(RnnEstimator<?, ?> params, RowStatistics facts, Optional<Streams> streams) {
        int batch = params.integer(params.batchSize());
        long seed = params.<Long>value(params.seed());
        long sequences = streams.map(Streams::windows).orElse(facts.trainingSequences());
        int shards = params.integer(params.numShards()) > 0
                ? params.integer(params.numShards())
                : ShardPlan.defaultShards(sequences, streams.map(Streams::steps).orElse(facts.trainingSteps()), batch);
        return streams.map(s -> ShardPlan.of(s, seed, shards))
                .orElseGet(() -> new ShardPlan(seed, shards, sequences, batch));
    }

    /** When a training stops. */
    static Trainer.Limits limits(RnnEstimator<?, ?> params) {
        int updates = params.integer(params.maxIter());
        int passes = params.integer(params.epochs());
        return new Trainer.Limits(
                updates,
                updates == 0 && passes == 0 ? DEFAULT_EPOCHS : passes,
                params.number(params.tol()),
                params.integer(params.validationInterval()),
                params.integer(params.patience()));
    }
}
