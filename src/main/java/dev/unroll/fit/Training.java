package dev.unroll.fit;

import dev.unroll.data.InputException;
import dev.unroll.format.FormatException;
import dev.unroll.math.bench.ProductRate;
import dev.unroll.model.Model;
import dev.unroll.optim.Optimizer;
import dev.unroll.preflight.Cluster;
import dev.unroll.preflight.EngineChoice;
import dev.unroll.preflight.Preflight;
import dev.unroll.spark.rows.CanonicalRows;
import dev.unroll.spark.rows.RowStatistics;
import dev.unroll.spark.shards.Shards;
import dev.unroll.spark.shards.TaskSlots;
import dev.unroll.train.Checkpoint;
import dev.unroll.train.CheckpointLock;
import dev.unroll.train.CheckpointSchedule;
import dev.unroll.train.CheckpointSink;
import dev.unroll.train.Checkpoints;
import dev.unroll.train.FlowHistory;
import dev.unroll.train.History;
import dev.unroll.train.IterationListener;
import dev.unroll.train.NoiseHistory;
import dev.unroll.train.Objective;
import dev.unroll.train.Trainer;
import dev.unroll.train.TrainingException;
import dev.unroll.train.TruncationAdvisor;
import dev.unroll.ui.TrainingEvents;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.Dataset;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One training, from rows to a model: what every estimator's {@code fit} does, and {@code fitByKey} for each key. */
public final class Training {

    private static final Logger LOG = LoggerFactory.getLogger(Training.class);

    private final TrainingConfig config;
    private final Configuration hadoop;
    private final int tasks;
    private final Optional<Cluster> cluster;

    /**
     * A training without preflight, as inside a task.
     *
     * @param hadoop where files to begin with are read
     * @param tasks that can run at once, where the configuration has no number of partitions
     */
    Training(TrainingConfig config, Configuration hadoop, int tasks) {
        this(config, hadoop, tasks, Optional.empty());
    }

    private Training(TrainingConfig config, Configuration hadoop, int tasks, Optional<Cluster> cluster) {
        this.config = config;
        this.hadoop = hadoop;
        this.tasks = tasks;
        this.cluster = cluster;
    }

    private static Training on(JavaSparkContext context, TrainingConfig config) {
        return new Training(
                config, context.hadoopConfiguration(), TaskSlots.of(context), Optional.of(Cluster.of(context)));
    }

    /**
     * Trains on the rows of a dataset, on the cluster or in the driver.
     *
     * @param validation rows of their own to validate on
     * @param listeners are told of every update
     * @throws InputException if rows, checkpoints or files to begin with cannot be used
     * @throws IllegalArgumentException for a configuration that does not go with the rows
     * @throws TrainingException if the training cannot continue, or was stopped
     */
    public static Trained run(
            TrainingConfig config,
            JavaSparkContext context,
            Dataset<?> dataset,
            Optional<? extends Dataset<?>> validation,
            List<IterationListener> listeners) {
        Training training = on(context, config);
        Optional<CheckpointLock> lock = config.checkpoints().lock(training.hadoop);
        try {
            return training.run(context, dataset, validation, listeners, lock);
        } finally {
            lock.ifPresent(CheckpointLock::close);
        }
    }

    private Trained run(
            JavaSparkContext context,
            Dataset<?> dataset,
            Optional<? extends Dataset<?>> validation,
            List<IterationListener> listeners,
            Optional<CheckpointLock> lock) {
        TrainingEvents events = new TrainingEvents(context.sc());
        List<IterationListener> all = new ArrayList<>(listeners);
        all.add(events);
        CancelledJob cancelled = new CancelledJob();
        all.add(cancelled);
        try (JobDescriptions descriptions = new JobDescriptions(context, config.name());
                DatasetRows rows = DatasetRows.read(config, context, dataset, validation)) {
            all.add(descriptions);
            Trained trained = run(
                    rows.training(),
                    rows.validation(),
                    ObjectiveFactory.of(context, config.placement()),
                    prepared -> {
                        descriptions.begin();
                        events.begin(
                                config.name(),
                                prepared.problem(),
                                prepared.setup().plan());
                    },
                    all,
                    lock,
                    Optional.empty());
            events.end(trained.summary().result().stopReason().text());
            return trained;
        } catch (TrainingException stopped) {
            events.end(stopped.getMessage());
            throw stopped;
        } catch (Exception e) { // Spark's are checked ones that nobody announces
            Optional<TrainingException> stopped = cancelled.stopped(e);
            if (stopped.isPresent()) {
                events.end(stopped.get().getMessage());
                throw stopped.get();
            }
            throw e;
        } finally {
            events.end("failed"); // unless it has ended before
        }
    }

    /**
     * What can be said of a training before it begins. Where it could work, this deals the rows as far as that is needed to see that they
     * have room.
     *
     * @throws InputException if the rows cannot be trained on, or an {@code init} does not fit
     * @throws IllegalArgumentException for a configuration that does not go with the rows
     */
    public static Preflight plan(
            TrainingConfig config,
            JavaSparkContext context,
            Dataset<?> dataset,
            Optional<? extends Dataset<?>> validation) {
        Training training = on(context, config);
        config.checkpoints().requireUsable(training.hadoop);
        try (DatasetRows rows = DatasetRows.read(config, context, dataset, validation)) {
            TrainingSetup setup = training.setup(rows.training(), rows.validation());
            Preflight findings = training.preflight(setup).orElseThrow();
            boolean bounded = config.unrolling().byteBudget() > 0;
            if (findings.refusal().isEmpty() && (bounded || !config.init().isEmpty())) {
                PreparedTraining prepared =
                        PreparedTraining.of(config, setup, rows.training(), rows.validation(), training.hadoop);
                if (bounded) {
                    prepared.training(rows.training()).close();
                }
            }
            return findings;
        }
    }

    /** Is told that a training begins. */
    interface Beginning {
        void begins(PreparedTraining prepared);
    }

    /**
     * Trains on rows in canonical order, which are freed as soon as they are dealt to shards.
     *
     * @param validation rows of their own to validate on; empty for those that the first rows hold out
     * @param engines gives what computes the sums, where that is chosen
     * @param beginning is told when rows and shards are ready
     * @param listeners are told of every update
     * @param lock of the directory of checkpoints; empty where none are written
     * @param rung the part of the training that is done, in memory; empty for all of it
     */
    <S extends Shards> Trained run(
            CanonicalRows<S> rows,
            Optional<? extends CanonicalRows<S>> validation,
            Function<EngineChoice, ObjectiveFactory<? super S>> engines,
            Beginning beginning,
            List<IterationListener> listeners,
            Optional<CheckpointLock> lock,
            Optional<Rung> rung) {
        RowStatistics facts = rows.statistics();
        TrainingSetup setup = setup(rows, validation);
        Optional<Preflight> preflight = preflight(setup);
        preflight.ifPresent(Preflight::requirePossible);
        EngineChoice engine = preflight.map(Preflight::engine).orElse(EngineChoice.inTask());
        preflight.ifPresent(findings -> LOG.info(
                "engine: {}, {}{}",
                engine.key(),
                engine.reason(),
                engine.local()
                        ? "; threads of the driver: " + findings.cluster().tasksAtOnce()
                        : ""));
        PreparedTraining prepared = PreparedTraining.of(config, setup, rows, validation, hadoop);
        List<String> warnings = config.data().scales() ? List.of() : RoundingWarnings.of(facts);
        warnings.forEach(LOG::warn);
        History updates = new History();
        FlowHistory gradientFlow = new FlowHistory();
        NoiseHistory gradientNoise = new NoiseHistory();
        List<IterationListener> all = new ArrayList<>(listeners);
        all.addAll(List.of(updates, gradientFlow, gradientNoise));
        Objective undecorated = objective(prepared, rows, validation, engines.apply(engine), beginning);
        Optional<TruncationAdvisor> advisor = config.adviseTruncation()
                ? Optional.of(
                        new TruncationAdvisor(undecorated, config.unrolling().truncation()))
                : Optional.empty();
        try (Objective objective = advisor.<Objective>map(a -> a).orElse(undecorated)) {
            Optional<Checkpoints> checkpoints = checkpoints(prepared);
            Trainer trainer = new Trainer(
                    objective,
                    setup.plan(),
                    optimizer(prepared),
                    rung.map(part -> part.limits(config.limits(), setup.plan())).orElse(config.limits()),
                    all,
                    rung.<CheckpointSink>map(part -> part)
                            .or(() -> checkpoints.map(c -> new CheckpointSchedule(
                                    c, lock.orElseThrow(), config.checkpoints().interval()))));
            Optional<Checkpoint> latest =
                    rung.isPresent() ? rung.get().from() : PreparedTraining.latest(checkpoints, Long.MAX_VALUE);
            preflight.ifPresent(findings -> LOG.info("shards: {}", findings.shards()));
            Trainer.Result result = run(trainer, prepared.theta(), latest);
            TrainingSummary summary = new TrainingSummary(
                    result,
                    facts.trainingSequences(),
                    facts.trainingSteps(),
                    setup.skipped(),
                    setup.missingTargets(),
                    setup.missingNumbers(),
                    warnings,
                    setup.plan(),
                    preflight,
                    engine,
                    objective.kernels(),
                    objective.jobs(),
                    updates,
                    gradientFlow,
                    gradientNoise,
                    advisor.flatMap(TruncationAdvisor::latest));
            if (preflight.isPresent()) {
                summary.stillFalling().ifPresent(LOG::warn);
            }
            return new Trained(model(prepared, summary), summary);
        }
    }

    private TrainingSetup setup(CanonicalRows<?> rows, Optional<? extends CanonicalRows<?>> validation) {
        return TrainingSetup.of(config, rows.statistics(), validation.map(CanonicalRows::statistics), tasks);
    }

    /** What is to be said before it begins; nothing of a training inside a task. */
    private Optional<Preflight> preflight(TrainingSetup setup) {
        if (cluster.isPresent()
                && setup.decoder().labels() != null
                && setup.decoder().labels().size() == 1) {
            LOG.warn(
                    "all rows have the same label, {}, so there is nothing to learn; give rows of other labels too",
                    FormatException.shown(setup.decoder().labels().values().get(0)));
        }
        return cluster.map(there ->
                Preflight.of(setup.workload(), there, engine(setup, there), setup.skipped(), ProductRate::gigaflops));
    }

    private EngineChoice engine(TrainingSetup setup, Cluster there) {
        return switch (config.placement().engine()) {
            case AUTO ->
                EngineChoice.automatic(setup.workload(), setup.bytes(), there, freeBytes(), ProductRate.gigaflops());
            case SPARK -> EngineChoice.given(false);
            case LOCAL -> EngineChoice.given(true);
        };
    }

    /** Of the heap, what holds nothing, or what was never asked for. */
    private static long freeBytes() {
        Runtime runtime = Runtime.getRuntime();
        return runtime.maxMemory() - runtime.totalMemory() + runtime.freeMemory();
    }

    static Optimizer optimizer(PreparedTraining prepared) {
        TrainingConfig config = prepared.config();
        return config.optimizer()
                .create(
                        prepared.theta().length,
                        config.limits().updates(prepared.setup().plan()));
    }

    /** Deals the rows, which are then freed; shards are freed again where nothing comes of it. */
    static <S extends Shards> Objective objective(
            PreparedTraining prepared,
            CanonicalRows<S> rows,
            Optional<? extends CanonicalRows<S>> validation,
            ObjectiveFactory<? super S> engine,
            Beginning beginning) {
        List<Shards> dealt = new ArrayList<>();
        boolean done = false;
        try {
            S training = prepared.training(rows);
            dealt.add(training);
            Optional<S> heldOut = validation
                    .<CanonicalRows<S>>map(others -> others)
                    .or(() -> rows.statistics().heldOutSequences() > 0 ? Optional.of(rows) : Optional.empty())
                    .map(prepared::heldOut);
            heldOut.ifPresent(dealt::add);
            rows.close();
            validation.ifPresent(CanonicalRows::close);
            beginning.begins(prepared);
            Objective objective =
                    engine.objective(prepared.problem(), prepared.setup().plan(), training, heldOut);
            done = true;
            return objective;
        } finally {
            if (!done) {
                dealt.forEach(Shards::close);
            }
        }
    }

    /** The checkpoints to write; those of another training are gone from there where this one starts from scratch. */
    private Optional<Checkpoints> checkpoints(PreparedTraining prepared) {
        Optional<Checkpoints> checkpoints = prepared.checkpoints(hadoop);
        if (checkpoints.isPresent()) {
            try {
                if (!config.checkpoints().resume()) {
                    Checkpoints.clear(
                            config.checkpoints().directory(hadoop)); // requireUsable has refused it if unwanted
                }
                checkpoints.get().requireWritable();
            } catch (FormatException e) {
                throw config.checkpoints().unusable(e);
            }
        }
        return checkpoints;
    }

    static Trainer.Result run(Trainer trainer, float[] theta, Optional<Checkpoint> from) {
        if (from.isEmpty()) {
            return trainer.run(theta);
        }
        try {
            return trainer.resume(theta, from.get());
        } catch (FormatException e) {
            throw new InputException(
                    "cannot resume from iteration " + from.get().iteration() + ": " + e.getMessage(), e);
        }
    }

    private Model model(PreparedTraining prepared, TrainingSummary summary) {
        Map<String, String> provenance = new TreeMap<>(config.provenance());
        prepared.initHash().ifPresent(hash -> provenance.put("initHash", hash));
        provenance.put("sequences", Long.toString(summary.sequences()));
        provenance.put("iterations", Long.toString(summary.result().iterations()));
        provenance.put("shards", Integer.toString(summary.plan().shards()));
        return new Model(
                config.task(),
                prepared.setup().spec(),
                prepared.theta(),
                prepared.decoder().encoding(),
                provenance);
    }
}
