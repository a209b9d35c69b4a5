package dev.unroll.cli.command;

import dev.unroll.cli.frame.Command;
import dev.unroll.cli.frame.Settings;
import dev.unroll.ml.RnnEstimator;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.spark.sql.SparkSession;

/** {@code replay}: one iteration of a run again, from a checkpoint before it and on one machine; the same data and settings give the same hash. */
public final class ReplayCommand implements Command {

    private static final String CHECKPOINT = "checkpoint";
    private static final String ITERATION = "iteration";

    private final TrainCommand train = new TrainCommand();

    @Override
    public String name() {
        return "replay";
    }

    @Override
    public String description() {
        return "Computes one iteration of a run again, on this machine, from a checkpoint before it; takes the keys of that run.";
    }

    @Override
    public Map<String, String> keys() {
        Map<String, String> keys = new LinkedHashMap<>();
        keys.put(CHECKPOINT, "directory of the run's checkpoints");
        keys.put(ITERATION, "the iteration, behind one that there is a checkpoint of");
        keys.putAll(train.keysOfRows());
        return keys;
    }

    @Override
    public boolean trains() {
        return true;
    }

    @Override
    public boolean prepares() {
        return true;
    }

    @Override
    public void check(Settings settings) {
        settings.require(CHECKPOINT);
        settings.require(ITERATION);
        settings.whole(ITERATION, 0, 1, Long.MAX_VALUE);
        train.check(settings);
    }

    @Override
    public Map<String, ?> run(SparkSession spark, Settings given) throws IOException {
        Settings settings = TrainCommand.complete(given);
        RnnEstimator<?, ?> estimator = settings.applyTo(Estimators.of(settings));
        estimator.setCheckpointDir(settings.require(CHECKPOINT));
        long iteration = settings.whole(ITERATION, 0, 1, Long.MAX_VALUE);
        TrainCommand.Parts parts = TrainCommand.parts(spark, settings, Preparation.of(settings, estimator.rowSpec()));
        RnnEstimator.Replayed replayed = estimator.replay(parts.training(), parts.validation(), iteration);
        Map<String, Object> result = new LinkedHashMap<>();
        result.put("iteration", iteration);
        result.put("from", replayed.from());
        result.put("loss", replayed.loss());
        result.put("gradientNorm", replayed.gradientNorm());
        result.put("parameterHash", replayed.parameterHash());
        return result;
    }
}
