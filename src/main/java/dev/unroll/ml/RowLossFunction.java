package dev.unroll.ml;

import dev.unroll.model.Model;
import dev.unroll.model.SequenceLoss;
import dev.unroll.spark.rows.RowParser;
import dev.unroll.spark.source.Fault;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.api.java.UDF1;

/** The column expression of {@link RnnModel#withLoss}: a row of the columns that are read to (loss, gradient norm), or null for a row to skip. */
final class RowLossFunction implements UDF1<Row, Row> {

    private static final long serialVersionUID = 1L;

    private final Model model;
    private final RowParser parser;
    private final boolean skip;
    private transient SequenceLoss losses;

    RowLossFunction(Model model, RowParser parser, boolean skip) {
        this.model = model;
        this.parser = parser;
        this.skip = skip;
    }

    @Override
    public Row call(Row row) {
        if (losses == null) {
            losses = new SequenceLoss(model);
        }
        try {
            SequenceLoss.Result result = losses.of(parser.parse(row));
            return RowFactory.create(result.loss(), result.gradientNorm());
        } catch (Fault fault) {
            return PredictFunction.unusable(fault, skip);
        }
    }
}
