package dev.unroll.ml;

import dev.unroll.data.InputException;
import dev.unroll.model.Model;
import dev.unroll.model.Prediction;
import dev.unroll.model.Predictor;
import dev.unroll.spark.RowParser;
import org.apache.spark.ml.linalg.Vectors;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.api.java.UDF1;

/** The column expression of {@link RnnClassifierModel}: a sequence to (prediction, probability), or null for a row to skip. */
final class PredictFunction implements UDF1<Object, Row> {

    private static final long serialVersionUID = 1L;

    private final Model model;
    private final RowParser parser;
    private final boolean skip;
    private transient Predictor predictor;

    PredictFunction(Model model, RowParser parser, boolean skip) {
        this.model = model;
        this.parser = parser;
        this.skip = skip;
    }

    @Override
    public Row call(Object features) {
        if (predictor == null) {
            predictor = new Predictor(model);
        }
        try {
            Prediction prediction = predictor.predict(parser.parse(RowFactory.create(features)));
            float[] probabilities = prediction.probabilities();
            double[] doubles = new double[probabilities.length];
            for (int c = 0; c < doubles.length; c++) {
                doubles[c] = probabilities[c];
            }
            boolean numeric = model.labels().numeric();
            Object label = numeric ? (Object) Double.valueOf(prediction.label()) : prediction.label();
            return RowFactory.create(label, Vectors.dense(doubles));
        } catch (RowParser.Fault fault) {
            if (skip) {
                return null;
            }
            throw new InputException("column " + fault.column() + ": " + fault.getMessage() + ", value " + fault.value()
                    + " (handleInvalid skip leaves such rows out)");
        }
    }
}
