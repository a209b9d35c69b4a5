package dev.unroll.ml;

import dev.unroll.fit.CandidateTrainings.Outcome;
import dev.unroll.fit.SearchMetric;
import dev.unroll.train.TrainingException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Supplier;
import org.apache.spark.ml.Model;
import org.apache.spark.ml.param.ParamMap;
import org.apache.spark.ml.param.ParamPair;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import scala.jdk.javaapi.CollectionConverters;

/**
 * What came of a search.
 *
 * @param <M> model of the estimator
 */
public final class SearchResult<M extends Model<M>> {

    private static final StructType CANDIDATES = new StructType()
            .add("rank", DataTypes.IntegerType, false)
            .add("candidate", DataTypes.IntegerType, false)
            .add("params", DataTypes.createMapType(DataTypes.StringType, DataTypes.StringType, false), false)
            .add("metric", DataTypes.DoubleType)
            .add("deviation", DataTypes.DoubleType)
            .add("iterations", DataTypes.LongType, false)
            .add("error", DataTypes.StringType);

    private static final StructType TRAININGS = new StructType()
            .add("candidate", DataTypes.IntegerType, false)
            .add("fold", DataTypes.IntegerType, false)
            .add("sequences", DataTypes.LongType, false)
            .add("iterations", DataTypes.LongType, false)
            .add("loss", DataTypes.DoubleType)
            .add("validation", DataTypes.createMapType(DataTypes.StringType, DataTypes.DoubleType, false), false)
            .add("stopReason", DataTypes.StringType)
            .add("parameterHash", DataTypes.StringType)
            .add("error", DataTypes.StringType);

    private final SparkSession spark;
    private final SearchMetric metric;
    private final List<SearchCandidate> ranking;
    private M model; // null where none was trained in the end
    private RuntimeException failure; // why not, where it should have been

    /**
     * @param ranking the best candidate first
     * @throws TrainingException if not a single one could be trained
     */
    SearchResult(SparkSession spark, SearchMetric metric, List<SearchCandidate> ranking) {
        ranking.get(0).error().ifPresent(error -> {
            throw new TrainingException(
                    "none of " + ranking.size() + " candidates could be trained; the first: " + error);
        });
        this.spark = spark;
        this.metric = metric;
        this.ranking = List.copyOf(ranking);
    }

    /** With the model of the best candidate; what was found is not lost where that fails. */
    SearchResult<M> refitted(Supplier<M> fit) {
        try {
            model = fit.get();
        } catch (TrainingException | IllegalArgumentException e) {
            failure = e;
        }
        return this;
    }

    /** The Params of the best candidate that it was given. */
    public ParamMap best() {
        return ranking.get(0).params();
    }

    /** Number of the best candidate, from 0, in the order in which they were given. */
    public int bestCandidate() {
        return ranking.get(0).number();
    }

    /** The metric of the best candidate, of folds the mean. */
    public double bestMetric() {
        return ranking.get(0).mean(metric);
    }

    /**
     * The model of the best candidate, trained as by {@code fit}.
     *
     * @throws IllegalStateException if the search was told not to train it
     * @throws RuntimeException why it could not be trained, otherwise
     */
    public M model() {
        if (failure != null) {
            throw failure;
        }
        if (model == null) {
            throw new IllegalStateException(
                    "the search has refit false, so it trained no model in the end; fit the estimator"
                            + " with the Params of best()");
        }
        return model;
    }

    /**
     * A row for each candidate, the best first: rank from 1, candidate from 0, its params by name, the metric and its deviation over the
     * folds, iterations, and an error in place of a metric.
     */
    public Dataset<Row> candidates() {
        List<Row> rows = new ArrayList<>();
        for (SearchCandidate candidate : ranking) {
            double mean = candidate.mean(metric);
            double deviation = candidate.deviation(metric);
            rows.add(RowFactory.create(
                    rows.size() + 1,
                    candidate.number(),
                    CollectionConverters.asScala(texts(candidate.params())),
                    Double.isNaN(mean) ? null : (Double) mean,
                    Double.isNaN(deviation) ? null : (Double) deviation,
                    candidate.outcomes().stream()
                            .mapToLong(Outcome::iterations)
                            .max()
                            .orElseThrow(),
                    candidate.error().orElse(null)));
        }
        return spark.createDataFrame(rows, CANDIDATES);
    }

    /** A row for each candidate and fold: what the training was, as {@link KeyedModels} have it. */
    public Dataset<Row> trainings() {
        List<Row> rows = new ArrayList<>();
        for (SearchCandidate candidate : ranking) {
            for (Outcome outcome : candidate.outcomes()) {
                rows.add(RowFactory.create(
                        candidate.number(),
                        outcome.part().fold(),
                        outcome.sequences(),
                        outcome.iterations(),
                        outcome.loss(),
                        CollectionConverters.asScala(outcome.validation()),
                        outcome.stopReason(),
                        outcome.hash(),
                        outcome.error()));
            }
        }
        return spark.createDataFrame(rows, TRAININGS);
    }

    /** Params by name, as text. */
    static Map<String, String> texts(ParamMap params) {
        Map<String, String> texts = new TreeMap<>();
        for (ParamPair<?> pair : CollectionConverters.asJava(params.toSeq())) {
            texts.put(pair.param().name(), ParamDocs.text(pair.value()));
        }
        return texts;
    }
}
