package dev.unroll.ml;

import dev.unroll.data.InputException;
import dev.unroll.spark.source.Origin;
import java.util.List;
import java.util.Optional;
import java.util.function.BiFunction;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataTypes;

/**
 * Which rows an estimator validates on: those that a column marks, or a share of all.
 *
 * @param indicator column that is true in rows to validate on; empty for none
 * @param fraction share of the rows
 */
record ValidationRows(String indicator, double fraction) {

    private boolean areMarked() {
        return !indicator.isEmpty();
    }

    /** Does something with the rows to train on and those to validate on, where a column says which are which. */
    <R> R divided(Dataset<?> dataset, BiFunction<Dataset<?>, Optional<Dataset<?>>, R> work) {
        if (!areMarked()) {
            return work.apply(dataset, Optional.empty());
        }
        Column validates = requireIndicator(dataset);
        return work.apply(
                dataset.where(functions.coalesce(functions.not(validates), functions.lit(true))),
                Optional.of(dataset.where(validates)));
    }

    /** The rows, of which those to validate on are marked, checked. */
    Dataset<?> marked(Dataset<?> dataset) {
        return areMarked() ? dataset.withColumn(indicator, requireIndicator(dataset)) : dataset;
    }

    /** Refuses folds of a search where the estimator says itself what is held out, and two things that say it. */
    void requireFolds(int folds) {
        if (areMarked()) {
            requireNoFraction();
        }
        String own = areMarked()
                ? "validation-indicator-col is " + indicator
                : fraction > 0 ? "validation-fraction is " + fraction : "";
        if (folds > 0 && !own.isEmpty()) {
            throw new IllegalArgumentException(
                    "folds of a search is " + folds + " and " + own + "; only one of the two goes");
        }
    }

    /** Refuses to say it where there is a dataset of its own to validate on. */
    void requireUndivided() {
        requireNoFraction();
        if (areMarked()) {
            throw new IllegalArgumentException("validation-indicator-col is " + indicator
                    + " and there are validation data of their own; only one of the two goes");
        }
    }

    /** Whether a row is to be validated on, checked: true or false in every row but lines that could not be read. */
    private Column requireIndicator(Dataset<?> dataset) {
        if (!List.of(dataset.columns()).contains(indicator)) {
            throw new InputException("validation-indicator-col " + indicator + " is no column of the data; there are "
                    + List.of(dataset.columns()));
        }
        requireNoFraction();
        Column validates = RnnModel.column(indicator).try_cast(DataTypes.BooleanType);
        // A line that could not be read has no indicator; it goes where bad rows are named or counted.
        Dataset<?> wrong = dataset.where(validates.isNull().and(functions.not(Origin.hasFault(dataset))));
        if (wrong.limit(1).count() > 0) {
            Object value = wrong.select(RnnModel.column(indicator)).first().get(0);
            throw new InputException("validation-indicator-col " + indicator + " has the value " + value
                    + "; allowed are true and false");
        }
        return validates;
    }

    private void requireNoFraction() {
        if (fraction > 0) {
            throw new IllegalArgumentException("validation-fraction is " + fraction
                    + " and there are validation data of their own; only one of the two goes");
        }
    }
}
