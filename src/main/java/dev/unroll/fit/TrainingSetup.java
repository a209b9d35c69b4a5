package dev.unroll.fit;

import dev.unroll.data.Columns;
import dev.unroll.data.Encoding;
import dev.unroll.data.InputException;
import dev.unroll.data.Labels;
import dev.unroll.data.Scaling;
import dev.unroll.data.ShardPlan;
import dev.unroll.data.Streams;
import dev.unroll.data.Vocabulary;
import dev.unroll.nn.HeadSpec;
import dev.unroll.nn.Loss.CrossEntropy;
import dev.unroll.nn.NetworkSpec;
import dev.unroll.nn.Pooling;
import dev.unroll.preflight.Workload;
import dev.unroll.spark.rows.InputColumns;
import dev.unroll.spark.rows.RowStatistics;
import dev.unroll.spark.shards.RowDecoder;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
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
 * @param bytes of all sequences, those to validate on included
 * @param skipped rows left out, by column and reason
 * @param missingTargets steps without a label or target in rows that have others, of those to validate on too
 * @param missingNumbers numbers of steps and sequences that are missing, of those to validate on too
 */
record TrainingSetup(
        Optional<Streams> streams,
        ShardPlan plan,
        int partitions,
        RowDecoder decoder,
        NetworkSpec spec,
        Workload workload,
        long bytes,
        Map<String, Long> skipped,
        long missingTargets,
        long missingNumbers) {

    /**
     * What the configuration and the facts about the rows lead to.
     *
     * @param validation rows of their own to validate on
     * @param tasks that can run at once, where the user gives no number of partitions
     * @throws InputException for rows that cannot be trained on
     * @throws IllegalArgumentException for Params that do not go with them
     */
    static TrainingSetup of(TrainingConfig config, RowStatistics facts, Optional<RowStatistics> validation, int tasks) {
        requireRows(config, facts);
        Optional<Streams> streams = streams(config, facts);
        ShardPlan plan = plan(config, facts, streams);
        int wanted = config.placement().partitions();
        int partitions = wanted > 0 ? wanted : Math.min(plan.shards(), tasks);
        config.requireInputs(facts);
        RowDecoder decoder = decoder(config, facts);
        NetworkSpec spec = spec(config, facts, decoder);
        validation.ifPresent(v -> v.requireInput(spec.input()));
        config.requireValidation(validation.isPresent() || facts.heldOutSequences() > 0, "validation");
        long updates = config.limits().updates(plan);
        Workload workload = new Workload(
                spec,
                plan,
                config.unrolling(),
                streams.map(Streams::steps).orElse(facts.trainingSteps()),
                partitions,
                updates,
                config.placement().updatesPerJob(),
                config.optimizer().stateArrays(updates));
        long bytes =
                facts.bytes(decoder) + validation.map(v -> v.bytes(decoder)).orElse(0L);
        Map<String, Long> skipped = new TreeMap<>(facts.skipped());
        validation.ifPresent(v -> v.skipped().forEach((reason, n) -> skipped.merge(reason, n, Long::sum)));
        long missing = facts.missingTargets()
                + validation.map(RowStatistics::missingTargets).orElse(0L);
        long missingNumbers = facts.missingNumbers()
                + validation.map(RowStatistics::missingNumbers).orElse(0L);
        return new TrainingSetup(
                streams,
                plan,
                partitions,
                decoder,
                spec,
                workload,
                bytes,
                Collections.unmodifiableMap(skipped),
                missing,
                missingNumbers);
    }

    private static void requireRows(TrainingConfig config, RowStatistics facts) {
        double fraction = config.data().validationFraction();
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

    private static RowDecoder decoder(TrainingConfig config, RowStatistics facts) {
        Vocabulary vocabulary =
                facts.hasTokens() ? facts.vocabulary(0, config.data().vocabularySize()) : null;
        Labels labels = config.task().hasClasses() ? facts.labels() : null;
        return new RowDecoder(
                config.task(),
                new Encoding(vocabulary, labels, Scaling.NONE, columns(config, facts), config.horizon()));
    }

    /** The columns that a network of several reads, with their vocabularies; null where it reads tokens or plain numbers. */
    private static Columns columns(TrainingConfig config, RowStatistics facts) {
        InputColumns inputs = config.rows().inputs();
        if (!inputs.isSome()) {
            return inputs.masked() ? Columns.OF_FEATURES : null;
        }
        List<Columns.Category> coded = new ArrayList<>();
        for (InputColumns.Category category : inputs.coded()) {
            coded.add(new Columns.Category(
                    category.column(), vocabulary(category.column(), config, facts, coded.size())));
        }
        int ofSteps = inputs.categories().size();
        return new Columns(
                inputs.numbers(),
                coded.subList(0, ofSteps),
                inputs.staticNumbers(),
                coded.subList(ofSteps, coded.size()));
    }

    private static Vocabulary vocabulary(String column, TrainingConfig config, RowStatistics facts, int number) {
        try {
            return facts.vocabulary(number, config.data().vocabularySize());
        } catch (IllegalArgumentException e) {
            throw new InputException("column " + column + ": " + e.getMessage(), e);
        }
    }

    private static NetworkSpec.Input input(TrainingConfig config, RowStatistics facts, RowDecoder decoder) {
        if (facts.hasTokens()) {
            return new NetworkSpec.Tokens(
                    decoder.vocabulary().size(), config.network().embeddingSize());
        }
        Columns columns = decoder.encoding().columns();
        if (columns == null) {
            return new NetworkSpec.Dense(facts.width());
        }
        InputColumns inputs = config.rows().inputs();
        return new NetworkSpec.Mixed(
                facts.width(),
                inputs.masked(),
                embedded(inputs.categories(), columns.categories()),
                inputs.staticNumbers().size(),
                embedded(inputs.staticCategories(), columns.statics()));
    }

    private static List<NetworkSpec.Category> embedded(
            List<InputColumns.Category> given, List<Columns.Category> coded) {
        List<NetworkSpec.Category> categories = new ArrayList<>();
        for (int k = 0; k < given.size(); k++) {
            int ids = coded.get(k).vocabulary().size();
            int width = given.get(k).width() == 0
                    ? NetworkSpec.Category.width(ids)
                    : given.get(k).width();
            categories.add(new NetworkSpec.Category(given.get(k).column(), ids, width));
        }
        return categories;
    }

    private static NetworkSpec spec(TrainingConfig config, RowStatistics facts, RowDecoder decoder) {
        Pooling pooling = config.network().pooling(config.task(), facts.everyStep());
        HeadSpec head =
                switch (config.task()) {
                    case CLASSIFICATION, TAGGING ->
                        HeadSpec.ofLabels(config.loss().loss(), decoder.labels().size(), facts.everyStep())
                                .with(pooling);
                    case REGRESSION ->
                        HeadSpec.ofTargets(config.loss().loss(), facts.targetWidth(), facts.everyStep())
                                .with(pooling);
                    case LANGUAGE_MODEL ->
                        new HeadSpec(
                                new CrossEntropy(),
                                decoder.vocabulary().size(),
                                pooling,
                                config.network().tiedEmbeddings());
                };
        return new NetworkSpec(
                input(config, facts, decoder),
                config.network().cell(),
                config.network().activation(),
                config.network().hiddenSize(),
                config.network().projSize(),
                config.network().numLayers(),
                config.network().bidirectional(),
                head);
    }

    /** The layout of the corpus where states are carried from update to update. */
    private static Optional<Streams> streams(TrainingConfig config, RowStatistics facts) {
        return config.batches().carryState()
                ? Optional.of(facts.streams(
                        config.batches().batchSize(), config.batches().window()))
                : Optional.empty();
    }

    private static ShardPlan plan(TrainingConfig config, RowStatistics facts, Optional<Streams> streams) {
        int batch = config.batches().batchSize();
        long seed = config.batches().seed();
        long sequences = streams.map(Streams::windows).orElse(facts.trainingSequences());
        int shards = config.batches().numShards() > 0
                ? config.batches().numShards()
                : ShardPlan.defaultShards(sequences, streams.map(Streams::steps).orElse(facts.trainingSteps()), batch);
        return streams.map(s -> ShardPlan.of(s, seed, shards))
                .orElseGet(() -> new ShardPlan(seed, shards, sequences, batch));
    }
}
