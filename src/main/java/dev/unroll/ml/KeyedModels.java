package dev.unroll.ml;

import dev.unroll.data.InputException;
import dev.unroll.fit.KeyedResult;
import dev.unroll.format.FormatException;
import dev.unroll.model.Model;
import dev.unroll.spark.rows.ColumnType;
import dev.unroll.train.TrainingException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import org.apache.spark.api.java.function.CoGroupFunction;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.KeyValueGroupedDataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/**
 * A model for each key: a table with a row per key, which says how its training went and holds its files. The table is plain data, so
 * that it can be filtered, joined, and written and read as Parquet; {@code new KeyedModels(spark.read().parquet(path))} has the models again.
 *
 * <p>Columns: those of the key; {@code sequences} and {@code steps} trained on; {@code skipped}, rows left out by reason; {@code missingTargets}, steps
 * without a label or target in rows that have others; {@code iterations}; {@code loss}, the mean of the last batch; {@code validation}, metrics by name; {@code stopReason}; {@code parameterHash}; {@code spec}
 * and {@code tensors}, the model's files {@code spec.json} and {@code model.safetensors}; {@code error}, why a key could not be trained. Either
 * {@code error} is null, or everything from {@code iterations} to {@code tensors} is.
 */
public final class KeyedModels {

    private final Dataset<Row> results;

    /**
     * Models from their table; of one that was written before there was {@code missingTargets}, that column is 0.
     *
     * @throws InputException if a column is missing, or there is none before them for a key
     */
    public KeyedModels(Dataset<Row> given) {
        Dataset<Row> results = withMissingTargets(given);
        List<String> columns = List.of(results.columns());
        int keys = columns.size() - KeyedResult.SCHEMA.length();
        if (keys < 1 || !columns.subList(keys, columns.size()).equals(List.of(KeyedResult.SCHEMA.fieldNames()))) {
            throw new InputException("the columns of a table of models are those of the key and then "
                    + List.of(KeyedResult.SCHEMA.fieldNames()) + "; there are " + columns);
        }
        this.results = results;
    }

    private static Dataset<Row> withMissingTargets(Dataset<Row> results) {
        List<String> columns = List.of(results.columns());
        int after = columns.indexOf("skipped") + 1;
        if (after == 0 || columns.contains(KeyedResult.MISSING_TARGETS)) {
            return results;
        }
        List<Column> all =
                new ArrayList<>(columns.stream().map(RnnModel::column).toList());
        all.add(after, functions.lit(0L).as(KeyedResult.MISSING_TARGETS));
        return results.select(all.toArray(new Column[0]));
    }

    /**
     * The models of a training by key.
     *
     * @throws TrainingException if not a single key could be trained
     */
    static KeyedModels trained(Dataset<Row> results) {
        KeyedModels models = new KeyedModels(results);
        if (models.failures() == models.size()) {
            String first = results.select("error").first().getString(0);
            throw new TrainingException("none of " + models.size() + " keys could be trained; the first: " + first);
        }
        return models;
    }

    /** The table. {@code fitByKey} caches it, and {@code results().unpersist()} frees it; that of a search is freed by {@link KeyedSearchResult#unpersist}. */
    public Dataset<Row> results() {
        return results;
    }

    /** How many keys there are. */
    public long size() {
        return results.count();
    }

    /** How many keys have an error instead of a model. */
    public long failures() {
        return results.where("error is not null").count();
    }

    /** The columns of the key. */
    public List<String> keys() {
        return List.of(results.columns()).subList(0, results.columns().length - KeyedResult.SCHEMA.length());
    }

    /**
     * The model of one key, as a stage.
     *
     * @param key a value for each of {@link #keys}
     * @throws IllegalArgumentException if there is no such key, or its training failed
     */
    public RnnModel<?> model(Object... key) {
        List<String> keys = keys();
        if (key.length != keys.size()) {
            throw new IllegalArgumentException(
                    "the key has the columns " + keys + "; given are the values " + Arrays.toString(key));
        }
        Column same = functions.lit(true);
        for (int i = 0; i < key.length; i++) {
            // A text is compared as text: as Spark compares it with a number, 007 would be 7.
            boolean text = ColumnType.of(results.schema().apply(keys.get(i)).dataType()) == ColumnType.TEXT;
            Object value = text && key[i] != null ? key[i].toString() : key[i];
            same = same.and(RnnModel.column(keys.get(i)).eqNullSafe(functions.lit(value)));
        }
        List<Row> found = results.where(same).takeAsList(2);
        if (found.size() != 1) {
            throw new IllegalArgumentException("there " + (found.isEmpty() ? "is no model" : "are several models")
                    + " for " + keys + " " + Arrays.toString(key));
        }
        return stage(found.get(0));
    }

    /**
     * Adds to every row what its key's model predicts: the columns of {@link RnnModel#transform}, named as the estimator was told. All keys'
     * models read the same columns.
     *
     * @throws IllegalArgumentException from the query, for a row whose key has no model; with handleInvalid skip such rows are left out
     */
    public Dataset<Row> transform(Dataset<?> dataset) {
        RnnModel<?> any = any();
        StructType schema = any.transformSchema(dataset.schema());
        List<StructField> fields = new ArrayList<>();
        for (String key : keys()) {
            if (!List.of(dataset.columns()).contains(key)) {
                throw new InputException(
                        "key column " + key + " is no column of the data; there are " + List.of(dataset.columns()));
            }
            fields.add(
                    DataTypes.createStructField(key, results.schema().apply(key).dataType(), true));
        }
        StructType keys = DataTypes.createStructType(fields);
        return byKey(dataset.toDF(), keys)
                .cogroup(byKey(results, keys), new Predict(dataset.schema(), any.skips()), Encoders.row(schema));
    }

    /** The schema with the columns that {@link #transform} adds. */
    StructType transformSchema(StructType schema) {
        return any().transformSchema(schema);
    }

    private RnnModel<?> any() {
        List<Row> trained = results.where("error is null").takeAsList(1);
        if (trained.isEmpty()) {
            throw new IllegalArgumentException("the table has no model, so there is nothing to predict with");
        }
        return stage(trained.get(0));
    }

    /**
     * Both sides must have keys of one type, nullable and without metadata, or Spark does not put them together. A key
     * that is no value of that type, to its last digit, has no model.
     */
    private static KeyValueGroupedDataset<Row, Row> byKey(Dataset<Row> rows, StructType keys) {
        Column[] by = Arrays.stream(keys.fields())
                .map(key -> {
                    Column column = RnnModel.column(key.name());
                    DataType given = rows.schema().apply(key.name()).dataType();
                    Column same = column.try_cast(key.dataType());
                    Column isSame = given.equals(key.dataType())
                            ? column.isNotNull()
                            : same.try_cast(given).equalTo(column);
                    return functions.when(isSame, same).as(key.name());
                })
                .toArray(Column[]::new);
        return rows.groupBy(by).as(Encoders.row(keys), Encoders.row(rows.schema()));
    }

    /** The rows of one key, and the key's row of the table. */
    private record Predict(StructType schema, boolean skip) implements CoGroupFunction<Row, Row, Row, Row> {
        @Override
        public Iterator<Row> call(Row key, Iterator<Row> rows, Iterator<Row> models) {
            if (!rows.hasNext()) {
                return Collections.emptyIterator();
            }
            Row result = models.hasNext() ? models.next() : null;
            if (models.hasNext()) {
                throw new IllegalArgumentException("there are several models for " + key);
            }
            if (result == null || !result.isNullAt(result.fieldIndex("error"))) {
                if (skip) {
                    return Collections.emptyIterator();
                }
                throw new IllegalArgumentException("there is no model for " + key
                        + (result == null ? "" : ", whose training failed")
                        + " (handleInvalid skip leaves its rows out)");
            }
            return stage(result).transform(schema, rows);
        }
    }

    /** The model of a row of the table. */
    static RnnModel<?> stage(Row result) {
        String error = result.getAs("error");
        if (error != null) {
            throw new IllegalArgumentException("there is no model, for its training failed: " + error);
        }
        try {
            return ModelStages.of(Model.of(new Model.Files(result.getAs("spec"), result.getAs("tensors"))));
        } catch (FormatException e) {
            throw new InputException("a table of models has a row that is none: " + e.getMessage(), e);
        }
    }
}
