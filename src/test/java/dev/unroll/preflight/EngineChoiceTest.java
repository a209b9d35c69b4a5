package dev.unroll.preflight;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unroll.data.ShardPlan;
import dev.unroll.nn.HeadSpec;
import dev.unroll.nn.NetworkSpec;
import dev.unroll.nn.Unrolling;
import dev.unroll.spark.iteration.ResultLimits;
import org.apache.spark.SparkConf;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The rule of engine auto: clearly faster in the driver, with room there, and few bytes to collect. */
class EngineChoiceTest {

    private static final double GIGAFLOPS = 100;

    /**
     * An update of Spark costs at least a stage and a broadcast, 10.5 ms. In the driver of a local master an update saves
     * that and nothing else, so there the limit is where it takes 10 / 9 of 10.5 ms. LSTM of H units on 12 inputs.
     */
    @ParameterizedTest(
            name =
                    "{0} with {1} slots on {2} processors, {3} MB, {4} units, {5} shards, batch {6}, rows of {7} KB, maxResultSize {8} MB: {9}")
    @CsvSource({
        // JapaneseVowels: 270 rows of some 16 steps of 12 numbers
        "local, 2, 2, 1024, 64, 8, 64, 200, 1024, local, ms in the driver",
        "local, 1, 2, 1024, 64, 8, 64, 200, 1024, local, ms in the driver",
        "local, 16, 16, 4096, 64, 8, 64, 200, 1024, local, ms in the driver",
        "cluster, 16, 2, 1024, 64, 8, 64, 200, 1024, local, ms in the driver",
        // one shard: one task of Spark, and the driver would only wait
        "local, 1, 1, 1024, 64, 1, 64, 200, 1024, local, ms in the driver",
        "local, 2, 2, 1024, 128, 1, 64, 200, 1024, local, ms in the driver",
        // long updates: Spark's part of them is small
        "local, 2, 2, 4096, 512, 64, 1024, 4000, 1024, spark, ms in tasks of Spark",
        "local, 1, 1, 4096, 1024, 1, 256, 4000, 1024, spark, ms in tasks of Spark",
        // executors have more cores than the driver
        "cluster, 64, 4, 8192, 256, 64, 1024, 4000, 1024, spark, ms in tasks of Spark",
        "cluster, 8, 2, 8192, 256, 64, 1024, 4000, 1024, spark, ms in tasks of Spark",
        // bytes at the limit and above it
        "local, 2, 2, 4096, 64, 8, 64, 65536, 1024, local, ms in the driver",
        "local, 2, 2, 4096, 64, 8, 64, 65537, 1024, spark, the driver collects at most 64",
        "cluster, 2, 2, 4096, 64, 8, 64, 200000, 1024, spark, the driver collects at most 64",
        // what Spark lets come to the driver
        "local, 2, 2, 4096, 64, 8, 64, 5000, 8, spark, the driver collects at most 4",
        "local, 2, 2, 4096, 64, 8, 64, 4000, 8, local, ms in the driver",
        // no room: 256 MB for a network of 8.5 million parameters
        "local, 2, 2, 256, 1400, 1, 1, 200, 1024, spark, of memory",
    })
    void automatic_isLocalWhereThatIsClearlyFasterAndFits(
            String master,
            int slots,
            int processors,
            long heapMb,
            int units,
            int shards,
            int batch,
            long rowKb,
            long resultMb,
            String engine,
            String reason) {
        boolean local = master.equals("local");
        long heap = heapMb << 20;
        ResultLimits limits = new ResultLimits(resultMb << 20, 64 << 20, 8 << 20);
        Cluster session = new Cluster(true, local, slots, 1, processors, local ? 1 : slots, heap, heap, limits);
        NetworkSpec network = new NetworkSpec(new NetworkSpec.Dense(12), "lstm", "tanh", units, new HeadSpec(9, false));
        ShardPlan plan = new ShardPlan(1, shards, 4L * batch, batch);
        Workload work =
                new Workload(network, plan, Unrolling.FULL, 16L * 4 * batch, Math.min(shards, slots), 500, 1, 2);
        EngineChoice choice = EngineChoice.automatic(work, rowKb << 10, session, heap, GIGAFLOPS);
        assertEquals(engine, choice.key(), choice::reason);
        assertTrue(choice.reason().contains(reason), choice::reason);
    }

    /** Rows are there twice while they are collected, those to validate on too; and Spark and others have a part of the heap. */
    @ParameterizedTest(name = "rows of {0} MB, a heap of {1} MB with {2} MB free: {3}")
    @CsvSource({
        "60, 1024, 1024, local",
        "60, 240, 240, local", // some 120 MB and the network of 144 MB, 0.6 of the heap
        "60, 190, 190, spark",
        "60, 1024, 130, local",
        "60, 1024, 110, spark",
        "1, 1024, 20, local",
        "1, 1024, 2, spark",
    })
    void rows_haveRoomTwice(long rowMb, long heapMb, long freeMb, String engine) {
        ResultLimits limits = new ResultLimits(1 << 30, 64 << 20, 8 << 20);
        Cluster session = new Cluster(true, true, 2, 1, 2, 1, heapMb << 20, heapMb << 20, limits);
        NetworkSpec network = new NetworkSpec(new NetworkSpec.Dense(12), "lstm", "tanh", 8, new HeadSpec(9, false));
        Workload work = new Workload(network, new ShardPlan(1, 8, 256, 64), Unrolling.FULL, 4096, 2, 500, 1, 2);
        EngineChoice choice = EngineChoice.automatic(work, rowMb << 20, session, freeMb << 20, GIGAFLOPS);
        assertEquals(engine, choice.key(), choice::reason);
    }

    /** local[1] on a machine of many processors is one thread, by either engine; what else Spark is told of tasks is no bound. */
    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "local; client; ; 8; 1",
                "local[1]; client; ; 8; 1",
                "local[2]; client; ; 8; 2",
                "local[16]; client; ; 8; 8",
                "local[*]; client; ; 8; 8",
                "local[*,4]; client; ; 8; 8",
                "local[3,4]; client; ; 8; 3",
                "local[3, 4]; client; ; 8; 3",
                "local[2]; client; spark.default.parallelism=16; 8; 2",
                "local[2]; client; spark.default.parallelism=1; 8; 2",
                "local[6]; client; spark.task.cpus=4; 8; 6",
                "local[6]; client; spark.driver.cores=1; 8; 6",
                "local-cluster[2,1,1024]; client; ; 8; 8",
                "spark://host:7077; client; spark.driver.cores=2; 8; 8",
                "yarn; cluster; ; 8; 1",
                "yarn; cluster; spark.driver.cores=4; 8; 4",
                "k8s://https://host; cluster; spark.driver.cores=16; 8; 8",
            })
    void driver_hasTheProcessorsThatItMayUse(String master, String mode, String setting, int processors, int threads) {
        SparkConf conf = new SparkConf(false).setMaster(master).set("spark.submit.deployMode", mode);
        if (setting != null) {
            conf.set(setting.split("=")[0], setting.split("=")[1]);
        }
        boolean local = master.startsWith("local[") || master.equals("local"); // as SparkContext.isLocal
        int used = Cluster.driverProcessors(conf, local, processors);
        assertEquals(threads, used);
        ResultLimits limits = new ResultLimits(1 << 30, 64 << 20, 8 << 20);
        Cluster session = new Cluster(true, local, 16, 1, used, 1, 1 << 30, 1 << 30, limits);
        assertEquals(threads, session.oneMachine().tasksAtOnce());
        assertEquals(threads, session.oneMachine().oneMachine().tasksAtOnce());
    }
}
