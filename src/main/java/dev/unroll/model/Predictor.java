package dev.unroll.model;

import dev.unroll.data.CanonicalRow;
import dev.unroll.data.SequenceBatch;
import dev.unroll.nn.Network;
import dev.unroll.nn.Task;
import dev.unroll.nn.Weights;
import dev.unroll.nn.Workspace;
import java.util.List;

/** A model at work, in plain Java: takes sequences, gives classes and numbers. Not thread-safe; make one per thread. */
public final class Predictor {

    private final Model model;
    private final Network network;
    private final Weights weights;
    private final Workspace workspace;
    private final SequenceBatch batch = new SequenceBatch();

    public Predictor(Model model) {
        this.model = model;
        this.network = new Network(model.spec());
        this.weights = network.bind(model.theta());
        this.workspace = network.newWorkspace();
    }

    /** Predicts one row that was read without labels. */
    public Prediction predict(CanonicalRow row) {
        batch.pack(List.of(model.scaling().apply(row.decode(model.vocabulary(), model.labels()))));
        network.predict(weights, batch, workspace);
        int width = model.spec().head().outputs();
        int outputs = workspace.outputs();
        float[] values = new float[outputs * width];
        int[] classes = new int[outputs];
        for (int t = 0; t < outputs; t++) {
            int row0 = outputs - 1 - t; // rows of one sequence stand from its last step to its first
            classes[t] = workspace.predictions()[row0];
            for (int j = 0; j < width; j++) {
                float value = workspace.values()[row0 * width + j];
                values[t * width + j] =
                        model.task() == Task.REGRESSION ? model.scaling().unscaleTarget(value, j) : value;
            }
        }
        return new Prediction(values, width, classes);
    }
}
