package dev.unroll.nn;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unroll.nn.Loss.CrossEntropy;
import dev.unroll.nn.NetworkSpec.Category;
import dev.unroll.nn.NetworkSpec.Mixed;
import dev.unroll.param.Initializer;
import dev.unroll.param.ParameterLayout;
import dev.unroll.param.ParameterLayout.Slot;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Sizes, tensors and initial values of a network of numbers and categories. */
class MixedSpecTest {

    private static final Category PAGE = new Category("page", 1000, 16);
    private static final Category DAY = new Category("day", 7);
    private static final Category SHOP = new Category("shop", 40, 3);

    private static NetworkSpec network(Mixed input, String cell) {
        return new NetworkSpec(input, cell, "tanh", 5, 2, true, new HeadSpec(3, false));
    }

    @ParameterizedTest
    @CsvSource({"1, 1", "2, 1", "3, 2", "7, 4", "98, 49", "99, 50", "100, 50", "16777216, 50"})
    void width_isHalfTheVocabularyAndAtMost50(int vocabulary, int expected) {
        assertEquals(expected, new Category("c", vocabulary).embeddingSize());
    }

    /** Statics stand before steps in the first layer, and before states in the head; nowhere else. */
    @ParameterizedTest
    @ValueSource(strings = {"lstm", "mingru"})
    void layout_hasATensorForEachColumn(String cell) {
        Mixed input = new Mixed(2, true, List.of(PAGE, DAY), 1, List.of(SHOP));
        assertEquals(16 + 4 + 2 + 2, input.size());
        assertEquals(3 + 1 + 1, input.staticSize());
        ParameterLayout layout = network(input, cell).layout();
        List<String> names = layout.slots().stream().map(Slot::name).toList();
        assertEquals(
                List.of("embeddings.page.weight", "embeddings.day.weight", "static_embeddings.shop.weight"),
                names.subList(0, 3));
        assertEquals(List.of(7, 4), layout.slot("embeddings.day.weight").shape());
        assertEquals(5 + 24, layout.slot("rnn.weight_ih_l0").columns());
        assertEquals(5 + 24, layout.slot("rnn.weight_ih_l0_reverse").columns());
        assertEquals(10, layout.slot("rnn.weight_ih_l1").columns());
        assertEquals(5 + 10, layout.slot("head.weight").columns());
        assertEquals(5, layout.hiddenSize());
    }

    /** Embeddings are normal, recurrent tensors bounded by H whatever the head's columns are. */
    @Test
    void initialValues_areThoseOfPyTorchsModules() {
        Mixed input = new Mixed(2, true, List.of(PAGE, DAY), 1, List.of(SHOP));
        ParameterLayout layout = network(input, "mingru").layout();
        float[] theta = Initializer.initialize(layout, 3);
        assertEquals(1, deviation(theta, layout.slot("embeddings.page.weight")), 0.02);
        assertEquals(1, deviation(theta, layout.slot("static_embeddings.shop.weight")), 0.2);
        double uniform = 1 / Math.sqrt(3);
        assertEquals(uniform / Math.sqrt(5), deviation(theta, layout.slot("rnn.weight_ih_l0")), 0.03);
        assertEquals(uniform / Math.sqrt(15), deviation(theta, layout.slot("head.weight")), 0.03);
    }

    private static double deviation(float[] theta, Slot slot) {
        double squares = 0;
        for (int i = 0; i < slot.size(); i++) {
            squares += theta[slot.offset() + i] * theta[slot.offset() + i];
        }
        return Math.sqrt(squares / slot.size());
    }

    @Test
    void whatMakesNoSense_isRefused() {
        assertMessage(
                "the width of a step is 0; allowed is at least 1", () -> new Mixed(0, true, List.of(), 1, List.of()));
        assertMessage("each may be there once", () -> new Mixed(0, false, List.of(PAGE, DAY), 0, List.of(PAGE)));
        assertMessage("is named \"a.b\"; allowed is a name without a dot", () -> new Category("a.b", 3));
        assertMessage("the vocabulary of page is 0; allowed is at least 1", () -> new Category("page", 0, 3));
        assertMessage("the embedding size of page is 0", () -> new Category("page", 3, 0));
        Category wide = new Category("wide", 1, NetworkSpec.MAX_SIZE);
        assertMessage("the width of a step is 16777217", () -> new Mixed(1, false, List.of(wide), 0, List.of()));
        HeadSpec tied = new HeadSpec(new CrossEntropy(), 3, Pooling.EVERY, true);
        Mixed input = new Mixed(1, false, List.of(), 0, List.of());
        assertMessage("tied embeddings need tokens", () -> new NetworkSpec(input, "lstm", "tanh", 5, tied));
    }

    private static void assertMessage(String part, Runnable refused) {
        String message =
                assertThrows(IllegalArgumentException.class, refused::run).getMessage();
        assertTrue(message.contains(part), message);
    }
}
