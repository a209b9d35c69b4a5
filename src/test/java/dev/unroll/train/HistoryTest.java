package dev.unroll.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HistoryTest {

    @ParameterizedTest
    @CsvSource({"5, 1", "131072, 1", "131073, 2", "500000, 4"})
    void updates_areAll_orEvenlySpaced(int count, int interval) {
        History history = new History();
        for (int iteration = 1; iteration <= count; iteration++) {
            history.onIteration(report(iteration));
        }
        List<History.Update> updates = history.updates();
        assertTrue(updates.size() <= History.MOST);
        assertEquals((count + interval - 1) / interval, updates.size());
        for (int i = 0; i < updates.size(); i++) {
            assertEquals(1 + (long) i * interval, updates.get(i).iteration());
            assertEquals(updates.get(i).iteration() / 2.0, updates.get(i).loss());
        }
    }

    @Test
    void validations_areAll_orEverySecond() {
        History history = new History();
        for (int iteration = 1; iteration <= History.MOST + 2; iteration++) {
            history.onIteration(report(iteration, Optional.of(Map.of("loss", iteration / 4.0))));
        }
        List<History.Validation> validations = history.validations();
        assertEquals(History.MOST / 2 + 1, validations.size());
        assertEquals(new History.Validation(3, 0.75), validations.get(1));
        assertEquals(History.MOST + 1, validations.get(validations.size() - 1).iteration());
    }

    private static IterationReport report(long iteration) {
        return report(iteration, Optional.empty());
    }

    private static IterationReport report(long iteration, Optional<Map<String, Double>> validation) {
        return new IterationReport(
                iteration,
                iteration,
                0,
                iteration / 2.0,
                0,
                1,
                1,
                0,
                0,
                1,
                1,
                1,
                Phases.ZERO,
                1,
                JobCounts.NONE,
                validation,
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                () -> "");
    }
}
