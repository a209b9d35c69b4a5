package dev.unroll.worker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unroll.data.Scaling;
import dev.unroll.nn.HeadSpec;
import dev.unroll.nn.LearningTask;
import dev.unroll.nn.LossReduction;
import dev.unroll.nn.LossSpec;
import dev.unroll.nn.LossSum;
import dev.unroll.nn.NetworkSpec;
import dev.unroll.train.TrainingCase;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

public class EvaluationSumTest {

    /** Only its task matters here. */
    private static final Problem PROBLEM =
            problem(new NetworkSpec(new NetworkSpec.Dense(1), "elman", "tanh", 1, new HeadSpec(4, false)));

    public static Problem problem(NetworkSpec spec) {
        return problem(spec, new LossSpec(LossReduction.STEP));
    }

    public static Problem problem(NetworkSpec spec, LossSpec loss) {
        LearningTask task = spec.head().loss().kind().goesWith(LearningTask.REGRESSION)
                ? LearningTask.REGRESSION
                : spec.head().everyStep() ? LearningTask.TAGGING : LearningTask.CLASSIFICATION;
        return Problem.of(spec, task, loss, Scaling.NONE);
    }

    /** Rows are labels, columns predictions. */
    private static EvaluationSum of(double loss, long[][] confusion) {
        EvaluationSum sum = new EvaluationSum(LearningTask.CLASSIFICATION, new HeadSpec(confusion.length, false));
        long terms = 0;
        long correct = 0;
        for (int label = 0; label < confusion.length; label++) {
            for (int prediction = 0; prediction < confusion.length; prediction++) {
                for (long i = 0; i < confusion[label][prediction]; i++) {
                    sum.count(label, prediction);
                }
                terms += confusion[label][prediction];
            }
            correct += confusion[label][label];
        }
        sum.loss().merge(new LossSum(loss, terms, terms, terms, terms, correct));
        return sum;
    }

    /**
     * By hand: class 0 has 4 labels, 5 predictions, 3 right: F1 6/9; class 1 has 6, 6 and 4: 8/12; class 2 has one label and no
     * prediction: 0. Macro F1 4/9; accuracy 7/11.
     */
    @Test
    void metrics_ofAConfusionCountedByHand_areRight() {
        Map<String, Double> metrics =
                of(22, new long[][] {{3, 1, 0}, {2, 4, 0}, {0, 1, 0}}).metrics(PROBLEM);
        assertEquals(Set.of("loss", "accuracy", "macroF1"), metrics.keySet());
        assertEquals(2, metrics.get("loss"));
        assertEquals(7.0 / 11, metrics.get("accuracy"));
        assertEquals(4.0 / 9, metrics.get("macroF1"), 1e-15);
    }

    /** A class that is neither labelled nor predicted has no F1; counting it as 0 or 1 would move the mean. */
    @Test
    void macroF1_classThatDoesNotOccur_isLeftOut() {
        assertEquals(
                1,
                of(0, new long[][] {{5, 0, 0}, {0, 0, 0}, {0, 0, 2}})
                        .metrics(PROBLEM)
                        .get("macroF1"));
        assertEquals(
                0.5 * (10.0 / 11),
                of(0, new long[][] {{5, 1, 0}, {0, 0, 0}, {0, 0, 0}})
                        .metrics(PROBLEM)
                        .get("macroF1"),
                1e-15);
    }

    @Test
    void merge_addsEveryCount() {
        EvaluationSum sum = of(1, new long[][] {{1, 2}, {3, 4}});
        sum.merge(of(9, new long[][] {{10, 0}, {5, 1}}));
        assertEquals(13, sum.labels(0));
        assertEquals(13, sum.labels(1));
        assertEquals(11, sum.hits(0));
        assertEquals(5, sum.hits(1));
        assertEquals(10.0 / 26, sum.metrics(PROBLEM).get("loss"));
        assertEquals(16.0 / 26, sum.metrics(PROBLEM).get("accuracy"));
    }

    @Test
    void bytes_roundTrip() {
        EvaluationSum sum = of(1.25, new long[][] {{1, 2}, {3, 4}});
        ByteBuffer bytes = ByteBuffer.allocate(sum.byteCount());
        sum.write(bytes);
        assertEquals(0, bytes.remaining(), "as many bytes as announced");
        EvaluationSum copy = EvaluationSum.read(bytes.flip());
        assertEquals(sum.metrics(PROBLEM), copy.metrics(PROBLEM));
        assertEquals(7, copy.labels(1));
    }

    /** Accuracy is counted in the loss, hits by class from predictions: two ways that must agree, and with every count once. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void worker_anyShards_countsEveryTermOnce(boolean everyStep) {
        TrainingCase c = TrainingCase.random(41, everyStep, 150);
        long terms = c.sequences().stream().mapToInt(s -> s.labels().length).sum();
        Map<String, Double> expected = null;
        for (int shards : new int[] {1, 4, 200}) {
            EvaluationSum sum = new ShardWorker(c.spec())
                    .evaluate(c.theta(), ShardChunk.all(c.shards(shards)), shards, problem(c.spec()))
                    .root();
            long all = 0;
            long right = 0;
            long[] labels = new long[4];
            for (int label = 0; label < 4; label++) {
                labels[label] = sum.labels(label);
                all += labels[label];
                right += sum.hits(label);
            }
            assertEquals(terms, all);
            assertEquals(terms, sum.loss().terms());
            assertEquals(right, sum.loss().correct());
            assertTrue(right > 0 && right < all, "a random network is sometimes right");
            for (int label = 0; label < 4; label++) {
                int wanted = label;
                assertEquals(
                        c.sequences().stream()
                                .flatMapToInt(s -> Arrays.stream(s.labels()))
                                .filter(y -> y == wanted)
                                .count(),
                        labels[label]);
            }
            Map<String, Double> metrics = sum.metrics(PROBLEM);
            expected = expected == null ? metrics : expected;
            assertEquals(expected.get("accuracy"), metrics.get("accuracy"));
            assertEquals(expected.get("macroF1"), metrics.get("macroF1"));
            assertEquals(expected.get("loss"), metrics.get("loss"), 1e-12);
        }
    }
}
