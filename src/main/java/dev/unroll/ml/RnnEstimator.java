package dev.unroll.ml;

import dev.unroll.data.InputException;
import dev.unroll.format.Directory;
import dev.unroll.format.FormatException;
import dev.unroll.model.Model;
import dev.unroll.nn.Cells;
import dev.unroll.nn.LearningTask;
import dev.unroll.nn.NetworkSpec;
import dev.unroll.nn.Truncation;
import dev.unroll.nn.Unrolling;
import dev.unroll.optim.OptimizerSpec;
import dev.unroll.param.Initializer;
import dev.unroll.preflight.Preflight;
import dev.unroll.spark.rows.RowParser;
import dev.unroll.spark.rows.RowSpec;
import dev.unroll.spark.rows.SequenceReader;
import dev.unroll.spark.source.Origin;
import dev.unroll.train.Checkpoints;
import dev.unroll.train.History;
import dev.unroll.train.IterationListener;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.BiFunction;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.ml.param.BooleanParam;
import org.apache.spark.ml.param.DoubleParam;
import org.apache.spark.ml.param.IntParam;
import org.apache.spark.ml.param.LongParam;
import org.apache.spark.ml.param.Param;
import org.apache.spark.ml.param.ParamMap;
import org.apache.spark.ml.util.DefaultParamsWriter;
import org.apache.spark.ml.util.MLWritable;
import org.apache.spark.ml.util.MLWriter;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/**
 * The Params of every trainer: the one home of each training key, its default and what it allows. The command line, {@code
 * docs/keys.md} and the models' provenance are made from them.
 *
 * @param <E> the estimator itself, for setters that can be chained
 * @param <M> its model
 */
public abstract class RnnEstimator<E extends RnnEstimator<E, M>, M extends org.apache.spark.ml.Model<M>>
        extends IdentifiedEstimator<M> implements MLWritable {

    private static final long serialVersionUID = 1L;

    private static final String LBFGS = "lbfgs";
    private static final Map<String, Object> LBFGS_DEFAULTS = Map.of("batchSize", 0, "clipNorm", 0.0, "stepSize", 1.0);

    // columns
    private final Param<String> featuresCol = ParamFactory.text(
            this,
            "featuresCol",
            "column of sequences: string, array of string, of whole numbers, of numbers, of arrays of numbers, or of vectors",
            "features",
            AllowedValues.any("a column name"));
    private final Param<String> labelCol = ParamFactory.text(
            this,
            "labelCol",
            "column of labels: string, boolean or number",
            "label",
            AllowedValues.any("a column name"));
    private final Param<String> predictionCol = ParamFactory.text(
            this,
            "predictionCol",
            "column that the model adds: the most probable label",
            "prediction",
            AllowedValues.any("a column name"));
    private final Param<String> probabilityCol = ParamFactory.text(
            this,
            "probabilityCol",
            "column that the model adds: the probability of every label, in their order",
            "probability",
            AllowedValues.any("a column name"));
    private final Param<String> rawPredictionCol = ParamFactory.text(
            this,
            "rawPredictionCol",
            "column that the model adds: the output of every label before the softmax, in their order; empty: none",
            "",
            AllowedValues.any("a column name; empty for none"));
    private final Param<String> validationIndicatorCol = ParamFactory.text(
            this,
            "validationIndicatorCol",
            "column that is true in rows to validate on and false in those to train on; empty: none",
            "",
            AllowedValues.any("a column name; empty for none"));
    private final Param<String> tokenizer = ParamFactory.text(
            this,
            "tokenizer",
            "how a string becomes steps: Unicode code points, or words between white space; none for columns that are arrays",
            "char",
            AllowedValues.oneOf("char", "whitespace", "none"));
    private final IntParam maxLength = ParamFactory.integer(
            this,
            "maxLength",
            "steps that a sequence may have at most, here and in predictions; a longer one cannot be used; 0 = no limit",
            0,
            AllowedValues.atLeast(0));
    private final Param<String> handleInvalid = ParamFactory.text(
            this,
            "handleInvalid",
            "rows that cannot be used: error names the first, skip leaves them out and counts them by reason",
            "error",
            AllowedValues.oneOf("error", "skip"));
    // network
    private final Param<String> cell = ParamFactory.text(
            this,
            "cell",
            "recurrent cell",
            "lstm",
            AllowedValues.any("elman, lstm, gru, or the name of a cell on the class path (docs/own-cell.md)"));
    private final Param<String> activation = ParamFactory.text(
            this, "activation", "activation of the Elman cell", "tanh", AllowedValues.oneOf("tanh", "relu"));
    private final IntParam hiddenSize = ParamFactory.integer(
            this, "hiddenSize", "size H of the state, of each layer and direction", 128, AllowedValues.atLeast(1));
    private final IntParam numLayers = ParamFactory.integer(
            this,
            "numLayers",
            "recurrent layers, each reading the states of the one below",
            1,
            AllowedValues.from(1, NetworkSpec.MAX_LAYERS));
    private final BooleanParam bidirectional = ParamFactory.flag(
            this,
            "bidirectional",
            "whether each layer reads its sequence from both ends; not for language models, which must not see what comes",
            false);
    private final IntParam embeddingSize = ParamFactory.integer(
            this, "embeddingSize", "width of the embedding of tokens; 0 = one-hot", 32, AllowedValues.atLeast(0));
    private final BooleanParam tiedEmbeddings = ParamFactory.flag(
            this,
            "tiedEmbeddings",
            "language models: whether the weights of the output are the embedding; embedding-size must be hidden-size",
            false);
    private final Param<String> initializer = ParamFactory.text(
            this,
            "initializer",
            "initial recurrent weights: uniform as PyTorch's, glorot, orthogonal, or identity (for relu); input weights are then glorot's, with"
                    + " identity small",
            "uniform",
            AllowedValues.oneOf("uniform", "glorot", "orthogonal", "identity"));
    private final Param<String> init = ParamFactory.text(
            this,
            "init",
            "what training begins with: a model's directory, or a .safetensors file under PyTorch's names; empty: drawn by seed",
            "",
            AllowedValues.any("a path; empty for none"));
    private final DoubleParam forgetBias = ParamFactory.number(
            this,
            "forgetBias",
            "lstm: the bias that forget gates start from; 0 = as every other bias",
            0,
            AllowedValues.between(0, 1000));
    private final DoubleParam dropout = ParamFactory.number(
            this,
            "dropout",
            "probability that an input of a layer above the first is dropped in training",
            0,
            AllowedValues.between(0, 1));
    private final Param<String> truncation = ParamFactory.text(
            this,
            "truncation",
            "how far the gradient travels back: all the way, to borders every K steps, or at every step with probability P, scaled by 1/P",
            "none",
            AllowedValues.truncations());
    private final BooleanParam adviseTruncation = ParamFactory.flag(
            this,
            "adviseTruncation",
            "whether iterations 1, 51, 101, ... see how far the gradient could be truncated: several evaluations more of each of their batches",
            false);
    private final LongParam bpttMemory = ParamFactory.whole(
            this,
            "bpttMemory",
            "bytes that the unrolled graph of one packed batch may take, for each thread that computes; what has no room is computed again on the way"
                    + " back, with the same bits; 0 = no bound",
            0,
            AllowedValues.atLeast(0));
    private final BooleanParam carryState = ParamFactory.flag(
            this,
            "carryState",
            "language models: the corpus is laid out in batch-size streams, each update takes one window of every stream, and states go on from"
                    + " update to update",
            false);
    // optimisation
    private final Param<String> lossReduction = ParamFactory.text(
            this,
            "lossReduction",
            "step: sum of l over the number of loss terms; sequence: equation (1) per sequence, then the mean over sequences",
            "step",
            AllowedValues.oneOf("step", "sequence"));
    private final IntParam batchSize =
            ParamFactory.integer(this, "batchSize", "sequences per update; 0 = all", 64, AllowedValues.atLeast(0));
    private final IntParam maxIter = ParamFactory.integer(
            this,
            "maxIter",
            "updates at most; 0 = no such limit (with epochs 0 as well: 10 epochs)",
            0,
            AllowedValues.atLeast(0));
    private final IntParam epochs = ParamFactory.integer(
            this, "epochs", "passes over the data at most; 0 = no such limit", 0, AllowedValues.atLeast(0));
    private final DoubleParam tol = ParamFactory.number(
            this,
            "tol",
            "stop when the mean loss of an epoch improves by less than this share of the one before; 0 = off",
            0,
            AllowedValues.atLeast(0));
    private final DoubleParam stepSize =
            ParamFactory.number(this, "stepSize", "step size of the optimiser", 0.003, AllowedValues.above(0));
    private final Param<String> optimizer = ParamFactory.text(
            this,
            "optimizer",
            "optimiser; momentum is 0.9, Adam has 0.9, 0.999 and 1e-8; lbfgs works on all sequences at once, and has the defaults"
                    + " batch-size 0, clip-norm 0 and step-size 1",
            "adam",
            AllowedValues.oneOf("sgd", "momentum", "adam", "adamw", LBFGS));
    private final Param<String> schedule = ParamFactory.text(
            this, "schedule", "how the step size goes on from step-size", "constant", AllowedValues.schedules());
    private final DoubleParam clipNorm = ParamFactory.number(
            this,
            "clipNorm",
            "the mean gradient is scaled down to this L2 norm, before weight decay; 0 = off",
            1,
            AllowedValues.atLeast(0));
    private final DoubleParam weightDecay = ParamFactory.number(
            this,
            "weightDecay",
            "weight decay: added to the gradient, decoupled for adamw",
            0,
            AllowedValues.atLeast(0));
    private final LongParam seed = ParamFactory.whole(
            this,
            "seed",
            "seed of initial parameters and of the order of the data",
            1,
            AllowedValues.any("any whole number"));
    // validation
    private final DoubleParam validationFraction = ParamFactory.number(
            this,
            "validationFraction",
            "share of the rows held out for validation, by a hash of the steps",
            0,
            AllowedValues.between(0, 1));
    private final IntParam validationInterval = ParamFactory.integer(
            this, "validationInterval", "updates between validations; 0 = once per epoch", 0, AllowedValues.atLeast(0));
    // placement
    private final IntParam numShards = ParamFactory.integer(
            this,
            "numShards",
            "shards that the data are dealt to, which bounds useful parallelism; 0 = from the steps per update",
            0,
            AllowedValues.atLeast(0));
    private final IntParam partitions = ParamFactory.integer(
            this,
            "partitions",
            "partitions that the shards are cached in; 0 = one per task that runs at once, at most one per shard. Changes no bit",
            0,
            AllowedValues.atLeast(0));
    private final Param<String> checkpointDir = ParamFactory.text(
            this,
            "checkpointDir",
            "directory of checkpoints, on any file system that Hadoop knows; empty: none. Where training ends is one, too",
            "",
            AllowedValues.any("a path; empty for none"));
    private final IntParam checkpointInterval = ParamFactory.integer(
            this,
            "checkpointInterval",
            "updates from one checkpoint to the next; 0 = only where training ends",
            100,
            AllowedValues.atLeast(0));
    private final IntParam checkpointKeep = ParamFactory.integer(
            this, "checkpointKeep", "latest checkpoints that are kept", 3, AllowedValues.atLeast(1));
    private final BooleanParam resume = ParamFactory.flag(
            this,
            "resume",
            "whether training goes on from the latest checkpoint that is whole and of the same training, with the bits of a run that never stopped;"
                    + " without any it begins",
            false);
    private final BooleanParam overwriteCheckpoints = ParamFactory.flag(
            this,
            "overwriteCheckpoints",
            "whether checkpoints that are in checkpoint-dir are removed where training begins anew; otherwise they are an error",
            false);
    private final Param<String> engine = ParamFactory.text(
            this,
            "engine",
            "where iterations run: on the cluster, or in the driver. Changes no bit",
            "spark",
            AllowedValues.oneOf("spark", "local"));

    private final Param<String> weightCol = ParamFactory.text(
            this,
            "weightCol",
            "column of weights above 0; empty: every row weighs 1",
            "",
            AllowedValues.any("a column name; empty for none"));
    private final IntParam window = ParamFactory.integer(
            this,
            "window",
            "language models: documents are cut into windows of this many steps; 0 = whole documents",
            0,
            AllowedValues.atLeast(0));
    private final IntParam vocabularySize = ParamFactory.integer(
            this,
            "vocabularySize",
            "token ids at most, the one for unknown tokens included; the most frequent tokens of the training part are kept; 0 = all",
            0,
            AllowedValues.atLeast(0));
    private final Param<String> classWeights = ParamFactory.text(
            this,
            "classWeights",
            "balanced: a loss term weighs N / (C count of its label)",
            "none",
            AllowedValues.oneOf("none", "balanced"));
    private final BooleanParam standardize = ParamFactory.flag(
            this,
            "standardize",
            "whether dense inputs and targets are scaled to mean 0 and deviation 1 by the training part",
            false);
    private final IntParam patience = ParamFactory.integer(
            this,
            "patience",
            "stop after this many validations without a lower loss, and keep the best parameters; 0 = off",
            0,
            AllowedValues.atLeast(0));

    private final transient List<IterationListener> listeners = new ArrayList<>();

    RnnEstimator(String uid) {
        super(uid);
    }

    /** What the estimator learns. */
    abstract LearningTask task();

    /** The stage that applies a trained model. */
    abstract M stage(String uid, Model trained, TrainingSummary summary);

    /**
     * Trains on the rows, less the validation fraction.
     *
     * @throws dev.unroll.data.InputException if a row cannot be used (and handleInvalid is error)
     * @throws IllegalArgumentException for Params that do not go together
     * @throws dev.unroll.train.TrainingException if the loss becomes infinite or NaN
     */
    @Override
    public M fit(Dataset<?> dataset) {
        return divided(dataset, this::train);
    }

    /** Does something with the rows to train on and those to validate on, where a column says which are which. */
    private <R> R divided(Dataset<?> dataset, BiFunction<Dataset<?>, Optional<Dataset<?>>, R> work) {
        if (this.<String>value(validationIndicatorCol).isEmpty()) {
            return work.apply(dataset, Optional.empty());
        }
        Column validates = requireIndicator(dataset);
        return work.apply(
                dataset.where(functions.coalesce(functions.not(validates), functions.lit(true))),
                Optional.of(dataset.where(validates)));
    }

    private M train(Dataset<?> dataset, Optional<Dataset<?>> validation) {
        JavaSparkContext context =
                JavaSparkContext.fromSparkContext(dataset.sparkSession().sparkContext());
        return new Fit(this, context).run(dataset, validation, this::finish); // reads the rows, then Training.run
    }

    /**
     * Trains a model of its own for every key, such as a store, a sensor or a user: each in one task and one thread, as many at once as Spark has cores.
     * The model of a key has the bits that {@link #fit} on the rows of that key alone gives; but steps have one width in all of them, the most frequent
     * one, and a key without rows marked to validate on is trained without. Listeners hear of nothing, and engine is not asked.
     *
     * @param keys columns; rows of one key have the same values in all of them
     * @throws dev.unroll.data.InputException if a row cannot be used (and handleInvalid is error), or a column is missing
     * @throws IllegalArgumentException for Params that do not go together
     * @throws dev.unroll.train.TrainingException if not a single key could be trained; otherwise a key's error stands in its row of the results
     */
    public final KeyedModels fitByKey(Dataset<?> dataset, String... keys) {
        String indicator = value(validationIndicatorCol);
        Dataset<?> rows = indicator.isEmpty() ? dataset : dataset.withColumn(indicator, requireIndicator(dataset));
        return FitByKey.run(this, rows, List.of(keys), indicator);
    }

    /** Whether a row is to be validated on, checked: true or false in every row but lines that could not be read. */
    private Column requireIndicator(Dataset<?> dataset) {
        String indicator = value(validationIndicatorCol);
        if (!List.of(dataset.columns()).contains(indicator)) {
            throw new InputException("validation-indicator-col " + indicator + " is no column of the data; there are "
                    + List.of(dataset.columns()));
        }
        requireNoFraction();
        Column validates = RnnModel.column(indicator).try_cast(DataTypes.BooleanType);
        // A line that could not be read has no indicator; it goes where bad rows are named or counted.
        Column unread = Origin.isIn(dataset.schema())
                ? RnnModel.column(Origin.COLUMN).getField(Origin.REASON).isNotNull()
                : functions.lit(false);
        Dataset<?> wrong = dataset.where(validates.isNull().and(functions.not(unread)));
        if (wrong.limit(1).count() > 0) {
            Object value = wrong.select(RnnModel.column(indicator)).first().get(0);
            throw new InputException("validation-indicator-col " + indicator + " has the value " + value
                    + "; allowed are true and false");
        }
        return validates;
    }

    private void requireNoFraction() {
        if (number(validationFraction()) > 0) {
            throw new IllegalArgumentException("validation-fraction is " + number(validationFraction())
                    + " and there are validation data of their own; only one of the two goes");
        }
    }

    /** Trains on all rows and validates on others, whose labels must be among those of the training rows. */
    public final M fit(Dataset<?> dataset, Dataset<?> validation) {
        requireUndivided();
        return train(dataset, Optional.of(validation));
    }

    /**
     * What can be said of {@link #fit(Dataset)} before it trains: sizes, memory, time, and what could be better. Reads the rows, and deals them where
     * there is a {@code bptt-memory} to see whether they have room; writes nothing. Throws what {@code fit} would before its first update, but for
     * checkpoints that cannot be written or are of another training; what could not work for want of memory is in the findings.
     */
    public final Preflight plan(Dataset<?> dataset) {
        return divided(dataset, this::planned);
    }

    /** The same of {@link #fit(Dataset, Dataset)}. */
    public final Preflight plan(Dataset<?> dataset, Dataset<?> validation) {
        requireUndivided();
        return planned(dataset, Optional.of(validation));
    }

    private Preflight planned(Dataset<?> dataset, Optional<Dataset<?>> validation) {
        JavaSparkContext context =
                JavaSparkContext.fromSparkContext(dataset.sparkSession().sparkContext());
        return new Fit(this, context).plan(dataset, validation);
    }

    private void requireUndivided() {
        requireNoFraction();
        if (!this.<String>value(validationIndicatorCol).isEmpty()) {
            throw new IllegalArgumentException("validation-indicator-col is " + value(validationIndicatorCol)
                    + " and there are validation data of their own; only one of the two goes");
        }
    }

    /**
     * One iteration computed again.
     *
     * @param from the iteration of the checkpoint that it was computed from; 0 for the beginning
     * @param loss mean loss of the batch, before the update
     * @param parameterHash after the update
     */
    public record Replayed(long from, double loss, double gradientNorm, String parameterHash) {}

    /**
     * Computes one iteration of a training again, in this process: from the latest checkpoint before it in checkpointDir, or else from the beginning.
     * Nothing is written.
     *
     * @throws InputException if there are checkpoints, and none is of this training
     */
    public final Replayed replay(Dataset<?> dataset, Optional<? extends Dataset<?>> validation, long iteration) {
        JavaSparkContext context =
                JavaSparkContext.fromSparkContext(dataset.sparkSession().sparkContext());
        return new Fit(this, context, OptionalLong.of(iteration))
                .run(dataset, validation.map(v -> v), (trained, summary) -> {
                    List<History.Update> updates = summary.updates().updates();
                    History.Update last = updates.get(updates.size() - 1);
                    return new Replayed(
                            updates.get(0).iteration() - 1, last.loss(), last.gradientNorm(), trained.parameterHash());
                });
    }

    private M finish(Model trained, TrainingSummary summary) {
        ParamMap values = extractParamMap();
        if (this.<Boolean>value(carryState)) {
            values.put(window.w(0)); // documents are evaluated whole, as in validation
        }
        return copyValues(stage(uid(), trained, summary), values).setParent(this);
    }

    final SequenceReader reader(JavaSparkContext context) {
        return new SequenceReader(context, rowSpec(), skips(), this.<Long>value(seed));
    }

    /** Whether rows that cannot be used are left out. */
    final boolean skips() {
        return this.<String>value(handleInvalid).equals("skip");
    }

    /** How rows to train on are read. */
    public final RowSpec rowSpec() {
        String weight = value(weightCol());
        return new RowSpec(
                task(),
                value(featuresCol()),
                task() == LearningTask.LANGUAGE_MODEL ? null : value(labelCol()),
                weight.isEmpty() ? null : weight,
                value(tokenizer()),
                this.<Boolean>value(carryState) ? 0 : integer(window()), // streams cut documents themselves
                integer(maxLength()));
    }

    @Override
    public StructType transformSchema(StructType schema) {
        new RowParser(schema, rowSpec(), null);
        return schema;
    }

    /** Adds one that hears of every update, on the driver. Listeners go along with copies and are not saved. */
    public final E addListener(IterationListener listener) {
        listeners.add(listener);
        return self();
    }

    final List<IterationListener> listeners() {
        return listeners;
    }

    @SuppressWarnings("unchecked")
    private E self() {
        return (E) this;
    }

    private E with(Param<?> param, Object value) {
        set(param.name(), ParamDocs.of(param).parse(String.valueOf(value)));
        return self();
    }

    /** What was set, or else the default; some defaults go with the optimiser. */
    final <T> T value(Param<?> param) {
        return isSet(param) || !isLbfgs() ? ParamFactory.get(this, param) : lbfgsDefault(param);
    }

    private boolean isLbfgs() {
        return ParamFactory.<String>get(this, optimizer).equals(LBFGS);
    }

    @SuppressWarnings("unchecked")
    private <T> T lbfgsDefault(Param<?> param) {
        Object value = LBFGS_DEFAULTS.get(param.name());
        return value == null ? ParamFactory.get(this, param) : (T) value;
    }

    final int integer(IntParam param) {
        return this.<Integer>value(param);
    }

    final double number(DoubleParam param) {
        return this.<Double>value(param);
    }

    /** @throws IllegalArgumentException for Params that do not go together */
    final OptimizerSpec optimizerSpec() {
        OptimizerSpec spec = new OptimizerSpec(
                value(optimizer), number(stepSize), value(schedule), number(clipNorm), number(weightDecay));
        if (spec.isFullBatch()) {
            OptimizerSpec.requireFullBatch(integer(batchSize));
        }
        return spec;
    }

    /** How the unrolled graph is trained. */
    final Unrolling unrolling() {
        return new Unrolling(number(dropout), Truncation.parse(value(truncation)), this.<Long>value(bpttMemory));
    }

    /** What the parameters are before the first update. */
    final Initializer initial() {
        Initializer.Scheme scheme =
                Initializer.Scheme.valueOf(this.<String>value(initializer).toUpperCase(Locale.ROOT));
        return new Initializer(scheme, number(forgetBias));
    }

    /**
     * Refuses what does not go together, before any data are read.
     *
     * @throws IllegalArgumentException naming the Params
     */
    final void requireConsistent() {
        Cells.named(value(cell), value(activation));
        optimizerSpec();
        if (task() == LearningTask.LANGUAGE_MODEL && this.<Boolean>value(bidirectional)) {
            throw new IllegalArgumentException(
                    "bidirectional is true and the task is language-model, which would see the tokens it is to predict; allowed is false");
        }
        if (task() != LearningTask.LANGUAGE_MODEL && this.<Boolean>value(tiedEmbeddings)) {
            throw new IllegalArgumentException("tied-embeddings is true, which goes with task language-model only");
        }
        if (this.<Boolean>value(tiedEmbeddings) && integer(embeddingSize) != integer(hiddenSize)) {
            throw new IllegalArgumentException("tied-embeddings is true and embedding-size is " + integer(embeddingSize)
                    + "; allowed is hidden-size, " + integer(hiddenSize));
        }
        if (isLbfgs() && (number(dropout) > 0 || !unrolling().truncation().equals(Truncation.NONE))) {
            throw new IllegalArgumentException(
                    "optimizer lbfgs needs the gradient of one loss: with it dropout is 0 and truncation none;"
                            + " they are " + number(dropout) + " and " + value(truncation));
        }
        if (this.<Boolean>value(carryState)) {
            requireStreams();
        }
        if (isLbfgs() && this.<Boolean>value(adviseTruncation)) {
            throw new IllegalArgumentException(
                    "advise-truncation is true, which goes with optimizers that sample iterations; lbfgs does not");
        }
        if (this.<String>value(classWeights).equals("balanced") && !task().hasClasses()) {
            throw new IllegalArgumentException("class-weights balanced goes with tasks classification and tagging, and"
                    + " task is " + task().key());
        }
        if (number(forgetBias) > 0 && !this.<String>value(cell).equals("lstm")) {
            throw new IllegalArgumentException("forget-bias is " + number(forgetBias)
                    + ", which goes with cell lstm only, and cell is " + value(cell));
        }
        if (number(dropout) > 0 && integer(numLayers) == 1) {
            throw new IllegalArgumentException("dropout is " + number(dropout)
                    + ", and it acts between layers; num-layers is 1, allowed is 2 and more");
        }
    }

    /**
     * Before any work: that checkpoints may be written where they are to be.
     *
     * @throws InputException if there are some already, and nobody said what becomes of them
     */
    final void requireCheckpointDir(Configuration hadoop) {
        String location = value(checkpointDir);
        boolean wanted = this.<Boolean>value(resume);
        if (location.isEmpty()) {
            if (wanted) {
                throw new IllegalArgumentException("resume is true, and there is no checkpoint-dir to go on from");
            }
            return;
        }
        try {
            Directory directory = Directory.of(location, hadoop);
            if (!wanted && !this.<Boolean>value(overwriteCheckpoints) && Checkpoints.isUsed(directory)) {
                throw new InputException("checkpoint-dir " + directory + " has checkpoints already; resume goes on from"
                        + " the latest, overwrite-checkpoints removes them");
            }
        } catch (FormatException e) {
            throw new InputException("cannot use checkpoint-dir " + location + ": " + e.getMessage(), e);
        }
    }

    /** @throws IllegalArgumentException if standardize is true and there is nothing to scale */
    final void requireStandardizable(boolean tokens) {
        if (this.<Boolean>value(standardize) && tokens && task() != LearningTask.REGRESSION) {
            throw new IllegalArgumentException("standardize goes with dense inputs or with task regression; the inputs"
                    + " are tokens, and the task is " + task().key());
        }
    }

    /** What carried states need. */
    private void requireStreams() {
        String streams = "carry-state is true, which goes with ";
        if (task() != LearningTask.LANGUAGE_MODEL) {
            throw new IllegalArgumentException(streams + "task language-model only");
        }
        if (integer(window) == 0) {
            throw new IllegalArgumentException(
                    streams + "a window of at least 1 step for each update, and window is 0");
        }
        if (integer(batchSize) == 0) {
            throw new IllegalArgumentException(streams + "batch-size as the number of streams, at least 1; it is 0");
        }
        if (integer(maxLength) > 0) {
            throw new IllegalArgumentException(
                    streams + "documents of any length, which windows cut: max-length 0; it is " + integer(maxLength));
        }
        if (!this.<String>value(weightCol).isEmpty()) {
            throw new IllegalArgumentException(
                    streams + "documents of equal weight: windows join them; weight-col is " + value(weightCol));
        }
    }

    @Override
    @SuppressWarnings("unchecked")
    public E copy(ParamMap extra) {
        E copy = defaultCopy(extra);
        listeners.forEach(copy::addListener);
        return copy;
    }

    @Override
    public MLWriter write() {
        return new DefaultParamsWriter(this);
    }

    // columns

    public final Param<String> featuresCol() {
        return featuresCol;
    }

    public final E setFeaturesCol(String value) {
        return with(featuresCol, value);
    }

    public final Param<String> labelCol() {
        return labelCol;
    }

    public final E setLabelCol(String value) {
        return with(labelCol, value);
    }

    public final Param<String> predictionCol() {
        return predictionCol;
    }

    public final E setPredictionCol(String value) {
        return with(predictionCol, value);
    }

    public final Param<String> probabilityCol() {
        return probabilityCol;
    }

    public final E setProbabilityCol(String value) {
        return with(probabilityCol, value);
    }

    public final Param<String> rawPredictionCol() {
        return rawPredictionCol;
    }

    public final E setRawPredictionCol(String value) {
        return with(rawPredictionCol, value);
    }

    public final Param<String> validationIndicatorCol() {
        return validationIndicatorCol;
    }

    public final E setValidationIndicatorCol(String value) {
        return with(validationIndicatorCol, value);
    }

    public final Param<String> tokenizer() {
        return tokenizer;
    }

    public final E setTokenizer(String value) {
        return with(tokenizer, value);
    }

    public final IntParam maxLength() {
        return maxLength;
    }

    public final E setMaxLength(int value) {
        return with(maxLength, value);
    }

    public final Param<String> handleInvalid() {
        return handleInvalid;
    }

    public final E setHandleInvalid(String value) {
        return with(handleInvalid, value);
    }

    // network

    public final Param<String> cell() {
        return cell;
    }

    public final E setCell(String value) {
        return with(cell, value);
    }

    public final Param<String> activation() {
        return activation;
    }

    public final E setActivation(String value) {
        return with(activation, value);
    }

    public final IntParam hiddenSize() {
        return hiddenSize;
    }

    public final E setHiddenSize(int value) {
        return with(hiddenSize, value);
    }

    public final IntParam embeddingSize() {
        return embeddingSize;
    }

    public final E setEmbeddingSize(int value) {
        return with(embeddingSize, value);
    }

    public final IntParam numLayers() {
        return numLayers;
    }

    public final E setNumLayers(int value) {
        return with(numLayers, value);
    }

    public final BooleanParam bidirectional() {
        return bidirectional;
    }

    public final E setBidirectional(boolean value) {
        return with(bidirectional, value);
    }

    public final BooleanParam tiedEmbeddings() {
        return tiedEmbeddings;
    }

    public final E setTiedEmbeddings(boolean value) {
        return with(tiedEmbeddings, value);
    }

    public final Param<String> initializer() {
        return initializer;
    }

    public final E setInitializer(String value) {
        return with(initializer, value);
    }

    public final Param<String> init() {
        return init;
    }

    public final E setInit(String value) {
        return with(init, value);
    }

    public final DoubleParam forgetBias() {
        return forgetBias;
    }

    public final E setForgetBias(double value) {
        return with(forgetBias, value);
    }

    public final DoubleParam dropout() {
        return dropout;
    }

    public final E setDropout(double value) {
        return with(dropout, value);
    }

    public final Param<String> truncation() {
        return truncation;
    }

    public final E setTruncation(String value) {
        return with(truncation, value);
    }

    public final BooleanParam adviseTruncation() {
        return adviseTruncation;
    }

    public final E setAdviseTruncation(boolean value) {
        return with(adviseTruncation, value);
    }

    public final LongParam bpttMemory() {
        return bpttMemory;
    }

    public final E setBpttMemory(long value) {
        return with(bpttMemory, value);
    }

    public final BooleanParam carryState() {
        return carryState;
    }

    public final E setCarryState(boolean value) {
        return with(carryState, value);
    }

    // optimisation

    public final Param<String> lossReduction() {
        return lossReduction;
    }

    public final E setLossReduction(String value) {
        return with(lossReduction, value);
    }

    public final IntParam batchSize() {
        return batchSize;
    }

    public final E setBatchSize(int value) {
        return with(batchSize, value);
    }

    public final IntParam maxIter() {
        return maxIter;
    }

    public final E setMaxIter(int value) {
        return with(maxIter, value);
    }

    public final IntParam epochs() {
        return epochs;
    }

    public final E setEpochs(int value) {
        return with(epochs, value);
    }

    public final DoubleParam tol() {
        return tol;
    }

    public final E setTol(double value) {
        return with(tol, value);
    }

    public final DoubleParam stepSize() {
        return stepSize;
    }

    public final E setStepSize(double value) {
        return with(stepSize, value);
    }

    public final Param<String> optimizer() {
        return optimizer;
    }

    public final E setOptimizer(String value) {
        return with(optimizer, value);
    }

    public final Param<String> schedule() {
        return schedule;
    }

    public final E setSchedule(String value) {
        return with(schedule, value);
    }

    public final DoubleParam clipNorm() {
        return clipNorm;
    }

    public final E setClipNorm(double value) {
        return with(clipNorm, value);
    }

    public final DoubleParam weightDecay() {
        return weightDecay;
    }

    public final E setWeightDecay(double value) {
        return with(weightDecay, value);
    }

    public final LongParam seed() {
        return seed;
    }

    public final E setSeed(long value) {
        return with(seed, value);
    }

    // validation

    public final DoubleParam validationFraction() {
        return validationFraction;
    }

    public final E setValidationFraction(double value) {
        return with(validationFraction, value);
    }

    public final IntParam validationInterval() {
        return validationInterval;
    }

    public final E setValidationInterval(int value) {
        return with(validationInterval, value);
    }

    // placement

    public final IntParam numShards() {
        return numShards;
    }

    public final E setNumShards(int value) {
        return with(numShards, value);
    }

    public final IntParam partitions() {
        return partitions;
    }

    public final E setPartitions(int value) {
        return with(partitions, value);
    }

    public final Param<String> checkpointDir() {
        return checkpointDir;
    }

    public final E setCheckpointDir(String directory) {
        return with(checkpointDir, directory);
    }

    public final IntParam checkpointInterval() {
        return checkpointInterval;
    }

    public final E setCheckpointInterval(int updates) {
        return with(checkpointInterval, updates);
    }

    public final IntParam checkpointKeep() {
        return checkpointKeep;
    }

    public final E setCheckpointKeep(int count) {
        return with(checkpointKeep, count);
    }

    public final BooleanParam resume() {
        return resume;
    }

    public final E setResume(boolean value) {
        return with(resume, value);
    }

    public final BooleanParam overwriteCheckpoints() {
        return overwriteCheckpoints;
    }

    public final E setOverwriteCheckpoints(boolean value) {
        return with(overwriteCheckpoints, value);
    }

    public final Param<String> engine() {
        return engine;
    }

    public final E setEngine(String value) {
        return with(engine, value);
    }

    public final Param<String> weightCol() {
        return weightCol;
    }

    public final E setWeightCol(String value) {
        return with(weightCol, value);
    }

    public final IntParam window() {
        return window;
    }

    public final E setWindow(int value) {
        return with(window, value);
    }

    public final IntParam vocabularySize() {
        return vocabularySize;
    }

    public final E setVocabularySize(int value) {
        return with(vocabularySize, value);
    }

    public final Param<String> classWeights() {
        return classWeights;
    }

    public final E setClassWeights(String value) {
        return with(classWeights, value);
    }

    public final BooleanParam standardize() {
        return standardize;
    }

    public final E setStandardize(boolean value) {
        return with(standardize, value);
    }

    public final IntParam patience() {
        return patience;
    }

    public final E setPatience(int value) {
        return with(patience, value);
    }
}
