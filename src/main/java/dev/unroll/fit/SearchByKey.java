package dev.unroll.fit;

import dev.unroll.data.InputException;
import dev.unroll.spark.rows.LocalCanonicalRows;
import dev.unroll.spark.rows.RowsByKey;
import dev.unroll.train.Trainer;
import dev.unroll.train.TrainingException;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.util.SerializableConfiguration;
import scala.jdk.javaapi.CollectionConverters;

/** A search for each key by itself: a key's rows are read once, and all candidates are trained on them in the key's task, one after the other. */
public final class SearchByKey implements RowsByKey.Work {

    private static final long serialVersionUID = 1L;

    /** The column beside those of the best model: an array with a row of {@link #CANDIDATE} for each candidate. */
    public static final String CANDIDATES = "candidates";

    /** What came of one candidate; {@code metric} and {@code iterations} are null where there is an {@code error}. */
    public static final StructType CANDIDATE = new StructType()
            .add("candidate", DataTypes.IntegerType, false)
            .add("params", DataTypes.createMapType(DataTypes.StringType, DataTypes.StringType, false), false)
            .add("metric", DataTypes.DoubleType)
            .add("iterations", DataTypes.LongType)
            .add("best", DataTypes.BooleanType, false)
            .add("error", DataTypes.StringType);

    private static final StructType COLUMNS =
            KeyedResult.SCHEMA.add(CANDIDATES, DataTypes.createArrayType(CANDIDATE, false), false);

    private final List<Candidate> candidates;
    private final SearchMetric metric;
    private final SerializableConfiguration hadoop;

    /**
     * A candidate.
     *
     * @param params that it was given, by name
     */
    public record Candidate(TrainingConfig config, Map<String, String> params) implements Serializable {}

    /** @param trained null where there is an error, or another one is better */
    private record Outcome(Trained trained, double metric, long iterations, String error) {

        Outcome withoutModel() {
            return new Outcome(null, metric, iterations, error);
        }

        Row row(int number, Map<String, String> params, boolean best) {
            return RowFactory.create(
                    number,
                    CollectionConverters.asScala(params),
                    error == null ? (Double) metric : null,
                    error == null ? (Long) iterations : null,
                    best,
                    error);
        }
    }

    private SearchByKey(List<Candidate> candidates, SearchMetric metric, SerializableConfiguration hadoop) {
        this.candidates = candidates;
        this.metric = metric;
        this.hadoop = hadoop;
    }

    /**
     * Searches for every key: a row each, of the key's columns, those of {@link KeyedResult#SCHEMA} of its best candidate, and {@link
     * #CANDIDATES}. The rows are computed when Spark is asked for them.
     *
     * @param candidates that read, order and hold out rows in the same way
     * @param indicator column that is true in rows to validate on; empty for none
     * @param work what is done with the results while the rows that were read are cached
     */
    public static <R> R run(
            List<Candidate> candidates,
            SearchMetric metric,
            JavaSparkContext context,
            Dataset<?> dataset,
            List<String> keys,
            String indicator,
            Function<Dataset<Row>, R> work) {
        StructType taken = new StructType(CANDIDATE.fields());
        for (StructField field : COLUMNS.fields()) {
            taken = taken.add(field);
        }
        TrainingConfig reading = candidates.get(0).config();
        KeyedTasks tasks = new KeyedTasks(reading, context, dataset, keys, indicator, COLUMNS).requireKeys(taken);
        for (Candidate candidate : candidates) {
            candidate.config().requireNoCheckpoints("a candidate of a search");
            candidate.config().requireHeldOut(!indicator.isEmpty(), "validation-indicator-col");
        }
        SearchByKey search = new SearchByKey(
                List.copyOf(candidates), metric, new SerializableConfiguration(context.hadoopConfiguration()));
        return tasks.run(statistics -> {}, search, work);
    }

    @Override
    public Object[] of(LocalCanonicalRows rows) {
        List<Outcome> outcomes = new ArrayList<>();
        int best = -1; // where none could be trained
        for (Candidate candidate : candidates) {
            int number = outcomes.size();
            outcomes.add(outcome(candidate.config(), rows));
            if (outcomes.get(number).error() == null && (best < 0 || isBetter(outcomes, number, best))) {
                if (best >= 0) {
                    outcomes.set(best, outcomes.get(best).withoutModel());
                }
                best = number;
            } else {
                outcomes.set(number, outcomes.get(number).withoutModel());
            }
        }
        List<Row> table = new ArrayList<>();
        for (int number = 0; number < outcomes.size(); number++) {
            table.add(outcomes.get(number).row(number, candidates.get(number).params(), number == best));
        }
        Object[] model = best < 0
                ? KeyedResult.failed(rows.statistics(), outcomes.get(0).error())
                : KeyedResult.of(outcomes.get(best).trained());
        Object[] columns = Arrays.copyOf(model, COLUMNS.length());
        columns[model.length] = CollectionConverters.asScala(table).toSeq();
        return columns;
    }

    private boolean isBetter(List<Outcome> outcomes, int number, int other) {
        return Double.compare(
                        metric.cost(outcomes.get(number).metric()),
                        metric.cost(outcomes.get(other).metric()))
                < 0;
    }

    private Outcome outcome(TrainingConfig config, LocalCanonicalRows rows) {
        try {
            if (rows.statistics().sequences() > 0 && rows.statistics().heldOutSequences() == 0) {
                throw new InputException("no row of the key is held out; give it more different rows to validate on");
            }
            Trained trained = TaskTraining.run(config, rows.copy(), hadoop.value(), Optional.empty());
            Trainer.Result result = trained.summary().result();
            return new Outcome(trained, metric.of(result.validation()), result.iterations(), null);
        } catch (TrainingException | IllegalArgumentException e) {
            return new Outcome(null, Double.NaN, 0, e.getMessage());
        }
    }
}
