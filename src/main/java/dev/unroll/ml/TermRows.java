package dev.unroll.ml;

import dev.unroll.metric.ClassSums;
import dev.unroll.metric.ClassTerm;
import dev.unroll.metric.LabelSetSums;
import dev.unroll.metric.LabelSetTerm;
import dev.unroll.metric.MetricSums;
import dev.unroll.metric.NumberSums;
import dev.unroll.metric.NumberTerm;
import dev.unroll.metric.RankMetrics;
import java.io.Serializable;
import java.util.List;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/**
 * Terms as rows of a DataFrame: the columns that they begin with, and the sums that they go into.
 *
 * @param <T> the terms
 */
sealed interface TermRows<T> extends Serializable {

    String LABEL = "label";
    String PREDICTED = "predicted";
    String PROBABILITIES = "probabilities";

    /** The columns, of which the first is the weight; of labels the second is the label. */
    StructType schema();

    MetricSums<T> zero();

    T term(Row row);

    /** Classes whose ranks are measured; 0 for none. */
    int ranked();

    /** Whether a term has one class at most. */
    default boolean exclusive() {
        return true;
    }

    /** The labels of a term, as far as the score of one class needs them. */
    default Column labelsFor(Column c) {
        return functions.col(LABEL);
    }

    /** Whether class c is a label of a term. */
    default boolean isLabel(Row row, int c) {
        return row.getInt(1) == c;
    }

    /**
     * Of labels.
     *
     * @param classes C
     */
    record OfLabels(int classes) implements TermRows<ClassTerm> {

        @Override
        public StructType schema() {
            return new StructType()
                    .add("weight", DataTypes.DoubleType, false)
                    .add(LABEL, DataTypes.IntegerType, false)
                    .add(PREDICTED, DataTypes.IntegerType, false)
                    .add(PROBABILITIES, DataTypes.createArrayType(DataTypes.FloatType, false), false);
        }

        @Override
        public ClassSums zero() {
            return new ClassSums(classes);
        }

        @Override
        public int ranked() {
            return classes <= RankMetrics.MAX_CLASSES ? classes : 0;
        }

        static Row row(ClassTerm term) {
            return RowFactory.create(term.weight(), term.label(), term.predicted(), term.probabilities());
        }

        @Override
        public ClassTerm term(Row row) {
            return new ClassTerm(row.getDouble(0), row.getInt(1), row.getInt(2), floats(row.getList(3)));
        }
    }

    private static float[] floats(List<Float> numbers) {
        float[] floats = new float[numbers.size()];
        for (int c = 0; c < floats.length; c++) {
            floats[c] = numbers.get(c);
        }
        return floats;
    }

    private static int[] indices(List<Integer> numbers) {
        return numbers.stream().mapToInt(Integer::intValue).toArray();
    }

    /**
     * Of sets of labels.
     *
     * @param labels C
     */
    record OfLabelSets(int labels) implements TermRows<LabelSetTerm> {

        @Override
        public StructType schema() {
            DataType indices = DataTypes.createArrayType(DataTypes.IntegerType, false);
            return new StructType()
                    .add("weight", DataTypes.DoubleType, false)
                    .add(LABEL, indices, false)
                    .add(PREDICTED, indices, false)
                    .add(PROBABILITIES, DataTypes.createArrayType(DataTypes.FloatType, false), false);
        }

        @Override
        public LabelSetSums zero() {
            return new LabelSetSums(labels);
        }

        @Override
        public int ranked() {
            return labels <= RankMetrics.MAX_CLASSES ? labels : 0;
        }

        @Override
        public boolean exclusive() {
            return false;
        }

        @Override
        public Column labelsFor(Column c) {
            return functions.filter(functions.col(LABEL), label -> label.equalTo(c));
        }

        @Override
        public boolean isLabel(Row row, int c) {
            return row.getList(1).contains(c);
        }

        static Row row(LabelSetTerm term) {
            return RowFactory.create(term.weight(), term.labels(), term.predicted(), term.probabilities());
        }

        @Override
        public LabelSetTerm term(Row row) {
            return new LabelSetTerm(
                    row.getDouble(0), indices(row.getList(1)), indices(row.getList(2)), floats(row.getList(3)));
        }
    }

    /** Of numbers; the components are those of {@link NumberSums}. */
    record OfNumbers(List<Double> levels, boolean distributed, int season) implements TermRows<NumberTerm> {

        @Override
        public StructType schema() {
            StructType schema = new StructType();
            for (String number : List.of("weight", "target", "prediction", "naive", "seasonal", "change")) {
                schema = schema.add(number, DataTypes.DoubleType, false);
            }
            return schema.add("quantiles", DataTypes.createArrayType(DataTypes.DoubleType, false), false)
                    .add("crps", DataTypes.DoubleType, false);
        }

        @Override
        public NumberSums zero() {
            return new NumberSums(levels, distributed, season);
        }

        @Override
        public int ranked() {
            return 0;
        }

        static Row row(NumberTerm term) {
            return RowFactory.create(
                    term.weight(),
                    term.target(),
                    term.prediction(),
                    term.naive(),
                    term.seasonal(),
                    term.change(),
                    term.quantiles(),
                    term.crps());
        }

        @Override
        public NumberTerm term(Row row) {
            double[] quantiles = row.<Double>getList(6).stream()
                    .mapToDouble(Double::doubleValue)
                    .toArray();
            return new NumberTerm(
                    row.getDouble(0),
                    row.getDouble(1),
                    row.getDouble(2),
                    row.getDouble(3),
                    row.getDouble(4),
                    row.getDouble(5),
                    quantiles,
                    row.getDouble(7));
        }
    }
}
