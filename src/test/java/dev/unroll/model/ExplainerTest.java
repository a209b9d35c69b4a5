package dev.unroll.model;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unroll.data.Columns;
import dev.unroll.data.Encoding;
import dev.unroll.data.Labels;
import dev.unroll.data.RowColumns;
import dev.unroll.data.Scaling;
import dev.unroll.data.Sequence;
import dev.unroll.data.Vocabulary;
import dev.unroll.math.CounterRandom;
import dev.unroll.nn.BinaryLoss;
import dev.unroll.nn.HeadSpec;
import dev.unroll.nn.LearningTask;
import dev.unroll.nn.Likelihood;
import dev.unroll.nn.Loss;
import dev.unroll.nn.Loss.CrossEntropy;
import dev.unroll.nn.Loss.SquaredError;
import dev.unroll.nn.NetworkSpec;
import dev.unroll.nn.NetworkSpec.Dense;
import dev.unroll.nn.NetworkSpec.Tokens;
import dev.unroll.nn.Pooling;
import dev.unroll.param.ParameterLayout;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What is explained, and in what units; ExplanationParityTest has the attributions themselves. */
class ExplainerTest {

    private static final int[] IDS = {1, 3, 2, 0, 1, 4};
    private static final Scaling SCALED =
            new Scaling(new float[] {1, 2}, new float[] {3, 4}, new float[] {10, 20}, new float[] {2, 300});
    private static final double[][] STEPS = {{4, 6}, {-2, 2}, {0, 1}, {5, 5}};

    private static float[] theta(NetworkSpec spec, double size) {
        float[] theta = new float[spec.layout().size()];
        for (int k = 0; k < theta.length; k++) {
            theta[k] = (float) (size * (2 * new CounterRandom(7, 1).uniform(k) - 1));
        }
        return theta;
    }

    private static Model words(HeadSpec head, String cell, String activation, int layers, boolean bidirectional) {
        NetworkSpec spec = new NetworkSpec(new Tokens(5, 3), cell, activation, 8, layers, bidirectional, head);
        Vocabulary vocabulary = Vocabulary.ofTokens(List.of("a", "b", "c", "d"));
        Labels labels = Labels.ofText(List.of("no", "yes"));
        return new Model(spec, theta(spec, 0.9), vocabulary, labels, Map.of());
    }

    private static Model numbers(Loss loss, boolean everyStep) {
        HeadSpec head = HeadSpec.ofTargets(loss, 2, everyStep);
        NetworkSpec spec = new NetworkSpec(new Dense(2), "lstm", "tanh", 5, head);
        Scaling scaling = loss.counts()
                ? new Scaling(new float[] {1, 2}, new float[] {3, 4}, new float[] {0, 0}, new float[] {2, 300})
                : SCALED;
        return new Model(LearningTask.REGRESSION, spec, theta(spec, 0.9), null, null, scaling, Map.of());
    }

    private static Sequence tokens() {
        return Sequence.ofTokens(IDS, new int[0], 1f);
    }

    private static Sequence steps(Model model) {
        double[] flat = Stream.of(STEPS).flatMapToDouble(Arrays::stream).toArray();
        return model.encoding().sequence(flat, 2);
    }

    private static void assertComplete(Explanation explanation) {
        double difference = Math.abs(explanation.score() - explanation.baselineScore());
        assertTrue(
                Math.abs(explanation.remainder()) <= Explainer.COMPLETE * difference,
                () -> "it leaves " + explanation.remainder() + " of " + difference);
    }

    static Stream<Model> kinks() {
        HeadSpec last = new HeadSpec(2, false);
        return Stream.of(
                words(last, "elman", "relu", 1, false),
                words(last, "elman", "relu", 2, true),
                words(last.with(Pooling.MAX), "lstm", "tanh", 2, true),
                words(last.with(Pooling.ATTENTION), "gru", "tanh", 1, false),
                words(new HeadSpec(new Loss.Crf(), 2, true), "lstm", "tanh", 1, true));
    }

    /** Where the path from the baseline crosses kinks, a rule of few nodes would not do. */
    @ParameterizedTest
    @MethodSource("kinks")
    void integratedGradients_acrossKinks_areComplete(Model model) {
        assertComplete(new Explainer(model, ExplanationSpec.DEFAULT).explain(tokens()));
        assertComplete(new Explainer(model, ExplanationSpec.DEFAULT.withBaseline("unknown")).explain(tokens()));
    }

    /** What no memory is left for is computed again when it is taken off. */
    @ParameterizedTest
    @MethodSource("kinks")
    void integratedGradients_withoutMemoryForPanels_areTheSame(Model model) {
        Explanation kept = new Explainer(model, ExplanationSpec.DEFAULT).explain(tokens());
        Explanation again = new Explainer(model, ExplanationSpec.DEFAULT, 0).explain(tokens());
        assertComplete(again);
        assertArrayEquals(kept.steps(), again.steps(), 1e-4);
        assertEquals(kept.label(), again.label());
    }

    /** A score as good as that of the baseline differs from it by rounding alone, which more gradients do not mend. */
    @Test
    void integratedGradients_ofRoundingAlone_areFew() {
        NetworkSpec spec = new NetworkSpec(new Tokens(5, 3), "lstm", "tanh", 64, new HeadSpec(2, false));
        float[] theta = theta(spec, 0.15);
        ParameterLayout.Slot embedding = spec.layout().slot("embedding.weight");
        for (int k = 0; k < embedding.size(); k++) {
            theta[embedding.offset() + k] *= 1e-4f;
        }
        Vocabulary vocabulary = Vocabulary.ofTokens(List.of("a", "b", "c", "d"));
        Model model = new Model(spec, theta, vocabulary, Labels.ofText(List.of("no", "yes")), Map.of());
        Explanation few = new Explainer(model, ExplanationSpec.DEFAULT.withSteps(128)).explain(tokens());
        Explanation many = new Explainer(model, ExplanationSpec.DEFAULT).explain(tokens());
        double difference = Math.abs(many.score() - many.baselineScore());
        assertTrue(Math.abs(many.remainder()) > Explainer.COMPLETE * difference, "float32 does not hold it");
        assertArrayEquals(few.steps(), many.steps(), 0, "the same bits: it has stopped before");
    }

    @Test
    void steps_tooFew_theRemainderSaysSo() {
        Model model = words(new HeadSpec(2, false), "elman", "relu", 2, true);
        Explanation rough = new Explainer(model, ExplanationSpec.DEFAULT.withSteps(8)).explain(tokens());
        double difference = Math.abs(rough.score() - rough.baselineScore());
        assertTrue(Math.abs(rough.remainder()) > Explainer.COMPLETE * difference);
        assertEquals(rough.score() - rough.baselineScore(), rough.sum() + rough.remainder(), 1e-12);
    }

    @Test
    void baseline_unknown_isTheSequenceOfUnknownTokens() {
        Model model = words(new HeadSpec(2, false), "lstm", "tanh", 1, false);
        Predictor predictor = new Predictor(model);
        Explanation explanation = new Explainer(
                        model, ExplanationSpec.DEFAULT.withBaseline("unknown").withLabel("yes"))
                .explain(tokens());
        assertEquals(predictor.predict(List.of("a", "c", "b", "?", "a", "d")).raw()[1], explanation.score());
        assertEquals(predictor.predict(List.of("?", "?", "?", "?", "?", "?")).raw()[1], explanation.baselineScore());
        assertEquals(0, explanation.steps()[3], "a step that is as in the baseline");
    }

    @Test
    void label_isThePredictedOne_orTheNamedOne() {
        Model model = words(new HeadSpec(2, false), "lstm", "tanh", 1, false);
        Predictor predictor = new Predictor(model);
        Prediction prediction = predictor.predict(List.of("a", "c", "b", "?", "a", "d"));
        Explanation predicted = new Explainer(model, ExplanationSpec.DEFAULT).explain(tokens());
        assertEquals(predictor.label(prediction, 0), predicted.label());
        for (int c = 0; c < 2; c++) {
            String label = List.of("no", "yes").get(c);
            Explanation named = new Explainer(model, ExplanationSpec.DEFAULT.withLabel(label)).explain(tokens());
            assertEquals(label, named.label());
            assertEquals(prediction.raw()[c], named.score());
        }
    }

    /** Of two classes one output: what speaks for one of them speaks against the other. */
    @Test
    void binary_classesAreOpposite() {
        Model model = words(HeadSpec.ofLabels(new BinaryLoss(), 2, false), "gru", "tanh", 1, false);
        Explanation yes = new Explainer(model, ExplanationSpec.DEFAULT.withLabel("yes")).explain(tokens());
        Explanation no = new Explainer(model, ExplanationSpec.DEFAULT.withLabel("no")).explain(tokens());
        double[] against = Arrays.stream(no.steps()).map(a -> -a).toArray();
        assertArrayEquals(yes.steps(), against, 1e-7);
        assertEquals(yes.score(), -no.score());
        Prediction prediction = new Predictor(model).predict(List.of("a", "c", "b", "?", "a", "d"));
        double p = 1 / (1 + Math.exp(-yes.score()));
        assertEquals(p, prediction.values()[1], 1e-6, "the score is the log-odds");
    }

    @Test
    void output_one_dependsOnNothingAfterIt_andAllAddUp() {
        Model model = words(new HeadSpec(2, true), "lstm", "tanh", 2, false);
        ExplanationSpec yes = ExplanationSpec.DEFAULT.withLabel("yes");
        double[] sum = new double[IDS.length];
        for (int t = 0; t < IDS.length; t++) {
            Explanation one = new Explainer(model, yes.withOutput(t)).explain(tokens());
            Explanation same = new Explainer(model, yes.withOutput(t - IDS.length)).explain(tokens());
            assertArrayEquals(one.steps(), same.steps());
            for (int s = 0; s < IDS.length; s++) {
                assertTrue(s <= t || one.steps()[s] == 0);
                sum[s] += one.steps()[s];
            }
        }
        assertArrayEquals(sum, new Explainer(model, yes).explain(tokens()).steps(), 1e-4);
    }

    @Test
    void outputs_ofSeveralClasses_haveNoLabelTogether() {
        Model model = words(new HeadSpec(2, true), "elman", "tanh", 2, false);
        List<String> labels = Stream.of(0, 1, 2, 3, 4, 5)
                .map(t -> new Explainer(model, ExplanationSpec.DEFAULT.withOutput(t))
                        .explain(tokens())
                        .label())
                .distinct()
                .toList();
        assertEquals(2, labels.size());
        assertNull(
                new Explainer(model, ExplanationSpec.DEFAULT).explain(tokens()).label());
    }

    static Stream<Loss> losses() {
        return Stream.of(
                new SquaredError(),
                new Loss.Quantile(List.of(0.5)), // outputs of several may cross, which predictions do not
                new Likelihood.Gaussian(),
                new Likelihood.Poisson());
    }

    /** The score is the prediction itself, so attributions are in its units. */
    @ParameterizedTest
    @MethodSource("losses")
    void numbers_areInTheUnitsOfTheTarget(Loss loss) {
        Model model = numbers(loss, false);
        double[] predicted = new Predictor(model).predict(STEPS).numbers();
        Explanation both = new Explainer(model, ExplanationSpec.DEFAULT).explain(steps(model));
        double sum = 0;
        for (int m = 0; m < 2; m++) {
            Explanation one = new Explainer(model, ExplanationSpec.DEFAULT.withTarget(m)).explain(steps(model));
            assertEquals(predicted[m], one.score(), 1e-6 * Math.abs(predicted[m]));
            assertComplete(one);
            assertNull(one.label());
            sum += one.score();
        }
        assertEquals(sum, both.score(), 1e-9 * Math.abs(sum));
        // The baseline is the mean of the data.
        double[][] means = {{1, 2}, {1, 2}, {1, 2}, {1, 2}};
        double[] ofMeans = new Predictor(model).predict(means).numbers();
        assertEquals(ofMeans[0] + ofMeans[1], both.baselineScore(), 1e-5 * Math.abs(both.baselineScore()));
    }

    /** A forecast of the last steps of a window has as many predictions, and no others. */
    @Test
    void horizon_predictionsAreItsSteps() {
        HeadSpec head = HeadSpec.ofTargets(new SquaredError(), 1, true);
        NetworkSpec spec =
                new NetworkSpec(new NetworkSpec.Mixed(2, true, List.of(), 0, List.of()), "gru", "tanh", 5, head);
        Columns columns = new Columns(List.of("sold", "price"), List.of(), List.of(), List.of());
        Encoding encoding = new Encoding(null, null, Scaling.NONE, columns, 2);
        Model model = new Model(LearningTask.REGRESSION, spec, theta(spec, 0.9), encoding, Map.of());
        Map<String, Object> row = Map.of("sold", new double[] {3, 1, 2, 2}, "price", new double[] {1, 1, 0, 1});
        double[] predicted = new Predictor(model).predict(row).numbers();
        assertEquals(2, predicted.length);
        Sequence sequence = model.encoding()
                .sequence(
                        new RowColumns(new double[] {3, 1, 1, 1, 2, 0, 2, 1}, 2, List.of(), new double[0], List.of()));
        Explanation first = new Explainer(model, ExplanationSpec.DEFAULT.withOutput(0)).explain(sequence);
        assertEquals(predicted[0], first.score(), 1e-6);
        assertEquals(0, first.steps()[3], "a step after it");
        Explanation all = new Explainer(model, ExplanationSpec.DEFAULT).explain(sequence);
        assertEquals(predicted[0] + predicted[1], all.score(), 1e-6);
        assertComplete(all);
    }

    @Test
    void languageModel_explainsTheNextToken() {
        HeadSpec head = new HeadSpec(new CrossEntropy(), 5, Pooling.EVERY, true);
        NetworkSpec spec = new NetworkSpec(new Tokens(5, 8), "lstm", "tanh", 8, head);
        Vocabulary vocabulary = Vocabulary.ofTokens(List.of(Vocabulary.END, "a", "b", "c"));
        Encoding encoding = new Encoding(vocabulary, null);
        Model model = new Model(LearningTask.LANGUAGE_MODEL, spec, theta(spec, 0.9), encoding, Map.of());
        Explainer next = new Explainer(model, ExplanationSpec.DEFAULT.withOutput(-1));
        Explanation explanation = next.explain(Sequence.ofTokens(new int[] {1, 2, 4, 3}, new int[0], 1f));
        Predictor predictor = new Predictor(model);
        Prediction prediction = predictor.predict(List.of("a", "c", "b"));
        assertEquals(predictor.label(prediction, 3), explanation.label());
        assertComplete(explanation);
        assertEquals(
                "a",
                new Explainer(model, ExplanationSpec.DEFAULT.withLabel("a"))
                        .explain(tokens())
                        .label());
    }

    @Test
    void whatTheModelDoesNotPredict_isRefused() {
        Model words = words(new HeadSpec(2, false), "lstm", "tanh", 1, false);
        Model numbers = numbers(new SquaredError(), false);
        assertRefused(words, ExplanationSpec.DEFAULT.withLabel("maybe"), "label is maybe");
        assertRefused(words, ExplanationSpec.DEFAULT.withTarget(0), "target is 0, and the model predicts labels");
        assertRefused(words, ExplanationSpec.DEFAULT.withOutput(1), "output is 1");
        assertRefused(
                numbers, ExplanationSpec.DEFAULT.withLabel("yes"), "label is yes, and the model predicts numbers");
        assertRefused(numbers, ExplanationSpec.DEFAULT.withTarget(2), "target is 2, and a target has 2 numbers");
        Explainer every = new Explainer(
                words(new HeadSpec(2, true), "lstm", "tanh", 1, false), ExplanationSpec.DEFAULT.withOutput(6));
        assertThrows(IllegalArgumentException.class, () -> every.explain(tokens()));
        assertThrows(IllegalArgumentException.class, () -> ExplanationSpec.DEFAULT.withSteps(7));
        assertThrows(IllegalArgumentException.class, () -> ExplanationSpec.DEFAULT.withMethod("saliency"));
    }

    private static void assertRefused(Model model, ExplanationSpec spec, String message) {
        String refusal = assertThrows(IllegalArgumentException.class, () -> new Explainer(model, spec))
                .getMessage();
        assertTrue(refusal.contains(message), refusal);
    }
}
