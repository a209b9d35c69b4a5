package dev.unroll.reference;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.unroll.data.Sequence;
import dev.unroll.data.SequenceBatch;
import dev.unroll.data.Steps;
import dev.unroll.math.CounterRandom;
import dev.unroll.nn.EmbeddedNetwork;
import dev.unroll.nn.EmbeddedNetwork.Inputs;
import dev.unroll.nn.HeadSpec;
import dev.unroll.nn.LossReduction;
import dev.unroll.nn.Network;
import dev.unroll.nn.NetworkSpec;
import dev.unroll.nn.NetworkSpec.Category;
import dev.unroll.nn.NetworkSpec.Dense;
import dev.unroll.nn.NetworkSpec.Input;
import dev.unroll.nn.NetworkSpec.Mixed;
import dev.unroll.nn.NetworkSpec.Tokens;
import dev.unroll.nn.Pooling;
import dev.unroll.nn.RandomSequence;
import dev.unroll.nn.Weights;
import dev.unroll.nn.Workspace;
import dev.unroll.param.ParameterLayout.Slot;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The gradients of any sum of outputs in the inputs are those that differences of outputs of the reference find; and the
 * outputs are those of the trained network.
 */
class EmbeddedNetworkTest {

    private static final int LENGTH = 4;
    private static final int OUTPUTS = 3;
    private static final float STEP = 1f / 128;

    private static final Mixed CATEGORIES =
            new Mixed(0, false, List.of(new Category("a", 4, 2)), 0, List.of(new Category("c", 3, 2)));
    private static final Mixed ALL = new Mixed(
            2, true, List.of(new Category("a", 5, 2), new Category("b", 4, 3)), 1, List.of(new Category("c", 3, 2)));

    static Stream<NetworkSpec> networks() {
        List<NetworkSpec> specs = new ArrayList<>();
        for (Input input : List.of(new Dense(2), new Tokens(5, 0), new Tokens(5, 2), CATEGORIES, ALL)) {
            for (String cell : List.of("elman", "lstm", "gru", "mingru")) {
                specs.add(new NetworkSpec(input, cell, "tanh", 3, new HeadSpec(OUTPUTS, false)));
            }
            for (Pooling pooling : Pooling.values()) {
                HeadSpec head = new HeadSpec(OUTPUTS, false).with(pooling);
                specs.add(new NetworkSpec(input, "lstm", "tanh", 3, 2, true, head));
                specs.add(new NetworkSpec(input, "gru", "tanh", 3, 2, false, head));
            }
            HeadSpec last = new HeadSpec(OUTPUTS, false);
            specs.add(new NetworkSpec(input, "lstm", "tanh", 4, last).withProjection(2));
        }
        HeadSpec tied = new HeadSpec(new HeadSpec(5, true).loss(), 5, Pooling.EVERY, true);
        specs.add(new NetworkSpec(new Tokens(5, 3), "lstm", "tanh", 3, tied));
        return specs.stream();
    }

    @ParameterizedTest
    @MethodSource("networks")
    void gradients_areDifferencesOfTheReference(NetworkSpec spec) {
        float[] theta = theta(spec);
        Sequence sequence = RandomSequence.of(spec, LENGTH, 1f, new CounterRandom(3, 1));
        EmbeddedNetwork network = new EmbeddedNetwork(spec, theta);
        Inputs inputs = network.inputs(sequence);
        Inputs others = new Inputs(new float[inputs.steps().length], new float[inputs.statics().length]);
        float[] outputs = outputs(spec, theta, sequence);
        float[] factors = new float[outputs.length];
        for (int i = 0; i < factors.length; i++) {
            factors[i] = (float) new CounterRandom(4, 1).normal(i);
        }

        List<Inputs> gradients = network.gradients(List.of(others, inputs), (n, read, predictions) -> {
            if (n == 1) {
                assertArrayEquals(outputs, read, "the same bits");
            }
            System.arraycopy(factors, 0, read, 0, read.length);
        });

        Plain plain = new Plain(spec, theta, factors);
        double[] steps = plain.differences(inputs, inputs.steps());
        double[] statics = plain.differences(inputs, inputs.statics());
        assertClose(steps, gradients.get(1).steps());
        assertClose(statics, gradients.get(1).statics());
        double[] ofOthers = plain.differences(others, others.steps());
        assertClose(ofOthers, gradients.get(0).steps());
        assertEquals(inputs.steps().length / LENGTH, network.columns().length);
        assertEquals(inputs.statics().length, network.staticColumns().length);
    }

    private static void assertClose(double[] expected, float[] gradient) {
        assertEquals(expected.length, gradient.length);
        for (int i = 0; i < expected.length; i++) {
            assertEquals(expected[i], gradient[i], 1e-4, "number " + i);
        }
    }

    private static float[] theta(NetworkSpec spec) {
        float[] theta = new float[spec.layout().size()];
        for (int k = 0; k < theta.length; k++) {
            theta[k] = (float) (1.6 * new CounterRandom(1, 1).uniform(k) - 0.8);
        }
        return theta;
    }

    /** Of the trained network, in the order of time. */
    private static float[] outputs(NetworkSpec spec, float[] theta, Sequence sequence) {
        Network network = new Network(spec);
        Weights weights = network.bind(theta);
        Workspace workspace = network.newWorkspace();
        SequenceBatch batch = new SequenceBatch();
        batch.pack(List.of(sequence));
        network.forward(weights, batch, workspace);
        int width = spec.head().outputs();
        float[] ordered = new float[workspace.outputs() * width];
        for (int t = 0; t < workspace.outputs(); t++) {
            System.arraycopy(workspace.values(), (workspace.outputs() - 1 - t) * width, ordered, t * width, width);
        }
        return ordered;
    }

    /** The reference of a network that reads numbers, with the parameters of the other one that are not embeddings. */
    private static final class Plain {

        private final NetworkSpec spec;
        private final double[] theta;
        private final float[] factors;

        Plain(NetworkSpec of, float[] theta, float[] factors) {
            Input input = of.input();
            Input numbers = input.staticSize() == 0
                    ? new Dense(input.size())
                    : new Mixed(input.size(), false, List.of(), input.staticSize(), List.of());
            this.spec = new NetworkSpec(
                    numbers,
                    of.cell(),
                    of.activation(),
                    of.hiddenSize(),
                    of.projSize(),
                    of.numLayers(),
                    of.bidirectional(),
                    new HeadSpec(
                            of.head().loss(), of.head().outputs(), of.head().pooling(), false));
            this.theta = new double[spec.layout().size()];
            this.factors = factors;
            for (Slot slot : spec.layout().slots()) {
                boolean own = of.layout().names().contains(slot.name());
                int from =
                        of.layout().slot(own ? slot.name() : "embedding.weight").offset();
                for (int k = 0; k < slot.size(); k++) {
                    this.theta[slot.offset() + k] = theta[from + k];
                }
            }
        }

        private double score(Inputs inputs) {
            int size = spec.input().numbers();
            Steps steps = inputs.statics().length == 0
                    ? new Steps.Dense(inputs.steps().clone(), size)
                    : new Steps.Mixed(
                            inputs.steps().clone(),
                            size,
                            new int[0][],
                            inputs.statics().clone(),
                            new int[0]);
            int[] labels = new int[spec.head().everyStep() ? LENGTH : 1];
            UnrolledNetwork graph =
                    new ReferenceNetwork(spec, LossReduction.STEP).unroll(theta, Sequence.of(steps, labels, 1f));
            graph.forward();
            double sum = 0;
            int width = spec.head().outputs();
            for (int n = 0; n < labels.length; n++) {
                double[] o = graph.head.o[LENGTH - labels.length + 1 + n].toArray();
                int at = n * width;
                sum += IntStream.range(0, width)
                        .mapToDouble(c -> factors[at + c] * o[c])
                        .sum();
            }
            return sum;
        }

        /** @param numbers of the inputs, those to differ */
        double[] differences(Inputs inputs, float[] numbers) {
            double[] slopes = new double[numbers.length];
            for (int i = 0; i < slopes.length; i++) {
                float at = numbers[i];
                float above = at + STEP;
                float below = at - STEP;
                numbers[i] = above;
                double upper = score(inputs);
                numbers[i] = below;
                slopes[i] = (upper - score(inputs)) / ((double) above - below);
                numbers[i] = at;
            }
            return slopes;
        }
    }
}
