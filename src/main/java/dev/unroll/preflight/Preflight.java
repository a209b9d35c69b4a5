package dev.unroll.preflight;

import dev.unroll.spark.iteration.Bytes;
import dev.unroll.spark.iteration.ReduceShape;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.DoubleSupplier;

/**
 * What can be said of a training before it begins: what it sends and where that is merged, the memory and the time it takes, rows left out, what
 * cannot work, and what could be better, each with the setting to change. It sets nothing itself: what can be kept below a limit, {@link ReduceShape} keeps there.
 *
 * @param cluster where the work is done
 * @param tasks of an update
 * @param executor memory of one executor; of this process where tasks run in it
 * @param driver memory of this process
 * @param skipped rows left out, by column and reason
 * @param engine where updates are computed, and why
 * @param engines either way to compute them, whatever was chosen
 * @param rate what times are made from: GFLOP/s of one core of the driver's machine, measured when they are asked for
 */
public record Preflight(
        Workload work,
        Cluster cluster,
        Workload.Tasks tasks,
        Traffic sending,
        MemoryNeed executor,
        MemoryNeed driver,
        Map<String, Long> skipped,
        EngineChoice engine,
        Engines engines,
        DoubleSupplier rate) {

    /** What a change has to be worth, as a part of the time of an update. */
    static final double WORTH_IT = 0.1;

    /**
     * Looks at a training.
     *
     * @param session the cluster of the session
     * @param engine whether tasks are to be Spark's, or threads of this process
     * @param skipped rows left out, by column and reason
     * @param rate GFLOP/s of one core
     */
    public static Preflight of(
            Workload given, Cluster session, EngineChoice engine, Map<String, Long> skipped, DoubleSupplier rate) {
        Engines engines = new Engines(given, session, ClusterCosts.usual(session.local()));
        Cluster cluster = engine.local() ? engines.alone() : session;
        Workload work = engine.local() ? engines.workAlone() : given;
        Traffic sending = Traffic.of(work, cluster);
        MemoryNeed both = MemoryNeed.ofBoth(work, cluster, sending);
        return new Preflight(
                work,
                cluster,
                work.tasks(cluster.tasksAtOnce()),
                sending,
                cluster.local() ? both : MemoryNeed.ofTasks(work, cluster),
                cluster.local() ? both : MemoryNeed.ofDriver(work, cluster, sending),
                skipped,
                engine,
                engines,
                rate);
    }

    /** GFLOP/s of one core. */
    public double gigaflops() {
        return rate.getAsDouble();
    }

    /** Of an update. */
    public TimeEstimate time() {
        return time(work);
    }

    /** Of an update of other work in the same place. */
    TimeEstimate time(Workload other) {
        return TimeEstimate.of(other, cluster, gigaflops(), engines.costs());
    }

    /** Of an update on the driver's machine alone, without Spark. */
    public TimeEstimate oneMachine() {
        return engines.driver(gigaflops());
    }

    /**
     * The same with times of measured costs. The engine is that which a training chooses, which knows no measured ones.
     *
     * @throws IllegalArgumentException if they were measured in one process, and the session has executors, or the other way round
     */
    public Preflight withCosts(ClusterCosts costs) {
        if (costs.isLocal() != engines.session().local()) {
            throw new IllegalArgumentException("costs were measured "
                    + (costs.isLocal()
                            ? "in one process, and the session has executors"
                            : "on executors, and the session has none"));
        }
        Engines other = new Engines(engines.work(), engines.session(), costs);
        return new Preflight(work, cluster, tasks, sending, executor, driver, skipped, engine, other, rate);
    }

    /**
     * An update of that many sequences on other numbers of executors.
     *
     * @param costs measured on executors, or the usual ones
     * @param batch sequences of an update; 0 for those of the training
     * @param executors at least one number, each at least 1
     * @param price of an executor for an hour; empty for none
     */
    public ScaleEstimate scale(ClusterCosts costs, int batch, List<Integer> executors, OptionalDouble price) {
        Workload scaled = batch == 0 ? engines.work() : engines.work().withBatch(batch);
        return ScaleEstimate.of(new Engines(scaled, engines.session(), costs), gigaflops(), executors, price);
    }

    /** What cannot work, and what to change; empty where training can begin. */
    public Optional<String> refusal() {
        if (driver.isImpossible()) {
            return Optional.of(tooSmall("the driver", driver, MemoryNeed.DRIVER_KEY));
        }
        if (executor.isImpossible()) {
            return Optional.of(tooSmall("an executor", executor, MemoryNeed.EXECUTOR_KEY));
        }
        // Slices are even, so those of the parameters that every update meets have at least half of the least size.
        long slice = Math.min(Float.BYTES * work.denseParameters(), ReduceShape.LEAST_SLICE / 2);
        if (sending.stages() == 2 && cluster.limits().job() < slice) {
            return Optional.of("spark.driver.maxResultSize is "
                    + cluster.limits().job() + " bytes, and one slice of a gradient sum has at least " + slice
                    + "; give --spark-conf spark.driver.maxResultSize=1g");
        }
        return Optional.empty();
    }

    private String tooSmall(String process, MemoryNeed memory, String key) {
        return String.format(
                Locale.ROOT,
                "%s has %s of memory, and training %,d parameters in %d shards holds at least %s there at once; give %s",
                process,
                Bytes.shown(memory.heap()),
                work.parameters(),
                work.plan().shards(),
                Bytes.shown(memory.least()),
                memory.setting(key));
    }

    /** @throws IllegalArgumentException if training cannot work */
    public void requirePossible() {
        refusal().ifPresent(sentence -> {
            throw new IllegalArgumentException(sentence);
        });
    }

    /** Whether this machine alone, without Spark, is clearly faster than the session's cluster, whatever was chosen. */
    public boolean oneMachineIsFaster() {
        return engines.isDriverFaster(gigaflops());
    }

    /** What shards bound and what they cost. */
    public String shards() {
        int shards = work.plan().shards();
        TimeEstimate time = time();
        long percent = Math.round(100 * time.shardsMs() / time.totalMs());
        return shards + ", so at most " + (shards == 1 ? "one task takes" : shards + " tasks take")
                + " part in an update; their gradients cost " + (percent < 1 ? "less than 1" : "some " + percent)
                + " % of it";
    }
}
