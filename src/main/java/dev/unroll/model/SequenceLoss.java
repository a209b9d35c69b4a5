package dev.unroll.model;

import dev.unroll.data.CanonicalRow;
import dev.unroll.data.Sequence;
import dev.unroll.data.SequenceBatch;
import dev.unroll.math.Elementwise;
import dev.unroll.nn.LearningTask;
import dev.unroll.nn.LossReduction;
import dev.unroll.nn.LossSpec;
import dev.unroll.nn.LossSum;
import dev.unroll.nn.Network;
import dev.unroll.nn.Weights;
import dev.unroll.nn.Workspace;
import java.util.Arrays;
import java.util.List;

/**
 * Loss and gradient norm of single sequences, in plain Java: which of them the model gets wrong, and which would change
 * it most. Not thread-safe.
 */
public final class SequenceLoss {

    /**
     * Loss and gradient norm of one sequence.
     *
     * @param loss mean over its loss terms
     * @param gradientNorm L2 norm of the gradient of that mean, over all parameters
     */
    public record Result(double loss, double gradientNorm) {}

    private final Model model;
    private final LossSpec spec;
    private final Network network;
    private final Weights weights;
    private final Workspace workspace;
    private final SequenceBatch batch = new SequenceBatch();
    private final float[] gradient;

    public SequenceLoss(Model model) {
        this.model = model;
        this.spec = new LossSpec(LossReduction.STEP).of(model.scaling().targets());
        this.network = new Network(model.spec());
        this.weights = network.bind(model.theta());
        this.workspace = network.newWorkspace();
        this.gradient = new float[model.theta().length];
    }

    /** @param pieces a row that was read with its labels; of a document its windows */
    public Result of(List<CanonicalRow> pieces) {
        Arrays.fill(gradient, 0f);
        LossSum loss = new LossSum();
        for (CanonicalRow piece : pieces) {
            Sequence sequence = model.task() == LearningTask.LANGUAGE_MODEL
                    ? piece.decodeNext(model.vocabulary())
                    : piece.decode(model.encoding());
            batch.pack(List.of(sequence));
            network.accumulate(weights, batch, spec, workspace, gradient, loss);
        }
        return new Result(
                loss.meanLoss(), Math.sqrt(Elementwise.sumOfSquares(gradient, 0, gradient.length)) / loss.weightSum());
    }
}
