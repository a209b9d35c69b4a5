package dev.unroll.ml;

import dev.unroll.metric.ClassSums;
import dev.unroll.metric.ClassTerm;
import dev.unroll.metric.MetricSums;
import dev.unroll.metric.NumberSums;
import dev.unroll.metric.NumberTerm;
import dev.unroll.metric.RankMetrics;
import java.io.Serializable;
import java.util.List;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/**
 * Terms as rows of a DataFrame: the columns that they begin with, and the sums that they go into.
 *
 * @param <T> the terms
 */
sealed interface TermRows<T> extends Serializable {

    /** The columns, of which the first is the weight. */
    StructType schema();

    MetricSums<T> zero();

    T term(Row row);

    /** Classes whose ranks are measured; 0 for none. */
    int ranked();

    /**
     * Of labels.
     *
     * @param classes C
     */
    record OfLabels(int classes) implements TermRows<ClassTerm> {

        static final String LABEL = "label";
        static final String PREDICTED = "predicted";
        static final String PROBABILITIES = "probabilities";

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
            List<Float> numbers = row.getList(3);
            float[] probabilities = new float[numbers.size()];
            for (int c = 0; c < probabilities.length; c++) {
                probabilities[c] = numbers.get(c);
            }
            return new ClassTerm(row.getDouble(0), row.getInt(1), row.getInt(2), probabilities);
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
