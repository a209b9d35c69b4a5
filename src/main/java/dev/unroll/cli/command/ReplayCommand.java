package dev.unroll.cli.command;

import dev.unroll.cli.frame.Command;
import dev.unroll.cli.frame.Option;
import dev.unroll.cli.frame.Settings;
import dev.unroll.fit.Replay;
import dev.unroll.ml.RnnEstimator;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.SparkSession;

/**
 * {@code replay}: computes one iteration of a run again, from a checkpoint before it and on one machine; the same data
 * and settings give the same hash.
 */
public final class ReplayCommand implements Command {

    private static final String CHECKPOINT = "checkpoint";
    private static final String ITERATION = "iteration";

    @Override
    public String name() {
        return "replay";
    }

    @Override
    public String description() {
        return "Computes one iteration of a run again, on this machine, from a checkpoint before it; takes the keys of that run.";
    }

    @Override
    public List<Option> options() {
        List<Option> options = new ArrayList<>();
        options.add(Option.text(CHECKPOINT, "directory of the run's checkpoints"));
        options.add(Option.whole(
                ITERATION, 1, Long.MAX_VALUE, "the iteration; there must be a checkpoint of one before it"));
        options.addAll(TrainingRows.options());
        return options;
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
        TrainingRows.check(settings);
    }

    @Override
    public Map<String, ?> run(SparkSession spark, Settings given) throws IOException {
        Settings settings = TrainingRows.withDefaults(given);
        RnnEstimator<?, ?> estimator = settings.applyTo(Estimators.of(settings));
        estimator.setCheckpointDir(settings.require(CHECKPOINT));
        long iteration = settings.whole(ITERATION);
        TrainingRows rows = TrainingRows.read(spark, settings, TrainingRows.preparation(settings, estimator));
        Replay replayed = estimator.replay(rows.training(), rows.validation(), iteration);
        Map<String, Object> result = new LinkedHashMap<>();
        result.put("iteration", iteration);
        result.put("from", replayed.from());
        result.put("loss", replayed.loss());
        result.put("gradientNorm", replayed.gradientNorm());
        result.put("parameterHash", replayed.parameterHash());
        return result;
    }
}
