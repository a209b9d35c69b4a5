package dev.unroll.fit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unroll.nn.LearningTask;
import dev.unroll.nn.Loss.CrossEntropy;
import dev.unroll.nn.LossReduction;
import dev.unroll.nn.Pooling;
import dev.unroll.nn.Unrolling;
import dev.unroll.optim.OptimizerSpec;
import dev.unroll.param.Initializer;
import dev.unroll.spark.rows.RowSpec;
import dev.unroll.train.Trainer;
import dev.unroll.worker.NaiveForecast;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** No component of the configuration that determines bits can be missing in the fingerprint of checkpoints. */
class FingerprintTest {

    /** The entries that {@link Fingerprint#of} makes of what the configuration led to. */
    private static final Set<String> DERIVED = Set.of(
            "data",
            "validation",
            "network",
            "loss",
            "unrolling",
            "tokens",
            "labels",
            "initial parameters",
            "plan",
            "optimizer",
            "updates");

    private static final TrainingConfig CONFIG = new TrainingConfig(
            "name",
            Map.of(),
            LearningTask.CLASSIFICATION,
            new RowSpec(LearningTask.CLASSIFICATION, "features", "label", null, "char", 0, 0),
            new DataConfig(false, 0, 0, false, "none", 0),
            new NetworkConfig("lstm", "tanh", 4, 0, 1, false, 3, false, Pooling.LAST),
            Initializer.DEFAULT,
            "",
            Unrolling.FULL,
            new LossConfig(new CrossEntropy(), LossReduction.STEP, false, 0),
            new BatchConfig(1, 8, 2, false, 0),
            new OptimizerSpec("adam", 0.01, "constant", 1, 0),
            new Trainer.Limits(10, 0, 0, 0, 0),
            NaiveForecast.NONE,
            0,
            false,
            new PlacementConfig(PlacementConfig.Engine.LOCAL, 0, 0),
            new CheckpointConfig("", 0, 1, false, false));

    /** A configuration as it may look later: with a component that nobody thought of here. */
    private record Later(
            @ChangesNoBit int where,
            @HeldIn("plan") int held,
            @Neutral("0.0") double added,
            int unmarked) {}

    private static Map<String, String> ownEntries(Record part) {
        Map<String, String> entries = new TreeMap<>();
        Fingerprint.ownEntries(part, entries);
        return entries;
    }

    @Test
    void componentWithoutMark_hasAnEntryOfItsOwn() {
        assertEquals(Map.of("unmarked", "4"), ownEntries(new Later(1, 2, 0, 4)));
        assertEquals(Map.of("unmarked", "4", "added", "0.5"), ownEntries(new Later(1, 2, 0.5, 4)));
    }

    @Test
    void ownEntries_areThoseOfToday() {
        assertEquals(Map.of("standardize", "false"), ownEntries(CONFIG));
    }

    @Test
    void marks_nameEntriesThatThereAre() {
        Set<String> named = new TreeSet<>();
        for (RecordComponent component : components(TrainingConfig.class)) {
            HeldIn held = component.getAnnotation(HeldIn.class);
            if (held != null) {
                named.addAll(List.of(held.value()));
            }
        }
        assertFalse(named.isEmpty());
        assertTrue(DERIVED.containsAll(named), named + " of " + DERIVED);
    }

    /** Of what determines bits and is no row, a change is seen in the text of the component's own class. */
    @Test
    void optimizer_hasEveryComponentInItsText() {
        assertNotEquals(
                new OptimizerSpec("adam", 0.01, "constant", 1, 0).toString(),
                new OptimizerSpec("adam", 0.01, "constant", 1, 0.5).toString());
        assertNotEquals(
                new OptimizerSpec("adam", 0.01, "constant", 1, 0).toString(),
                new OptimizerSpec("adam", 0.01, "constant", 1, 0, 0.5).toString());
        assertEquals(
                "OptimizerSpec[optimizer=adam, stepSize=0.01, schedule=constant, clipNorm=1.0, weightDecay=0.0]",
                new OptimizerSpec("adam", 0.01, "constant", 1, 0).toString());
    }

    /** Text of an array would be its address. */
    @Test
    void components_haveTextsThatAreTheirValues() {
        for (RecordComponent component : components(TrainingConfig.class)) {
            assertFalse(component.getType().isArray(), component.toString());
        }
    }

    private static List<RecordComponent> components(Class<?> type) {
        List<RecordComponent> all = new ArrayList<>();
        for (RecordComponent component : type.getRecordComponents()) {
            all.add(component);
            if (component.getType().isRecord() && component.getType().getPackage() == type.getPackage()) {
                all.addAll(components(component.getType()));
            }
        }
        return all;
    }
}
