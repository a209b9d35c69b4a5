package dev.unroll.ui;

import com.codahale.metrics.Counter;
import com.codahale.metrics.Gauge;
import com.codahale.metrics.MetricRegistry;
import com.codahale.metrics.Timer;
import dev.unroll.train.IterationReport;
import dev.unroll.train.Phases;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.ToDoubleFunction;
import org.apache.spark.SparkContext;
import org.apache.spark.metrics.MetricsSystem;
import org.apache.spark.metrics.source.Source;
import scala.jdk.javaapi.CollectionConverters;

/**
 * How the trainings of an application go, for every sink of Spark's metrics system: gauges are those of the latest update of any of them, counters and
 * timers are of all. Spark means sources for itself, but their interface is public to Java and has been the same since 4.0.
 */
final class TrainingMetrics implements Source {

    /** After the application and "driver", the first part of every name. */
    static final String NAME = "unroll";

    private final MetricRegistry registry = new MetricRegistry();
    private final Counter sequences = registry.counter("sequences");
    private final Counter steps = registry.counter("steps");
    private final Timer iterations = registry.timer("iteration");
    private final Map<Phases.Phase, Timer> phases = new EnumMap<>(Phases.Phase.class);
    private volatile Latest latest;

    /** Of a report, what the gauges show; the rest of it may be large. */
    private record Latest(
            double loss, double gradientNorm, double stepSize, double balance, long fallbacks, double updatesPerJob) {

        static Latest of(IterationReport report) {
            return new Latest(
                    report.loss(),
                    report.gradientNorm(),
                    report.stepSize(),
                    report.balance(),
                    report.jobs().fallbacks(),
                    report.jobs().updatesPerJob());
        }
    }

    private TrainingMetrics(IterationReport first) {
        latest = Latest.of(first);
        for (Phases.Phase phase : Phases.ALL) {
            phases.put(phase, registry.timer("phase." + phase.label()));
        }
        gauge("loss", Latest::loss);
        gauge("gradientNorm", Latest::gradientNorm);
        gauge("stepSize", Latest::stepSize);
        gauge("balance", Latest::balance);
        gauge("fallbacks", Latest::fallbacks);
        gauge("updatesPerJob", Latest::updatesPerJob);
    }

    private void gauge(String name, ToDoubleFunction<Latest> value) {
        registry.register(name, (Gauge<Double>) () -> value.applyAsDouble(latest));
    }

    /** Those of the context, which has them from its first update on: no gauge is without a value. */
    static TrainingMetrics of(SparkContext context, IterationReport first) {
        synchronized (TrainingMetrics.class) {
            MetricsSystem system = context.env().metricsSystem();
            return CollectionConverters.asJava(system.getSourcesByName(NAME)).stream()
                    .filter(TrainingMetrics.class::isInstance)
                    .map(TrainingMetrics.class::cast)
                    .findFirst()
                    .orElseGet(() -> {
                        TrainingMetrics metrics = new TrainingMetrics(first);
                        system.registerSource(metrics);
                        return metrics;
                    });
        }
    }

    @Override
    public String sourceName() {
        return NAME;
    }

    @Override
    public MetricRegistry metricRegistry() {
        return registry;
    }

    /** One more update. */
    void add(IterationReport report) {
        latest = Latest.of(report);
        sequences.inc(report.sequences());
        steps.inc(report.steps());
        phases.forEach((phase, timer) -> update(timer, phase.ms(report.phases())));
        update(iterations, report.phases().totalMs());
    }

    private static void update(Timer timer, double ms) {
        timer.update(
                (long) (Math.max(0, ms) * 1e6),
                TimeUnit.NANOSECONDS); // a rest of a difference may be below 0, which it would not count
    }
}
