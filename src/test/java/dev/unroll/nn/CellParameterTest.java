package dev.unroll.nn;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unroll.data.Sequence;
import dev.unroll.data.SequenceBatch;
import dev.unroll.param.Initialization;
import dev.unroll.param.Initializer;
import dev.unroll.param.ParameterLayout;
import dev.unroll.param.ParameterLayout.Slot;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

/** A cell's own parameters in the layout, and what is refused. */
class CellParameterTest {

    @Test
    void parameters_followTheBiasesOfTheirLayerAndDirection() {
        ParameterLayout layout = new NetworkSpec(
                        new NetworkSpec.Dense(2), "peephole", "tanh", 4, 2, true, new HeadSpec(3, true))
                .layout();
        List<String> names = List.copyOf(layout.names());
        int at = names.indexOf("rnn.bias_hh_l1_reverse");
        assertEquals(
                List.of(
                        "rnn.weight_ci_l1_reverse",
                        "rnn.weight_cf_l1_reverse",
                        "rnn.weight_co_l1_reverse",
                        "head.weight"),
                names.subList(at + 1, at + 5));
        Slot slot = layout.slot("rnn.weight_cf_l0");
        assertEquals(List.of(4), slot.shape());
        assertEquals(new Initialization.Uniform(-0.5f, 0.5f), slot.initialization());
        assertEquals(
                new Initialization.ForgetGate(1), layout.slot("rnn.bias_hh_l0").initialization());
    }

    @Test
    void wrongOnes_areRefused() {
        refused("is called weight_ih", () -> CellParameter.constant("weight_ih", 0, 3));
        refused("is called Gain", () -> CellParameter.constant("Gain", 0, 3));
        refused("gain has shape []", () -> CellParameter.constant("gain", 0));
        refused("gain has shape [2, 0]", () -> CellParameter.constant("gain", 0, 2, 0));
        refused(
                "gain has shape [65536, 65536], which is more",
                () -> CellParameter.constant("gain", 0, 1 << 16, 1 << 16));
        refused("gain begins between 1.0 and 0.0", () -> CellParameter.uniform("gain", 1, 0, 3));
        refused("gain begins between NaN and NaN", () -> CellParameter.constant("gain", Float.NaN, 3));
    }

    @Test
    void twoOfOneName_andWrongShapes_areRefusedWithTheCell() {
        CellParameter gain = CellParameter.constant("gain", 1, 3);
        refused("cell own has two parameters named gain;", () -> Cells.parameters(new Own(gain, gain), 3));
        Cell large = new Own() {
            @Override
            public List<CellParameter> parameters(int hidden) {
                return List.of(CellParameter.constant("gain", 1, hidden, hidden));
            }
        };
        refused("cell own: the cell's parameter gain has shape [65536, 65536]", () -> Cells.parameters(large, 1 << 16));
    }

    /** A forward pass needs no room for the gradients of the cell's own parameters, and no fewer rows at a time. */
    @Test
    void forward_hasNoRoomForGradients() {
        NetworkSpec spec = new NetworkSpec(new NetworkSpec.Tokens(3, 2), "peephole", "tanh", 4, new HeadSpec(3, true));
        Network network = new Network(spec);
        Weights weights = network.bind(Initializer.initialize(spec.layout(), 1));
        SequenceBatch batch = new SequenceBatch();
        batch.pack(List.of(Sequence.ofTokens(new int[] {0, 1, 2}, new int[] {2, 1, 0}, 1f)));
        Workspace workspace = network.newWorkspace();
        CellBuffers buffers = workspace.stack.layers[0][0].gates;
        network.forward(weights, batch, workspace);
        assertEquals(0, buffers.dParameters[0].length);
        network.accumulate(
                weights,
                batch,
                new LossSpec(LossReduction.STEP),
                workspace,
                new float[spec.layout().size()],
                new LossSum());
        assertEquals(3 * 4, buffers.dParameters[0].length);

        GraphMemory plain = new GraphMemory(new Own(), spec);
        GraphMemory large = new GraphMemory(new Own(CellParameter.constant("gain", 1, 256, 256)), spec);
        assertEquals(plain.rowsAtOnceForward(2, 1 << 20), large.rowsAtOnceForward(2, 1 << 20));
        assertTrue(plain.rowsThatFit(new Unrolling(0, Truncation.NONE, 1 << 20))
                > 1000 * large.rowsThatFit(new Unrolling(0, Truncation.NONE, 1 << 20)));
    }

    /** The second block has the forget gate's input product and the only recurrent one. */
    @Test
    void forgetGate_amongFewerRecurrentGates_isThatOfTheSameBlock() {
        ParameterLayout layout =
                new NetworkSpec(new NetworkSpec.Dense(2), "halfrecurrent", "tanh", 4, new HeadSpec(3, true)).layout();
        float[] theta = new Initializer(Initializer.Scheme.UNIFORM, 1.5).parameters(layout, 1);
        int input = layout.slot("rnn.bias_ih_l0").offset();
        int recurrent = layout.slot("rnn.bias_hh_l0").offset();
        for (int j = 0; j < 4; j++) {
            assertTrue(Math.abs(theta[input + j]) <= 0.5);
            assertEquals(1.5f, theta[input + 4 + j]);
            assertEquals(0f, theta[recurrent + j]);
        }
    }

    /** One gate, and whatever parameters. */
    private static class Own implements Cell {
        private final List<CellParameter> parameters;

        Own(CellParameter... parameters) {
            this.parameters = List.of(parameters);
        }

        @Override
        public String name() {
            return "own";
        }

        @Override
        public int gates() {
            return 1;
        }

        @Override
        public List<CellParameter> parameters(int hidden) {
            return parameters;
        }

        @Override
        public void forward(CellBuffers b, int row, int rows) {}

        @Override
        public void backward(CellBuffers b, int row, int previousRow, int rows) {}
    }

    /** Gates n and f; only f has a recurrent product. */
    public static final class HalfRecurrent extends Own {
        @Override
        public String name() {
            return "halfrecurrent";
        }

        @Override
        public int gates() {
            return 2;
        }

        @Override
        public int recurrentGates() {
            return 1;
        }

        @Override
        public int forgetGate() {
            return 1;
        }
    }

    private static void refused(String words, Executable call) {
        String message = assertThrows(IllegalArgumentException.class, call).getMessage();
        assertTrue(message.contains(words), message);
    }
}
