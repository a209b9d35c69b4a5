package dev.unroll.cli;

import dev.unroll.format.Directory;
import dev.unroll.ml.RnnModel;
import dev.unroll.spark.CanonicalRows;
import dev.unroll.spark.FileSource;
import dev.unroll.spark.SequenceReader;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.ml.functions;
import org.apache.spark.ml.linalg.VectorUDT;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SaveMode;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.MapType;
import org.apache.spark.sql.types.StructType;

/** {@code predict}: the input's columns plus prediction and probability, in files. */
final class Predict implements Unroll.Command {

    private static final List<String> FORMATS = List.of("csv", "tsv", "json", "parquet");

    @Override
    public String name() {
        return "predict";
    }

    @Override
    public String description() {
        return "Writes the input's columns, or those that prepare makes but the sequence, plus prediction and probability.";
    }

    @Override
    public Map<String, String> keys() {
        Map<String, String> keys = new LinkedHashMap<>();
        keys.put("model", "directory of the model");
        keys.put("input", "files to predict");
        keys.put("format", "csv, tsv, json, parquet or text (default csv)");
        keys.put("read-option", "key=value for Spark's reader of the format; may be given several times");
        keys.put(Preparation.KEY, Preparation.DOC + Preparation.OF_THE_TRAINING);
        keys.put("features-col", "column of sequences (default that of the training)");
        keys.put("output", "directory to write to");
        keys.put("output-format", "csv, tsv, json or parquet (default csv)");
        keys.put("max-length", Evaluate.MAX_LENGTH);
        keys.put("handle-invalid", "rows that cannot be used: error or skip (default error)");
        keys.put("overwrite", "whether an existing output is replaced (default false)");
        return keys;
    }

    @Override
    public boolean prepares() {
        return true;
    }

    @Override
    public void check(Settings settings) {
        settings.require("model");
        settings.require("input");
        settings.require("output");
        settings.flag("overwrite");
        Source.of(settings);
        Evaluate.skip(settings);
        Evaluate.maxLength(settings);
        if (!FORMATS.contains(settings.get("output-format", "csv"))) {
            throw new UsageException("output-format is " + settings.require("output-format")
                    + "; allowed are csv, tsv, json and parquet");
        }
    }

    @Override
    public Map<String, ?> run(SparkSession spark, Settings settings) {
        boolean skip = Evaluate.skip(settings);
        RnnModel<?> model = ModelDirectory.load(settings.require("model"), spark);
        requireNew(spark, settings);
        settings.get("features-col").ifPresent(model::setFeaturesCol);
        Evaluate.maxLength(settings).ifPresent(model::setMaxLength);
        model.setHandleInvalid(skip ? "skip" : "error");
        FileSource source = Source.of(settings);
        Preparation preparation = Preparation.of(settings, model.rowSpec(), model.preparation());
        Preparation.Input prepared =
                preparation.sequences(preparation.read(spark, source, settings.require("input"), skip));
        Dataset<Row> input = prepared.rows();
        model.transformSchema(input.schema());
        SequenceReader reader =
                new SequenceReader(JavaSparkContext.fromSparkContext(spark.sparkContext()), model.rowSpec(), skip, 0);
        Map<String, Object> result = new LinkedHashMap<>();
        try (CanonicalRows rows = reader.read(input, 1, null)) {
            rows.requireInput(model.model().spec().input());
            result.put("sequences", rows.heldOutSequences());
            result.put("skipped", Train.together(prepared.skipped(), rows.skipped()));
        }
        Dataset<Row> predicted = model.transform(Source.withoutFaults(input));
        // Windows overlap: with their steps, the output would be many times the input.
        write(preparation.isSome() ? predicted.drop(model.rowSpec().featuresCol()) : predicted, model, settings);
        result.put("output", settings.require("output"));
        return result;
    }

    private static void requireNew(SparkSession spark, Settings settings) {
        try {
            String output = settings.require("output");
            if (!settings.flag("overwrite")
                    && Directory.of(output, spark.sparkContext().hadoopConfiguration())
                            .exists()) {
                throw new UsageException(
                        "output " + output + " exists already; give another directory or overwrite true");
            }
        } catch (IOException e) {
            throw new UsageException(e.getMessage());
        }
    }

    private static void write(Dataset<Row> predicted, RnnModel<?> model, Settings settings) {
        String format = settings.get("output-format", "csv");
        boolean text = format.equals("csv") || format.equals("tsv");
        Dataset<Row> plain = predicted;
        List<String> added =
                List.of(model.getOrDefault(model.predictionCol()), model.getOrDefault(model.probabilityCol()));
        for (String column : predicted.columns()) {
            if (text || added.contains(column)) {
                plain = plain(plain, column, text);
            }
        }
        var writer = plain.write().mode(settings.flag("overwrite") ? SaveMode.Overwrite : SaveMode.ErrorIfExists);
        switch (format) {
            case "csv" -> writer.option("header", "true").option("escape", "\"").csv(settings.require("output"));
            case "tsv" ->
                writer.option("header", "true")
                        .option("sep", "\t")
                        .option("escape", "\"")
                        .csv(settings.require("output"));
            case "json" -> writer.json(settings.require("output"));
            default -> writer.parquet(settings.require("output"));
        }
    }

    /** A column with vectors as arrays, and what is nested as JSON where the format has no such thing. */
    private static Dataset<Row> plain(Dataset<Row> rows, String name, boolean text) {
        DataType type = rows.schema().apply(name).dataType();
        Column column = rows.col("`" + name.replace("`", "``") + "`");
        if (type instanceof VectorUDT) {
            column = functions.vector_to_array(column, "float64");
        } else if (type instanceof ArrayType array && array.elementType() instanceof VectorUDT) {
            column = org.apache.spark.sql.functions.transform(column, v -> functions.vector_to_array(v, "float64"));
        } else if (!(text && (type instanceof ArrayType || type instanceof StructType || type instanceof MapType))) {
            return rows;
        }
        return rows.withColumn(name, text ? org.apache.spark.sql.functions.to_json(column) : column);
    }
}
