package dev.unroll.ml;

import dev.unroll.fit.SearchByKey;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.functions;

/** What came of a search for each key. */
public final class KeyedSearchResult {

    private final Dataset<Row> results; // cached: those of KeyedModels, and the candidates of each key
    private final KeyedModels models;

    /** @throws dev.unroll.train.TrainingException if not a single key has a model */
    KeyedSearchResult(Dataset<Row> results) {
        this.results = results;
        this.models = KeyedModels.trained(results.drop(SearchByKey.CANDIDATES));
    }

    /** The best model of each key; a key of which no candidate could be trained has the error of the first. */
    public KeyedModels models() {
        return models;
    }

    /**
     * A row for each key and candidate: the key's columns, candidate from 0, its params by name, the metric, iterations, whether it is the
     * best of the key, and an error in place of metric and iterations.
     */
    public Dataset<Row> candidates() {
        List<Column> columns =
                new ArrayList<>(models.keys().stream().map(RnnModel::column).toList());
        columns.add(functions.inline(functions.col(SearchByKey.CANDIDATES)));
        return results.select(columns.toArray(new Column[0]));
    }

    /** Frees the cached results, of which the tables here are made; they are computed again where they are asked for after that. */
    public void unpersist() {
        results.unpersist();
    }
}
