package dev.unroll.optim;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ScheduleTest {

    private static final long UPDATES = 200;

    /** Iterations count from 1. The factors of decays are PyTorch's after {@code iteration - 1} calls of the scheduler's step. */
    @ParameterizedTest
    @CsvSource({
        "constant, 1, 1",
        "constant, 100000, 1",
        "linear, 1, 1",
        "linear, 101, 0.5",
        "linear, 200, 0.005",
        "linear, 201, 0",
        "linear, 1000, 0",
        "linear:10, 1, 1",
        "linear:10, 10, 0.1",
        "linear:10, 11, 0",
        "cosine, 1, 1",
        "cosine, 101, 0.5",
        "cosine, 201, 0",
        "cosine:3, 2, 0.75",
        "cosine:3, 3, 0.25",
        "cosine:3, 4, 0",
        "cosine:3, 5, 0",
        "step:30:0.1, 30, 1",
        "step:30:0.1, 31, 0.1",
        "step:30:0.1, 60, 0.1",
        "step:30:0.1, 61, 0.01",
        "step:1:0.5, 1, 1",
        "step:1:0.5, 11, 0.0009765625",
        "warmup:4, 1, 0.25",
        "warmup:4, 2, 0.5",
        "warmup:4, 4, 1",
        "warmup:4, 1000, 1",
        "'warmup:4,constant', 3, 0.75",
        "'warmup:100,cosine', 100, 1",
        "'warmup:100,cosine', 101, 1",
        "'warmup:100,cosine', 151, 0.5",
        "'warmup:100,cosine', 201, 0",
        "'warmup:100,cosine:10', 106, 0.5",
        "'warmup:2,linear', 3, 1",
        "'warmup:2,linear', 102, 0.5",
        "'warmup:10,step:5:0.5', 10, 1",
        "'warmup:10,step:5:0.5', 15, 1",
        "'warmup:10,step:5:0.5', 16, 0.5",
        "'warmup:1000,linear', 200, 0.2",
        "'warmup:200,cosine', 201, 0",
    })
    void factor_isTheDocumentedOne(String schedule, long iteration, double factor) {
        double stepSize = LearningRate.parse(schedule, 0.003, UPDATES).stepSize(iteration);
        assertEquals(0.003 * factor, stepSize, 1e-15 * 0.003);
    }

    /** The oracle is the text itself, read by eye: each form of the grammar with what it means, also where it is shown. */
    @ParameterizedTest
    @CsvSource({
        "constant, 'Schedule[warmup=0, shape=constant, length=0, factor=1.0]'",
        "linear:7, 'Schedule[warmup=0, shape=linear, length=7, factor=1.0]'",
        "cosine, 'Schedule[warmup=0, shape=cosine, length=0, factor=1.0]'",
        "'warmup:3,step:5:0.5', 'Schedule[warmup=3, shape=step, length=5, factor=0.5]'",
    })
    void parts_areTheDocumentedOnes(String schedule, String parts) {
        assertEquals(parts, Schedule.parse(schedule).toString());
    }

    /** Guards old runs: a constant schedule has the bits of the step size. */
    @Test
    void constant_isTheStepSizeToTheBit() {
        assertEquals(0.1, LearningRate.parse("constant", 0.1, 5).stepSize(7));
        assertEquals(0.1, LearningRate.parse("warmup:3", 0.1, 5).stepSize(3));
    }

    @Test
    void update_usesTheStepSizeOfItsIteration() {
        OptimizerSpec spec = new OptimizerSpec("sgd", 1, "warmup:2,linear", 0, 0);
        Optimizer optimizer = spec.create(1, 4);
        float[] theta = {0};
        double[] stepSizes = {0.5, 1, 1, 0.5, 0};
        for (int k = 1; k <= stepSizes.length; k++) {
            float before = theta[0];
            StepReport report = optimizer.step(theta, at -> new LossFunction.Point(0, new float[] {-1}), k);
            assertEquals(stepSizes[k - 1], report.stepSize());
            assertEquals(stepSizes[k - 1], theta[0] - before);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                ",",
                "Constant",
                "constant:3",
                "linear:",
                "linear:0",
                "linear:-5",
                "linear:1.5",
                "linear:5:0.5",
                "cosine:x",
                "cosine:99999999999999999999",
                "step",
                "step:5",
                "step:5:",
                "step:0:0.5",
                "step:5:0",
                "step:5:1.5",
                "step:5:-0.5",
                "step:5:NaN",
                "step:5:0.5:1",
                "warmup",
                "warmup:",
                "warmup:0",
                "warmup:0,cosine",
                "warmup:5,",
                ",cosine",
                "warmup:5,cosine,",
                "warmup:5,warmup:5",
                "warmup:5,warmup:5,cosine",
                "cosine,warmup:5",
                "warmup:5 cosine",
                "exponential:0.9"
            })
    void anythingElse_isRefusedWithKeyValueAndAllowed(String schedule) {
        String message = assertThrows(IllegalArgumentException.class, () -> Schedule.parse(schedule))
                .getMessage();
        assertTrue(message.startsWith("schedule is " + schedule + "; allowed is constant, linear or cosine"), message);
        assertFalse(Schedule.accepts(schedule));
    }
}
