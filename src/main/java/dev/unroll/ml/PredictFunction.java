package dev.unroll.ml;

import dev.unroll.data.InputException;
import dev.unroll.model.Model;
import dev.unroll.model.Prediction;
import dev.unroll.model.Predictor;
import dev.unroll.nn.Task;
import dev.unroll.spark.RowParser;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.ml.linalg.Vector;
import org.apache.spark.ml.linalg.Vectors;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.api.java.UDF1;

/** The column expression of {@link RnnModel}: a sequence to (prediction, probability), or null for a row to skip. */
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
            return row(
                    predictor.predict(parser.parse(RowFactory.create(features)).get(0)));
        } catch (RowParser.Fault fault) {
            return unusable(fault, skip);
        }
    }

    /** Null for a row that is left out. */
    static Row unusable(RowParser.Fault fault, boolean skip) {
        if (skip) {
            return null;
        }
        throw new InputException("column " + fault.column() + ": " + fault.getMessage() + ", value " + fault.value()
                + " (handleInvalid skip leaves such rows out)");
    }

    private Row row(Prediction prediction) {
        List<Object> values = new ArrayList<>();
        List<Vector> probabilities = new ArrayList<>();
        List<Vector> raw = new ArrayList<>();
        for (int t = 0; t < prediction.outputs(); t++) {
            double[] numbers = numbers(prediction.values(), prediction.width(), t);
            probabilities.add(Vectors.dense(numbers));
            raw.add(Vectors.dense(numbers(prediction.raw(), prediction.width(), t)));
            if (model.task() == Task.REGRESSION) {
                values.add(numbers.length == 1 ? (Object) numbers[0] : Vectors.dense(numbers));
            } else {
                int c = prediction.classes()[t];
                values.add(
                        model.labels().numeric()
                                ? (Object) model.labels().number(c)
                                : model.labels().value(c));
            }
        }
        return model.spec().head().everyStep()
                ? RowFactory.create(values.toArray(), probabilities.toArray(), raw.toArray())
                : RowFactory.create(values.get(0), probabilities.get(0), raw.get(0));
    }

    private static double[] numbers(float[] values, int width, int output) {
        double[] numbers = new double[width];
        for (int j = 0; j < width; j++) {
            numbers[j] = values[output * width + j];
        }
        return numbers;
    }
}
