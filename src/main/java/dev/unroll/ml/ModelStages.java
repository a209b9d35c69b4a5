package dev.unroll.ml;

import dev.unroll.model.Model;
import java.util.Map;
import org.apache.spark.ml.param.Param;
import org.apache.spark.ml.util.Identifiable$;

/** Models as stages of Spark ML. */
final class ModelStages {

    private ModelStages() {}

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
            if (value != null) {
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
