package dev.unroll.cli.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unroll.train.IterationReport;
import dev.unroll.train.JobCounts;
import dev.unroll.train.Phases;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** The means that people see while a training runs are sums over sums, as those of the training itself. */
class ProgressLineTest {

    /** A batch of an epoch. */
    private record Batch(long epoch, double loss, double weight, double accuracy, long terms, boolean validated) {}

    private static List<String> lines(boolean hasAccuracy, Batch... batches) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ProgressLine line = new ProgressLine(new PrintStream(out, true, StandardCharsets.UTF_8), hasAccuracy);
        for (int k = 1; k <= batches.length; k++) {
            Batch batch = batches[k - 1];
            line.onIteration(new IterationReport(
                    k,
                    batches.length,
                    batch.epoch,
                    batch.loss,
                    batch.accuracy,
                    batch.weight,
                    batch.terms,
                    1,
                    0.1,
                    4,
                    8,
                    1,
                    new Phases(1, 1, 1, 1, 1),
                    1,
                    JobCounts.NONE,
                    batch.validated ? Optional.of(Map.of("loss", 0.5)) : Optional.empty(),
                    Optional.empty(),
                    Optional.empty(),
                    Optional.empty(),
                    () -> ""));
        }
        return out.toString(StandardCharsets.UTF_8).lines().toList();
    }

    /**
     * (1 x 8 + 2 x 8 + 6 x 2) / 18 = 2, where a mean of means would say 3; (6 + 4 + 0) / 18 right, where it would say
     * 0.417.
     */
    @Test
    void shortLastBatch_countsByItsWeight() {
        List<String> lines = lines(
                true,
                new Batch(0, 1, 8, 0.75, 8, false),
                new Batch(0, 2, 8, 0.5, 8, false),
                new Batch(0, 6, 2, 0, 2, false));
        assertEquals(1, lines.size(), lines.toString());
        assertTrue(lines.get(0).contains("  loss 2.0000  accuracy 0.556  "), lines.get(0));
    }

    @Test
    void everyEpoch_hasMeansOfItsOwn_andALineDoesNotEndThem() {
        List<String> lines = lines(
                true, new Batch(0, 9, 1, 0, 1, true), new Batch(1, 1, 3, 1, 3, true), new Batch(1, 5, 1, 0, 1, false));
        assertTrue(lines.get(0).contains("epoch 1  iteration 1  loss 9.0000  accuracy 0.000  "), lines.get(0));
        assertTrue(lines.get(1).contains("epoch 2  iteration 2  loss 1.0000  accuracy 1.000  "), lines.get(1));
        assertTrue(lines.get(2).contains("epoch 2  iteration 3  loss 2.0000  accuracy 0.750  "), lines.get(2));
    }

    @Test
    void regression_hasNoAccuracy() {
        String line = lines(false, new Batch(0, 1, 8, 0, 8, false)).get(0);
        assertTrue(line.contains("loss 1.0000  "), line);
        assertFalse(line.contains("accuracy"), line);
    }
}
