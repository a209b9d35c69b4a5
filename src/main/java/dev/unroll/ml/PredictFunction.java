package dev.unroll.ml;

import dev.unroll.data.InputException;
import dev.unroll.data.Sequence;
import dev.unroll.model.Model;
import dev.unroll.model.Prediction;
import dev.unroll.model.Predictor;
import dev.unroll.nn.HeadSpec;
import dev.unroll.nn.LearningTask;
import dev.unroll.spark.rows.RowParser;
import dev.unroll.spark.source.Fault;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.spark.ml.linalg.Vector;
import org.apache.spark.ml.linalg.Vectors;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.api.java.UDF1;

/** The column expression of {@link RnnModel}: a row of the columns that are read to the values asked for, or null for a row to skip. */
final class PredictFunction implements UDF1<Row, Row> {

    private static final long serialVersionUID = 1L;

    /** What a column that is added holds. */
    enum Value {
        /** A label, a set of labels, a number or the numbers of a target. */
        PREDICTION,
        /** That of each class. */
        PROBABILITY,
        /** The outputs before the softmax or the sigmoids. */
        RAW,
        /** Of each number of a target. */
        QUANTILES,
        /** Its parameters, of each number of a target. */
        DISTRIBUTION
    }

    private final Model model;
    private final List<Double> levels;
    private final Thresholds thresholds;
    private final RowParser parser;
    private final boolean skip;
    private final List<Value> columns;
    private final boolean doubles; // whether predicted labels are
    private transient Predictor predictor;

    /**
     * @param levels of quantiles
     * @param thresholds of classes
     * @param columns what is asked for
     */
    PredictFunction(
            Model model,
            List<Double> levels,
            Thresholds thresholds,
            RowParser parser,
            boolean skip,
            List<Value> columns) {
        this.model = model;
        this.levels = columns.contains(Value.QUANTILES) ? List.copyOf(levels) : List.of();
        this.thresholds = thresholds.requireGoWith(model);
        this.parser = parser;
        this.skip = skip;
        this.columns = List.copyOf(columns);
        this.doubles = model.labels() != null && model.labels().areDoubles();
    }

    @Override
    public Row call(Row read) {
        try {
            return row(predictAll(List.of(parse(read))).get(0));
        } catch (Fault fault) {
            return unusable(fault);
        }
    }

    private Predictor predictor() {
        if (predictor == null) {
            predictor = new Predictor(model, levels);
        }
        return predictor;
    }

    /** The columns that {@link #parse} reads. */
    List<String> columns() {
        return parser.columns();
    }

    Sequence parse(Row read) throws Fault {
        return parser.parse(read).get(0).decode(model.encoding());
    }

    /** The predictions of these rows, in their order. */
    List<Prediction> predictAll(List<Sequence> rows) {
        return predictor().predictAll(rows);
    }

    /** How many outputs the network has for a row. */
    long outputs(Sequence row) {
        HeadSpec head = model.spec().head();
        return (long) head.outputs() * (head.everyStep() ? row.length() : 1);
    }

    /** Whether rows that cannot be used are left out. */
    boolean skips() {
        return skip;
    }

    /** Null for a row that is left out. */
    Row unusable(Fault fault) {
        return unusable(fault, skip);
    }

    /** Null for a row that is left out. */
    static Row unusable(Fault fault, boolean skip) {
        if (skip) {
            return null;
        }
        throw new InputException("column " + fault.column() + ": " + fault.getMessage() + ", value " + fault.value()
                + " (handleInvalid skip leaves such rows out)");
    }

    /** The values of the columns. */
    Row row(Prediction prediction) {
        boolean everyStep = model.spec().head().everyStep();
        Object[] values = new Object[columns.size()];
        for (int i = 0; i < values.length; i++) {
            Value column = columns.get(i);
            values[i] = everyStep
                    ? IntStream.range(0, prediction.outputs())
                            .mapToObj(t -> value(column, prediction, t))
                            .toArray()
                    : value(column, prediction, 0);
        }
        return RowFactory.create(values);
    }

    private Object value(Value column, Prediction prediction, int output) {
        return switch (column) {
            case PREDICTION -> prediction(prediction, output);
            case PROBABILITY -> vector(prediction.values(), prediction.width(), output);
            case RAW ->
                model.spec().head().loss().scoresClasses()
                        ? raw(prediction.raw(), prediction.width(), output)
                        : vector(prediction.raw(), prediction.width(), output);
            case QUANTILES ->
                vector(prediction.quantiles(), prediction.quantiles().length / prediction.outputs(), output);
            case DISTRIBUTION ->
                vector(prediction.distribution(), model.spec().head().outputs(), output);
        };
    }

    private Object prediction(Prediction prediction, int output) {
        if (model.task() == LearningTask.REGRESSION) {
            return prediction.width() == 1
                    ? (Object) prediction.numbers()[output]
                    : vector(prediction.numbers(), prediction.width(), output);
        }
        if (model.spec().head().loss().hasLabelSets()) {
            return thresholds.setOf(prediction, output).mapToObj(this::label).toArray();
        }
        return label(thresholds.classOf(prediction, output));
    }

    private Object label(int c) {
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

    private static Vector vector(double[] values, int width, int output) {
        return Vectors.dense(Arrays.copyOfRange(values, output * width, (output + 1) * width));
    }

    private static Vector vector(float[] values, int width, int output) {
        double[] numbers = new double[width];
        for (int j = 0; j < width; j++) {
            numbers[j] = values[output * width + j];
        }
        return Vectors.dense(numbers);
    }
}
