package dev.unroll.ml;

import dev.unroll.data.InputException;
import dev.unroll.model.Model;
import dev.unroll.model.Prediction;
import dev.unroll.model.Predictor;
import dev.unroll.nn.LearningTask;
import dev.unroll.spark.rows.RowParser;
import dev.unroll.spark.source.Fault;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.spark.ml.linalg.Vector;
import org.apache.spark.ml.linalg.Vectors;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.api.java.UDF1;

/** The column expression of {@link RnnModel}: a row of the columns that are read to (prediction, probability, raw), as far as asked for, or null for a row to skip. */
final class PredictFunction implements UDF1<Row, Row> {

    private static final long serialVersionUID = 1L;

    private final Model model;
    private final RowParser parser;
    private final boolean skip;
    private final int columns;
    private final boolean doubles; // whether predicted labels are
    private transient Predictor predictor;

    /** @param columns how many of prediction, probability and raw are asked for */
    PredictFunction(Model model, RowParser parser, boolean skip, int columns) {
        this.model = model;
        this.parser = parser;
        this.skip = skip;
        this.columns = columns;
        this.doubles = model.labels() != null && model.labels().areDoubles();
    }

    @Override
    public Row call(Row read) {
        if (predictor == null) {
            predictor = new Predictor(model);
        }
        try {
            return row(predictor.predict(parser.parse(read).get(0)));
        } catch (Fault fault) {
            return unusable(fault, skip);
        }
    }

    /** Null for a row that is left out. */
    static Row unusable(Fault fault, boolean skip) {
        if (skip) {
            return null;
        }
        throw new InputException("column " + fault.column() + ": " + fault.getMessage() + ", value " + fault.value()
                + " (handleInvalid skip leaves such rows out)");
    }

    private Row row(Prediction prediction) {
        List<List<Object>> outputs = new ArrayList<>();
        for (int column = 0; column < columns; column++) {
            outputs.add(new ArrayList<>());
        }
        for (int t = 0; t < prediction.outputs(); t++) {
            outputs.get(0).add(value(prediction, t));
            if (columns > 1) {
                outputs.get(1).add(vector(prediction.values(), prediction.width(), t));
            }
            if (columns > 2) {
                outputs.get(2).add(raw(prediction.raw(), prediction.width(), t));
            }
        }
        boolean everyStep = model.spec().head().everyStep();
        return RowFactory.create(outputs.stream()
                .map(values -> everyStep ? values.toArray() : values.get(0))
                .toArray());
    }

    private Object value(Prediction prediction, int output) {
        if (model.task() == LearningTask.REGRESSION) {
            return prediction.width() == 1
                    ? (Object) prediction.numbers()[output]
                    : Vectors.dense(Arrays.copyOfRange(
                            prediction.numbers(), output * prediction.width(), (output + 1) * prediction.width()));
        }
        int c = prediction.classes()[output];
        return doubles ? (Object) model.labels().number(c) : model.labels().digits(c);
    }

    /**
     * The outputs before the softmax, which of two classes are less their mean: (-margin, margin), as Spark's own
     * classifiers have it. Spark's evaluators rank by the second number alone, and the softmax is the same.
     */
    private static Vector raw(float[] outputs, int width, int output) {
        if (width != 2) {
            return vector(outputs, width, output);
        }
        double margin = ((double) outputs[2 * output + 1] - outputs[2 * output]) / 2;
        return Vectors.dense(-margin, margin);
    }

    private static Vector vector(float[] values, int width, int output) {
        double[] numbers = new double[width];
        for (int j = 0; j < width; j++) {
            numbers[j] = values[output * width + j];
        }
        return Vectors.dense(numbers);
    }
}
