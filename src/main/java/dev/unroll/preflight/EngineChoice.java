package dev.unroll.preflight;

import dev.unroll.spark.iteration.Bytes;
import java.io.Serializable;
import java.util.Locale;

/**
 * Where the updates of a training are computed, and why. The choice changes no bit.
 *
 * @param local whether in the driver; otherwise in tasks of Spark
 * @param reason in words
 */
public record EngineChoice(boolean local, String reason) implements Serializable {

    /** Bytes of rows that the driver collects without being told to. */
    static final long MOST_BYTES = 64L << 20;

    /** What a user said. */
    public static EngineChoice given(boolean local) {
        return new EngineChoice(local, "as the key engine says");
    }

    /** Of one of several models, of keys or settings. */
    public static EngineChoice inTask() {
        return new EngineChoice(true, "in one task, beside others");
    }

    /**
     * What is better: the driver where its own threads are predicted to save a tenth of an update or more, its memory
     * has room, and the rows are at most {@value #MOST_BYTES} bytes; tasks of Spark otherwise.
     *
     * @param rowBytes of all rows as shards, those to validate on included
     * @param session the cluster of the session
     * @param freeBytes of this process, which rows can be collected into
     * @param gigaflops the rate of products of one core
     */
    public static EngineChoice automatic(
            Workload work, long rowBytes, Cluster session, long freeBytes, double gigaflops) {
        long most = Math.min(MOST_BYTES, session.limits().job() / 2);
        if (rowBytes > most) {
            return new EngineChoice(
                    false,
                    "the rows are " + Bytes.shown(rowBytes) + ", and the driver collects at most " + Bytes.shown(most));
        }
        Engines engines = new Engines(work, session, ClusterCosts.usual(session.local()));
        MemoryNeed memory = engines.driverMemory(rowBytes);
        if (memory.isTight() || memory.usual() > freeBytes) {
            return new EngineChoice(
                    false,
                    "the driver has " + Bytes.shown(memory.heap()) + " of memory, " + Bytes.shown(freeBytes)
                            + " of it free, and training there takes some " + Bytes.shown(memory.usual()));
        }
        return new EngineChoice(
                engines.isDriverFaster(gigaflops),
                String.format(
                        Locale.ROOT,
                        "an update is predicted to take %.1f ms in the driver and %.1f ms in tasks of Spark",
                        engines.driver(gigaflops).totalMs(),
                        engines.spark(gigaflops).totalMs()));
    }

    /** The value of the key {@code engine} that says the same. */
    public String key() {
        return local ? "local" : "spark";
    }
}
