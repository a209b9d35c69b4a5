package dev.unroll.cli.command;

import dev.unroll.cli.frame.Command;
import dev.unroll.cli.frame.Option;
import dev.unroll.cli.frame.Settings;
import dev.unroll.data.Scaling;
import dev.unroll.data.Sequence;
import dev.unroll.data.Shard;
import dev.unroll.data.ShardPlan;
import dev.unroll.math.CounterRandom;
import dev.unroll.nn.BinaryLoss;
import dev.unroll.nn.HeadSpec;
import dev.unroll.nn.LearningTask;
import dev.unroll.nn.Loss;
import dev.unroll.nn.LossNames;
import dev.unroll.nn.LossReduction;
import dev.unroll.nn.LossSpec;
import dev.unroll.nn.NetworkSpec;
import dev.unroll.nn.NetworkSpec.Category;
import dev.unroll.nn.Pooling;
import dev.unroll.nn.Truncation;
import dev.unroll.nn.Unrolling;
import dev.unroll.param.Initializer;
import dev.unroll.param.ParameterLayout.Slot;
import dev.unroll.reference.GradientCheck;
import dev.unroll.reference.GradientCheck.Worst;
import dev.unroll.reference.ReferenceNetwork;
import dev.unroll.spark.iteration.SparkObjective;
import dev.unroll.spark.shards.ShardedRows;
import dev.unroll.worker.Problem;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.SparkSession;

/**
 * {@code gradcheck}: is the gradient that of the loss? Through broadcast, shards, tree and scaling, on small random
 * data: the reference in double against central differences of its own loss, and the kernel's gradient in float against
 * the reference's.
 */
public final class GradCheckCommand implements Command {

    private static final String CELL = "cell";
    private static final String NUM_LAYERS = "num-layers";
    private static final String INPUT = "input";
    private static final String MIXED = "mixed";

    private static final double REFERENCE_TOLERANCE = 1e-7;
    private static final double KERNEL_TOLERANCE = 1e-4;
    private static final int DIRECTIONS = 20;
    private static final int PARAMETERS = 50;

    private static final int SHARDS = 4;
    private static final int PARTITIONS = 3;
    private static final int SEQUENCES = 10;
    private static final int MAX_HIDDEN = 64;
    private static final int VOCABULARY = 50;
    private static final int EMBEDDING = 3;
    private static final int CLASSES = 4;
    private static final int TARGETS = 2;
    private static final double DROPOUT = 0.3;
    private static final double LABEL_SMOOTHING = 0.1;
    private static final double KINK_MARGIN = 0.02; // for differences of the reference
    private static final int MOST_SEEDS = 1000;
    private static final double ROUNDING_MARGIN = 1e-5; // for float32, where no differences are taken
    private static final int LOSSES_AT_ONCE = 2; // for each network
    private static final List<Loss> NUMBER_LOSSES = losses(LearningTask.REGRESSION);
    private static final List<Loss> SEQUENCE_LOSSES = losses(LearningTask.CLASSIFICATION);
    private static final List<Loss> STEP_LOSSES = losses(LearningTask.TAGGING);

    private static final List<Pooling> OF_SEQUENCES = Stream.of(Pooling.values())
            .filter(pooling -> pooling != Pooling.EVERY)
            .toList();

    /** A cell with an activation, and whether its states are projected, to half as many numbers. */
    private record Kind(String cell, String activation, boolean projected) {
        static final List<Kind> ALL = List.of(
                new Kind("elman", "tanh", false),
                new Kind("elman", "relu", false),
                new Kind("lstm", "tanh", false),
                new Kind("lstm", "tanh", true),
                new Kind("gru", "tanh", false),
                new Kind("mingru", "tanh", false));
    }

    /** One network with what training does to its graph. */
    private record Combination(
            NetworkSpec network, LossReduction reduction, Unrolling unrolling, double labelSmoothing) {

        /** Where the loss has a derivative at every place that is looked at, and the gradient is that of the loss. */
        boolean isDifferentiable() {
            return unrolling.truncation().equals(Truncation.NONE)
                    && network.activation().equals("tanh")
                    && network.head().pooling() != Pooling.MAX;
        }

        @Override
        public String toString() {
            return String.join(
                    ", ",
                    network.cell()
                            + (network.activation().equals("relu") ? " relu" : "")
                            + (network.projSize() > 0 ? " projected to " + network.projSize() : ""),
                    network.numLayers() + (network.numLayers() == 1 ? " layer" : " layers"),
                    network.bidirectional() ? "both directions" : "forward",
                    network.head().pooling().description(),
                    network.head().loss().key(),
                    reduction.name().toLowerCase(Locale.ROOT),
                    "truncation " + unrolling.truncation(),
                    "dropout " + unrolling.dropout(),
                    "label smoothing " + labelSmoothing);
        }
    }

    @Override
    public String name() {
        return "gradcheck";
    }

    @Override
    public String description() {
        return "Checks analytic gradients against finite differences, through broadcast, shards, tree and scaling.";
    }

    @Override
    public List<Option> options() {
        List<String> cells = Kind.ALL.stream().map(Kind::cell).distinct().toList();
        return List.of(
                Option.oneOf(CELL, cells, "only this cell").orElseAs("all"),
                Option.whole(NUM_LAYERS, 1, "only so many layers").orElseAs("1 and 2"),
                Option.oneOf(
                                INPUT,
                                List.of("one-column", MIXED),
                                "one column of tokens or of rows of numbers, in turns, or several of both with statics")
                        .orElse("one-column"),
                Option.whole("hidden-size", 1, MAX_HIDDEN, "size H of the state; the reference is slow")
                        .orElse(5),
                Option.whole("seed", 0, "seed of parameters, data and directions")
                        .orElse(1));
    }

    @Override
    public Map<String, ?> run(SparkSession spark, Settings settings) {
        JavaSparkContext context = JavaSparkContext.fromSparkContext(spark.sparkContext());
        long seed = settings.whole("seed");
        List<Combination> combinations = combinations(settings);
        Found reference = new Found();
        Found kernel = new Found();
        for (Combination combination : combinations) {
            Check check = new Check(context, combination, seed);
            try {
                Worst ofKernel = check.kernelAgainstReference();
                kernel.add(ofKernel, combination);
                String differences = "";
                if (combination.isDifferentiable()) {
                    Worst ofReference = check.referenceAgainstDifferences();
                    reference.add(ofReference, combination);
                    differences = String.format(Locale.ROOT, "reference %.1e, ", ofReference.relativeError());
                }
                System.out.printf(
                        Locale.ROOT, "%s: %skernel %.1e%n", combination, differences, ofKernel.relativeError());
            } finally {
                check.close();
            }
        }
        reference.require(REFERENCE_TOLERANCE, "the reference against central differences");
        kernel.require(KERNEL_TOLERANCE, "the kernel against the reference");
        Map<String, Object> result = new LinkedHashMap<>();
        result.put("combinations", combinations.size());
        result.put("referenceError", reference.error());
        result.put("referenceWhere", reference.where());
        result.put("kernelError", kernel.error());
        result.put("kernelWhere", kernel.where());
        return result;
    }

    private static List<Combination> combinations(Settings settings) {
        int hidden = settings.integer("hidden-size");
        List<Kind> kinds = Kind.ALL.stream()
                .filter(kind -> settings.get(CELL).orElse(kind.cell).equals(kind.cell))
                .filter(kind -> !kind.projected || hidden > 1)
                .toList();
        List<Integer> depths = settings.has(NUM_LAYERS) ? List.of(settings.integer(NUM_LAYERS)) : List.of(1, 2);
        List<Combination> combinations = new ArrayList<>();
        for (Kind kind : kinds) {
            for (int layers : depths) {
                for (boolean bidirectional : new boolean[] {false, true}) {
                    for (boolean everyStep : new boolean[] {false, true}) {
                        // Losses, reductions, truncations, smoothing and poolings take turns: all of them meet every
                        // cell.
                        boolean first = bidirectional == everyStep;
                        LossReduction reduction = everyStep ? LossReduction.SEQUENCE : LossReduction.STEP;
                        double dropout = layers > 1 ? DROPOUT : 0;
                        int turn = layers + (everyStep ? 2 : 0);
                        int pooled = layers + (bidirectional ? 2 : 0);
                        for (String truncation : List.of("none", everyStep ? "fixed:2" : "randomized:0.5")) {
                            Pooling pooling =
                                    everyStep ? Pooling.EVERY : OF_SEQUENCES.get(pooled++ % OF_SEQUENCES.size());
                            Unrolling unrolling = new Unrolling(dropout, Truncation.parse(truncation));
                            for (HeadSpec head : heads(first, turn, everyStep)) {
                                NetworkSpec network = new NetworkSpec(
                                        input(settings.require(INPUT).equals(MIXED), first),
                                        kind.cell,
                                        kind.activation,
                                        hidden,
                                        kind.projected ? hidden / 2 : 0,
                                        layers,
                                        bidirectional,
                                        head.with(pooling));
                                double smoothing = smoothing(head.loss(), turn);
                                combinations.add(new Combination(network, reduction, unrolling, smoothing));
                            }
                            turn++;
                        }
                    }
                }
            }
        }
        return combinations;
    }

    private static List<Loss> losses(LearningTask task) {
        return Arrays.stream(Loss.Kind.values())
                .filter(kind -> kind.goesWith(task))
                .map(kind -> LossNames.of(kind.key() + (kind == Loss.Kind.QUANTILE ? ":0.1,0.8" : "")))
                .toList();
    }

    private static List<HeadSpec> heads(boolean ofClasses, int turn, boolean everyStep) {
        List<Loss> losses = !ofClasses ? NUMBER_LOSSES : everyStep ? STEP_LOSSES : SEQUENCE_LOSSES;
        return IntStream.range(turn * LOSSES_AT_ONCE, (turn + 1) * LOSSES_AT_ONCE)
                .mapToObj(i -> losses.get(i % losses.size()))
                .map(loss -> ofClasses
                        ? HeadSpec.ofLabels(loss, loss instanceof BinaryLoss ? 2 : CLASSES, everyStep)
                        : HeadSpec.ofTargets(loss, TARGETS, everyStep))
                .toList();
    }

    private static double smoothing(Loss loss, int turn) {
        return loss.kind() == Loss.Kind.CROSS_ENTROPY && turn % 2 == 1 ? LABEL_SMOOTHING : 0;
    }

    private static NetworkSpec.Input input(boolean mixed, boolean first) {
        if (mixed) {
            Category wide = new Category("wide", VOCABULARY, EMBEDDING);
            return new NetworkSpec.Mixed(
                    2, first, List.of(wide, new Category("narrow", 4, 2)), 1, List.of(new Category("whole", 3, 2)));
        }
        return first ? new NetworkSpec.Tokens(VOCABULARY, EMBEDDING) : new NetworkSpec.Dense(EMBEDDING);
    }

    /** The worst of many, and where. */
    private static final class Found {

        private Worst worst;
        private Combination where;

        void add(Worst one, Combination combination) {
            if (worst == null || Double.compare(one.relativeError(), worst.relativeError()) > 0) {
                worst = one;
                where = combination;
            }
        }

        double error() {
            return worst == null ? 0 : worst.relativeError();
        }

        String where() {
            return worst == null ? "" : worst.tensor() + "[" + worst.index() + "] of " + where;
        }

        /** @throws IllegalStateException naming the worst place, if it is above the tolerance */
        void require(double tolerance, String what) {
            if (worst != null && !(worst.relativeError() <= tolerance)) {
                throw new IllegalStateException(what + ": " + worst + ", of " + where + "; allowed is " + tolerance);
            }
        }
    }

    /** One combination on its data, which are dealt to shards and cached. */
    private static final class Check {

        private final JavaSparkContext context;
        private final Problem problem;
        private final ShardPlan plan;
        private final ShardedRows rows;
        private final float[] theta;
        private final long seed;

        Check(JavaSparkContext context, Combination combination, long seed) {
            this.context = context;
            this.seed = seed;
            NetworkSpec network = combination.network();
            LearningTask task = network.head().loss().kind().goesWith(LearningTask.REGRESSION)
                    ? LearningTask.REGRESSION
                    : network.head().everyStep() ? LearningTask.TAGGING : LearningTask.CLASSIFICATION;
            LossSpec loss = new LossSpec(combination.reduction()).withLabelSmoothing(combination.labelSmoothing());
            this.problem = Problem.of(network, task, loss, combination.unrolling(), Scaling.NONE);
            this.plan = new ShardPlan(seed, SHARDS, SEQUENCES, 0);
            List<Sequence> sequences = new ArrayList<>(); // by ordinal
            for (int n = 0; n < SEQUENCES; n++) {
                sequences.add(GradCheckSequences.sequence(network, new CounterRandom(seed, n)));
            }
            List<Shard> shards = new ArrayList<>();
            for (int u = 0; u < SHARDS; u++) {
                List<Sequence> own = new ArrayList<>();
                for (int n = u; n < SEQUENCES; n += SHARDS) {
                    own.add(sequences.get(n));
                }
                shards.add(new Shard(u, own, VOCABULARY));
            }
            this.rows = ShardedRows.of(context, shards, PARTITIONS).materialize();
            this.theta = awayFromKinks(sequences, combination.isDifferentiable() ? KINK_MARGIN : ROUNDING_MARGIN);
        }

        /** Parameters at which no difference crosses a kink of the loss: those of the seed, or of the next one that suits. */
        private float[] awayFromKinks(List<Sequence> sequences, double margin) {
            ReferenceNetwork reference = ReferenceObjective.network(problem, plan);
            for (long next = seed; next < seed + MOST_SEEDS; next++) {
                float[] theta = Initializer.initialize(problem.network().layout(), next);
                if (reference.isAwayFromKinks(ReferenceNetwork.widen(theta), sequences, margin)) {
                    return theta;
                }
            }
            throw new IllegalStateException("no parameters of " + MOST_SEEDS + " seeds from " + seed
                    + " on are further than " + margin + " from every kink of " + problem.network());
        }

        Worst referenceAgainstDifferences() {
            ReferenceObjective objective = new ReferenceObjective(context, problem, plan, rows);
            double[] at = ReferenceNetwork.widen(theta);
            double[] gradient = objective.evaluate(at).meanGradient();
            GradientCheck check = GradientCheck.ofDoubles(problem.network().layout());
            Worst directions = check.alongDirections(
                    point -> objective.evaluate(point).meanLoss(), at, gradient, DIRECTIONS, seed);
            int tensors = problem.network().layout().slots().size();
            int perTensor = (PARAMETERS + tensors - 1) / tensors;
            Worst parameters =
                    check.someParameters(point -> objective.evaluate(point).meanLoss(), at, gradient, perTensor, seed);
            return directions.or(parameters);
        }

        /** By tensor: the largest difference over the largest element. */
        Worst kernelAgainstReference() {
            float[] kernel = new SparkObjective(context, problem, plan, rows, Optional.empty())
                    .evaluate(theta, plan.batch(0))
                    .sum()
                    .mean();
            double[] reference = new ReferenceObjective(context, problem, plan, rows)
                    .evaluate(ReferenceNetwork.widen(theta))
                    .meanGradient();
            Worst worst = null;
            for (Slot slot : problem.network().layout().slots()) {
                double largest = 0;
                for (int i = slot.offset(); i < slot.offset() + slot.size(); i++) {
                    largest = Math.max(largest, Math.abs(reference[i]));
                }
                for (int i = slot.offset(); i < slot.offset() + slot.size(); i++) {
                    double error = Math.abs(kernel[i] - reference[i]) / (largest == 0 ? 1 : largest);
                    Worst here = new Worst(error, slot.name(), i - slot.offset(), kernel[i], reference[i]);
                    worst = worst == null ? here : worst.or(here);
                }
            }
            return worst;
        }

        void close() {
            rows.close();
        }
    }
}
