package dev.unroll.train;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.unroll.data.CanonicalRow;
import dev.unroll.data.Encoding;
import dev.unroll.data.RowOutcome;
import dev.unroll.data.Scaling;
import dev.unroll.data.Sequence;
import dev.unroll.data.SequenceBatch;
import dev.unroll.data.Shard;
import dev.unroll.math.CounterRandom;
import dev.unroll.model.Model;
import dev.unroll.model.Predictor;
import dev.unroll.nn.HeadSpec;
import dev.unroll.nn.LearningTask;
import dev.unroll.nn.Loss.SquaredError;
import dev.unroll.nn.LossReduction;
import dev.unroll.nn.LossSpec;
import dev.unroll.nn.LossSum;
import dev.unroll.nn.Network;
import dev.unroll.nn.NetworkSpec;
import dev.unroll.param.Initializer;
import dev.unroll.worker.EvaluationSum;
import dev.unroll.worker.Problem;
import dev.unroll.worker.ShardChunk;
import dev.unroll.worker.ShardWorker;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A sequence that is evaluated slice by slice, each from the state behind the one before, has the loss of the whole. */
class LongEvaluationTest {

    @ParameterizedTest
    @CsvSource({"lstm, 2, false", "gru, 1, false", "elman, 1, true", "mingru, 2, false"})
    void slices_haveTheLossOfTheWhole(String cell, int layers, boolean bidirectional) {
        NetworkSpec spec = new NetworkSpec(
                new NetworkSpec.Tokens(6, 4), cell, "tanh", 5, layers, bidirectional, new HeadSpec(3, true));
        float[] theta = Initializer.initialize(spec.layout(), 1);
        List<Sequence> sequences = List.of(sequence(20_000), sequence(3), sequence(8_193), sequence(50));
        Problem problem = Problem.of(spec, LearningTask.TAGGING, new LossSpec(LossReduction.STEP), Scaling.NONE);
        EvaluationSum sum = new ShardWorker(spec)
                .evaluate(theta, ShardChunk.all(List.of(new Shard(0, sequences, 6))), 1, problem)
                .root();

        LossSum whole = new LossSum();
        SequenceBatch batch = new SequenceBatch();
        batch.pack(sequences);
        Network network = new Network(spec);
        network.accumulate(
                network.bind(theta), batch, problem.loss(), network.newWorkspace(), new float[theta.length], whole);
        assertEquals(whole.lossSum(), sum.loss().lossSum(), 1e-9 * whole.lossSum());
        assertEquals(whole.weightSum(), sum.loss().weightSum());
        assertEquals(whole.correct(), sum.loss().correct());
        assertEquals(whole.steps(), sum.loss().steps());
    }

    /** Each slice has the scale of its whole sequence, so errors are those of predictions in the data's units. */
    @Test
    void slicesScaledByTheirWindow_haveTheErrorsOfTheWhole() {
        NetworkSpec spec =
                new NetworkSpec(new NetworkSpec.Dense(1), "gru", "tanh", 5, new HeadSpec(new SquaredError(), 1, true));
        float[] theta = Initializer.initialize(spec.layout(), 1);
        Encoding encoding = new Encoding(null, null, Scaling.BY_WINDOW);
        Predictor predictor = new Predictor(new Model(LearningTask.REGRESSION, spec, theta, encoding, Map.of()));
        List<Sequence> sequences = new ArrayList<>();
        double absolute = 0;
        int terms = 0;
        for (int length : new int[] {20_000, 3, 8_193, 50}) {
            CounterRandom random = new CounterRandom(7, length);
            double[] x = new double[length];
            double[] y = new double[length];
            Arrays.setAll(x, t -> length + 0.01 * length * random.normal(t));
            Arrays.setAll(y, t -> length + random.normal(100_000 + t));
            sequences.add(
                    CanonicalRow.ofValues(x, 1, RowOutcome.targets(y, 1), 1f).decode(encoding));
            double[][] steps =
                    Arrays.stream(x).mapToObj(value -> new double[] {value}).toArray(double[][]::new);
            double[] predicted = predictor.predict(steps).numbers();
            for (int t = 0; t < length; t++) {
                absolute += Math.abs(predicted[t] - y[t]);
            }
            terms += length;
        }
        Problem problem =
                Problem.of(spec, LearningTask.REGRESSION, new LossSpec(LossReduction.STEP), Scaling.BY_WINDOW);
        EvaluationSum sum = new ShardWorker(spec)
                .evaluate(theta, ShardChunk.all(List.of(new Shard(0, sequences, 1))), 1, problem)
                .root();
        assertEquals(absolute / terms, sum.metrics(problem).get("meanAbsoluteError"), 1e-6 * absolute / terms);
    }

    private static Sequence sequence(int length) {
        CounterRandom random = new CounterRandom(7, length);
        int[] tokens = new int[length];
        int[] labels = new int[length];
        Arrays.setAll(tokens, t -> random.below(6, t));
        Arrays.setAll(labels, t -> random.below(3, 100_000 + t));
        return Sequence.ofTokens(tokens, labels, 1f);
    }
}
