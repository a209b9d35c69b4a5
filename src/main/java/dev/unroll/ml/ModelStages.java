package dev.unroll.ml;

import dev.unroll.data.InputException;
import dev.unroll.format.Directory;
import dev.unroll.format.FormatException;
import dev.unroll.format.Versions;
import dev.unroll.model.Model;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.apache.spark.ml.param.Param;
import org.apache.spark.ml.util.Identifiable$;
import org.apache.spark.sql.SparkSession;

/** Models as stages of Spark ML. */
public final class ModelStages {

    /** Loaders by the class that a model's metadata name: a closed list, so that a file can name nothing else. */
    private static final Map<String, Function<String, RnnModel<?>>> LOADERS = Map.of(
            RnnClassifierModel.class.getName(), RnnClassifierModel::load,
            RnnTaggerModel.class.getName(), RnnTaggerModel::load,
            RnnRegressorModel.class.getName(), RnnRegressorModel::load,
            RnnLanguageModelModel.class.getName(), RnnLanguageModelModel::load);

    private ModelStages() {}

    /**
     * Loads the model of a directory, of whatever task.
     *
     * @throws InputException if there is no such model, or it cannot be read; one sentence
     */
    public static RnnModel<?> load(String path) {
        try {
            Directory directory =
                    Directory.of(path, SparkSession.active().sparkContext().hadoopConfiguration());
            StageMetadata metadata = Versions.read(
                    directory, List.of(StageFiles.METADATA), () -> StageFiles.metadata(directory, "model"));
            Function<String, RnnModel<?>> loader = LOADERS.get(metadata.className());
            if (loader == null) {
                throw new FormatException("its metadata are of a " + FormatException.shown(metadata.className())
                        + ", which is no model of this program");
            }
            return loader.apply(path);
        } catch (FormatException e) {
            throw new InputException(e.getMessage(), e);
        }
    }

    /** The stage of a model, its Params as those of the estimator that trained it. */
    static RnnModel<?> of(Model model) {
        RnnModel<?> stage =
                switch (model.task()) {
                    case CLASSIFICATION -> new RnnClassifierModel(uid("rnnClassifier"), model);
                    case TAGGING -> new RnnTaggerModel(uid("rnnTagger"), model);
                    case REGRESSION -> new RnnRegressorModel(uid("rnnRegressor"), model);
                    case LANGUAGE_MODEL -> new RnnLanguageModelModel(uid("rnnLanguageModel"), model);
                };
        Map<String, String> provenance = model.provenance();
        for (Param<?> param : stage.params()) {
            String value = provenance.get(param.name());
            if (value != null && !param.equals(stage.question())) {
                stage.with(param, value);
            }
        }
        if (Boolean.parseBoolean(provenance.get("carryState"))) {
            stage.with(stage.window(), "0"); // documents are evaluated whole, as in validation
        }
        return stage;
    }

    private static String uid(String prefix) {
        return Identifiable$.MODULE$.randomUID(prefix);
    }
}
