package dev.unroll.model;

import dev.unroll.data.Sequence;
import dev.unroll.data.SequenceBatch;
import dev.unroll.data.Standardization;
import dev.unroll.math.Activations;
import dev.unroll.nn.Network;
import dev.unroll.nn.Readout;
import dev.unroll.nn.Weights;
import dev.unroll.nn.Workspace;
import java.util.List;

/** The outputs of a packed batch to the predictions of its sequences. */
final class OutputReader {

    private static final double[] NONE = {};

    private final Model model;
    private final List<Double> levels;
    private final boolean everyStep;
    private final int width; // of an output row
    private final Readout readout;

    /** @param levels of the quantiles of a predicted distribution */
    OutputReader(Model model, List<Double> levels) {
        this.model = model;
        this.levels = levels;
        this.everyStep = model.spec().head().everyStep();
        this.width = model.spec().head().outputs();
        this.readout = new Readout(model.spec().head());
    }

    /**
     * Reads what a forward pass left in the workspace.
     *
     * @param sequences of the batch, as it was packed; the scaling of each may be its own
     * @return in the order of the sequences
     */
    Prediction[] read(
            Network network, Weights weights, SequenceBatch batch, Workspace workspace, List<Sequence> sequences) {
        float[][] raw = new float[batch.size()][];
        for (int b = 0; b < raw.length; b++) {
            raw[b] = outputs(batch, b, workspace);
        }
        network.probabilities(weights, batch, workspace);
        Prediction[] predictions = new Prediction[raw.length];
        for (int b = 0; b < raw.length; b++) {
            int place = batch.place(b);
            predictions[place] = prediction(batch, b, raw[b], workspace, sequences.get(place));
        }
        return predictions;
    }

    private Prediction prediction(SequenceBatch batch, int b, float[] raw, Workspace workspace, Sequence sequence) {
        int[] classes = new int[count(batch, b)];
        for (int i = 0; i < classes.length; i++) {
            classes[i] = workspace.predictions()[row(batch, b, i)];
        }
        return switch (model.spec().head().loss().link()) {
            case SOFTMAX, SEQUENCE, SIGMOIDS ->
                new Prediction(outputs(batch, b, workspace), raw, width, classes, NONE, NONE, NONE);
            case SIGMOID -> ofTwo(outputs(batch, b, workspace), raw, classes);
            case IDENTITY, QUANTILES, DISTRIBUTION -> numbers(raw, classes, sequence);
        };
    }

    /** How many outputs sequence b has that are predictions. */
    private int count(SequenceBatch batch, int b) {
        return model.horizon() > 0 ? model.horizon() : everyStep ? batch.length(b) : 1;
    }

    /** The output row of its i-th prediction. */
    private int row(SequenceBatch batch, int b, int i) {
        return everyStep ? batch.offset(batch.length(b) - count(batch, b) + i) + b : b;
    }

    /** What the workspace has for sequence b, in the order of time. */
    private float[] outputs(SequenceBatch batch, int b, Workspace workspace) {
        float[] values = new float[count(batch, b) * width];
        for (int at = 0, i = 0; at < values.length; at += width, i++) {
            System.arraycopy(workspace.values(), row(batch, b, i) * width, values, at, width);
        }
        return values;
    }

    /**
     * Both classes of loss binary.
     *
     * @param second probabilities of the second class
     * @param raw the outputs they are made of
     */
    private static Prediction ofTwo(float[] second, float[] raw, int[] classes) {
        float[] probabilities = new float[2 * second.length];
        float[] margins = new float[2 * second.length];
        for (int t = 0; t < second.length; t++) {
            probabilities[2 * t] = -raw[t];
            Activations.sigmoid(probabilities, 2 * t, probabilities, 2 * t, 1); // 1 - p would be 0 where p is near 1
            probabilities[2 * t + 1] = second[t];
            margins[2 * t] = -0.5f * raw[t]; // so that the probabilities are the softmax of the margins
            margins[2 * t + 1] = 0.5f * raw[t];
        }
        return new Prediction(probabilities, margins, 2, classes, NONE, NONE, NONE);
    }

    /** Outputs in the units of the targets. */
    private Prediction numbers(float[] raw, int[] classes, Sequence sequence) {
        Standardization units = sequence.targetScale() == null ? model.scaling().targets() : sequence.targetScale();

        int targets = readout.targets();
        double[] read = new double[readout.width()];
        double[] numbers = new double[classes.length * targets];
        double[] distribution = new double[readout.hasDistribution() ? raw.length : 0];
        double[] quantiles = new double[numbers.length * readout.levels(levels).size()];
        for (int t = 0; t < classes.length; t++) {
            readout.read(raw, t * read.length, units, read);
            for (int j = 0; j < targets; j++) {
                numbers[t * targets + j] = readout.prediction(read, j);
            }
            if (readout.hasDistribution()) {
                System.arraycopy(read, 0, distribution, t * read.length, read.length);
            }
            double[] own = readout.quantiles(read, levels);
            System.arraycopy(own, 0, quantiles, t * own.length, own.length);
        }
        float[] rounded = new float[numbers.length];
        for (int i = 0; i < numbers.length; i++) {
            rounded[i] = (float) numbers[i];
        }
        return new Prediction(rounded, rounded, targets, classes, numbers, quantiles, distribution);
    }
}
