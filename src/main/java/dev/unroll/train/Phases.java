package dev.unroll.train;

import java.util.List;
import java.util.function.ToDoubleFunction;

/**
 * Where the time of one update goes, in ms. The names of the five are those of the metrics file, the history and the
 * event log.
 *
 * @param broadcastMs sending the parameters out, and the mean time until a task has them
 * @param computeMs mean time of the tasks from then on; of the local engine all of it
 * @param waitMs the rest of the job: what the slowest task took beyond these means, scheduling, and sending the results
 * @param mergeMs adding partial sums
 * @param updateMs the optimiser
 */
public record Phases(double broadcastMs, double computeMs, double waitMs, double mergeMs, double updateMs) {

    /** No time at all. */
    public static final Phases ZERO = new Phases(0, 0, 0, 0, 0);

    /** The phases in the order in which they follow each other. */
    public static final List<Phase> ALL = List.of(Phase.values());

    /** One phase of an update. */
    public enum Phase {
        BROADCAST("broadcast", Phases::broadcastMs),
        COMPUTE("compute", Phases::computeMs),
        WAIT("wait", Phases::waitMs),
        MERGE("merge", Phases::mergeMs),
        UPDATE("update", Phases::updateMs);

        private final String label;
        private final ToDoubleFunction<Phases> ms;

        Phase(String label, ToDoubleFunction<Phases> ms) {
            this.label = label;
            this.ms = ms;
        }

        /** Its name for people: "broadcast". */
        public String label() {
            return label;
        }

        /** Its name in files: "broadcastMs". */
        public String key() {
            return label + "Ms";
        }

        /** What it took. */
        public double ms(Phases phases) {
            return ms.applyAsDouble(phases);
        }
    }

    /** All phases. */
    public double totalMs() {
        return broadcastMs + computeMs + waitMs + mergeMs + updateMs;
    }

    /** Both, phase by phase. */
    public Phases plus(Phases other) {
        return new Phases(
                broadcastMs + other.broadcastMs,
                computeMs + other.computeMs,
                waitMs + other.waitMs,
                mergeMs + other.mergeMs,
                updateMs + other.updateMs);
    }

    /** These with another time of the optimiser. */
    public Phases withUpdate(double ms) {
        return new Phases(broadcastMs, computeMs, waitMs, mergeMs, ms);
    }
}
