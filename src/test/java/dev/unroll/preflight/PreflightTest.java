package dev.unroll.preflight;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unroll.data.ShardPlan;
import dev.unroll.nn.HeadSpec;
import dev.unroll.nn.NetworkCost;
import dev.unroll.nn.NetworkSpec;
import dev.unroll.nn.Unrolling;
import dev.unroll.spark.iteration.ReduceShape;
import dev.unroll.spark.iteration.ResultLimits;
import dev.unroll.testing.SparkTest;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.function.LongFunction;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaSparkContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is said before a training, against numbers worked out by hand. */
class PreflightTest {

    private static final long MB = 1L << 20;
    private static final long GB = 1L << 30;

    private static final double GIGAFLOPS = 100;

    /** 10,000 words, two layers of 650: 6.5 M + 2 x (4 x 650 x 1300 + 2 x 4 x 650) + 6.5 M + 10,000 parameters. */
    private static final NetworkSpec WORDS = new NetworkSpec(
            new NetworkSpec.Tokens(10_000, 650), "lstm", "tanh", 650, 2, false, new HeadSpec(10_000, true));

    private static final long WORD_PARAMETERS = 19_780_400;

    /** 4 x 10 x (5 + 10) + 2 x 40 + 3 x 10 + 3 = 713 parameters. */
    private static final NetworkSpec SMALL =
            new NetworkSpec(new NetworkSpec.Dense(5), "lstm", "tanh", 10, new HeadSpec(3, false));

    /** LSTM 128/256 with 64 classes at every step: 411,712 parameters. */
    private static final NetworkSpec MEDIUM =
            new NetworkSpec(new NetworkSpec.Dense(128), "lstm", "tanh", 256, new HeadSpec(64, true));

    private static Cluster executors(int count, long executorBytes, long driverBytes) {
        return new Cluster(true, false, count, 1, 2, count, executorBytes, driverBytes, limits(1 * GB));
    }

    private static Cluster local(int tasks, long heap) {
        return new Cluster(true, true, tasks, 1, tasks, 1, heap, heap, limits(1 * GB));
    }

    private static ResultLimits limits(long job) {
        return new ResultLimits(job, 64 * MB, 8 * MB);
    }

    /** Updates of that many sequences of 35 steps each, by Adam. */
    private static Workload work(NetworkSpec network, int shards, int batch, int partitions) {
        ShardPlan plan = new ShardPlan(1, shards, 1000L * batch, batch);
        return new Workload(network, plan, Unrolling.FULL, 35_000L * batch, partitions, 100, 1, 2);
    }

    private static Preflight findings(Workload work, Cluster cluster) {
        return Preflight.of(work, cluster, EngineChoice.given(false), Map.of(), () -> GIGAFLOPS);
    }

    private static List<String> settings(Preflight findings) {
        return Advice.on(findings).stream().map(Advice::setting).toList();
    }

    @Test
    void largeModel_onTwoExecutorsOf2GB_isMergedInSlicesAndNotRefused() {
        Preflight findings = findings(work(WORDS, 64, 64, 64), executors(2, 2 * GB, 2 * GB));
        findings.requirePossible();
        assertEquals(WORD_PARAMETERS, findings.work().parameters());
        // 6.5 M of the embedding in 4 slices of whole rows, and 13,280,400 others in 8, of 7 MB at most.
        long theta = 4 * WORD_PARAMETERS;
        assertEquals(new Traffic(2, 12, 2, theta, theta, theta), findings.sending());
        assertEquals(new Workload.Tasks(2, 32, 0.5), findings.tasks());
        assertEquals(1, findings.tasks().balance());
        // theta, the weights packed one way, and six sums: five in a forest over 31 shards, and one that joins them.
        assertEquals(theta + 4 * 13_280_400L + 6 * theta, findings.executor().least());
        // theta, two moments, the gradient and its mean.
        assertEquals(5 * theta, findings.driver().least());
    }

    @Test
    void executorThatIsTooSmall_isRefusedWithTheSetting() {
        Preflight findings = findings(work(WORDS, 64, 64, 64), executors(2, 512 * MB, 2 * GB));
        String refusal = assertThrows(IllegalArgumentException.class, findings::requirePossible)
                .getMessage();
        // 606,972,800 bytes
        assertTrue(
                refusal.startsWith("an executor has 512 MB of memory, and training 19,780,400 parameters in 64 shards"
                        + " holds at least 578 MB there at once; give --spark-conf spark.executor.memory="),
                refusal);
        assertFixes(refusal, "spark.executor.memory=", size -> executors(2, size, 2 * GB));
    }

    @Test
    void driverThatIsTooSmall_isRefusedWithTheSetting() {
        Preflight findings = findings(work(WORDS, 64, 64, 64), executors(2, 2 * GB, 300 * MB));
        String refusal = findings.refusal().orElseThrow();
        // 5 x 79,121,600 bytes
        assertTrue(
                refusal.contains("the driver has 300 MB of memory") && refusal.contains("holds at least 377 MB"),
                refusal);
        assertFixes(refusal, "spark.driver.memory=", size -> executors(2, 2 * GB, size));
    }

    @Test
    void inLocalMode_oneHeapHoldsBoth() {
        Workload work = work(WORDS, 64, 64, 2);
        // 606,972,800 of a task, and of the driver theta and two moments: 3 x 79,121,600
        assertEquals(844_337_600L, findings(work, local(2, 2 * GB)).driver().least());
        String refusal = findings(work, local(2, 800 * MB)).refusal().orElseThrow();
        assertTrue(refusal.startsWith("the driver has 800 MB"), refusal);
        assertFixes(refusal, "spark.driver.memory=", size -> local(2, size));
    }

    /** What is advised is enough: no refusal, and no word of memory. */
    private static void assertFixes(String refusal, String key, LongFunction<Cluster> withMemory) {
        String size = refusal.substring(refusal.indexOf(key) + key.length());
        long bytes = new SparkConf().set("size", size).getSizeAsBytes("size");
        Preflight better = findings(work(WORDS, 64, 64, 64), withMemory.apply(bytes));
        better.requirePossible();
        assertFalse(settings(better).toString().contains(key), size + " gives " + Advice.on(better));
    }

    @Test
    void memoryThatIsTight_isAdvisedAndNotRefused() {
        Preflight findings = findings(work(WORDS, 64, 64, 64), executors(2, 700 * MB, 2 * GB));
        findings.requirePossible();
        assertTrue(settings(findings).toString().contains("spark.executor.memory="), Advice.on(findings)::toString);
    }

    @Test
    void slices_keepBelowSmallLimits() {
        // Half of 4 MB, where 7 MB would do: 19.8 M x 4 / 2 MB = 37.7, a little more for whole rows.
        int slices = ReduceShape.of(limits(4 * MB), 2, WORDS, 64, 2).slices().count();
        assertTrue(slices >= 38 && slices <= 41, slices + " slices");
        // Half of Kryo's 4 MB.
        ResultLimits kryo = new ResultLimits(1 * GB, 4 * MB, 8 * MB);
        assertEquals(slices, ReduceShape.of(kryo, 2, WORDS, 64, 2).slices().count());
    }

    @Test
    void maxResultSizeBelowASlice_isRefusedWithTheSetting() {
        Cluster tiny = new Cluster(true, false, 2, 1, 2, 2, GB, GB, limits(20_000));
        String refusal = findings(work(MEDIUM, 4, 64, 2), tiny).refusal().orElseThrow();
        assertEquals(
                "spark.driver.maxResultSize is 20000 bytes, and one slice of a gradient sum has at least 32768;"
                        + " give --spark-conf spark.driver.maxResultSize=1g",
                refusal);
        // A gradient of 2,852 bytes passes by as many.
        Cluster narrow = new Cluster(true, false, 2, 1, 2, 2, GB, GB, limits(6_000));
        findings(work(SMALL, 4, 64, 2), narrow).requirePossible();
    }

    @Test
    void shardsBelowTasks_areNamedWithTheNumberThatIsEnough() {
        Preflight findings = findings(work(MEDIUM, 4, 256, 4), executors(6, 4 * GB, 4 * GB));
        assertEquals(4, findings.tasks().count());
        assertEquals(List.of("--num-shards 6"), settings(findings));
        assertTrue(
                Advice.on(findings).get(0).finding().startsWith("shards bound the tasks: 4 of 6"),
                Advice.on(findings)::toString);
        assertTrue(findings.shards().startsWith("4, so at most 4 tasks take part in an update"), findings.shards());
        // An update of four sequences has nothing for more.
        assertEquals(List.of("--engine local"), settings(findings(work(MEDIUM, 4, 4, 4), executors(6, GB, GB))));
    }

    @Test
    void unevenShards_areNamedWithTheNumberThatIsEven() {
        Preflight findings = findings(work(MEDIUM, 9, 256, 8), executors(8, 4 * GB, 4 * GB));
        // One of eight tasks has two of nine shards: of 256 sequences 57, where the mean is 32.
        assertEquals(57.0 / 32, findings.tasks().balance(), 0.02);
        assertEquals(List.of("--num-shards 16"), settings(findings));
    }

    @ParameterizedTest
    @CsvSource({
        "4, 64, 2, 2, 1.0",
        "3, 6, 2, 2, 1.3333333333333333", // shards 0 | 1 2: of six sequences 2 and 4
        "4, 5, 2, 2, 1.2", // of five sequences always 2 and 3
        "4, 64, 4, 2, 1.0", // two partitions a task
        "8, 64, 3, 2, 1.25", // partitions of 2, 3 and 3 shards; the first two are one task
        "4, 64, 9, 2, 1.0", // nine partitions in runs of five, with shards 0 1 | 2 3
    })
    void longestTask_hasSoMuchMoreThanTheMean(int shards, int batch, int partitions, int atOnce, double balance) {
        assertEquals(
                balance, work(SMALL, shards, batch, partitions).tasks(atOnce).balance(), 1e-9);
    }

    @Test
    void partitions_thatBoundOrStayEmpty_areNamed() {
        Preflight few = findings(work(MEDIUM, 16, 256, 2), executors(8, 4 * GB, 4 * GB));
        assertEquals(
                List.of(new Advice("partitions bound the tasks: 2 of 8 that can run at once", "--partitions 0")),
                Advice.on(few));
        Preflight many = findings(work(MEDIUM, 16, 256, 20), executors(16, 4 * GB, 4 * GB));
        assertTrue(
                Advice.on(many)
                        .contains(new Advice("4 of 20 partitions stay empty: there are 16 shards", "--partitions 0")),
                Advice.on(many)::toString);
    }

    @Test
    void resultsThatAreFetchedInARoundOfTheirOwn_areNamed() {
        Cluster plain = new Cluster(true, true, 2, 1, 2, 1, 4 * GB, 4 * GB, new ResultLimits(GB, 2 * GB, 1 * MB));
        Preflight findings = findings(work(MEDIUM, 4, 256, 2), plain);
        assertEquals(4 * 411_712, findings.sending().taskBytes());
        assertTrue(
                Advice.on(findings)
                        .contains(new Advice(
                                "results of 1.57 MB are fetched in one more round",
                                "--spark-conf spark.task.maxDirectResultSize=8m")),
                Advice.on(findings)::toString);
    }

    @Test
    void smallNetwork_isFasterOnOneMachine_andThatIsSaid() {
        Preflight findings = findings(work(SMALL, 4, 64, 2), local(2, 4 * GB));
        assertTrue(findings.oneMachineIsFaster());
        assertEquals(List.of("--engine local"), settings(findings));
        Preflight there = Preflight.of(
                work(SMALL, 4, 64, 2), local(2, 4 * GB), EngineChoice.given(true), Map.of(), () -> GIGAFLOPS);
        assertEquals(findings.oneMachine(), there.time());
        assertEquals(findings.time(), there.engines().spark(GIGAFLOPS));
        assertTrue(there.oneMachineIsFaster(), "whatever was chosen");
        // 64 executors have more cores than the driver's two.
        Workload large = work(WORDS, 64, 640, 64);
        Preflight chosen =
                Preflight.of(large, executors(64, 4 * GB, 4 * GB), EngineChoice.given(true), Map.of(), () -> GIGAFLOPS);
        assertFalse(chosen.oneMachineIsFaster());
        assertEquals(List.of(), Advice.on(there));
        assertEquals(0, there.sending().stages());
    }

    /** 4 I G + 6 H G + 6 H C; and where dL/dx is needed 6 I G. */
    @Test
    void operations_areThoseOfTheProducts() {
        assertEquals(10 * (4 * 128 * 1024 + 6 * 256 * 1024 + 6 * 256 * 64), new NetworkCost(MEDIUM).flops(1, 10));
        assertEquals(10 * (4 * 5 * 40 + 6 * 10 * 40) + 2 * 6 * 10 * 3, new NetworkCost(SMALL).flops(2, 10));
        assertEquals(2 * (6.0 + 6) * 650 * 2600 + 6 * 650 * 10_000, new NetworkCost(WORDS).flops(1, 1));
        assertEquals(10 * 40 + 2 * 3, new NetworkCost(SMALL).activations(2, 10));
    }

    /** 64 sequences of 35 steps by two threads, a shard each: 1,120 steps, of (2,195,456 + 800 x 1,088) operations at 100 GFLOP/s. */
    @Test
    void time_isThatOfTheLongestTask() {
        TimeEstimate time = Preflight.of(
                        work(MEDIUM, 2, 64, 2), local(2, 4 * GB), EngineChoice.given(true), Map.of(), () -> GIGAFLOPS)
                .time();
        double kernel = 1120L * (2_195_456 + 800 * 1088) / 100e6;
        assertEquals(34.3375872, kernel, 1e-9);
        double sum = 411_712 * 24 / 60e6;
        assertEquals(sum, time.shardsMs(), 1e-9);
        assertEquals(1.1 * kernel + 2 * sum + 0.5, time.phases().computeMs(), 1e-9);
        assertEquals(411_712 * 4e-6, time.phases().updateMs(), 1e-9);
        assertEquals(time.phases().computeMs() + time.phases().updateMs(), time.totalMs(), 1e-9);
    }

    /** A call, and a share of a job; on executors 1.65 MB to each of two tasks and from them, at 0.8 MB a ms. */
    @Test
    void tasksThatStay_costACall_andAShareOfAJob() {
        Workload stays = new Workload(MEDIUM, new ShardPlan(1, 2, 640, 64), Unrolling.FULL, 22_400, 2, 100, 0, 2);
        TimeEstimate here = findings(stays, local(2, 4 * GB)).time();
        double travel = here.phases().computeMs()
                + here.phases().updateMs()
                + here.phases().mergeMs()
                + 0.1;
        // Those of a second, and the one that is computed when it is over.
        assertEquals(1 + Math.ceil(1000 / travel), here.updatesPerJob(), 1e-9);
        assertEquals(0, here.phases().broadcastMs());
        assertEquals(0.1 + 9.5 / here.updatesPerJob(), here.phases().waitMs(), 1e-9);
        TimeEstimate there = findings(stays, executors(2, 4 * GB, 4 * GB)).time();
        double bytes = 4 * 411_712;
        assertEquals(2 * bytes / 0.8e6, there.phases().broadcastMs(), 1e-9);
        assertEquals(
                0.6 + 2 * bytes / 0.8e6 + 9.5 / there.updatesPerJob(),
                there.phases().waitMs(),
                1e-9);
        assertEquals(
                1, findings(work(MEDIUM, 2, 64, 2), local(2, 4 * GB)).time().updatesPerJob());
        // An update of more than a second, and one of two stages.
        Workload slow = new Workload(MEDIUM, new ShardPlan(1, 2, 6400, 6400), Unrolling.FULL, 224_000, 2, 100, 0, 2);
        assertEquals(1, findings(slow, local(2, 4 * GB)).time().updatesPerJob());
    }

    /**
     * 256 sequences of 35 steps in 8 shards, on executors of one task: each waits for 1.65 MB to all and from all, 1.25 ms a megabyte, a call of 0.6 ms, and
     * a share of a job; merging and the optimiser are the driver's.
     */
    @Test
    void scale_isThatOfEachNumberOfExecutors() {
        Workload work = new Workload(MEDIUM, new ShardPlan(1, 8, 1280, 256), Unrolling.FULL, 44_800, 2, 1000, 0, 2);
        Preflight findings = findings(work, executors(2, 4 * GB, 4 * GB));
        ScaleEstimate scale =
                findings.scale(ClusterCosts.usual(false), 0, List.of(1, 2, 4, 8, 16), OptionalDouble.of(0.36));
        double kernel = 256 * 35L * (2_195_456 + 800 * 1088) / 100e6;
        double sum = 411_712 * 24 / 60e6;
        double[] ms = new double[5];
        for (int i = 0; i < 5; i++) {
            int tasks = Math.min(8, 1 << i);
            double compute = 1.1 * kernel / tasks + sum + 0.5 + sum * 8 / tasks;
            double calls = 0.6 + 2 * tasks * 4 * 411_712 * 1.25e-6;
            double staying = compute + calls + tasks * sum + 411_712 * 4e-6;
            ms[i] = staying + 9.5 / (1 + Math.ceil(1000 / staying));
            ScaleEstimate.Point point = scale.points().get(i);
            assertEquals(1 << i, point.executors());
            assertEquals(tasks, point.tasks());
            assertEquals(ms[i], point.time().totalMs(), 1e-9);
            assertEquals(ms[0] / ms[i], point.speedup(), 1e-12);
            assertEquals(ms[0] / ms[i] / (1 << i), point.efficiency(), 1e-12);
            assertEquals(3.6e6 / ms[i], point.updatesPerHour(), 1e-6);
            // Five updates of an epoch, at 0.0001 a second and executor.
            assertEquals(5 * ms[i] * 1e-3 * (1 << i) * 1e-4, point.costOfEpoch().orElseThrow(), 1e-12);
        }
        assertEquals(8, scale.useful().orElseThrow().executors(), "ms are " + Arrays.toString(ms));
        assertEquals(8, scale.fastest().executors());
        // The session's own number is what the time of a training says.
        assertEquals(findings.time(), scale.points().get(1).time());
        // Four times the sequences.
        ScaleEstimate batch = findings.scale(ClusterCosts.usual(false), 1024, List.of(1), OptionalDouble.empty());
        assertEquals(
                3 * 1.1 * kernel,
                batch.points().get(0).time().phases().computeMs()
                        - scale.points().get(0).time().phases().computeMs(),
                1e-9);
        assertTrue(batch.points().get(0).costOfEpoch().isEmpty());
        // In local mode executors are thought of: each with the two tasks of the session.
        ScaleEstimate local = findings(work, local(2, 4 * GB))
                .scale(ClusterCosts.usual(false), 0, List.of(2), OptionalDouble.empty());
        assertEquals(4, local.points().get(0).tasks());
        assertEquals(scale.points().get(2).time(), local.points().get(0).time());
    }

    /** Of two tasks the slower is waited for; sums of many come one after the other, so that a late task is less of a delay. */
    @Test
    void slowestTask_isWaitedFor() {
        ClusterCosts costs = ClusterCosts.usual(false);
        double slower = 0.2616382614224826; // of two, with a deviation of 0.5, beyond the mean
        TimeEstimate two = TimeEstimate.ofGhostWork(2, 0, 100, 0.5, 1, costs);
        assertEquals(100, two.phases().computeMs());
        assertEquals(9.5 + 100 * slower, two.phases().waitMs(), 1e-6);
        assertEquals(110.5 + 100 * slower, two.totalMs(), 1e-6);
        // 100 MB take 125 ms each: the first, who is faster than the mean by as much, keeps the link busy.
        TimeEstimate large = TimeEstimate.ofGhostWork(2, 100_000_000, 100, 0.5, 1, costs);
        assertEquals(9.5 + 250 - 100 * slower, large.phases().waitMs(), 1e-6);
        TimeEstimate one = TimeEstimate.ofGhostWork(1, 0, 100, 0.5, 1, costs);
        assertEquals(9.5, one.phases().waitMs(), 1e-9);
    }

    @Test
    void costs_ofAnotherPlace_areRefused() {
        Preflight here = findings(work(SMALL, 4, 64, 2), local(2, 4 * GB));
        assertEquals(here.time(), here.withCosts(ClusterCosts.usual(true)).time());
        String refusal = assertThrows(IllegalArgumentException.class, () -> here.withCosts(ClusterCosts.usual(false)))
                .getMessage();
        assertEquals("costs were measured on executors, and the session has none", refusal);
    }

    @SparkTest
    @Test
    void cluster_isThatOfTheSession(JavaSparkContext context) {
        Cluster cluster = Cluster.of(context);
        assertTrue(cluster.spark() && cluster.local());
        assertEquals(2, cluster.tasksAtOnce());
        assertEquals(Runtime.getRuntime().maxMemory(), cluster.executorBytes());
        assertEquals(1 * GB, cluster.limits().job());
    }
}
