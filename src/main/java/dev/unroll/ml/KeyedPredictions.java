package dev.unroll.ml;

import org.apache.spark.ml.param.Param;
import org.apache.spark.ml.param.ParamMap;
import org.apache.spark.ml.param.Params;
import org.apache.spark.ml.util.Identifiable$;
import org.apache.spark.ml.util.MLReader;
import org.apache.spark.ml.util.MLWritable;
import org.apache.spark.ml.util.MLWriter;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.StructType;

/** {@link KeyedModels#transform} as a stage, for the Python package: the table of models is a temporary view of the session. */
public final class KeyedPredictions extends IdentifiedModel<KeyedPredictions> implements MLWritable {

    private static final long serialVersionUID = 1L;

    private final Param<String> models = models(this);

    public KeyedPredictions() {
        this(Identifiable$.MODULE$.randomUID("keyedPredictions"));
    }

    public KeyedPredictions(String uid) {
        super(uid);
    }

    static Param<String> models(Params stage) {
        return ParamFactory.optional(
                stage,
                "models",
                "temporary view of the session: a table with a model for each key",
                AllowedValues.any("the name of a view"));
    }

    public Param<String> models() {
        return models;
    }

    private KeyedModels keyed(SparkSession spark) {
        return new KeyedModels(spark.table(ParamFactory.<String>get(this, models)));
    }

    @Override
    public Dataset<Row> transform(Dataset<?> dataset) {
        return keyed(dataset.sparkSession()).transform(dataset);
    }

    @Override
    public StructType transformSchema(StructType schema) {
        return keyed(SparkSession.active()).transformSchema(schema);
    }

    @Override
    public KeyedPredictions copy(ParamMap extra) {
        return this.<KeyedPredictions>defaultCopy(extra).setParent(parent());
    }

    @Override
    public MLWriter write() {
        return StageFiles.writer(this);
    }

    public static MLReader<KeyedPredictions> read() {
        return StageFiles.reader(KeyedPredictions.class, KeyedPredictions::new);
    }

    public static KeyedPredictions load(String path) {
        return read().load(path);
    }
}
