package dev.unroll.spark.iteration;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unroll.data.CanonicalRow;
import dev.unroll.data.Encoding;
import dev.unroll.data.Labels;
import dev.unroll.data.Scaling;
import dev.unroll.data.Sequence;
import dev.unroll.data.Shard;
import dev.unroll.data.ShardPlan;
import dev.unroll.data.Vocabulary;
import dev.unroll.math.CounterRandom;
import dev.unroll.nn.HeadSpec;
import dev.unroll.nn.LearningTask;
import dev.unroll.nn.LossReduction;
import dev.unroll.nn.LossSpec;
import dev.unroll.nn.NetworkSpec;
import dev.unroll.nn.Unrolling;
import dev.unroll.optim.Optimizer;
import dev.unroll.optim.OptimizerSpec;
import dev.unroll.param.Initializer;
import dev.unroll.param.ParameterHash;
import dev.unroll.spark.shards.RowDecoder;
import dev.unroll.spark.shards.ShardLayout;
import dev.unroll.spark.shards.ShardedRows;
import dev.unroll.train.IterationListener;
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
import scala.Tuple2;

/** Twenty updates of one network on random ragged sequences. */
record SmallRun(
        String cell, boolean everyStep, int batchSize, int shards, String optimizer, int layers, Unrolling unrolling) {

    /** One layer, read forward. */
    SmallRun(String cell, boolean everyStep, int batchSize, int shards, String optimizer) {
        this(cell, everyStep, batchSize, shards, optimizer, 1, Unrolling.FULL);
    }

    static final int ITERATIONS = 20;
    private static final long SEED = 7;
    private static final int SEQUENCES = 97;
    private static final List<String> LABELS = List.of("a", "b", "c");

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
                new HeadSpec(LABELS.size(), everyStep));
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
            List<Sequence> sequences = new ArrayList<>();
            for (Tuple2<Long, byte[]> row : rows()) {
                if (row._1() % shards == u) {
                    sequences.add(new CanonicalRow(row._2()).decode(new Encoding(vocabulary(), Labels.ofText(LABELS))));
                }
            }
            all.add(new Shard(u, sequences, vocabulary().size()));
        }
        return train(new LocalObjective(problem(), plan(), all, List.of(), threads));
    }

    String spark(JavaSparkContext context, int partitions) {
        return spark(context, partitions, 1, List.of());
    }

    /** By jobs of that many updates; 0 for as long as one may last. */
    String spark(
            JavaSparkContext context, int partitions, int updatesPerJob, List<? extends IterationListener> listeners) {
        JavaPairRDD<Long, byte[]> rows = context.parallelizePairs(rows(), 5);
        ShardedRows dealt = ShardedRows.deal(rows, n -> n, ShardLayout.whole(shards, partitions), decoder());
        return train(new SparkObjective(context, problem(), plan(), dealt, Optional.empty(), updatesPerJob), listeners);
    }

    /** The same by two stages, the second of which merges slices of about that many elements. */
    String sliced(JavaSparkContext context, int partitions, int elements) {
        JavaPairRDD<Long, byte[]> rows = context.parallelizePairs(rows(), 5);
        ShardedRows dealt = ShardedRows.deal(rows, n -> n, ShardLayout.whole(shards, partitions), decoder());
        GradientSlices slices = GradientSlices.of(spec(), elements);
        assertTrue(slices.count() > 3);
        return train(new SparkObjective(context, problem(), plan(), dealt, Optional.empty(), 0, slices, null));
    }

    private String train(Objective objective) {
        return train(objective, List.of());
    }

    private String train(Objective objective, List<? extends IterationListener> listeners) {
        float[] theta = Initializer.initialize(spec().layout(), SEED);
        OptimizerSpec chosen = optimizer.equals("lbfgs")
                ? new OptimizerSpec(optimizer, 1, "constant", 0, 0.001)
                : new OptimizerSpec(optimizer, 0.01, "constant", 1, 0);
        Optimizer updates = chosen.create(theta.length, ITERATIONS);
        try (objective) {
            new Trainer(objective, plan(), updates, new Trainer.Limits(ITERATIONS, 0, 0, 0, 0), List.copyOf(listeners))
                    .run(theta);
        }
        return ParameterHash.of(theta);
    }
}
