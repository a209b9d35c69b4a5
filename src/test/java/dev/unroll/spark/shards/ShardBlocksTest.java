package dev.unroll.spark.shards;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unroll.data.CanonicalRow;
import dev.unroll.data.Labels;
import dev.unroll.data.Scaling;
import dev.unroll.data.Sequence;
import dev.unroll.data.Shard;
import dev.unroll.data.ShardPlan;
import dev.unroll.data.Vocabulary;
import dev.unroll.nn.HeadSpec;
import dev.unroll.nn.LearningTask;
import dev.unroll.nn.LossReduction;
import dev.unroll.nn.LossSpec;
import dev.unroll.nn.NetworkSpec;
import dev.unroll.param.Initializer;
import dev.unroll.param.ParameterHash;
import dev.unroll.spark.iteration.SparkObjective;
import dev.unroll.testing.SparkTest;
import dev.unroll.train.LocalObjective;
import dev.unroll.train.Objective;
import dev.unroll.worker.EvaluationRequest;
import dev.unroll.worker.Problem;
import dev.unroll.worker.ShardWorkers;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.apache.spark.SparkEnv;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.storage.RDDBlockId;
import org.junit.jupiter.api.Test;
import scala.Tuple2;
import scala.jdk.javaapi.CollectionConverters;

/** Shards cut into blocks, which an update loads one by one, against shards as a whole on one machine. */
@SparkTest
class ShardBlocksTest {

    private static final long SEED = 6;
    private static final int SEQUENCES = 20_011;
    private static final int SHARDS = 2; // of three pieces each, the last shorter

    private static final List<String> LABELS = List.of("a", "b", "c");
    private static final Vocabulary VOCABULARY = Vocabulary.of(Map.of("a", 3L, "b", 2L, "c", 1L));
    private static final NetworkSpec SPEC =
            new NetworkSpec(new NetworkSpec.Tokens(VOCABULARY.size(), 2), "lstm", "tanh", 3, new HeadSpec(3, false));
    private static final Problem PROBLEM =
            Problem.of(SPEC, LearningTask.CLASSIFICATION, new LossSpec(LossReduction.STEP), Scaling.NONE);
    private static final RowDecoder DECODER =
            new RowDecoder(LearningTask.CLASSIFICATION, VOCABULARY, Labels.ofText(LABELS), Scaling.NONE);

    private final JavaSparkContext context;
    private final float[] theta = Initializer.initialize(SPEC.layout(), SEED);
    private final List<Tuple2<Long, byte[]>> rows = rows();
    private final List<Shard> whole = whole();

    ShardBlocksTest(JavaSparkContext context) {
        this.context = context;
    }

    private static List<Tuple2<Long, byte[]>> rows() {
        Random random = new Random(SEED);
        List<Tuple2<Long, byte[]>> rows = new ArrayList<>();
        for (long n = 0; n < SEQUENCES; n++) {
            List<String> tokens = new ArrayList<>();
            for (int t = random.nextInt(4); t >= 0; t--) {
                tokens.add(LABELS.get(random.nextInt(3)));
            }
            Object label = LABELS.get(random.nextInt(3));
            rows.add(new Tuple2<>(
                    n, CanonicalRow.ofTokens(tokens, List.of(label), 1f).bytes()));
        }
        return rows;
    }

    private List<Shard> whole() {
        List<List<Sequence>> sequences = List.of(new ArrayList<>(), new ArrayList<>());
        for (Tuple2<Long, byte[]> row : rows) {
            sequences.get((int) (row._1() % SHARDS)).add(DECODER.decode(new CanonicalRow(row._2())));
        }
        return List.of(new Shard(0, sequences.get(0), DECODER.ids()), new Shard(1, sequences.get(1), DECODER.ids()));
    }

    private ShardedRows blocks(int pieces) {
        ShardLayout layout = ShardLayout.ofBlocks(SHARDS, SEQUENCES, pieces);
        assertFalse(layout.isWhole());
        return ShardedRows.deal(context.parallelizePairs(rows, 3), n -> n, layout, DECODER);
    }

    @Test
    void blocks_haveTheBitsOfWholeShards() {
        for (int pieces : new int[] {1, 2}) {
            ShardedRows blocks = blocks(pieces);
            for (int batchSize : new int[] {64, 1000, 0}) {
                ShardPlan plan = new ShardPlan(SEED, SHARDS, SEQUENCES, batchSize);
                try (LocalObjective local = new LocalObjective(PROBLEM, plan, whole, List.of(), 2)) {
                    SparkObjective spark = new SparkObjective(context, PROBLEM, plan, blocks, Optional.empty());
                    // Straddling pieces, and over the end of an epoch.
                    for (long k : new long[] {0, 5, 8, 10, 20, 21, plan.batchesPerEpoch() - 1}) {
                        EvaluationRequest pass = EvaluationRequest.of(plan.batch(k));
                        assertEquals(
                                hash(local.evaluate(theta, pass)),
                                hash(spark.evaluate(theta, pass)),
                                pieces + " pieces, batches of " + batchSize + ", update " + k);
                    }
                }
            }
            blocks.close();
        }
    }

    private static String hash(Objective.Evaluation evaluation) {
        return ParameterHash.of(evaluation.sum().gradient()) + " loss "
                + evaluation.sum().loss().meanLoss();
    }

    @Test
    void evaluationLongestAndCollect_areThoseOfWholeShards() {
        ShardedRows blocks = blocks(1);
        try (LocalObjective local =
                new LocalObjective(PROBLEM, new ShardPlan(SEED, SHARDS, SEQUENCES, 0), whole, whole, 2)) {
            assertEquals(
                    local.validate(theta).orElseThrow(),
                    SparkObjective.evaluate(context, PROBLEM, blocks, theta).metrics(PROBLEM));
        }
        assertEquals(new LocalShards(whole).longest(64), blocks.longest(64));
        List<Shard> collected = blocks.collect();
        assertEquals(2, collected.size());
        for (int u = 0; u < 2; u++) {
            assertEquals(whole.get(u).size(), collected.get(u).size());
            for (int i = 0; i < whole.get(u).size(); i += 97) {
                assertArrayEquals(
                        whole.get(u).sequence(i).tokens(),
                        collected.get(u).sequence(i).tokens());
            }
        }
        blocks.close();
    }

    /** Several threads take what has come together; a shard in several parts is one thread's. */
    @Test
    void severalThreads_haveTheBitsOfOne() {
        ShardLayout layout = ShardLayout.ofBlocks(SHARDS, SEQUENCES, 1);
        ShardDealer dealer = new ShardDealer(n -> n, layout);
        List<ShardGroup> groups = new ArrayList<>();
        for (int p = 0; p < layout.partitions(); p++) {
            int partition = p;
            var dealt = rows.stream()
                    .filter(row -> dealer.getPartition(row._1()) == partition)
                    .iterator();
            groups.add(new ShardGroup(p, dealer.shards(p, dealt, DECODER), layout.isLast(p)));
        }
        ShardPlan plan = new ShardPlan(SEED, SHARDS, SEQUENCES, 0);
        EvaluationRequest pass = EvaluationRequest.of(plan.batch(0));
        List<String> hashes = new ArrayList<>();
        for (int threads : new int[] {1, 3}) {
            ShardWorkers workers = new ShardWorkers(SPEC, threads);
            var visited = layout.visited(plan, pass.batch()).stream()
                    .flatMapToInt(Arrays::stream)
                    .mapToObj(groups::get)
                    .iterator();
            hashes.add(ParameterHash.of(workers.gradient(
                            theta, new BatchChunks(visited, plan, pass.batch(), shard -> true), plan, pass, PROBLEM)
                    .root()
                    .gradient()));
            workers.close();
        }
        assertEquals(hashes.get(0), hashes.get(1));
    }

    /** Updates that take no sequence of some shards, as where the batch is smaller than the number of shards. */
    @Test
    void shardsWithoutSequences_areVisitedByNobody() {
        int shards = 8;
        ShardLayout layout = ShardLayout.ofBlocks(shards, SEQUENCES, 1);
        ShardedRows blocks = ShardedRows.deal(context.parallelizePairs(rows, 3), n -> n, layout, DECODER);
        List<Shard> eight = new ArrayList<>();
        for (int u = 0; u < shards; u++) {
            int shard = u;
            eight.add(new Shard(
                    u,
                    rows.stream()
                            .filter(row -> row._1() % shards == shard)
                            .map(row -> DECODER.decode(new CanonicalRow(row._2())))
                            .toList(),
                    DECODER.ids()));
        }
        for (ShardPlan plan :
                List.of(new ShardPlan(SEED, shards, SEQUENCES, 3), new ShardPlan(SEED, shards, SEQUENCES, 3, true))) {
            try (LocalObjective local = new LocalObjective(PROBLEM, plan, eight, List.of(), 1)) {
                SparkObjective spark = new SparkObjective(context, PROBLEM, plan, blocks, Optional.empty());
                for (long k : new long[] {0, 1, 2, 4097, plan.batchesPerEpoch() - 1}) {
                    EvaluationRequest pass = EvaluationRequest.of(plan.batch(k));
                    assertEquals(hash(local.evaluate(theta, pass)), hash(spark.evaluate(theta, pass)), plan + ", " + k);
                }
            }
        }
        blocks.close();
    }

    @Test
    void anUpdate_visitsOnlyTheBlocksOfItsSequences() {
        ShardLayout layout = ShardLayout.ofBlocks(SHARDS, SEQUENCES, 1);
        ShardPlan plan = new ShardPlan(SEED, SHARDS, SEQUENCES, 64);
        for (long k = 0; k < plan.batchesPerEpoch(); k++) {
            List<int[]> visited = layout.visited(plan, plan.batch(k));
            for (int u = 0; u < SHARDS; u++) {
                int[] blocks = visited.get(u);
                assertTrue(blocks.length == 1 || blocks.length == 2, "update " + k);
                int shard = u;
                int[] expected = Arrays.stream(plan.places(plan.batch(k), u))
                        .map(place -> shard * layout.blocks() + place / layout.blockPlaces())
                        .distinct()
                        .toArray();
                assertArrayEquals(expected, blocks, "update " + k);
            }
        }
    }

    @Test
    void blocksOfTheLatestBatch_areKeptInMemory_andNoOthers() {
        ShardedRows blocks = blocks(1);
        blocks.materialize();
        ShardPlan plan = new ShardPlan(SEED, SHARDS, SEQUENCES, 64);
        CurrentBlocks current = new CurrentBlocks(blocks);
        for (long k : new long[] {0, 1, 64, plan.batchesPerEpoch() - 1}) {
            current.tasks(plan, plan.batch(k), 2, executor -> 1).partitions().count();
            List<Integer> visited = blocks.layout().visited(plan, plan.batch(k)).stream()
                    .flatMapToInt(Arrays::stream)
                    .sorted()
                    .boxed()
                    .toList();
            assertEquals(visited, kept(current.rdd()), "update " + k);
        }
        ShardPlan whole = new ShardPlan(SEED, SHARDS, SEQUENCES, 0);
        current.tasks(whole, whole.batch(0), 2, executor -> 1).partitions().count();
        assertEquals(List.of(), kept(current.rdd()), "too many to keep");
        current.tasks(plan, plan.batch(0), 2, executor -> 1).partitions().count();
        current.close();
        assertEquals(List.of(), kept(current.rdd()), "after close");
        blocks.close();
    }

    /** Partitions of an RDD that are cached; one that was removed may stay for a moment. */
    private List<Integer> kept(int rdd) {
        long end = System.nanoTime() + 5_000_000_000L;
        List<Integer> before = null;
        while (true) {
            List<Integer> kept = new ArrayList<>();
            for (var executor : SparkEnv.get().blockManager().master().getStorageStatus()) {
                CollectionConverters.asJava(executor.rddBlocks()).keySet().stream()
                        .map(id -> (RDDBlockId) id)
                        .filter(id -> id.rddId() == rdd)
                        .map(RDDBlockId::splitIndex)
                        .sorted()
                        .forEach(kept::add);
            }
            if (kept.equals(before) || System.nanoTime() > end) {
                return kept;
            }
            before = kept;
            sleep();
        }
    }

    private static void sleep() {
        try {
            Thread.sleep(200);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void shardsAreCut_whereTheyMayNotFitIntoMemory() {
        assertTrue(ShardLayout.of(64, 2, 1_000_000, 60L << 20).isWhole());
        ShardLayout cut = ShardLayout.of(64, 2, 40_000_000, 4L << 30);
        assertFalse(cut.isWhole());
        assertTrue(cut.partitions() > 1000 && cut.partitions() <= 4096, cut.toString());
        assertEquals(0, cut.blockPlaces() % ShardPlan.PIECE);
        assertEquals(
                new ShardLayout(4, 4, 1, ShardPlan.PIECE),
                ShardLayout.of(4, 2, 4 * ShardPlan.PIECE, 4L << 30),
                "a piece cannot be cut, so a shard is a block");
        assertTrue(ShardLayout.of(64, 2, 1_000_000_000, 1L << 40).partitions() < 10_000);
    }

    @Test
    void withoutShards_nothingIsUnknown() {
        ShardedRows none = new ShardedRows(context.emptyRDD(), ShardLayout.whole(1, 1));
        assertEquals(0, none.unknownTokens());
        assertArrayEquals(new long[3], none.unknownCategories(2, 1));
    }
}
