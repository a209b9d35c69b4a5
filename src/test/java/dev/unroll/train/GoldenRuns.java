package dev.unroll.train;

import dev.unroll.data.Sequence;
import dev.unroll.data.Shard;
import dev.unroll.data.ShardPlan;
import dev.unroll.math.CounterRandom;
import dev.unroll.math.Gemm;
import dev.unroll.nn.NetworkSpec;
import dev.unroll.optim.Optimizer;
import dev.unroll.optim.OptimizerSpec;
import dev.unroll.param.Initializer;
import dev.unroll.param.ParameterHash;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Twelve small trainings whose parameter hashes are kept in {@code golden/}: each cell, head and kind of input, twenty updates. It
 * needs no test framework, so that any JVM can run it:
 *
 * <pre>java [-XX:MaxVectorSize=16] [--add-modules=jdk.incubator.vector] -cp target/classes:target/test-classes dev.unroll.train.GoldenRuns</pre>
 */
final class GoldenRuns {

    private static final long SEED = 1;
    static final int UPDATES = 20;

    // Three shards make a lopsided tree. 210 of 230 sequences fill more than one packed batch of a shard; the second
    // batch of an
    // epoch is short. 19 units and 7 classes leave columns over at every register width.
    private static final int SEQUENCES = 230;
    static final int SHARDS = 3;
    private static final int BATCH = 210;
    private static final int LONGEST = 9;
    private static final int HIDDEN = 19;
    private static final int CLASSES = 7;
    private static final int VOCABULARY = 11;
    private static final int WIDTH = 5;

    private GoldenRuns() {}

    /** Prints which products run, then the hashes. */
    public static void main(String[] arguments) {
        System.out.println(Gemm.implementation());
        hashes().forEach((name, hash) -> System.out.println(name + " " + hash));
    }

    /** One training: a network and its data. */
    record Job(NetworkSpec spec, List<Sequence> sequences) {

        ShardPlan plan() {
            return new ShardPlan(SEED, SHARDS, SEQUENCES, BATCH);
        }

        /** The sequences of shard u, by place. */
        List<Sequence> shard(int u) {
            List<Sequence> shard = new ArrayList<>();
            for (int n = u; n < SEQUENCES; n += SHARDS) {
                shard.add(sequences.get(n));
            }
            return shard;
        }

        float[] initialParameters() {
            return Initializer.initialize(spec.layout(), SEED);
        }

        Optimizer newOptimizer() {
            return Optimizer.of(
                    new OptimizerSpec("adam", 0.01, "constant", 1, 0),
                    spec.layout().size(),
                    UPDATES);
        }

        private String train() {
            List<Shard> shards = new ArrayList<>();
            for (int u = 0; u < SHARDS; u++) {
                shards.add(new Shard(u, shard(u), VOCABULARY));
            }
            float[] theta = initialParameters();
            try (Objective objective =
                    new LocalObjective(EvaluationSumTest.problem(spec), plan(), shards, List.of(), 1)) {
                new Trainer(objective, plan(), newOptimizer(), new Trainer.Limits(UPDATES, 0, 0, 0, 0), List.of())
                        .run(theta);
            }
            return ParameterHash.of(theta);
        }
    }

    /** All trainings by "cell head input". */
    static Map<String, Job> jobs() {
        Map<String, Job> jobs = new LinkedHashMap<>();
        for (String cell : List.of("elman", "lstm", "gru")) {
            for (boolean everyStep : new boolean[] {false, true}) {
                for (boolean dense : new boolean[] {false, true}) {
                    NetworkSpec spec = new NetworkSpec(
                            dense ? new NetworkSpec.Dense(WIDTH) : new NetworkSpec.Tokens(VOCABULARY, WIDTH),
                            cell,
                            "tanh",
                            HIDDEN,
                            new NetworkSpec.HeadSpec(CLASSES, everyStep));
                    List<Sequence> sequences = new ArrayList<>();
                    for (int n = 0; n < SEQUENCES; n++) {
                        sequences.add(sequence(n, everyStep, dense));
                    }
                    String name = cell + (everyStep ? " every" : " last") + (dense ? " dense" : " embedding");
                    jobs.put(name, new Job(spec, sequences));
                }
            }
        }
        return jobs;
    }

    /** Hash of the trained parameters by "cell head input". */
    static Map<String, String> hashes() {
        Map<String, String> hashes = new LinkedHashMap<>();
        jobs().forEach((name, job) -> hashes.put(name, job.train()));
        return hashes;
    }

    /** Sequence number n; length, tokens, numbers and labels are each a stream of their own. */
    private static Sequence sequence(int n, boolean everyStep, boolean dense) {
        int length = 1 + new CounterRandom(SEED, 100, n).below(LONGEST, 0);
        int[] labels = draw(new CounterRandom(SEED, 101, n), everyStep ? length : 1, CLASSES);
        if (!dense) {
            return Sequence.ofTokens(draw(new CounterRandom(SEED, 102, n), length, VOCABULARY), labels, 1f);
        }
        CounterRandom random = new CounterRandom(SEED, 103, n);
        float[] values = new float[length * WIDTH];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) random.normal(i);
        }
        return Sequence.ofValues(values, WIDTH, labels, 1f);
    }

    private static int[] draw(CounterRandom random, int count, int bound) {
        int[] numbers = new int[count];
        for (int i = 0; i < count; i++) {
            numbers[i] = random.below(bound, i);
        }
        return numbers;
    }
}
