package dev.unroll.train;

import java.io.Serializable;
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
public record Phases(double broadcastMs, double computeMs, double waitMs, double mergeMs, double updateMs)
        implements Serializable {

    /** No time at all. */
    public static final Phases ZERO = new Phases(0, 0, 0, 0, 0);

    /** The phases in the order in which they follow each other. */
    public static final List<Phase> ALL = List.of(Phase.values());

    /** One phase of an update. */
    public enum Phase {
        BROADCAST("broadcast"),
        COMPUTE("compute"),
        WAIT("wait"),
        MERGE("merge"),
        UPDATE("update");

        private final String label;

        Phase(String label) {
            this.label = label;
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
            return switch (this) {
                case BROADCAST -> phases.broadcastMs;
                case COMPUTE -> phases.computeMs;
                case WAIT -> phases.waitMs;
                case MERGE -> phases.mergeMs;
                case UPDATE -> phases.updateMs;
            };
        }
    }

    /** What each takes. */
    public static Phases of(ToDoubleFunction<Phase> ms) {
        return new Phases(
                ms.applyAsDouble(Phase.BROADCAST),
                ms.applyAsDouble(Phase.COMPUTE),
                ms.applyAsDouble(Phase.WAIT),
                ms.applyAsDouble(Phase.MERGE),
                ms.applyAsDouble(Phase.UPDATE));
    }

    /** All phases. */
    public double totalMs() {
        return broadcastMs + computeMs + waitMs + mergeMs + updateMs;
    }

    /** What sending and scheduling take: all but computing, merging and the optimiser. */
    public double exchangeMs() {
        return broadcastMs + waitMs;
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
