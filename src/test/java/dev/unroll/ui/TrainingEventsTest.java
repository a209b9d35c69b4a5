package dev.unroll.ui;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;

import dev.unroll.data.Scaling;
import dev.unroll.data.ShardPlan;
import dev.unroll.nn.LossReduction;
import dev.unroll.nn.LossSpec;
import dev.unroll.nn.NetworkSpec;
import dev.unroll.nn.Task;
import dev.unroll.train.Problem;
import org.junit.jupiter.api.Test;

class TrainingEventsTest {

    /** A null stands for a Spark whose UI and bus are not those that are known. */
    @Test
    void contextThatGivesNeitherUiNorBus_costsNoTraining() {
        NetworkSpec spec =
                new NetworkSpec(new NetworkSpec.Dense(2), "gru", "tanh", 5, new NetworkSpec.HeadSpec(3, false));
        Problem problem = Problem.of(spec, Task.CLASSIFICATION, new LossSpec(LossReduction.STEP), Scaling.NONE);
        TrainingEvents events = new TrainingEvents(null);
        assertDoesNotThrow(() -> events.begin("name", problem, new ShardPlan(1, 2, 10, 4)));
        assertDoesNotThrow(() -> events.end("over"));
    }
}
