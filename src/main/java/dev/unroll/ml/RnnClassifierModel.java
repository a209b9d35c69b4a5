package dev.unroll.ml;

import dev.unroll.format.Directory;
import dev.unroll.model.Model;
import dev.unroll.spark.RowParser;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Optional;
import org.apache.spark.ml.linalg.SQLDataTypes;
import org.apache.spark.ml.param.IntParam;
import org.apache.spark.ml.param.Param;
import org.apache.spark.ml.param.ParamMap;
import org.apache.spark.ml.param.Params;
import org.apache.spark.ml.util.DefaultParamsReader$;
import org.apache.spark.ml.util.DefaultParamsWriter$;
import org.apache.spark.ml.util.MLReader;
import org.apache.spark.ml.util.MLWritable;
import org.apache.spark.ml.util.MLWriter;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.NumericType;
import org.apache.spark.sql.types.StructType;

/**
 * A trained classifier: adds the most probable label of each sequence, and the probability of every label in ascending order of
 * labels. The prediction is a string where labels are text, and a double where they are numbers.
 */
public final class RnnClassifierModel extends IdentifiedModel<RnnClassifierModel> implements MLWritable {

    private static final long serialVersionUID = 1L;

    private static final String RESULT = "unroll_result";

    private final Param<String> featuresCol =
            RnnStage.text(this, "featuresCol", "column of sequences", "features", Allowed.any("a column name"));
    private final Param<String> predictionCol = RnnStage.text(
            this,
            "predictionCol",
            "column to add: the most probable label",
            "prediction",
            Allowed.any("a column name"));
    private final Param<String> probabilityCol = RnnStage.text(
            this,
            "probabilityCol",
            "column to add: the probability of every label",
            "probability",
            Allowed.any("a column name"));
    private final Param<String> tokenizer = RnnStage.text(
            this, "tokenizer", "how a string becomes steps", "char", Allowed.oneOf("char", "whitespace", "none"));
    private final IntParam maxLength = RnnStage.integer(
            this, "maxLength", "steps that a sequence may have at most; 0 = no limit", 0, Allowed.atLeast(0));
    private final Param<String> handleInvalid =
            RnnStage.text(this, "handleInvalid", "rows that cannot be used", "error", Allowed.oneOf("error", "skip"));

    private final transient Model model;
    private transient TrainingSummary summary;

    RnnClassifierModel(String uid, Model model) {
        super(uid);
        this.model = model;
    }

    RnnClassifierModel withSummary(TrainingSummary trained) {
        this.summary = trained;
        return this;
    }

    /** The network, its parameters, vocabulary and labels. */
    public Model model() {
        return model;
    }

    /** How the training went; empty for a model that was loaded. */
    public Optional<TrainingSummary> summary() {
        return Optional.ofNullable(summary);
    }

    public Param<String> featuresCol() {
        return featuresCol;
    }

    public RnnClassifierModel setFeaturesCol(String value) {
        set(featuresCol.name(), value);
        return this;
    }

    public Param<String> predictionCol() {
        return predictionCol;
    }

    public RnnClassifierModel setPredictionCol(String value) {
        set(predictionCol.name(), value);
        return this;
    }

    public Param<String> probabilityCol() {
        return probabilityCol;
    }

    public RnnClassifierModel setProbabilityCol(String value) {
        set(probabilityCol.name(), value);
        return this;
    }

    public Param<String> tokenizer() {
        return tokenizer;
    }

    public IntParam maxLength() {
        return maxLength;
    }

    public RnnClassifierModel setMaxLength(int value) {
        set(maxLength.name(), value);
        return this;
    }

    public Param<String> handleInvalid() {
        return handleInvalid;
    }

    public RnnClassifierModel setHandleInvalid(String value) {
        set(handleInvalid.name(), value);
        return this;
    }

    /** Adds the prediction and probability columns; a row that cannot be used fails the query, or with skip is left out. */
    @Override
    public Dataset<Row> transform(Dataset<?> dataset) {
        transformSchema(dataset.schema());
        String features = RnnStage.get(this, featuresCol);
        boolean skip = RnnStage.<String>get(this, handleInvalid).equals("skip");
        RowParser parser = new RowParser(dataset.schema(), features, null, RnnStage.get(this, tokenizer), null)
                .withMaxLength(RnnStage.<Integer>get(this, maxLength));
        PredictFunction function = new PredictFunction(model, parser, skip);
        StructType result =
                new StructType().add("prediction", predictionType()).add("probability", SQLDataTypes.VectorType());
        Column predicted = functions.udf(function, result).apply(dataset.col("`" + features.replace("`", "``") + "`"));
        Dataset<Row> with = dataset.withColumn(RESULT, predicted);
        if (skip) {
            with = with.where(functions.col(RESULT).isNotNull());
        }
        return with.withColumn(RnnStage.get(this, predictionCol), functions.col(RESULT + ".prediction"))
                .withColumn(RnnStage.get(this, probabilityCol), functions.col(RESULT + ".probability"))
                .drop(RESULT);
    }

    private DataType predictionType() {
        return model.labels().numeric() ? DataTypes.DoubleType : DataTypes.StringType;
    }

    @Override
    public StructType transformSchema(StructType schema) {
        requireColumns(schema, RnnStage.get(this, featuresCol), null, RnnStage.get(this, tokenizer));
        return append(schema, this, predictionType());
    }

    static void requireColumns(StructType schema, String featuresCol, String labelCol, String tokenizer) {
        new RowParser(schema, featuresCol, labelCol, tokenizer, null);
    }

    /** The schema with the columns that a model adds, which must be new. */
    static StructType append(StructType schema, Params stage, DataType label) {
        StructType result = schema;
        for (String param : new String[] {"predictionCol", "probabilityCol"}) {
            String column = (String) stage.getOrDefault(stage.getParam(param));
            if (java.util.Arrays.asList(schema.fieldNames()).contains(column)) {
                throw new IllegalArgumentException(
                        Keys.kebab(param) + " is " + column + ", and the dataset has a column of that name already");
            }
            result = result.add(
                    column,
                    param.equals("probabilityCol")
                            ? SQLDataTypes.VectorType()
                            : label instanceof NumericType ? DataTypes.DoubleType : DataTypes.StringType);
        }
        return result;
    }

    @Override
    public RnnClassifierModel copy(ParamMap extra) {
        RnnClassifierModel copy = new RnnClassifierModel(uid(), model).withSummary(summary);
        return copyValues(copy, extra).setParent(parent());
    }

    /** Saves through {@link #save}: a model is there whole or not at all. */
    @Override
    public MLWriter write() {
        RnnClassifierModel instance = this;
        return new MLWriter() {
            @Override
            public void saveImpl(String path) {
                try {
                    instance.save(path, shouldOverwrite(), sparkSession());
                } catch (IOException e) {
                    throw new UncheckedIOException(e.getMessage(), e);
                }
            }
        };
    }

    /**
     * Writes {@code metadata/} and {@code data/} under a temporary name, then renames.
     *
     * @throws IOException if there is something at the path (and it may not be overwritten), or it cannot be written; one sentence
     */
    public void save(String path, boolean overwrite, SparkSession spark) throws IOException {
        Directory.of(path, spark.sparkContext().hadoopConfiguration()).publish(overwrite, draft -> {
            DefaultParamsWriter$.MODULE$.saveMetadata(this, draft.path().toString(), spark);
            model.save(draft.child(Model.DATA));
        });
    }

    public static MLReader<RnnClassifierModel> read() {
        return new MLReader<>() {
            @Override
            public RnnClassifierModel load(String path) {
                var metadata = DefaultParamsReader$.MODULE$.loadMetadata(
                        path, sparkSession(), RnnClassifierModel.class.getName());
                try {
                    Directory directory = Directory.of(path, sc().hadoopConfiguration());
                    RnnClassifierModel loaded =
                            new RnnClassifierModel(metadata.uid(), Model.load(directory.child(Model.DATA)));
                    metadata.getAndSetParams(loaded, scala.Option.empty());
                    return loaded;
                } catch (IOException e) {
                    throw new UncheckedIOException(e.getMessage(), e);
                }
            }
        };
    }

    public static RnnClassifierModel load(String path) {
        return read().load(path);
    }
}
