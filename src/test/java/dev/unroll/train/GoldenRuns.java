package dev.unroll.train;

import dev.unroll.data.CanonicalRow;
import dev.unroll.data.Encoding;
import dev.unroll.data.RowOutcome;
import dev.unroll.data.Scaling;
import dev.unroll.data.Sequence;
import dev.unroll.data.SeriesScales;
import dev.unroll.data.SeriesSum;
import dev.unroll.data.Shard;
import dev.unroll.data.ShardPlan;
import dev.unroll.data.Standardization;
import dev.unroll.math.CounterRandom;
import dev.unroll.math.Lanes;
import dev.unroll.nn.BinaryLoss;
import dev.unroll.nn.HeadSpec;
import dev.unroll.nn.Heads;
import dev.unroll.nn.Likelihood.Gaussian;
import dev.unroll.nn.Likelihood.NegativeBinomial;
import dev.unroll.nn.Likelihood.Poisson;
import dev.unroll.nn.Likelihood.StudentT;
import dev.unroll.nn.Loss;
import dev.unroll.nn.Loss.AbsoluteError;
import dev.unroll.nn.Loss.Crf;
import dev.unroll.nn.Loss.CrossEntropy;
import dev.unroll.nn.Loss.Huber;
import dev.unroll.nn.Loss.SquaredError;
import dev.unroll.nn.LossReduction;
import dev.unroll.nn.LossSpec;
import dev.unroll.nn.Losses;
import dev.unroll.nn.MultiLabelLoss;
import dev.unroll.nn.NetworkSpec;
import dev.unroll.nn.NetworkSpec.Category;
import dev.unroll.nn.Pooling;
import dev.unroll.nn.RandomSequence;
import dev.unroll.optim.Optimizer;
import dev.unroll.optim.OptimizerSpec;
import dev.unroll.param.Initializer;
import dev.unroll.param.ParameterHash;
import dev.unroll.worker.EvaluationSumTest;
import dev.unroll.worker.Problem;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Small trainings whose parameter hashes are kept in {@code golden/}, twenty updates each: every cell with a softmax over both
 * kinds of input and squared error over dense ones, of the last state and of every step. It needs no test framework, so that any JVM
 * can run it:
 *
 * <pre>java [-XX:MaxVectorSize=16] [--add-modules=jdk.incubator.vector] -cp target/classes:target/test-classes dev.unroll.train.GoldenRuns</pre>
 */
final class GoldenRuns {

    private static final long SEED = 1;
    static final int UPDATES = 20;

    // Three shards make a lopsided tree. 210 of 230 sequences fill more than one packed batch of a shard; the second
    // batch of an epoch is short. 19 units and 7 outputs leave columns over at every register width.
    private static final int SEQUENCES = 230;
    static final int SHARDS = 3;
    private static final int BATCH = 210;
    private static final int LONGEST = 9;
    private static final int HIDDEN = 19;
    private static final int PROJECTED = 11;
    private static final int OUTPUTS = 7;
    private static final int VOCABULARY = 11;
    private static final int WIDTH = 5;
    private static final List<Category> STATICS = List.of(new Category("c", 9, 4));

    private GoldenRuns() {}

    /** Prints which products run, then the hashes. */
    public static void main(String[] arguments) {
        System.out.println(Lanes.description());
        hashes().forEach((name, hash) -> System.out.println(name + " " + hash));
    }

    /**
     * One training: a network and its data.
     *
     * @param streams whether sequences are windows whose states are carried on
     */
    record Job(
            NetworkSpec spec,
            List<Sequence> sequences,
            boolean streams,
            OptimizerSpec optimizer,
            double labelSmoothing) {

        Job(NetworkSpec spec, List<Sequence> sequences, boolean streams) {
            this(spec, sequences, streams, new OptimizerSpec("adam", 0.01, "constant", 1, 0), 0);
        }

        Job by(OptimizerSpec other) {
            return new Job(spec, sequences, streams, other, labelSmoothing);
        }

        Job smoothed(double share) {
            return new Job(spec, sequences, streams, optimizer, share);
        }

        ShardPlan plan() {
            return new ShardPlan(SEED, SHARDS, SEQUENCES, BATCH, streams);
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
            return optimizer.create(spec.layout().size(), UPDATES);
        }

        private String train() {
            List<Shard> shards = new ArrayList<>();
            for (int u = 0; u < SHARDS; u++) {
                shards.add(new Shard(u, shard(u), VOCABULARY));
            }
            float[] theta = initialParameters();
            LossSpec loss = new LossSpec(LossReduction.STEP).withLabelSmoothing(labelSmoothing);
            Problem problem = EvaluationSumTest.problem(spec, loss);
            try (Objective objective = new LocalObjective(problem, plan(), shards, List.of(), 1)) {
                new Trainer(objective, plan(), newOptimizer(), new Trainer.Limits(UPDATES, 0, 0, 0, 0), List.of())
                        .run(theta);
            }
            return ParameterHash.of(theta);
        }
    }

    /** All trainings by "cell head input", and the loss where it is not cross-entropy. */
    static Map<String, Job> jobs() {
        Map<String, Job> jobs = new LinkedHashMap<>();
        for (String cell : List.of("elman", "lstm", "gru")) {
            addCell(cell, jobs);
        }
        jobs.put("lstm last embedding 2-layers-both-directions", stack("lstm", "last"));
        jobs.put("gru every embedding 2-layers-both-directions", stack("gru", "every"));
        jobs.put("lstm every embedding 2-layers carried-state", carried());
        addCell("mingru", jobs);
        jobs.put("mingru every embedding 2-layers-both-directions", stack("mingru", "every"));
        jobs.put("lstm every dense masked-targets", masked());
        jobs.put("lstm last mixed", mixed("lstm", 1, false, false));
        jobs.put("gru every mixed 2-layers-both-directions", mixed("gru", 2, true, false));
        jobs.put("elman last mixed missing-numbers", mixed("elman", 1, false, true));
        jobs.put("lstm every mixed statics 2-layers-both-directions", mixed("lstm", 2, true, true, STATICS));
        jobs.put("gru last mixed statics", mixed("gru", 1, false, false, STATICS));
        jobs.put("gru every dense absolute", job("gru", "every", true, new AbsoluteError()));
        jobs.put("lstm last dense huber", job("lstm", "last", true, new Huber()));
        Job gru = job("gru", "last", false, new CrossEntropy());
        for (String optimizer : List.of("rmsprop", "adagrad", "nadam", "amsgrad")) {
            jobs.put("gru last embedding " + optimizer, gru.by(new OptimizerSpec(optimizer, 0.01, "constant", 1, 0)));
        }
        jobs.put("gru last embedding average", gru.by(new OptimizerSpec("adam", 0.01, "constant", 1, 0, 0.9)));
        jobs.put("gru every dense quantile", job("gru", "every", true, Losses.quantiles()));
        jobs.put("lstm every embedding crf", job("lstm", "every", false, new Crf()));
        for (Pooling pooling : List.of(Pooling.MEAN, Pooling.MAX, Pooling.ATTENTION)) {
            NetworkSpec stack = stack("lstm", "last").spec();
            jobs.put("lstm " + pooling.key() + " embedding 2-layers-both-directions", job(pooled(stack, pooling)));
        }
        jobs.put("gru every dense poisson", job("gru", "every", true, new Poisson()));
        jobs.put("lstm last dense negative-binomial", job("lstm", "last", true, new NegativeBinomial()));
        jobs.put("lstm last dense scaled-by-key", byKey());
        jobs.put("lstm every dense gaussian", job("lstm", "every", true, new Gaussian()));
        jobs.put("gru last dense student-t", job("gru", "last", true, new StudentT()));
        jobs.put("lstm last embedding projected", projected(job("lstm", "last", false, new CrossEntropy())));
        jobs.put("lstm every dense projected", projected(job("lstm", "every", true, new SquaredError())));
        jobs.put("lstm every embedding projected 2-layers-both-directions", projected(stack("lstm", "every")));
        jobs.put("lstm every embedding projected 2-layers carried-state", projected(carried()));
        jobs.put(
                "gru every embedding label-smoothing",
                job("gru", "every", false, new CrossEntropy()).smoothed(0.1));
        jobs.put("gru last embedding binary", job("gru", "last", false, new BinaryLoss()));
        jobs.put("lstm every dense multi-label", job("lstm", "every", true, new MultiLabelLoss()));
        return jobs;
    }

    private static Job projected(Job job) {
        return new Job(job.spec().withProjection(PROJECTED), job.sequences(), job.streams());
    }

    private static void addCell(String cell, Map<String, Job> jobs) {
        for (String head : List.of("last", "every")) {
            jobs.put(cell + " " + head + " embedding", job(cell, head, false, new CrossEntropy()));
            jobs.put(cell + " " + head + " dense", job(cell, head, true, new CrossEntropy()));
            jobs.put(cell + " " + head + " dense squared-error", job(cell, head, true, new SquaredError()));
        }
    }

    /** Squared error of targets that are missing, or weigh 0, 0.3, 1 or 2. */
    private static Job masked() {
        Job job = job("lstm", "every", true, new SquaredError());
        List<Sequence> masked = new ArrayList<>();
        for (int n = 0; n < SEQUENCES; n++) {
            masked.add(RandomSequence.withTermWeights(
                    job.spec().head().loss(), job.sequences().get(n), new CounterRandom(SEED, 105, n)));
        }
        return new Job(job.spec(), masked, false);
    }

    /** Numbers and two categories; the head reads every step where there are several layers. */
    private static Job mixed(String cell, int layers, boolean bidirectional, boolean masked) {
        return mixed(cell, layers, bidirectional, masked, List.of());
    }

    /** The same with these categories of the whole sequence, and as many numbers. */
    private static Job mixed(String cell, int layers, boolean bidirectional, boolean masked, List<Category> statics) {
        List<Category> categories = List.of(new Category("a", VOCABULARY, WIDTH), new Category("b", 300, 3));
        NetworkSpec.Input input = new NetworkSpec.Mixed(2, masked, categories, statics.size(), statics);
        HeadSpec head = new HeadSpec(OUTPUTS, layers > 1);
        NetworkSpec spec = new NetworkSpec(input, cell, "tanh", HIDDEN, layers, bidirectional, head);
        List<Sequence> sequences = new ArrayList<>();
        for (int n = 0; n < SEQUENCES; n++) {
            CounterRandom random = new CounterRandom(SEED, 106, n);
            sequences.add(RandomSequence.of(spec, 1 + random.below(LONGEST, -1), 1f, random));
        }
        return new Job(spec, sequences, false);
    }

    /** Squared error of rows of five series, each with a level and a unit of its own; the last number is of their time. */
    private static Job byKey() {
        Job job = job("lstm", "last", true, new SquaredError());
        List<CanonicalRow> rows = new ArrayList<>();
        Map<List<String>, byte[]> sums = new TreeMap<>(Comparator.comparing(key -> key.get(0)));
        for (int n = 0; n < SEQUENCES; n++) {
            List<String> key = List.of("series " + n % 5);
            double unit = 1 + n % 5;
            Sequence s = job.sequences().get(n);
            double[] values = new double[s.values().length];
            for (int i = 0; i < values.length; i++) {
                values[i] = 100 * unit + unit * s.values()[i];
            }
            double[] targets = new double[s.targets().length];
            for (int j = 0; j < targets.length; j++) {
                targets[j] = 100 * unit + unit * s.targets()[j];
            }
            CanonicalRow row = CanonicalRow.ofValues(values, WIDTH, RowOutcome.targets(targets, OUTPUTS), 1f)
                    .ofSeries(key);
            rows.add(row);
            sums.merge(key, SeriesSum.of(row, WIDTH - 1).toBytes(), SeriesSum::merge);
        }
        Map<List<String>, Standardization> scales = new HashMap<>();
        sums.forEach((key, sum) -> scales.put(key, SeriesSum.read(sum).scale()));
        Encoding encoding = new Encoding(null, null, Scaling.bySeries(SeriesScales.of(List.of("key"), scales), 1));
        return new Job(
                job.spec(),
                rows.stream().map(row -> row.decode(encoding).unmeasured()).toList(),
                false);
    }

    private static Job carried() {
        NetworkSpec.Input input = new NetworkSpec.Tokens(VOCABULARY, WIDTH);
        HeadSpec head = new HeadSpec(OUTPUTS, true);
        Job job = job(new NetworkSpec(input, "lstm", "tanh", HIDDEN, 2, false, head));
        return new Job(job.spec(), job.sequences(), true);
    }

    private static Job stack(String cell, String head) {
        return job(new NetworkSpec(
                new NetworkSpec.Tokens(VOCABULARY, WIDTH),
                cell,
                "tanh",
                HIDDEN,
                2,
                true,
                new HeadSpec(OUTPUTS, head.equals("every"))));
    }

    private static NetworkSpec pooled(NetworkSpec spec, Pooling pooling) {
        return new NetworkSpec(
                spec.input(),
                spec.cell(),
                spec.activation(),
                spec.hiddenSize(),
                spec.numLayers(),
                spec.bidirectional(),
                spec.head().with(pooling));
    }

    private static Job job(String cell, String head, boolean dense, Loss loss) {
        return job(new NetworkSpec(
                dense ? new NetworkSpec.Dense(WIDTH) : new NetworkSpec.Tokens(VOCABULARY, WIDTH),
                cell,
                "tanh",
                HIDDEN,
                Heads.of(loss, OUTPUTS, Pooling.of(head.equals("every")))));
    }

    private static Job job(NetworkSpec spec) {
        List<Sequence> sequences = new ArrayList<>();
        for (int n = 0; n < SEQUENCES; n++) {
            sequences.add(sequence(n, spec));
        }
        return new Job(spec, sequences, false);
    }

    /** Hash of the trained parameters by the name of the training. */
    static Map<String, String> hashes() {
        Map<String, String> hashes = new LinkedHashMap<>();
        jobs().forEach((name, job) -> hashes.put(name, job.train()));
        return hashes;
    }

    /** Sequence number n; length, labels, tokens, numbers and targets are each a stream of their own. */
    private static Sequence sequence(int n, NetworkSpec spec) {
        int length = 1 + new CounterRandom(SEED, 100, n).below(LONGEST, 0);
        int terms = spec.head().everyStep() ? length : 1;
        int[] labels =
                below(spec.head().loss() instanceof BinaryLoss ? 2 : OUTPUTS, terms, new CounterRandom(SEED, 101, n));
        Sequence labelled = spec.input() instanceof NetworkSpec.Tokens
                ? Sequence.ofTokens(below(VOCABULARY, length, new CounterRandom(SEED, 102, n)), labels, 1f)
                : Sequence.ofValues(normal(length * WIDTH, new CounterRandom(SEED, 103, n)), WIDTH, labels, 1f);
        int width = spec.head().targetWidth();
        if (spec.head().loss().hasLabelSets()) {
            int[] drawn = below(2, terms * width, new CounterRandom(SEED, 108, n));
            float[] zerosAndOnes = new float[drawn.length];
            for (int i = 0; i < drawn.length; i++) {
                zerosAndOnes[i] = drawn[i];
            }
            return labelled.withTargets(zerosAndOnes, width);
        }
        if (spec.head().loss().counts()) {
            int[] counts = below(12, terms * width, new CounterRandom(SEED, 107, n));
            return RandomSequence.withCounts(labelled, counts, width, 0.7 + n % 5);
        }
        return width == 0
                ? labelled
                : labelled.withTargets(normal(terms * width, new CounterRandom(SEED, 104, n)), width);
    }

    private static float[] normal(int count, CounterRandom random) {
        float[] numbers = new float[count];
        for (int i = 0; i < count; i++) {
            numbers[i] = (float) random.normal(i);
        }
        return numbers;
    }

    private static int[] below(int bound, int count, CounterRandom random) {
        int[] numbers = new int[count];
        for (int i = 0; i < count; i++) {
            numbers[i] = random.below(bound, i);
        }
        return numbers;
    }
}
