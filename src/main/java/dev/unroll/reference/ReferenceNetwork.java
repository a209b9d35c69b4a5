package dev.unroll.reference;

import dev.unroll.data.Sequence;
import dev.unroll.data.Steps;
import dev.unroll.nn.Draws;
import dev.unroll.nn.Loss.Quantile;
import dev.unroll.nn.LossReduction;
import dev.unroll.nn.NetworkSpec;
import dev.unroll.nn.NetworkSpec.Mixed;
import dev.unroll.nn.NetworkSpec.Tokens;
import dev.unroll.nn.Unrolling;

/**
 * The oracle: takes parameters and a sequence, gives the loss and the gradient of that sequence, by the note's
 * equations in double, one step at a time. Slow, and meant to be read.
 *
 * <p>Results are {@link Sums}. Sums of several sequences are added and divided once, at the end, by the sum of weights,
 * exactly as the distributed job does.
 */
public final class ReferenceNetwork {

    private final NetworkSpec spec;
    private final LossReduction reduction;
    private final Activation activation;

    private final Unrolling unrolling;
    private final Draws draws;
    private final double labelSmoothing;

    /** The network of that spec, by full back-propagation through time without dropout. */
    public ReferenceNetwork(NetworkSpec spec, LossReduction reduction) {
        this(spec, reduction, Unrolling.FULL, Draws.NONE);
    }

    /** The network of that spec, with truncation and dropout as drawn. */
    public ReferenceNetwork(NetworkSpec spec, LossReduction reduction, Unrolling unrolling, Draws draws) {
        this(
                spec,
                reduction,
                spec.activation().equals("relu") ? Activation.RELU : Activation.TANH,
                unrolling,
                draws,
                0);
    }

    /** Elman's network with an f that the spec cannot name: the identity. */
    ReferenceNetwork(NetworkSpec spec, LossReduction reduction, Activation activation) {
        this(spec, reduction, activation, Unrolling.FULL, Draws.NONE, 0);
    }

    private ReferenceNetwork(
            NetworkSpec spec,
            LossReduction reduction,
            Activation activation,
            Unrolling unrolling,
            Draws draws,
            double labelSmoothing) {
        this.spec = spec;
        this.reduction = reduction;
        this.activation = activation;
        this.unrolling = unrolling;
        this.draws = draws;
        this.labelSmoothing = labelSmoothing;
    }

    /** The same network, of whose labels all classes have that share alike ({@link dev.unroll.nn.LossSpec}). */
    public ReferenceNetwork withLabelSmoothing(double share) {
        return new ReferenceNetwork(spec, reduction, activation, unrolling, draws, share);
    }

    /** The loss and the gradient of the sequence with ordinal 0. */
    public Sums evaluate(double[] theta, Sequence sequence) {
        return evaluate(theta, sequence, 0);
    }

    /**
     * The loss and the gradient of one sequence, both as sums over its loss terms scaled as the loss reduction says.
     *
     * @param ordinal what dropout and truncation are drawn by
     */
    public Sums evaluate(double[] theta, Sequence sequence, long ordinal) {
        UnrolledNetwork graph = unroll(theta, sequence, ordinal);
        double lossSum = graph.forward();
        return new Sums(lossSum, weight(sequence), graph.backward());
    }

    /** The sums over all given sequences, whose ordinals are 0, 1, ...; there is at least one. */
    public Sums evaluate(double[] theta, Iterable<Sequence> sequences) {
        Sums sums = new Sums(0, 0, new double[spec.layout().size()]);
        long ordinal = 0;
        for (Sequence sequence : sequences) {
            sums = sums.plus(evaluate(theta, sequence, ordinal++));
        }
        return sums;
    }

    /** The mean loss over all given sequences, by the forward pass alone: what finite differences are taken of. */
    public double meanLoss(double[] theta, Iterable<Sequence> sequences) {
        double lossSum = 0;
        double weightSum = 0;
        long ordinal = 0;
        for (Sequence sequence : sequences) {
            lossSum += unroll(theta, sequence, ordinal++).forward();
            weightSum += weight(sequence);
        }
        return lossSum / weightSum;
    }

    /**
     * Whether no output is so near to a kink of the loss, or of its derivative, that differences of outputs below the margin
     * cross it; and no state so near to a maximum that is pooled.
     */
    public boolean isAwayFromKinks(double[] theta, Iterable<Sequence> sequences, double margin) {
        long ordinal = 0;
        for (Sequence sequence : sequences) {
            UnrolledNetwork graph = unroll(theta, sequence, ordinal++);
            graph.forward();
            if (!graph.isAwayFromKinks(margin)) {
                return false;
            }
        }
        return true;
    }

    /** A float theta as doubles, which is exact. */
    public static double[] widen(float[] theta) {
        double[] wide = new double[theta.length];
        for (int k = 0; k < theta.length; k++) {
            wide[k] = theta[k];
        }
        return wide;
    }

    /** The unrolled graph of one sequence; nothing is computed yet. */
    UnrolledNetwork unroll(double[] theta, Sequence sequence) {
        return unroll(theta, sequence, 0);
    }

    private UnrolledNetwork unroll(double[] theta, Sequence sequence, long ordinal) {
        check(sequence);
        Parameters parameters = new Parameters(spec.layout(), theta);
        InputSteps input = new InputSteps(spec.input(), parameters, sequence);
        int steps = sequence.length();
        Matrix[][] masks = dropoutMasks(steps, ordinal);
        UnrolledStack stack = new UnrolledStack(
                spec, input.x, masks, (l, d, x) -> layer(parameters, l, d, x, gradientScales(steps, ordinal, l, d)));
        double scale = reduction.scale(sequence.weight(), sequence.termWeight());
        UnrolledPooling pooling = UnrolledPooling.of(spec.head().pooling(), stack.states, steps, parameters);
        Matrix[] read = pooling == null ? stack.states : pooling.read;
        UnrolledHead head =
                switch (spec.head().loss().kind()) {
                    case CROSS_ENTROPY ->
                        new SoftmaxHead(parameters, read, input.statics, sequence, scale, labelSmoothing);
                    case CRF -> new CrfHead(parameters, read, input.statics, sequence, scale);
                    case BINARY, MULTI_LABEL -> new SigmoidHead(parameters, read, input.statics, sequence, scale);
                    case SQUARED_ERROR -> new SquaredErrorHead(parameters, read, input.statics, sequence, scale);
                    case ABSOLUTE -> new AbsoluteErrorHead(parameters, read, input.statics, sequence, scale);
                    case HUBER -> new HuberHead(parameters, read, input.statics, sequence, scale);
                    case QUANTILE ->
                        new QuantileHead(
                                parameters,
                                read,
                                input.statics,
                                sequence,
                                scale,
                                ((Quantile) spec.head().loss()).levels());
                    case GAUSSIAN -> new GaussianHead(parameters, read, input.statics, sequence, scale);
                    case STUDENT_T -> new StudentTHead(parameters, read, input.statics, sequence, scale);
                    case POISSON -> new PoissonHead(parameters, read, input.statics, sequence, scale);
                    case NEGATIVE_BINOMIAL ->
                        new NegativeBinomialHead(parameters, read, input.statics, sequence, scale);
                };
        return new UnrolledNetwork(parameters, input, stack, pooling, head);
    }

    private UnrolledLayer layer(Parameters parameters, int layer, int direction, Matrix[] x, double[] scales) {
        String suffix = NetworkSpec.suffix(layer, direction);
        int hidden = spec.hiddenSize();
        return switch (spec.cell()) {
            case "elman" -> new UnrolledElman(parameters, hidden, suffix, activation, x, scales);
            case "lstm" ->
                spec.projSize() > 0
                        ? new UnrolledProjectedLstm(parameters, hidden, suffix, x, scales)
                        : new UnrolledLstm(parameters, hidden, suffix, x, scales);
            case "gru" -> new UnrolledGru(parameters, hidden, suffix, x, scales);
            case "mingru" -> new UnrolledMinGru(parameters, hidden, suffix, x, scales);
            default -> throw new IllegalArgumentException("the reference does not know cell " + spec.cell());
        };
    }

    /** What multiplies all that flows back from place t; the kernel counts its steps from 0. */
    private double[] gradientScales(int steps, long ordinal, int layer, int direction) {
        double[] scales = new double[steps + 1];
        for (int t = 2; t <= steps; t++) {
            scales[t] = unrolling.gradientScale(draws, ordinal, layer, direction, t - 1);
        }
        return scales;
    }

    /** By layer and place, what dropout multiplies the layer's inputs by; null where nothing is dropped. */
    private Matrix[][] dropoutMasks(int steps, long ordinal) {
        Matrix[][] masks = new Matrix[spec.numLayers()][];
        for (int l = 1; l < masks.length && unrolling.dropout() > 0; l++) {
            masks[l] = new Matrix[steps + 1];
            for (int t = 1; t <= steps; t++) {
                double[] factors = new double[spec.stateSize()];
                for (int j = 0; j < factors.length; j++) {
                    factors[j] = unrolling.dropoutFactor(
                            draws.dropout(ordinal, l, t - 1).uniform(j));
                }
                masks[l][t] = Matrix.column(factors);
            }
        }
        return masks;
    }

    private double weight(Sequence sequence) {
        return reduction.weight(sequence.weight(), sequence.termWeight());
    }

    private void check(Sequence sequence) {
        int width = spec.head().targetWidth();
        if (sequence.targetWidth() != width) {
            throw new IllegalArgumentException(
                    "the sequence has targets of " + sequence.targetWidth() + " numbers; the head is " + spec.head());
        }
        int terms = spec.head().everyStep() ? sequence.length() : 1;
        if (sequence.terms() != terms) {
            throw new IllegalArgumentException("the sequence has " + sequence.terms()
                    + " labels or targets; the head reads " + terms + " of " + sequence.length() + " steps");
        }
        Class<? extends Steps> read = spec.input() instanceof Tokens
                ? Steps.Tokens.class
                : spec.input() instanceof Mixed ? Steps.Mixed.class : Steps.Dense.class;
        if (!read.isInstance(sequence.steps())) {
            throw new IllegalArgumentException(
                    "the sequence has " + sequence.steps().kind() + "; the network reads " + spec.input());
        }
    }

    /**
     * Loss, weight and gradient, each a sum over sequences that is still to be divided by the sum of weights.
     * Immutable.
     */
    public static final class Sums {

        private final double lossSum;
        private final double weightSum;
        private final double[] gradientSum;

        /** Takes over the array. */
        public Sums(double lossSum, double weightSum, double[] gradientSum) {
            this.lossSum = lossSum;
            this.weightSum = weightSum;
            this.gradientSum = gradientSum;
        }

        public double lossSum() {
            return lossSum;
        }

        public double weightSum() {
            return weightSum;
        }

        /** A copy, in the order of the layout. */
        public double[] gradientSum() {
            return gradientSum.clone();
        }

        /** These sequences and the other's together. */
        public Sums plus(Sums other) {
            double[] sum = gradientSum.clone();
            for (int k = 0; k < sum.length; k++) {
                sum[k] += other.gradientSum[k];
            }
            return new Sums(lossSum + other.lossSum, weightSum + other.weightSum, sum);
        }

        /** The loss: a mean over the weights. */
        public double meanLoss() {
            return lossSum / weightSum;
        }

        /** The gradient of {@link #meanLoss}. */
        public double[] meanGradient() {
            double[] mean = gradientSum.clone();
            for (int k = 0; k < mean.length; k++) {
                mean[k] /= weightSum;
            }
            return mean;
        }
    }
}
