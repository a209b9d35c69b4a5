package dev.unroll.reference;

import dev.unroll.data.Sequence;
import dev.unroll.math.CounterRandom;
import dev.unroll.nn.BinaryLoss;
import dev.unroll.nn.HeadSpec;
import dev.unroll.nn.Loss.AbsoluteError;
import dev.unroll.nn.Loss.Crf;
import dev.unroll.nn.Loss.Huber;
import dev.unroll.nn.Loss.Quantile;
import dev.unroll.nn.Loss.SquaredError;
import dev.unroll.nn.LossReduction;
import dev.unroll.nn.MultiLabelLoss;
import dev.unroll.nn.NetworkSpec;
import dev.unroll.nn.NetworkSpec.Category;
import dev.unroll.nn.NetworkSpec.Dense;
import dev.unroll.nn.NetworkSpec.Input;
import dev.unroll.nn.NetworkSpec.Mixed;
import dev.unroll.nn.NetworkSpec.Tokens;
import dev.unroll.nn.Pooling;
import dev.unroll.nn.RandomSequence;
import dev.unroll.param.ParameterLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * One network of the tests: a cell with its activation, an input, a head, a loss reduction and label smoothing; with data, and parameters by seed. The
 * sizes are all different, so that a transposed matrix cannot pass for the right one.
 */
record Case(String cell, Activation f, Input input, HeadSpec head, LossReduction reduction, double labelSmoothing) {

    static final int HIDDEN = 3;
    static final int OUTPUTS = 4;
    static final String PROJECTED = "lstm projected";
    static final HeadSpec SOFTMAX_EVERY = new HeadSpec(OUTPUTS, true);
    static final HeadSpec SOFTMAX_LAST = new HeadSpec(OUTPUTS, false);
    static final Mixed MIXED = new Mixed(
            2, true, List.of(new Category("a", 5, 2), new Category("b", 4, 3)), 1, List.of(new Category("c", 3, 2)));
    private static final List<HeadSpec> HEADS = List.of(
            SOFTMAX_LAST,
            SOFTMAX_EVERY,
            new HeadSpec(new SquaredError(), OUTPUTS, false),
            new HeadSpec(new SquaredError(), OUTPUTS, true),
            new HeadSpec(new AbsoluteError(), OUTPUTS, true),
            new HeadSpec(new Huber(), OUTPUTS, true),
            new HeadSpec(new Quantile(List.of(0.1, 0.8)), OUTPUTS, true),
            new HeadSpec(new Quantile(List.of(0.25, 0.5, 0.6, 0.99)), OUTPUTS, false),
            SOFTMAX_LAST.with(Pooling.MEAN),
            SOFTMAX_LAST.with(Pooling.MAX),
            SOFTMAX_LAST.with(Pooling.ATTENTION),
            new HeadSpec(new Crf(), OUTPUTS, true),
            HeadSpec.ofLabels(new BinaryLoss(), 2, false),
            HeadSpec.ofLabels(new MultiLabelLoss(), OUTPUTS, true));
    private static final List<Integer> LENGTHS = List.of(4, 1, 6, 2, 1);
    private static final long DATA_SEED = 2;
    private static final double KINK_MARGIN = 0.02;

    /** Of labels as they are. */
    Case(String cell, Activation f, Input input, HeadSpec head, LossReduction reduction) {
        this(cell, f, input, head, reduction, 0);
    }

    /** Every cell and activation x input x head x loss reduction; and every softmax over cells and reductions with smoothed labels. */
    static Stream<Case> all() {
        List<Case> cases = new ArrayList<>();
        for (Input input : List.of(new Dense(2), new Tokens(5, 0), new Tokens(5, 2), MIXED)) {
            for (HeadSpec head : HEADS) {
                for (LossReduction reduction : LossReduction.values()) {
                    for (Activation f : List.of(Activation.TANH, Activation.RELU, Activation.IDENTITY)) {
                        cases.add(new Case("elman", f, input, head, reduction));
                    }
                    cases.add(new Case("lstm", Activation.TANH, input, head, reduction));
                    cases.add(new Case("gru", Activation.TANH, input, head, reduction));
                    cases.add(new Case(PROJECTED, Activation.TANH, input, head, reduction));
                    cases.add(new Case("mingru", Activation.TANH, input, head, reduction));
                }
            }
        }
        for (String cell : List.of("elman", "lstm", "gru", "mingru")) {
            for (HeadSpec head : List.of(SOFTMAX_LAST, SOFTMAX_EVERY)) {
                for (LossReduction reduction : LossReduction.values()) {
                    cases.add(new Case(cell, Activation.TANH, new Tokens(5, 2), head, reduction, 0.3));
                }
            }
        }
        return cases.stream();
    }

    /** The Elman cases only, one per activation: dense input, a label at every step, equation (1)'s own loss. */
    static Stream<Case> elman() {
        return Stream.of(Activation.IDENTITY, Activation.TANH, Activation.RELU)
                .map(f -> new Case("elman", f, new Dense(2), SOFTMAX_EVERY, LossReduction.SEQUENCE));
    }

    NetworkSpec spec() {
        String activation = f == Activation.RELU ? "relu" : "tanh";
        return cell.equals(PROJECTED)
                ? new NetworkSpec(input, "lstm", activation, HIDDEN, head).withProjection(2)
                : new NetworkSpec(input, cell, activation, HIDDEN, head);
    }

    ParameterLayout layout() {
        return spec().layout();
    }

    ReferenceNetwork network() {
        return new ReferenceNetwork(spec(), reduction, f).withLabelSmoothing(labelSmoothing);
    }

    /** The first seed from 1 on that suits these sequences: away from the kinks of relu and of the loss. */
    long seed(List<Sequence> sequences) {
        long seed = 1;
        while ((f == Activation.RELU && !faithful(seed, sequences))
                || !network().isAwayFromKinks(theta(seed), sequences, KINK_MARGIN)) {
            seed++;
        }
        return seed;
    }

    /** Whether relu shows itself: on both sides of its kink, and so far from it that finite differences do not cross it. */
    boolean faithful(long seed, List<Sequence> sequences) {
        double[] a = preActivations(seed, sequences);
        return Arrays.stream(a).allMatch(v -> Math.abs(v) > KINK_MARGIN)
                && Arrays.stream(a).anyMatch(v -> v < 0)
                && Arrays.stream(a).anyMatch(v -> v > 0);
    }

    /** That seed for {@link #sequences}. */
    long seed() {
        return seed(sequences());
    }

    /** Uniform in [-0.8, 0.8). */
    double[] theta(long seed) {
        CounterRandom random = new CounterRandom(seed, 1);
        double[] theta = new double[layout().size()];
        for (int k = 0; k < theta.length; k++) {
            theta[k] = 1.6 * random.uniform(k) - 0.8;
        }
        return theta;
    }

    /** Ragged sequences with weights 0.5, 1, 1.5, ... */
    List<Sequence> sequences() {
        List<Sequence> sequences = new ArrayList<>();
        for (int n = 0; n < LENGTHS.size(); n++) {
            sequences.add(sequence(LENGTHS.get(n), 0.5f * (n + 1), new CounterRandom(DATA_SEED, n)));
        }
        return sequences;
    }

    Sequence sequence(int steps, float weight, CounterRandom random) {
        return RandomSequence.of(spec(), steps, weight, random);
    }

    /** All a_t of Elman's network, over all given sequences. */
    private double[] preActivations(long seed, List<Sequence> sequences) {
        return sequences.stream()
                .map(sequence -> network().unroll(theta(seed), sequence))
                .peek(UnrolledNetwork::forward)
                .map(graph -> (UnrolledElman) graph.layer())
                .flatMap(layer -> IntStream.rangeClosed(1, layer.steps).mapToObj(t -> layer.a[t]))
                .flatMapToDouble(a -> Arrays.stream(a.toArray()))
                .toArray();
    }
}
