package dev.unroll.model;

import dev.unroll.data.CanonicalRow;
import dev.unroll.data.Sequence;
import dev.unroll.data.SequenceBatch;
import dev.unroll.data.Vocabulary;
import dev.unroll.nn.LearningTask;
import dev.unroll.nn.Network;
import dev.unroll.nn.NetworkSpec;
import dev.unroll.nn.State;
import dev.unroll.nn.Weights;
import dev.unroll.nn.Workspace;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingDeque;
import java.util.concurrent.LinkedBlockingDeque;
import java.util.function.BiFunction;
import java.util.stream.Stream;

/**
 * A model at work, in plain Java: takes sequences, gives classes and numbers. Thread-safe: threads share the weights, and each borrows
 * memory of its own while it predicts.
 */
public final class Predictor {

    /** The memory that one prediction needs at a time. */
    private record Desk(SequenceBatch batch, Workspace workspace) {}

    private final Model model;
    private final Network network;
    private final Weights weights;
    private final BlockingDeque<Desk> idle =
            new LinkedBlockingDeque<>(Runtime.getRuntime().availableProcessors());

    public Predictor(Model model) {
        this.model = model;
        this.network = new Network(model.spec());
        this.weights = network.bind(model.theta());
    }

    public Model model() {
        return model;
    }

    /**
     * Predicts a text, whose steps are its code points, or its words where the model was trained on words. A language model says of every place,
     * the beginning first, what comes next.
     *
     * @throws IllegalArgumentException if the model takes numbers, or the text has no step
     */
    public Prediction predict(String text) {
        return predict(tokens(text));
    }

    /**
     * Predicts a sequence of tokens; those that the model does not know are one and the same to it.
     *
     * @throws IllegalArgumentException if the model takes numbers, or there is no token
     */
    public Prediction predict(List<String> tokens) {
        requireTokens();
        return predict(Sequence.ofTokens(ids(begun(tokens)), new int[0], 1f));
    }

    /** A language model reads every text from the end mark of the one before. */
    private List<String> begun(List<String> tokens) {
        if (model.task() != LearningTask.LANGUAGE_MODEL) {
            return tokens;
        }
        List<String> begun = new ArrayList<>(List.of(Vocabulary.END));
        begun.addAll(tokens);
        return begun;
    }

    /**
     * Predicts a sequence of steps of numbers, (T, D).
     *
     * @throws IllegalArgumentException if the model takes tokens or steps of another width, or there is no step
     */
    public Prediction predict(float[][] steps) {
        float[] values = new float[steps.length * width()];
        for (int t = 0; t < steps.length; t++) {
            copy(steps[t], values, t);
        }
        return predict(Sequence.ofValues(values, width(), new int[0], 1f));
    }

    /** Predicts one row that was read without labels. */
    public Prediction predict(CanonicalRow row) {
        return predict(row.decode(model.vocabulary(), model.labels()));
    }

    private Prediction predict(Sequence sequence) {
        return atDesk((batch, workspace) -> {
            batch.pack(List.of(model.scaling().apply(sequence)));
            network.forward(weights, batch, workspace);
            return read(workspace);
        });
    }

    /**
     * A sequence that comes step by step, as from a stream: each step is predicted in constant time and memory, from the state that the steps
     * before left. A head on the last state then says what it would say if the sequence ended there.
     *
     * @throws IllegalStateException if the network reads in both directions
     */
    public Stepper stepper() {
        if (model.spec().bidirectional()) {
            throw new IllegalStateException("a network that reads in both directions cannot go on step by step");
        }
        return new Stepper();
    }

    /** One sequence under way. Not thread-safe; any number of them may be under way at once. */
    public final class Stepper {

        private State state;

        private Stepper() {
            reset();
        }

        /** Takes a token, and predicts from all steps so far. */
        public Prediction step(String token) {
            requireTokens();
            return step(Sequence.ofTokens(ids(List.of(token)), new int[0], 1f));
        }

        /** Takes a step of numbers, (D), and predicts from all steps so far. */
        public Prediction step(float[] numbers) {
            float[] values = new float[width()];
            copy(numbers, values, 0);
            return step(Sequence.ofValues(values, width(), new int[0], 1f));
        }

        private Prediction step(Sequence sequence) {
            return atDesk((batch, workspace) -> {
                batch.pack(List.of(model.scaling().apply(sequence)));
                network.step(weights, batch, state, workspace);
                return read(workspace);
            });
        }

        /** Begins another sequence. */
        public void reset() {
            state = network.newState(1);
            if (model.task() == LearningTask.LANGUAGE_MODEL) {
                step(Vocabulary.END);
            }
        }
    }

    /** The class of an output: a label as it was in the data, or a token of a language model. */
    public String label(Prediction prediction, int output) {
        int c = prediction.classes()[output];
        return model.task() == LearningTask.LANGUAGE_MODEL
                ? model.vocabulary().token(c)
                : model.labels().value(c);
    }

    private Prediction atDesk(BiFunction<SequenceBatch, Workspace, Prediction> work) {
        Desk desk = idle.pollFirst();
        if (desk == null) {
            desk = new Desk(new SequenceBatch(), network.newWorkspace());
        }
        Prediction prediction = work.apply(desk.batch, desk.workspace);
        idle.offerFirst(desk); // more than there are processors are given up
        return prediction;
    }

    private Prediction read(Workspace workspace) {
        float[] raw = inOrder(workspace);
        network.softmax(workspace);
        int outputs = workspace.outputs();
        int[] classes = new int[outputs];
        for (int t = 0; t < outputs; t++) {
            classes[t] = workspace.predictions()[outputs - 1 - t];
        }
        if (model.task() == LearningTask.REGRESSION) {
            return new Prediction(raw, raw, width(raw, outputs), classes);
        }
        return new Prediction(inOrder(workspace), raw, width(raw, outputs), classes);
    }

    private static int width(float[] values, int outputs) {
        return values.length / outputs;
    }

    /** Outputs in the order of time, in the units of the targets; rows of one sequence stand from its last step to its first. */
    private float[] inOrder(Workspace workspace) {
        int width = model.spec().head().outputs();
        int outputs = workspace.outputs();
        float[] values = new float[outputs * width];
        for (int t = 0; t < outputs; t++) {
            for (int j = 0; j < width; j++) {
                float value = workspace.values()[(outputs - 1 - t) * width + j];
                values[t * width + j] = model.task() == LearningTask.REGRESSION
                        ? model.scaling().unscaleTarget(value, j)
                        : value;
            }
        }
        return values;
    }

    private List<String> tokens(String text) {
        return model.provenance().getOrDefault("tokenizer", "char").equals("whitespace")
                ? Stream.of(text.split("\\s+")).filter(word -> !word.isEmpty()).toList()
                : text.codePoints().mapToObj(Character::toString).toList();
    }

    private int[] ids(List<String> tokens) {
        return tokens.stream().mapToInt(model.vocabulary()::id).toArray();
    }

    private void requireTokens() {
        if (model.vocabulary() == null) {
            throw new IllegalArgumentException(
                    "the model takes steps of " + model.spec().input().size() + " numbers, not tokens");
        }
    }

    /** D of the numbers that the model takes. */
    private int width() {
        if (!(model.spec().input() instanceof NetworkSpec.Dense dense)) {
            throw new IllegalArgumentException("the model takes tokens, not numbers");
        }
        return dense.width();
    }

    private void copy(float[] step, float[] values, int t) {
        if (step.length != width()) {
            throw new IllegalArgumentException(
                    "step " + t + " has " + step.length + " numbers, and the model takes " + width());
        }
        System.arraycopy(step, 0, values, t * width(), width());
    }
}
