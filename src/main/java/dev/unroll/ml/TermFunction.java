package dev.unroll.ml;

import dev.unroll.data.CanonicalRow;
import dev.unroll.data.Sequence;
import dev.unroll.data.SequenceBatch;
import dev.unroll.data.Standardization;
import dev.unroll.metric.ClassTerm;
import dev.unroll.metric.LabelSetTerm;
import dev.unroll.metric.NumberTerm;
import dev.unroll.model.Model;
import dev.unroll.model.Prediction;
import dev.unroll.model.Predictor;
import dev.unroll.nn.LearningTask;
import dev.unroll.nn.Readout;
import dev.unroll.spark.rows.RowParser;
import dev.unroll.spark.source.Fault;
import dev.unroll.worker.NaiveForecast;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.spark.api.java.function.FlatMapFunction;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;

/**
 * A labelled row to the terms of it that weigh something, as rows of {@link TermRows}, behind which its group stands.
 */
final class TermFunction implements FlatMapFunction<Row, Row> {

    private static final long serialVersionUID = 1L;

    private final Model model;
    private final List<Double> levels;
    private final RowParser parser;
    private final NaiveForecast naive;
    private final boolean skip;
    private transient Predictor predictor;

    /**
     * @param levels of quantiles
     * @param parser of rows with labels; rows have its columns, then those of their group
     * @param naive the forecasts beside those of the model
     */
    TermFunction(Model model, List<Double> levels, RowParser parser, NaiveForecast naive, boolean skip) {
        this.model = model;
        this.levels = List.copyOf(levels);
        this.parser = parser;
        this.naive = naive;
        this.skip = skip;
    }

    @Override
    public Iterator<Row> call(Row row) {
        if (predictor == null) {
            predictor = new Predictor(model, levels);
        }
        try {
            CanonicalRow parsed = parser.parse(row).get(0);
            Sequence sequence = parsed.decode(model.encoding());
            List<Row> terms = terms(sequence, predictor.predict(parsed));
            terms.replaceAll(term -> grouped(term, row));
            return terms.iterator();
        } catch (Fault fault) {
            PredictFunction.unusable(fault, skip);
            return List.<Row>of().iterator();
        }
    }

    private Row grouped(Row term, Row row) {
        int read = parser.columns().size();
        Object[] values = new Object[term.length() + row.length() - read];
        for (int i = 0; i < values.length; i++) {
            values[i] = i < term.length() ? term.get(i) : row.get(read + i - term.length());
        }
        return RowFactory.create(values);
    }

    private List<Row> terms(Sequence sequence, Prediction prediction) {
        List<Row> terms = new ArrayList<>();
        int first = sequence.terms() - prediction.outputs(); // steps before a horizon are not predicted
        SequenceBatch batch = new SequenceBatch();
        if (naive.isSome()) {
            batch.pack(List.of(sequence));
        }
        for (int output = 0; output < prediction.outputs(); output++) {
            int at = first + output;
            double weight =
                    (double) sequence.weight() * (sequence.termWeights() == null ? 1 : sequence.termWeights()[at]);
            if (weight == 0) {
                continue;
            }
            if (model.task() == LearningTask.REGRESSION) {
                for (int j = 0; j < prediction.width(); j++) {
                    terms.add(TermRows.OfNumbers.row(term(sequence, batch, prediction, output, at, j, weight)));
                }
            } else if (model.spec().head().loss().hasLabelSets()) {
                terms.add(TermRows.OfLabelSets.row(setTerm(sequence, prediction, output, at, weight)));
            } else {
                int from = output * prediction.width();
                float[] probabilities = Arrays.copyOfRange(prediction.values(), from, from + prediction.width());
                terms.add(TermRows.OfLabels.row(
                        new ClassTerm(weight, sequence.labels()[at], prediction.classes()[output], probabilities)));
            }
        }
        return terms;
    }

    private static LabelSetTerm setTerm(Sequence sequence, Prediction prediction, int output, int at, double weight) {
        int width = prediction.width();
        int[] labels = IntStream.range(0, width)
                .filter(c -> sequence.targets()[at * width + c] > 0)
                .toArray();
        float[] probabilities = Arrays.copyOfRange(prediction.values(), output * width, (output + 1) * width);
        return new LabelSetTerm(weight, labels, prediction.set(output).toArray(), probabilities);
    }

    /** @param batch of the sequence, where there are naive forecasts */
    private NumberTerm term(
            Sequence sequence, SequenceBatch batch, Prediction prediction, int output, int at, int j, double weight) {
        int width = prediction.width();
        Standardization units = sequence.targetScale() == null ? model.scaling().targets() : sequence.targetScale();
        double target = sequence.exactTargets() == null
                ? units.undo(sequence.targets()[at * width + j], j)
                : sequence.exactTargets()[at * width + j];
        int number = output * width + j;
        int from = number * levels.size();
        Readout readout = new Readout(model.spec().head());
        int ahead = naive.within() ? prediction.outputs() : width; // one output has all, or one of them
        return new NumberTerm(
                weight,
                target,
                prediction.numbers()[number],
                naive.isSome() ? naive.of(batch, 0, output + j, ahead, 1) : Double.NaN,
                naive.isSeasonal() ? naive.of(batch, 0, output + j, ahead, naive.season()) : Double.NaN,
                naive.isSome() ? naive.change(batch, 0) : Double.NaN,
                Arrays.copyOfRange(prediction.quantiles(), from, from + levels.size()),
                readout.hasDistribution()
                        ? readout.distribution(prediction.distribution(), number)
                                .crps(target)
                        : Double.NaN);
    }
}
