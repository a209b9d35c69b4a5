package dev.unroll.model;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.unroll.data.CanonicalRow;
import dev.unroll.data.Encoding;
import dev.unroll.data.Labels;
import dev.unroll.data.Sequence;
import dev.unroll.data.Vocabulary;
import dev.unroll.nn.HeadSpec;
import dev.unroll.nn.LossReduction;
import dev.unroll.nn.NetworkSpec;
import dev.unroll.param.Initializer;
import dev.unroll.reference.ReferenceNetwork;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Against the reference network, one row at a time, in any order. */
class SequenceLossTest {

    @ParameterizedTest
    @CsvSource({"lstm, false", "gru, true", "mingru, false"})
    void lossAndGradientNorm_areTheReferences(String cell, boolean everyStep) {
        NetworkSpec spec = new NetworkSpec(new NetworkSpec.Tokens(4, 3), cell, "tanh", 5, new HeadSpec(2, everyStep));
        float[] theta = Initializer.initialize(spec.layout(), 2);
        double[] exact = new double[theta.length];
        for (int i = 0; i < theta.length; i++) {
            exact[i] = theta[i];
        }
        Vocabulary vocabulary = Vocabulary.ofTokens(List.of("a", "b", "c"));
        Labels labels = Labels.ofText(List.of("no", "yes"));
        SequenceLoss losses = new SequenceLoss(new Model(spec, theta, vocabulary, labels, Map.of()));
        for (String text : List.of("abcabc", "c", "bbbb", "c")) {
            List<String> answers = text.chars()
                    .limit(everyStep ? text.length() : 1)
                    .mapToObj(letter -> letter == 'b' ? "yes" : "no")
                    .toList();
            CanonicalRow row = CanonicalRow.ofCharacters(text, answers, 1f);
            Sequence sequence = row.decode(new Encoding(vocabulary, labels));
            ReferenceNetwork.Sums expected =
                    new ReferenceNetwork(spec, LossReduction.STEP).evaluate(exact, List.of(sequence));
            double square = 0;
            for (double slope : expected.meanGradient()) {
                square += slope * slope;
            }
            SequenceLoss.Result result = losses.of(List.of(row));
            assertEquals(expected.meanLoss(), result.loss(), 1e-6, text);
            assertEquals(Math.sqrt(square), result.gradientNorm(), 1e-5, text);
        }
    }
}
