package dev.unroll.ml;

import dev.unroll.data.InputException;
import java.util.List;
import org.apache.spark.ml.Estimator;
import org.apache.spark.ml.Model;
import org.apache.spark.ml.param.ParamMap;
import org.apache.spark.ml.util.Identifiable$;
import org.apache.spark.ml.util.MLReader;
import org.apache.spark.ml.util.MLWritable;
import org.apache.spark.ml.util.MLWriter;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.StructType;

/** {@link KeyedModels#model} as an estimator, for the Python package: what it fits is the one row of a table of models. */
@SuppressWarnings("rawtypes") // of which class the model is depends on the row
public final class KeyedModel extends Estimator implements MLWritable {

    private static final long serialVersionUID = 1L;

    private final String uid;

    public KeyedModel() {
        this(Identifiable$.MODULE$.randomUID("keyedModel"));
    }

    public KeyedModel(String uid) {
        SparkVersion.require();
        this.uid = uid;
    }

    @Override
    public String uid() {
        return uid;
    }

    /**
     * The model of the row.
     *
     * @throws IllegalArgumentException if there is not exactly one row, or the training that it tells of failed
     * @throws InputException if it is no row of a table of models
     */
    @Override
    public Model fit(Dataset dataset) {
        @SuppressWarnings("unchecked")
        List<Row> rows = new KeyedModels(dataset.toDF()).results().takeAsList(2);
        if (rows.size() != 1) {
            throw new IllegalArgumentException("there " + (rows.isEmpty() ? "is no model" : "are several models")
                    + "; allowed is the one row of a key");
        }
        return KeyedModels.stage(rows.get(0));
    }

    @Override
    public StructType transformSchema(StructType schema) {
        return schema;
    }

    @Override
    public Estimator copy(ParamMap extra) {
        return defaultCopy(extra);
    }

    @Override
    public MLWriter write() {
        return StageFiles.writer(this);
    }

    public static MLReader<KeyedModel> read() {
        return StageFiles.reader(KeyedModel.class, KeyedModel::new);
    }

    public static KeyedModel load(String path) {
        return read().load(path);
    }
}
