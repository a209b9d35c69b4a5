package dev.unroll.ml;

import dev.unroll.data.InputException;
import dev.unroll.data.SequenceBatch;
import dev.unroll.data.ShardPlan;
import dev.unroll.format.Directory;
import dev.unroll.format.FormatException;
import dev.unroll.model.InitialParameters;
import dev.unroll.model.Model;
import dev.unroll.nn.LossReduction;
import dev.unroll.nn.LossSpec;
import dev.unroll.nn.Network;
import dev.unroll.nn.NetworkSpec;
import dev.unroll.nn.Unrolling;
import dev.unroll.optim.Optimizer;
import dev.unroll.optim.OptimizerSpec;
import dev.unroll.optim.Schedule;
import dev.unroll.param.ParameterHash;
import dev.unroll.preflight.Preflight;
import dev.unroll.spark.rows.CanonicalRows;
import dev.unroll.spark.rows.RowFacts;
import dev.unroll.spark.shards.RowDecoder;
import dev.unroll.spark.shards.Shards;
import dev.unroll.train.Checkpoint;
import dev.unroll.train.CheckpointSchedule;
import dev.unroll.train.Checkpoints;
import dev.unroll.train.FlowHistory;
import dev.unroll.train.History;
import dev.unroll.train.IterationListener;
import dev.unroll.train.NoiseHistory;
import dev.unroll.train.Objective;
import dev.unroll.train.Trainer;
import dev.unroll.train.TruncationAdvisor;
import dev.unroll.worker.Problem;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.function.BiFunction;
import java.util.function.Supplier;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.ml.param.Param;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One training, from rows in canonical order to a model: what every estimator's {@code fit} does, and {@code fitByKey} for each key. */
final class Training {

    private static final Logger LOG = LoggerFactory.getLogger(Training.class);

    /** Where the sums of a batch are computed. */
    interface Engine {
        Objective objective(Problem problem, ShardPlan plan, Shards training, Optional<Shards> heldOut);

        /** What is to be said before it begins; nothing of the trainings inside tasks. */
        default Optional<Preflight> preflight(TrainingSetup setup) {
            return Optional.empty();
        }
    }

    private final RnnEstimator<?, ?> params;
    private final List<IterationListener> listeners;
    private final Configuration hadoop;
    private final int tasks;
    private final Engine engine;
    private final OptionalLong replayed;

    /**
     * @param listeners hear of every update
     * @param hadoop where files to begin with are read
     * @param tasks that can run at once, where the user gives no number of partitions
     * @param replayed the iteration to end with, from the checkpoint before it and without writing any; empty for a training
     */
    Training(
            RnnEstimator<?, ?> params,
            List<IterationListener> listeners,
            Configuration hadoop,
            int tasks,
            Engine engine,
            OptionalLong replayed) {
        this.params = params;
        this.listeners = listeners;
        this.hadoop = hadoop;
        this.tasks = tasks;
        this.engine = engine;
        this.replayed = replayed;
    }

    /**
     * Trains.
     *
     * @param validationRows rows of their own to validate on, as the part held out
     * @param finish makes what is returned
     */
    <M> M run(
            CanonicalRows rows,
            Optional<? extends CanonicalRows> validationRows,
            BiFunction<Model, TrainingSummary, M> finish) {
        RowFacts facts = rows.facts();
        TrainingSetup setup = TrainingSetup.of(params, facts, validationRows.map(CanonicalRows::facts), tasks);
        Optional<Preflight> preflight = engine.preflight(setup);
        preflight.ifPresent(Preflight::requirePossible);
        ShardPlan plan = setup.plan();
        NetworkSpec spec = setup.spec();
        RowDecoder decoder = decoder(rows, setup);
        float[] theta = initialParameters(spec, decoder);
        Optional<String> initHash =
                params.<String>value(params.init()).isEmpty() ? Optional.empty() : Optional.of(ParameterHash.of(theta));
        Problem problem = problem(spec, decoder, facts);
        Objective undecorated = objective(rows, validationRows, setup, decoder, problem);
        Optional<TruncationAdvisor> advisor = params.<Boolean>value(params.adviseTruncation())
                ? Optional.of(
                        new TruncationAdvisor(undecorated, params.unrolling().truncation()))
                : Optional.empty();
        try (Objective objective = advisor.<Objective>map(a -> a).orElse(undecorated)) {
            Optimizer optimizer = Optimizer.of(
                    params.optimizerSpec(),
                    theta.length,
                    TrainingSetup.limits(params).updates(plan));
            History updates = new History();
            FlowHistory gradientFlow = new FlowHistory();
            List<IterationListener> listeners = new ArrayList<>(this.listeners);
            listeners.add(updates);
            listeners.add(gradientFlow);
            NoiseHistory gradientNoise = new NoiseHistory();
            listeners.add(gradientNoise);
            Optional<Checkpoints> checkpoints =
                    checkpoints(spec, () -> fingerprint(problem, plan, facts, validationRows, decoder, theta));
            Trainer trainer = new Trainer(
                    objective,
                    plan,
                    optimizer,
                    replayed.isPresent() ? Trainer.Limits.until(replayed.getAsLong()) : TrainingSetup.limits(params),
                    listeners,
                    checkpoints
                            .filter(c -> replayed.isEmpty())
                            .map(c -> new CheckpointSchedule(c, params.integer(params.checkpointInterval()))));
            Optional<Checkpoint> latest = latest(checkpoints);
            if (LOG.isInfoEnabled()) {
                preflight.ifPresent(findings -> LOG.info("shards: {}", findings.shards()));
            }
            Trainer.Result result = latest.isPresent() ? resume(trainer, theta, latest.get()) : trainer.run(theta);
            TrainingSummary summary = new TrainingSummary(
                    result,
                    facts.trainingSequences(),
                    facts.trainingSteps(),
                    setup.skipped(),
                    plan,
                    preflight,
                    updates,
                    gradientFlow,
                    gradientNoise,
                    advisor.flatMap(TruncationAdvisor::latest));
            Model model = new Model(
                    params.task(),
                    spec,
                    theta,
                    decoder.vocabulary(),
                    decoder.labels(),
                    decoder.scaling(),
                    provenance(summary, initHash));
            return finish.apply(model, summary);
        }
    }

    /**
     * What is to be said of a training before it begins; empty where the engine says nothing. Where it could work, this deals the rows as far as
     * that is needed to see that they have room.
     *
     * @throws InputException if the rows cannot be trained on, or an {@code init} does not fit
     * @throws IllegalArgumentException if Params do not go with each other or with the rows
     */
    Optional<Preflight> plan(CanonicalRows rows, Optional<? extends CanonicalRows> validationRows) {
        TrainingSetup setup = TrainingSetup.of(params, rows.facts(), validationRows.map(CanonicalRows::facts), tasks);
        Optional<Preflight> findings = engine.preflight(setup);
        if (findings.flatMap(Preflight::refusal).isEmpty()) {
            if (!params.<String>value(params.init()).isEmpty()) {
                initialParameters(setup.spec(), decoder(rows, setup)); // to see that they fit
            }
            if (params.unrolling().memory() > 0) {
                try (Shards training = dealt(rows, setup, setup.decoder())) {
                    requireRoom(setup.spec(), setup.plan(), training);
                }
            }
        }
        return findings;
    }

    /** Deals the rows, which are then freed; shards are freed again where nothing comes of it. */
    private Objective objective(
            CanonicalRows rows,
            Optional<? extends CanonicalRows> validationRows,
            TrainingSetup setup,
            RowDecoder decoder,
            Problem problem) {
        ShardPlan plan = setup.plan();
        List<Shards> made = new ArrayList<>();
        boolean done = false;
        try {
            Shards training = dealt(rows, setup, decoder).materialize();
            made.add(training);
            requireRoom(setup.spec(), plan, training);
            Optional<Shards> heldOut = validationRows
                    .<CanonicalRows>map(v -> v)
                    .or(() -> rows.facts().heldOutSequences() > 0 ? Optional.of(rows) : Optional.empty())
                    .map(r -> r.heldOut(plan.shards(), setup.partitions(), decoder)
                            .materialize());
            heldOut.ifPresent(made::add);
            rows.close();
            validationRows.ifPresent(CanonicalRows::close);
            Objective objective = engine.objective(problem, plan, training, heldOut);
            done = true;
            return objective;
        } finally {
            if (!done) {
                made.forEach(Shards::close);
            }
        }
    }

    private static Shards dealt(CanonicalRows rows, TrainingSetup setup, RowDecoder decoder) {
        int shards = setup.plan().shards();
        return setup.streams()
                .map(s -> rows.training(s, shards, setup.partitions(), decoder))
                .orElseGet(() -> rows.training(shards, setup.partitions(), decoder));
    }

    private Optional<Checkpoints> checkpoints(NetworkSpec spec, Supplier<Map<String, String>> fingerprint) {
        String location = params.value(params.checkpointDir());
        if (location.isEmpty()) {
            return Optional.empty();
        }
        try {
            Directory directory = Directory.of(location, hadoop);
            if (replayed.isEmpty() && !params.<Boolean>value(params.resume())) {
                Checkpoints.clear(directory); // Fit has refused it if that was not wanted
            }
            Checkpoints checkpoints = new Checkpoints(
                    directory, spec.layout(), fingerprint.get(), params.integer(params.checkpointKeep()));
            if (replayed.isEmpty()) {
                checkpoints.requireWritable();
            }
            return Optional.of(checkpoints);
        } catch (FormatException e) {
            throw new InputException("cannot use checkpoint-dir " + location + ": " + e.getMessage(), e);
        }
    }

    private Optional<Checkpoint> latest(Optional<Checkpoints> checkpoints) {
        try {
            return checkpoints.isPresent()
                    ? checkpoints.get().latest(replayed.orElse(Long.MAX_VALUE))
                    : Optional.empty();
        } catch (FormatException e) {
            throw new InputException("cannot resume: " + e.getMessage(), e);
        }
    }

    private static Trainer.Result resume(Trainer trainer, float[] theta, Checkpoint checkpoint) {
        try {
            return trainer.resume(theta, checkpoint);
        } catch (FormatException e) {
            throw new InputException(
                    "cannot resume from iteration " + checkpoint.iteration() + ": " + e.getMessage(), e);
        }
    }

    /** Everything that determines the bits: data, network, loss, optimiser, seed and shards; not where training runs, or when it ends. */
    private Map<String, String> fingerprint(
            Problem problem,
            ShardPlan plan,
            RowFacts facts,
            Optional<? extends CanonicalRows> validationRows,
            RowDecoder decoder,
            float[] initial) {
        Map<String, String> fingerprint = new TreeMap<>();
        fingerprint.put("data", facts.trainingFingerprint());
        if (params.integer(params.patience()) > 0) {
            fingerprint.put(
                    Checkpoints.VALIDATION,
                    validationRows.map(v -> v.facts()).orElse(facts).heldOutFingerprint() + ", every "
                            + params.integer(params.validationInterval()) + " updates");
        }
        fingerprint.put("network", problem.network().toString());
        LossSpec loss = problem.loss();
        fingerprint.put(
                "loss",
                problem.task().key() + " by " + loss.reduction() + ", classes weigh "
                        + Arrays.toString(loss.classWeights()));
        fingerprint.put("standardize", params.value(params.standardize()).toString());
        fingerprint.put(
                "unrolling",
                problem.unrolling().dropout() + " dropout, truncation "
                        + problem.unrolling().truncation());
        fingerprint.put(
                "tokens",
                decoder.vocabulary() == null
                        ? "none"
                        : hash(decoder.vocabulary().tokens()));
        fingerprint.put(
                "labels",
                decoder.labels() == null ? "none" : hash(decoder.labels().values()));
        fingerprint.put("initial parameters", ParameterHash.of(initial));
        fingerprint.put("plan", plan + (plan.streams() ? " of windows of " + params.integer(params.window()) : ""));
        OptimizerSpec optimizer = params.optimizerSpec();
        fingerprint.put("optimizer", optimizer.toString());
        if (Schedule.parse(optimizer.schedule()).endsWithRun()) {
            fingerprint.put(
                    "updates", Long.toString(TrainingSetup.limits(params).updates(plan)));
        }
        return fingerprint;
    }

    private static String hash(List<String> texts) {
        return texts.size() + " with hash " + Integer.toHexString(texts.hashCode());
    }

    private float[] initialParameters(NetworkSpec spec, RowDecoder decoder) {
        String path = params.value(params.init());
        if (path.isEmpty()) {
            return params.initial().parameters(spec.layout(), seed());
        }
        try {
            return InitialParameters.read(
                    path, spec, decoder.vocabulary(), decoder.labels(), decoder.scaling(), hadoop);
        } catch (FormatException e) {
            throw new InputException("cannot begin with init " + path + ": " + e.getMessage(), e);
        }
    }

    private long seed() {
        return params.<Long>value(params.seed());
    }

    /** With scaling, where that is asked for: what the training part says about how rows become numbers. */
    private RowDecoder decoder(CanonicalRows rows, TrainingSetup setup) {
        RowDecoder plain = setup.decoder();
        if (!params.<Boolean>value(params.standardize())) {
            return plain;
        }
        try (Shards unscaled = rows.training(setup.plan().shards(), setup.partitions(), plain)) {
            return new RowDecoder(
                    plain.task(),
                    plain.vocabulary(),
                    plain.labels(),
                    unscaled.scaling(rows.facts().width(), rows.facts().targetWidth()));
        }
    }

    private Problem problem(NetworkSpec spec, RowDecoder decoder, RowFacts facts) {
        LossReduction reduction = LossReduction.valueOf(
                params.<String>value(params.lossReduction()).toUpperCase(Locale.ROOT));
        float[] classWeights = new float[0];
        if (params.<String>value(params.classWeights()).equals("balanced")) {
            classWeights = facts.balancedWeights(decoder.labels());
        }
        return Problem.of(
                spec, params.task(), new LossSpec(reduction, classWeights), params.unrolling(), decoder.scaling());
    }

    /** Before any work: that the longest sequences of a shard, should an update take them together, have room. */
    private void requireRoom(NetworkSpec spec, ShardPlan plan, Shards training) {
        Unrolling unrolling = params.unrolling();
        if (unrolling.memory() > 0) {
            long perShard = (plan.effectiveBatchSize() + plan.shards() - 1) / plan.shards();
            int together = (int) Math.min(SequenceBatch.MAX_SEQUENCES, perShard);
            new Network(spec).requireRoom(together, training.longest(together), unrolling);
        }
    }

    /** What the model says of where it comes from: every Param, and what the data were. */
    private Map<String, String> provenance(TrainingSummary summary, Optional<String> initHash) {
        Map<String, String> provenance = new TreeMap<>();
        for (Param<?> param : params.params()) {
            provenance.put(param.name(), String.valueOf(params.<Object>value(param)));
        }
        initHash.ifPresent(hash -> provenance.put("initHash", hash));
        provenance.put("sequences", Long.toString(summary.sequences()));
        provenance.put("iterations", Long.toString(summary.result().iterations()));
        provenance.put("shards", Integer.toString(summary.plan().shards()));
        return provenance;
    }
}
