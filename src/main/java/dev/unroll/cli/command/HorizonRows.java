package dev.unroll.cli.command;

import dev.unroll.data.InputException;
import dev.unroll.ml.RnnModel;
import dev.unroll.spark.source.ColumnName;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.functions;

/**
 * Rows that are predicted over a horizon of several steps.
 *
 * @param steps of the horizon
 * @param given columns of arrays, of which the last values are those of the steps: their times and labels; may be none
 * @param predicted columns of arrays with a value for each step
 */
record HorizonRows(int steps, List<String> given, List<String> predicted) {

    private static final String STEP = "horizonStep";

    /** The rows with arrays of values of these steps alone. */
    Dataset<Row> aligned(Dataset<Row> rows) {
        Dataset<Row> aligned = rows;
        for (String column : given) {
            Column last = functions.slice(RnnModel.column(column), -steps, steps);
            aligned = aligned.withColumn(column, last);
        }
        return aligned;
    }

    /**
     * A row for each step, with its number from 1.
     *
     * @throws InputException if there is a column of that name already
     */
    Dataset<Row> exploded(Dataset<Row> rows) {
        if (ColumnName.isIn(rows.schema(), STEP)) {
            throw new InputException("the input has a column " + STEP + ", which explode adds; rename it");
        }
        List<String> ofSteps = new ArrayList<>(given);
        ofSteps.addAll(predicted);
        List<Column> result = new ArrayList<>();
        for (String column : rows.columns()) {
            if (!ofSteps.contains(column)) {
                result.add(RnnModel.column(column));
            }
        }
        Column numbers = functions.sequence(functions.lit(1), functions.lit(steps));
        result.add(functions.inline(functions.transform(numbers, step -> {
            List<Column> parts = new ArrayList<>(List.of(step.as(STEP)));
            for (String column : ofSteps) {
                parts.add(functions.element_at(RnnModel.column(column), step).as(column));
            }
            return functions.struct(parts.toArray(new Column[0]));
        })));
        return aligned(rows).select(result.toArray(new Column[0]));
    }
}
