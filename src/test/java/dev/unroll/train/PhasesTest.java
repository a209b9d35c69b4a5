package dev.unroll.train;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.api.Test;

/** The names are public: the metrics file, the history and event logs have them. */
class PhasesTest {

    private static final Phases PHASES = new Phases(1, 20, 300, 4000, 50000);

    @Test
    void phases_haveTheNamesOfFiles_inTheOrderOfAnUpdate() {
        assertEquals(
                List.of("broadcastMs", "computeMs", "waitMs", "mergeMs", "updateMs"),
                Phases.ALL.stream().map(Phases.Phase::key).toList());
        assertEquals(
                List.of(1.0, 20.0, 300.0, 4000.0, 50000.0),
                Phases.ALL.stream().map(phase -> phase.ms(PHASES)).toList());
    }

    @Test
    void sums_areOfEachPhase() {
        assertEquals(54321, PHASES.totalMs());
        assertEquals(new Phases(2, 40, 600, 8000, 100_000), PHASES.plus(PHASES));
        assertEquals(PHASES, PHASES.plus(Phases.ZERO));
        assertEquals(new Phases(1, 20, 300, 4000, 7), PHASES.withUpdate(7));
    }
}
