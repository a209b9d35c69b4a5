package dev.unroll.cli.command;

import dev.unroll.cli.frame.Option;
import dev.unroll.cli.frame.Settings;
import dev.unroll.ml.RnnClassifier;
import dev.unroll.ml.RnnEstimator;
import dev.unroll.ml.RnnLanguageModel;
import dev.unroll.ml.RnnRegressor;
import dev.unroll.ml.RnnTagger;
import dev.unroll.nn.LearningTask;
import java.util.Arrays;

/** Which estimator and model belong to a task. */
final class Estimators {

    static final Option TASK = Option.oneOf(
                    "task",
                    Arrays.stream(LearningTask.values()).map(LearningTask::key).toList(),
                    "what is learnt")
            .orElse(LearningTask.CLASSIFICATION.key());

    private Estimators() {}

    static LearningTask task(Settings settings) {
        return LearningTask.of(settings.require(TASK.name()));
    }

    static RnnEstimator<?, ?> of(Settings settings) {
        return switch (task(settings)) {
            case CLASSIFICATION -> new RnnClassifier();
            case TAGGING -> new RnnTagger();
            case REGRESSION -> new RnnRegressor();
            case LANGUAGE_MODEL -> new RnnLanguageModel();
        };
    }
}
