package dev.unroll.spark.iteration;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.unroll.data.Sequence;
import dev.unroll.data.Shard;
import dev.unroll.nn.Truncation;
import dev.unroll.nn.Unrolling;
import dev.unroll.spark.shards.ShardGroup;
import dev.unroll.testing.SparkTest;
import dev.unroll.testing.TestSpark;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.serializer.KryoSerializer;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Guards promise P2: whatever holds the shards, twenty updates end in the same bits. */
@Tag("slow")
@SparkTest
class IterationBitsTest {

    @ParameterizedTest
    @CsvSource({
        "lstm, false, 16, 8",
        "lstm, true, 16, 8",
        "gru, false, 30, 5",
        "gru, true, 97, 16",
        "elman, true, 7, 8",
        "elman, false, 0, 64"
    })
    void partitionsAndEngine_doNotChangeOneBit(String cell, boolean everyStep, int batchSize, int shards) {
        partitionsAndEngine_doNotChangeOneBit(new SmallRun(cell, everyStep, batchSize, shards, "adam"));
    }

    private static JavaSparkContext context(Map<String, String> settings) {
        return JavaSparkContext.fromSparkContext(TestSpark.session(settings).sparkContext());
    }

    private static void partitionsAndEngine_doNotChangeOneBit(SmallRun run) {
        String local = run.local(1);
        assertEquals(local, run.local(3), "local engine with three threads");
        JavaSparkContext context = context(Map.of());
        for (int partitions : new int[] {1, 2, 3, 7, 70}) {
            assertEquals(local, run.spark(context, partitions), partitions + " partitions");
        }
        for (int partitions : new int[] {1, 3, 70}) {
            assertEquals(
                    local, run.spark(context, partitions, 0, List.of()), partitions + " partitions, tasks that stay");
        }
        for (int partitions : new int[] {1, 3, 70}) {
            assertEquals(local, run.sliced(context, partitions, 100), partitions + " partitions, sliced");
        }
    }

    /** What is drawn is drawn by sequence, wherever that is. */
    @ParameterizedTest
    @CsvSource({"lstm, true, none", "gru, false, fixed:3", "elman, true, randomized:0.5", "mingru, true, none"})
    void stacksWithDropoutAndTruncation_areTheSameToTheBitToo(String cell, boolean everyStep, String truncation) {
        Unrolling unrolling = new Unrolling(0.2, Truncation.parse(truncation));
        partitionsAndEngine_doNotChangeOneBit(new SmallRun(cell, everyStep, 16, 8, "adam", 2, unrolling));
    }

    /** Many evaluations an update, each of which decides how the line search goes on. */
    @ParameterizedTest
    @CsvSource({"lstm, false, 8", "gru, true, 16", "elman, false, 5"})
    void lbfgs_isTheSameToTheBitToo(String cell, boolean everyStep, int shards) {
        partitionsAndEngine_doNotChangeOneBit(new SmallRun(cell, everyStep, 0, shards, "lbfgs"));
    }

    @Test
    void sessionsThatTheTrainerDidNotConfigure_giveTheSameBits() {
        SmallRun run = new SmallRun("lstm", false, 16, 8, "adam");
        String local = run.local(2);
        Map<String, String> java = Map.of("spark.serializer", "org.apache.spark.serializer.JavaSerializer");
        Map<String, String> kryo = Map.of(
                "spark.serializer",
                "org.apache.spark.serializer.KryoSerializer",
                "spark.kryo.registrationRequired",
                "true");
        Map<String, String> tasksOfTwoThreads = Map.of("spark.task.cpus", "2");
        for (Map<String, String> settings : List.of(java, kryo, tasksOfTwoThreads)) {
            JavaSparkContext context = context(settings);
            assertEquals(local, run.spark(context, 3), settings.toString());
            assertEquals(local, run.spark(context, 1, 0, List.of()), settings.toString());
            assertEquals(local, run.sliced(context, 3, 100), settings.toString());
            boolean threads = Thread.getAllStackTraces().keySet().stream()
                    .anyMatch(thread -> thread.getName().equals("unroll-shards"));
            assertEquals(settings == tasksOfTwoThreads, threads, "threads under " + settings);
        }
    }

    /** 64 shards in three runs make 16 + 4 + 1, then 1 + 2 + 8 + 8 + 2, and 2 + 4 + 16. */
    @Test
    void nodesOfARun_areCounted() {
        assertEquals(
                List.of(3, 5, 3),
                List.of(ReduceShape.nodes(0, 21), ReduceShape.nodes(21, 42), ReduceShape.nodes(42, 64)));
        assertEquals(1, ReduceShape.nodes(0, 64));
        assertEquals(0, ReduceShape.nodes(5, 5));
    }

    /** What a partition caches has to survive a disk, and so the session's serializer. */
    @Test
    void shardGroup_canBeWrittenByKryo(JavaSparkContext context) {
        Shard shard = new Shard(0, List.of(Sequence.ofTokens(new int[] {1, 2}, new int[] {0}, 1f)), 5);
        var kryo = new KryoSerializer(context.getConf()).newInstance();
        var tag = scala.reflect.ClassTag$.MODULE$.<ShardGroup>apply(ShardGroup.class);
        ShardGroup read =
                kryo.deserialize(kryo.serialize(new ShardGroup(0, new ArrayList<>(List.of(shard)), true), tag), tag);
        assertEquals(2, read.shards().get(0).steps());
    }
}
