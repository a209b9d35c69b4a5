package dev.unroll.ml;

import dev.unroll.data.InputException;
import dev.unroll.format.FormatException;
import java.util.Map;
import java.util.TreeSet;
import java.util.function.Function;
import org.apache.spark.ml.param.Param;
import org.apache.spark.ml.param.ParamMap;
import org.apache.spark.ml.param.StringArrayParam;
import org.apache.spark.ml.util.Identifiable$;
import org.apache.spark.ml.util.MLReader;
import org.apache.spark.ml.util.MLWritable;
import org.apache.spark.ml.util.MLWriter;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.types.StructType;

/**
 * {@link RnnEstimator#fitByKey} as an estimator, for the Python package: Spark Connect knows estimators and transformers alone. The table of
 * models is left in the session, as a temporary view.
 */
public final class KeyedTraining extends IdentifiedEstimator<KeyedPredictions> implements MLWritable {

    private static final long serialVersionUID = 1L;

    /** Estimators by the class that metadata name: a closed list, so that they can name nothing else. */
    private static final Map<String, Function<String, RnnEstimator<?, ?>>> ESTIMATORS = Map.of(
            RnnClassifier.class.getName(), RnnClassifier::new,
            RnnTagger.class.getName(), RnnTagger::new,
            RnnRegressor.class.getName(), RnnRegressor::new,
            RnnLanguageModel.class.getName(), RnnLanguageModel::new);

    private final Param<String> estimator = ParamFactory.optional(
            this,
            "estimator",
            "what trains a model of each key",
            AllowedValues.any("the metadata of an estimator, as JSON"));
    private final StringArrayParam keyCols = ParamFactory.names(this, "keyCols", "columns that say whose a row is");
    private final Param<String> models = KeyedPredictions.models(this);

    public KeyedTraining() {
        this(Identifiable$.MODULE$.randomUID("keyedTraining"));
    }

    public KeyedTraining(String uid) {
        super(uid);
    }

    public Param<String> estimator() {
        return estimator;
    }

    public StringArrayParam keyCols() {
        return keyCols;
    }

    public Param<String> models() {
        return models;
    }

    /** Trains a model for every key, and throws what {@code fitByKey} throws. */
    @Override
    public KeyedPredictions fit(Dataset<?> dataset) {
        String view = ParamFactory.get(this, models);
        told().fitByKey(dataset, ParamFactory.<String[]>get(this, keyCols))
                .results()
                .createOrReplaceTempView(view);
        return copyValues(new KeyedPredictions(uid()), new ParamMap()).setParent(this);
    }

    /** The estimator that the Param describes. */
    private RnnEstimator<?, ?> told() {
        try {
            StageMetadata metadata = StageMetadata.parse(ParamFactory.get(this, estimator), "the Param estimator");
            Function<String, RnnEstimator<?, ?>> found = ESTIMATORS.get(metadata.className());
            if (found == null) {
                throw new FormatException("the Param estimator is of a " + FormatException.shown(metadata.className())
                        + "; allowed are "
                        + String.join(", ", new TreeSet<>(ESTIMATORS.keySet())));
            }
            RnnEstimator<?, ?> told = found.apply(metadata.uid());
            metadata.applyTo(told);
            return told;
        } catch (FormatException e) {
            throw new InputException(e.getMessage(), e);
        }
    }

    @Override
    public StructType transformSchema(StructType schema) {
        return told().transformSchema(schema);
    }

    @Override
    public KeyedTraining copy(ParamMap extra) {
        return defaultCopy(extra);
    }

    @Override
    public MLWriter write() {
        return StageFiles.writer(this);
    }

    public static MLReader<KeyedTraining> read() {
        return StageFiles.reader(KeyedTraining.class, KeyedTraining::new);
    }

    public static KeyedTraining load(String path) {
        return read().load(path);
    }
}
