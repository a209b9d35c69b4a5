package dev.unroll.ui;

import dev.unroll.data.ShardPlan;
import dev.unroll.nn.NetworkSpec;
import dev.unroll.train.IterationListener;
import dev.unroll.train.IterationReport;
import dev.unroll.worker.Problem;
import java.util.Locale;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Supplier;
import org.apache.spark.SparkContext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Says on Spark's listener bus and in its metrics how one training goes, and sees to it that Spark's UI has a tab for it. Never an error:
 * where the bus, the metrics or the UI cannot be had, that is logged once.
 */
public final class TrainingEvents implements IterationListener {

    private static final Logger LOG = LoggerFactory.getLogger(TrainingEvents.class);

    private final SparkContext context;
    private final String training = UUID.randomUUID().toString();
    private Optional<TrainingMetrics> metrics = Optional.empty(); // until the first update
    private boolean begun;
    private boolean silent;
    private boolean unmeasured;

    public TrainingEvents(SparkContext context) {
        this.context = context;
    }

    /**
     * A training begins.
     *
     * @param name of the estimator
     */
    public void begin(String name, Problem problem, ShardPlan plan) {
        try {
            TrainingTab.attach(context);
        } catch (Exception | LinkageError e) { // Scala throws what Java does not announce
            LOG.warn("Spark's UI has no Training tab: {}", e.toString());
        }
        begun = true;
        post(() ->
                new TrainingEvent.Start(training, System.currentTimeMillis(), name, describe(problem), describe(plan)));
    }

    @Override
    public void onIteration(IterationReport report) {
        post(() -> TrainingEvent.Update.of(training, System.currentTimeMillis(), report));
        measure(report);
    }

    private void measure(IterationReport report) {
        if (unmeasured) {
            return;
        }
        try {
            if (metrics.isEmpty()) {
                metrics = Optional.of(TrainingMetrics.of(context, report));
            }
            metrics.get().add(report);
        } catch (Exception | LinkageError e) {
            unmeasured = true;
            LOG.warn("updates are not among Spark's metrics: {}", e.toString());
        }
    }

    /** It is over; nothing is said of one that had not begun, or has ended already. */
    public void end(String reason) {
        if (begun) {
            begun = false;
            post(() -> new TrainingEvent.End(training, System.currentTimeMillis(), reason));
        }
    }

    private void post(Supplier<TrainingEvent> event) {
        if (silent) {
            return;
        }
        try {
            context.listenerBus().post(event.get());
        } catch (Exception | LinkageError e) {
            silent = true;
            LOG.warn("updates are not shown in Spark's UI: {}", e.toString());
        }
    }

    private static String describe(Problem problem) {
        NetworkSpec spec = problem.network();
        return String.format(
                Locale.ROOT,
                "%s of %s, %d layer%s of %d units%s%s; %s outputs",
                problem.task().key(),
                spec.cell(),
                spec.numLayers(),
                spec.numLayers() == 1 ? "" : "s",
                spec.hiddenSize(),
                spec.projSize() > 0 ? " projected to " + spec.projSize() : "",
                spec.bidirectional() ? " in both directions" : "",
                spec.head().outputs());
    }

    private static String describe(ShardPlan plan) {
        return String.format(
                Locale.ROOT,
                "%,d sequences in %d shards, %,d an update, %,d updates an epoch",
                plan.sequences(),
                plan.shards(),
                plan.effectiveBatchSize(),
                plan.batchesPerEpoch());
    }
}
