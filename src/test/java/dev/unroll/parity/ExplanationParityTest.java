package dev.unroll.parity;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unroll.data.Columns;
import dev.unroll.data.Encoding;
import dev.unroll.data.Labels;
import dev.unroll.data.Scaling;
import dev.unroll.data.Vocabulary;
import dev.unroll.model.Explainer;
import dev.unroll.model.Explanation;
import dev.unroll.model.ExplanationSpec;
import dev.unroll.model.Model;
import dev.unroll.nn.LearningTask;
import dev.unroll.nn.NetworkSpec;
import dev.unroll.parity.Fixtures.Attributions;
import dev.unroll.parity.Fixtures.Explained;
import dev.unroll.parity.Fixtures.ExplanationCase;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Explanations against Captum's in double, which takes its gradients from PyTorch. */
class ExplanationParityTest {

    /** Of float32; what Captum's rule of 200 nodes leaves is far less. */
    private static final double TOLERANCE = 3e-4;

    static List<ExplanationCase> cases() {
        return Fixtures.explanations();
    }

    @ParameterizedTest
    @MethodSource("cases")
    void explanation_isCaptums(ExplanationCase c) {
        Model model = model(c.model());
        Explainer integrated = new Explainer(model, ExplanationSpec.DEFAULT);
        Explainer product = new Explainer(model, ExplanationSpec.DEFAULT.withMethod("gradient-times-input"));
        for (int n = 0; n < c.sequences().size(); n++) {
            Explained expected = c.explanations().get(n);
            Explanation explanation = integrated.explain(c.sequences().get(n));
            assertEquals(expected.score(), explanation.score(), TOLERANCE);
            assertEquals(expected.baselineScore(), explanation.baselineScore(), TOLERANCE);
            assertClose(expected.integrated(), explanation);
            assertClose(expected.product(), product.explain(c.sequences().get(n)));
            assertTrue(
                    Math.abs(explanation.remainder())
                            <= Explainer.COMPLETE * Math.abs(explanation.score() - explanation.baselineScore()),
                    () -> "remainder " + explanation.remainder() + " of " + explanation.score());
        }
    }

    private static void assertClose(Attributions expected, Explanation explanation) {
        assertEquals(expected.columns().length, explanation.columns().length);
        for (int k = 0; k < expected.columns().length; k++) {
            assertArrayEquals(expected.columns()[k], explanation.columns()[k], TOLERANCE, "column " + k);
        }
        assertArrayEquals(expected.statics(), explanation.statics(), TOLERANCE);
    }

    /** With names for whatever the network reads and predicts. */
    private static Model model(Fixtures.Model fixture) {
        NetworkSpec spec = fixture.spec();
        boolean numbers = !spec.head().loss().scoresClasses();
        Labels labels = numbers ? null : Labels.ofText(names(spec.head().labels()));
        Vocabulary vocabulary =
                spec.input() instanceof NetworkSpec.Tokens tokens ? vocabulary(tokens.vocabulary()) : null;
        Columns columns = spec.input() instanceof NetworkSpec.Mixed mixed
                ? new Columns(
                        names(mixed.numbers()),
                        categories(mixed.categories()),
                        names(mixed.staticNumbers()).stream()
                                .map(n -> n + " of all")
                                .toList(),
                        categories(mixed.statics()))
                : null;
        LearningTask task = numbers
                ? LearningTask.REGRESSION
                : spec.head().everyStep() ? LearningTask.TAGGING : LearningTask.CLASSIFICATION;
        Encoding encoding = new Encoding(vocabulary, labels, Scaling.NONE, columns);
        return new Model(task, spec, fixture.theta(), encoding, Map.of());
    }

    private static List<String> names(int count) {
        return IntStream.range(0, count).mapToObj(n -> "n" + n).toList();
    }

    /** One id is that of unknown tokens. */
    private static Vocabulary vocabulary(int ids) {
        return Vocabulary.ofTokens(names(ids - 1));
    }

    private static List<Columns.Category> categories(List<NetworkSpec.Category> categories) {
        return categories.stream()
                .map(category -> new Columns.Category(category.column(), vocabulary(category.vocabulary())))
                .toList();
    }
}
