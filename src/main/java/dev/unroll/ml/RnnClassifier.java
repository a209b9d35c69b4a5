package dev.unroll.ml;

import dev.unroll.data.Labels;
import dev.unroll.data.ShardPlan;
import dev.unroll.data.Vocabulary;
import dev.unroll.model.Model;
import dev.unroll.nn.LossReduction;
import dev.unroll.nn.NetworkSpec;
import dev.unroll.optim.Optimizer;
import dev.unroll.optim.OptimizerSpec;
import dev.unroll.param.Initializer;
import dev.unroll.spark.CanonicalRows;
import dev.unroll.spark.SequenceReader;
import dev.unroll.spark.ShardedRows;
import dev.unroll.spark.SparkObjective;
import dev.unroll.train.LocalObjective;
import dev.unroll.train.Objective;
import dev.unroll.train.Trainer;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.ml.param.Param;
import org.apache.spark.ml.util.DefaultParamsReader;
import org.apache.spark.ml.util.Identifiable$;
import org.apache.spark.ml.util.MLReader;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.types.StructType;

/**
 * Classifies sequences: trains an Elman network, an LSTM or a GRU with a softmax over the labels on its last state, by full
 * back-propagation through time.
 *
 * <p>Same rows, Params and seed give the same parameters to the bit, whatever the cluster.
 */
public final class RnnClassifier extends RnnEstimator<RnnClassifier, RnnClassifierModel> {

    private static final long serialVersionUID = 1L;

    private static final int DEFAULT_EPOCHS = 10;

    public RnnClassifier() {
        this(Identifiable$.MODULE$.randomUID("rnnClassifier"));
    }

    public RnnClassifier(String uid) {
        super(uid);
    }

    /**
     * Trains on the rows, less the validation fraction.
     *
     * @throws dev.unroll.data.InputException if a row cannot be used (and handleInvalid is error)
     * @throws IllegalArgumentException for Params that do not go together
     * @throws dev.unroll.train.TrainingException if the loss becomes infinite or NaN
     */
    @Override
    public RnnClassifierModel fit(Dataset<?> dataset) {
        return fit(dataset, Optional.empty());
    }

    /** Trains on all rows and validates on others, whose labels must be among those of the training rows. */
    public RnnClassifierModel fit(Dataset<?> dataset, Dataset<?> validation) {
        if (number(validationFraction()) > 0) {
            throw new IllegalArgumentException("validation-fraction is " + number(validationFraction())
                    + " and there are validation data of their own; only one of the two goes");
        }
        return fit(dataset, Optional.of(validation));
    }

    private RnnClassifierModel fit(Dataset<?> dataset, Optional<Dataset<?>> validation) {
        JavaSparkContext context =
                JavaSparkContext.fromSparkContext(dataset.sparkSession().sparkContext());
        SequenceReader reader = new SequenceReader(
                context,
                value(featuresCol()),
                value(labelCol()),
                value(tokenizer()),
                this.<String>value(handleInvalid()).equals("skip"),
                this.<Long>value(seed()),
                integer(maxLength()));
        try (CanonicalRows rows = reader.read(dataset, number(validationFraction()), null)) {
            if (rows.trainingSequences() == 0) {
                throw new IllegalArgumentException(
                        "validation-fraction " + number(validationFraction()) + " leaves no sequence to train on");
            }
            Vocabulary vocabulary = rows.hasTokens() ? rows.vocabulary() : null;
            Labels labels = rows.labels();
            NetworkSpec spec = spec(rows, vocabulary, labels);
            ShardPlan plan = plan(rows);
            ShardedRows training = rows.training(plan.shards(), partitions(context, plan), vocabulary, labels);
            Optional<CanonicalRows> validationRows = validation.map(d -> reader.read(d, 1, labels));
            Optional<ShardedRows> heldOut = validationRows
                    .or(() -> rows.heldOutSequences() > 0 ? Optional.of(rows) : Optional.empty())
                    .map(r -> r.heldOut(plan.shards(), partitions(context, plan), vocabulary, labels));
            try (Objective objective = objective(context, spec, plan, training, heldOut)) {
                float[] theta = Initializer.initialize(spec.layout(), this.<Long>value(seed()));
                Trainer.Result result = new Trainer(objective, plan, optimizer(spec), limits(), listeners()).run(theta);
                Map<String, Long> skipped = new TreeMap<>(rows.skipped());
                validationRows.ifPresent(v -> v.skipped().forEach((reason, n) -> skipped.merge(reason, n, Long::sum)));
                TrainingSummary summary =
                        new TrainingSummary(result, rows.trainingSequences(), rows.trainingSteps(), skipped, plan);
                Model model = new Model(spec, theta, vocabulary, labels, provenance(summary));
                return copyValues(new RnnClassifierModel(uid(), model).withSummary(summary), extractParamMap())
                        .setParent(this);
            } finally {
                validationRows.ifPresent(CanonicalRows::close);
            }
        }
    }

    private NetworkSpec spec(CanonicalRows rows, Vocabulary vocabulary, Labels labels) {
        NetworkSpec.Input input = rows.hasTokens()
                ? new NetworkSpec.Tokens(vocabulary.size(), integer(embeddingSize()))
                : new NetworkSpec.Dense(rows.width());
        return new NetworkSpec(
                input,
                value(cell()),
                value(activation()),
                integer(hiddenSize()),
                new NetworkSpec.HeadSpec(labels.size(), false));
    }

    private ShardPlan plan(CanonicalRows rows) {
        int batch = integer(batchSize());
        int shards = integer(numShards()) > 0
                ? integer(numShards())
                : ShardPlan.defaultShards(rows.trainingSequences(), rows.trainingSteps(), batch);
        return new ShardPlan(this.<Long>value(seed()), shards, rows.trainingSequences(), batch);
    }

    private int partitions(JavaSparkContext context, ShardPlan plan) {
        int wanted = integer(partitions());
        return wanted > 0 ? wanted : Math.min(plan.shards(), context.defaultParallelism());
    }

    private Objective objective(
            JavaSparkContext context,
            NetworkSpec spec,
            ShardPlan plan,
            ShardedRows training,
            Optional<ShardedRows> heldOut) {
        LossReduction reduction =
                LossReduction.valueOf(this.<String>value(lossReduction()).toUpperCase(Locale.ROOT));
        if (this.<String>value(engine()).equals("spark")) {
            return new SparkObjective(context, spec, reduction, plan, training, heldOut);
        }
        LocalObjective local = new LocalObjective(
                spec,
                reduction,
                plan,
                training.collect(),
                heldOut.map(ShardedRows::collect).orElse(List.of()),
                context.defaultParallelism());
        training.close();
        heldOut.ifPresent(ShardedRows::close);
        return local;
    }

    private Optimizer optimizer(NetworkSpec spec) {
        OptimizerSpec chosen = new OptimizerSpec(
                value(optimizer()), number(stepSize()), value(schedule()), number(clipNorm()), number(weightDecay()));
        return Optimizer.of(chosen, spec.layout().size());
    }

    private Trainer.Limits limits() {
        int updates = integer(maxIter());
        int passes = integer(epochs());
        return new Trainer.Limits(
                updates,
                updates == 0 && passes == 0 ? DEFAULT_EPOCHS : passes,
                number(tol()),
                integer(validationInterval()));
    }

    /** What the model says of where it comes from: every Param, and what the data were. */
    private Map<String, String> provenance(TrainingSummary summary) {
        Map<String, String> provenance = new TreeMap<>();
        for (Param<?> param : params()) {
            provenance.put(param.name(), String.valueOf(this.<Object>value(param)));
        }
        provenance.put("sequences", Long.toString(summary.sequences()));
        provenance.put("iterations", Long.toString(summary.result().iterations()));
        provenance.put("shards", Integer.toString(summary.plan().shards()));
        return provenance;
    }

    @Override
    public StructType transformSchema(StructType schema) {
        RnnClassifierModel.requireColumns(schema, value(featuresCol()), value(labelCol()), value(tokenizer()));
        return RnnClassifierModel.append(
                schema, this, schema.apply(this.<String>value(labelCol())).dataType());
    }

    public static MLReader<RnnClassifier> read() {
        return new DefaultParamsReader<>();
    }

    public static RnnClassifier load(String path) {
        return read().load(path);
    }
}
