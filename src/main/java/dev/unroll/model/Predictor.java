package dev.unroll.model;

import dev.unroll.data.CanonicalRow;
import dev.unroll.data.Sequence;
import dev.unroll.data.SequenceBatch;
import dev.unroll.nn.Network;
import dev.unroll.nn.Weights;
import dev.unroll.nn.Workspace;
import java.util.Arrays;
import java.util.List;

/** A model at work, in plain Java: takes sequences, gives labels and probabilities. Not thread-safe; make one per thread. */
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

    /** Predicts one row; its labels, if it has any, are not looked at. */
    public Prediction predict(CanonicalRow row) {
        return predict(row.decode(model.vocabulary(), model.labels()));
    }

    private Prediction predict(Sequence sequence) {
        batch.pack(List.of(sequence));
        network.predict(weights, batch, workspace);
        int classes = model.spec().head().classes();
        return new Prediction(
                model.labels().value(workspace.predictions()[0]), Arrays.copyOf(workspace.probabilities(), classes));
    }
}
