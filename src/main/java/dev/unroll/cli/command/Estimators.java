package dev.unroll.cli.command;

import dev.unroll.cli.frame.Option;
import dev.unroll.cli.frame.Settings;
import dev.unroll.ml.RnnClassifier;
import dev.unroll.ml.RnnClassifierModel;
import dev.unroll.ml.RnnEstimator;
import dev.unroll.ml.RnnLanguageModel;
import dev.unroll.ml.RnnLanguageModelModel;
import dev.unroll.ml.RnnModel;
import dev.unroll.ml.RnnRegressor;
import dev.unroll.ml.RnnRegressorModel;
import dev.unroll.ml.RnnTagger;
import dev.unroll.ml.RnnTaggerModel;
import dev.unroll.nn.LearningTask;
import java.util.Arrays;
import java.util.Map;
import java.util.function.Function;

/** Which estimator and model belong to a task. */
final class Estimators {

    /** Loaders by the class that a model's metadata name: a closed list, so that a file can name nothing else. */
    private static final Map<String, Function<String, RnnModel<?>>> LOADERS = Map.of(
            RnnClassifierModel.class.getName(), RnnClassifierModel::load,
            RnnTaggerModel.class.getName(), RnnTaggerModel::load,
            RnnRegressorModel.class.getName(), RnnRegressorModel::load,
            RnnLanguageModelModel.class.getName(), RnnLanguageModelModel::load);

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

    /** Loads a model whose metadata name that class. */
    static RnnModel<?> load(String className, String path) {
        Function<String, RnnModel<?>> loader = LOADERS.get(className);
        if (loader == null) {
            throw new IllegalArgumentException(
                    "its metadata are of a " + className + ", which is no model of this program");
        }
        return loader.apply(path);
    }
}
