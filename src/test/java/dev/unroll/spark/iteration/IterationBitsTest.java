package dev.unroll.spark.iteration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unroll.data.CanonicalRow;
import dev.unroll.data.Labels;
import dev.unroll.data.Scaling;
import dev.unroll.data.Sequence;
import dev.unroll.data.Shard;
import dev.unroll.data.ShardPlan;
import dev.unroll.data.Vocabulary;
import dev.unroll.math.CounterRandom;
import dev.unroll.nn.LearningTask;
import dev.unroll.nn.LossReduction;
import dev.unroll.nn.LossSpec;
import dev.unroll.nn.NetworkSpec;
import dev.unroll.nn.Truncation;
import dev.unroll.nn.Unrolling;
import dev.unroll.optim.Optimizer;
import dev.unroll.optim.OptimizerSpec;
import dev.unroll.param.Initializer;
import dev.unroll.param.ParameterHash;
import dev.unroll.spark.shards.RowDecoder;
import dev.unroll.spark.shards.ShardGroup;
import dev.unroll.spark.shards.ShardLayout;
import dev.unroll.spark.shards.ShardedRows;
import dev.unroll.testing.SparkTest;
import dev.unroll.testing.TestSpark;
import dev.unroll.train.LocalObjective;
import dev.unroll.train.Objective;
import dev.unroll.train.Trainer;
import dev.unroll.worker.GradientSlices;
import dev.unroll.worker.Problem;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.spark.api.java.JavaPairRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.serializer.KryoSerializer;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import scala.Tuple2;

/** Guards promise P2: whatever holds the shards, twenty updates end in the same bits. */
@Tag("slow")
@SparkTest
class IterationBitsTest {

    private static final long SEED = 7;
    private static final int SEQUENCES = 97;
    private static final List<String> LABELS = List.of("a", "b", "c");

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
        partitionsAndEngine_doNotChangeOneBit(new Run(cell, everyStep, batchSize, shards, "adam"));
    }

    private static JavaSparkContext context(Map<String, String> settings) {
        return JavaSparkContext.fromSparkContext(TestSpark.session(settings).sparkContext());
    }

    private static void partitionsAndEngine_doNotChangeOneBit(Run run) {
        String local = run.local(1);
        assertEquals(local, run.local(3), "local engine with three threads");
        JavaSparkContext context = context(Map.of());
        for (int partitions : new int[] {1, 2, 3, 7, 70}) {
            assertEquals(local, run.spark(context, partitions), partitions + " partitions");
        }
        for (int partitions : new int[] {1, 3, 70}) {
            assertEquals(local, run.sliced(context, partitions, 100), partitions + " partitions, sliced");
        }
    }

    /** What is drawn is drawn by sequence, wherever that is. */
    @ParameterizedTest
    @CsvSource({"lstm, true, none", "gru, false, fixed:3", "elman, true, randomized:0.5"})
    void stacksWithDropoutAndTruncation_areTheSameToTheBitToo(String cell, boolean everyStep, String truncation) {
        Unrolling unrolling = new Unrolling(0.2, Truncation.parse(truncation));
        partitionsAndEngine_doNotChangeOneBit(new Run(cell, everyStep, 16, 8, "adam", 2, unrolling));
    }

    /** Many evaluations an update, each of which decides how the line search goes on. */
    @ParameterizedTest
    @CsvSource({"lstm, false, 8", "gru, true, 16", "elman, false, 5"})
    void lbfgs_isTheSameToTheBitToo(String cell, boolean everyStep, int shards) {
        partitionsAndEngine_doNotChangeOneBit(new Run(cell, everyStep, 0, shards, "lbfgs"));
    }

    @Test
    void sessionsThatTheTrainerDidNotConfigure_giveTheSameBits() {
        Run run = new Run("lstm", false, 16, 8, "adam");
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

    /** Twenty updates of one network on random ragged sequences. */
    private record Run(
            String cell,
            boolean everyStep,
            int batchSize,
            int shards,
            String optimizer,
            int layers,
            Unrolling unrolling) {

        /** One layer, read forward. */
        Run(String cell, boolean everyStep, int batchSize, int shards, String optimizer) {
            this(cell, everyStep, batchSize, shards, optimizer, 1, Unrolling.FULL);
        }

        private static final int ITERATIONS = 20;

        List<Tuple2<Long, byte[]>> rows() {
            List<Tuple2<Long, byte[]>> rows = new ArrayList<>();
            for (long n = 0; n < SEQUENCES; n++) {
                CounterRandom random = new CounterRandom(SEED, n);
                int length = 1 + random.below(9, 0);
                List<String> tokens = new ArrayList<>();
                List<String> labels = new ArrayList<>();
                for (int t = 0; t < length; t++) {
                    tokens.add(Character.toString('A' + random.below(5, 10 + t)));
                    labels.add(LABELS.get(random.below(LABELS.size(), 100 + t)));
                }
                rows.add(new Tuple2<>(
                        n,
                        CanonicalRow.ofTokens(tokens, everyStep ? labels : labels.subList(0, 1), 1f)
                                .bytes()));
            }
            return rows;
        }

        Vocabulary vocabulary() {
            Map<String, Long> counts = new HashMap<>();
            rows().forEach(row -> new CanonicalRow(row._2()).forEachToken(token -> counts.merge(token, 1L, Long::sum)));
            return Vocabulary.of(counts);
        }

        NetworkSpec spec() {
            return new NetworkSpec(
                    new NetworkSpec.Tokens(vocabulary().size(), 4),
                    cell,
                    "tanh",
                    20,
                    layers,
                    layers > 1, // then in both directions
                    new NetworkSpec.HeadSpec(LABELS.size(), everyStep));
        }

        LearningTask task() {
            return everyStep ? LearningTask.TAGGING : LearningTask.CLASSIFICATION;
        }

        Problem problem() {
            return Problem.of(spec(), task(), new LossSpec(LossReduction.STEP), unrolling, Scaling.NONE);
        }

        RowDecoder decoder() {
            return new RowDecoder(task(), vocabulary(), Labels.ofText(LABELS), Scaling.NONE);
        }

        ShardPlan plan() {
            return new ShardPlan(SEED, shards, SEQUENCES, batchSize);
        }

        String local(int threads) {
            List<Shard> all = new ArrayList<>();
            for (int u = 0; u < shards; u++) {
                List<dev.unroll.data.Sequence> sequences = new ArrayList<>();
                for (Tuple2<Long, byte[]> row : rows()) {
                    if (row._1() % shards == u) {
                        sequences.add(new CanonicalRow(row._2()).decode(vocabulary(), Labels.ofText(LABELS)));
                    }
                }
                all.add(new Shard(u, sequences, vocabulary().size()));
            }
            return train(new LocalObjective(problem(), plan(), all, List.of(), threads));
        }

        String spark(JavaSparkContext context, int partitions) {
            JavaPairRDD<Long, byte[]> rows = context.parallelizePairs(rows(), 5);
            ShardedRows dealt = ShardedRows.deal(rows, n -> n, ShardLayout.whole(shards, partitions), decoder());
            return train(new SparkObjective(context, problem(), plan(), dealt, Optional.empty()));
        }

        /** The same by two stages, the second of which merges slices of about that many elements. */
        String sliced(JavaSparkContext context, int partitions, int elements) {
            JavaPairRDD<Long, byte[]> rows = context.parallelizePairs(rows(), 5);
            ShardedRows dealt = ShardedRows.deal(rows, n -> n, ShardLayout.whole(shards, partitions), decoder());
            GradientSlices slices = GradientSlices.of(spec(), elements);
            assertTrue(slices.count() > 3);
            return train(new SparkObjective(context, problem(), plan(), dealt, Optional.empty(), slices));
        }

        private String train(Objective objective) {
            float[] theta = Initializer.initialize(spec().layout(), SEED);
            OptimizerSpec chosen = optimizer.equals("lbfgs")
                    ? new OptimizerSpec(optimizer, 1, "constant", 0, 0.001)
                    : new OptimizerSpec(optimizer, 0.01, "constant", 1, 0);
            Optimizer updates = chosen.create(theta.length, ITERATIONS);
            try (objective) {
                new Trainer(objective, plan(), updates, new Trainer.Limits(ITERATIONS, 0, 0, 0, 0), List.of())
                        .run(theta);
            }
            return ParameterHash.of(theta);
        }
    }
}
