package dev.unroll.nn;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.unroll.param.Keyed;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The names that saved models have of tasks, losses and cells: none may change, and a new one is written here too. */
class NamesTest {

    @Test
    void tasks_haveTheirKeys() {
        assertEquals(
                List.of("classification", "tagging", "regression", "language-model"), Keyed.keys(LearningTask.class));
    }

    @Test
    void losses_haveTheirKeys() {
        List<String> keys = List.of(
                "cross-entropy",
                "binary",
                "multi-label",
                "crf",
                "squared-error",
                "absolute",
                "huber",
                "quantile:0.05,0.4,0.9",
                "gaussian",
                "student-t",
                "poisson",
                "negative-binomial");
        assertEquals(keys, Losses.ALL.stream().map(Loss::key).toList());
        keys.forEach(key -> assertEquals(key, LossNames.of(key).key()));
        assertEquals(Keyed.keys(Loss.Kind.class).size(), keys.size());
    }

    @Test
    void poolings_haveTheirKeys() {
        assertEquals(List.of("last", "every", "mean", "max", "attention"), Keyed.keys(Pooling.class));
    }

    @Test
    void ownCells_areFoundUnderTheirNames() {
        assertEquals(List.of("elman", "lstm", "gru", "mingru"), Cells.OWN);
        Cells.OWN.forEach(name -> assertEquals(name, Cells.named(name, "tanh").name()));
    }
}
