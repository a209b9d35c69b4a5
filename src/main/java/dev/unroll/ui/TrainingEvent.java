package dev.unroll.ui;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.unroll.nn.NetworkSpec;
import dev.unroll.train.IterationReport;
import dev.unroll.train.Phases;
import dev.unroll.worker.GradientFlow;
import dev.unroll.worker.GradientTerms;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.apache.spark.scheduler.SparkListenerEvent;
import org.jspecify.annotations.Nullable;

/**
 * What a training says on Spark's listener bus, and so in the event log: that it begins, every update, how it ended.
 * Small: without the parameter hash, and with the gradient's flow where an iteration is sampled, and in the end.
 * Jackson reads and writes it by the names of its components, which are stored in event logs: add to them, but do not
 * rename.
 */
public sealed interface TrainingEvent extends SparkListenerEvent {

    /** An id, the same in all events of a training. */
    String training();

    /** When it was, in ms since 1970. */
    long time();

    /**
     * A training begins.
     *
     * @param name of the estimator
     * @param network its shape, for people
     * @param plan sequences, batches and shards, for people
     */
    record Start(String training, long time, String name, String network, String plan) implements TrainingEvent {
        public Start {
            training = text(training);
            name = text(name);
            network = text(network);
            plan = text(plan);
        }
    }

    /** An event log may be a stranger's: what is missing in it is empty. */
    private static String text(@Nullable String read) {
        return read == null ? "" : read;
    }

    /**
     * One update; numbers as in {@link IterationReport}.
     *
     * @param updatesPerJob mean of the updates until now that one job of Spark served; 0 where there was none
     * @param fallbacks updates until now with a job of their own though the tasks of a job may stay
     * @param fallbackReason of the latest
     * @param validation metrics, where validation was due
     * @param warnings what is to be changed, where that was looked at
     * @param flow null where it was not followed or is not sampled
     */
    @JsonInclude(JsonInclude.Include.NON_EMPTY)
    record Update(
            String training,
            long time,
            long iteration,
            long updates,
            long epoch,
            double loss,
            double accuracy,
            double gradientNorm,
            double stepSize,
            long sequences,
            long steps,
            int passes,
            double broadcastMs,
            double computeMs,
            double waitMs,
            double mergeMs,
            double updateMs,
            double balance,
            double updatesPerJob,
            long fallbacks,
            String fallbackReason,
            Map<String, Double> validation,
            List<String> warnings,
            Flow flow)
            implements TrainingEvent {

        public Update {
            training = text(training);
            fallbackReason = text(fallbackReason);
            validation = validation == null ? Map.of() : numbers(validation);
            warnings = warnings == null
                    ? List.of()
                    : warnings.stream().filter(Objects::nonNull).toList();
        }

        private static Map<String, Double> numbers(Map<String, Double> read) {
            Map<String, Double> numbers = new TreeMap<>(read);
            numbers.values().removeIf(Objects::isNull);
            return numbers;
        }

        static Update of(String training, long time, IterationReport r) {
            boolean looks = r.isSampled() || r.iteration() == r.updates();
            List<String> warnings = new ArrayList<>();
            if (looks) {
                r.gradientFlow()
                        .flatMap(GradientFlow::warning)
                        .ifPresent(warning -> warnings.add("Gradient flow: " + warning));
                r.gradientTerms()
                        .flatMap(GradientTerms::warning)
                        .ifPresent(warning -> warnings.add("States: " + warning));
            }
            return new Update(
                    training,
                    time,
                    r.iteration(),
                    r.updates(),
                    r.epoch(),
                    r.loss(),
                    r.accuracy(),
                    r.gradientNorm(),
                    r.stepSize(),
                    r.sequences(),
                    r.steps(),
                    r.passes(),
                    r.phases().broadcastMs(),
                    r.phases().computeMs(),
                    r.phases().waitMs(),
                    r.phases().mergeMs(),
                    r.phases().updateMs(),
                    r.balance(),
                    r.jobs().updatesPerJob(),
                    r.jobs().fallbacks(),
                    r.jobs().reason(),
                    r.validation().orElse(Map.of()),
                    warnings,
                    looks ? r.gradientFlow().map(Flow::of).orElse(null) : null);
        }

        /** The same without what is large. */
        Update plain() {
            return new Update(
                    training,
                    time,
                    iteration,
                    updates,
                    epoch,
                    loss,
                    accuracy,
                    gradientNorm,
                    stepSize,
                    sequences,
                    steps,
                    passes,
                    broadcastMs,
                    computeMs,
                    waitMs,
                    mergeMs,
                    updateMs,
                    balance,
                    updatesPerJob,
                    fallbacks,
                    fallbackReason,
                    validation,
                    warnings,
                    null);
        }

        /** Where the time went. */
        Phases phases() {
            return new Phases(broadcastMs, computeMs, waitMs, mergeMs, updateMs);
        }

        double stepsPerSecond() {
            return 1e3 * passes * steps / phases().totalMs();
        }
    }

    /**
     * How far back the gradient of single losses reached.
     *
     * @param reach the lag from which on less than {@link GradientFlow#SMALL} of its start is left
     * @param lags one more than the longest lag
     * @param norms |dL/dh| by layer and bin of lags ({@link GradientFlow#firstLag})
     */
    record Flow(int reach, int lags, List<List<Float>> norms) {

        public Flow {
            norms = norms == null
                    ? List.of()
                    : norms.stream()
                            .limit(NetworkSpec.MAX_LAYERS)
                            .map(row -> row == null || row.stream().anyMatch(Objects::isNull) ? List.<Float>of() : row)
                            .toList();
        }

        /** |dL/dh| of a layer by bin; empty where it was not followed. */
        List<Float> norms(int layer) {
            return layer < norms.size() ? norms.get(layer) : List.of();
        }

        static Flow of(GradientFlow flow) {
            List<List<Float>> norms = new ArrayList<>();
            for (int layer = 0; layer < flow.layers(); layer++) {
                List<Float> row = new ArrayList<>();
                for (int bin = 0; bin < flow.bins(); bin++) {
                    row.add((float) flow.norm(layer, bin));
                }
                norms.add(row);
            }
            return new Flow(flow.reach(GradientFlow.SMALL), flow.lags(), norms);
        }
    }

    /**
     * A training is over.
     *
     * @param reason why, for people
     */
    record End(String training, long time, String reason) implements TrainingEvent {
        public End {
            training = text(training);
            reason = text(reason);
        }
    }
}
