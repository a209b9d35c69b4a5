package dev.unroll.ml;

import dev.unroll.data.InputException;
import dev.unroll.fit.BatchConfig;
import dev.unroll.fit.CheckpointConfig;
import dev.unroll.fit.DataConfig;
import dev.unroll.fit.FitByKey;
import dev.unroll.fit.LossConfig;
import dev.unroll.fit.NetworkConfig;
import dev.unroll.fit.PlacementConfig;
import dev.unroll.fit.Replay;
import dev.unroll.fit.Trained;
import dev.unroll.fit.Training;
import dev.unroll.fit.TrainingConfig;
import dev.unroll.nn.LearningTask;
import dev.unroll.nn.Loss;
import dev.unroll.nn.LossNames;
import dev.unroll.nn.LossReduction;
import dev.unroll.nn.Pooling;
import dev.unroll.nn.Truncation;
import dev.unroll.nn.Unrolling;
import dev.unroll.optim.OptimizerSpec;
import dev.unroll.param.Initializer;
import dev.unroll.preflight.Preflight;
import dev.unroll.spark.rows.InputColumns;
import dev.unroll.spark.rows.RowParser;
import dev.unroll.spark.rows.RowSpec;
import dev.unroll.train.IterationListener;
import dev.unroll.train.Trainer;
import dev.unroll.worker.NaiveForecast;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.ml.param.Param;
import org.apache.spark.ml.param.ParamMap;
import org.apache.spark.ml.param.ParamPair;
import org.apache.spark.ml.util.MLWritable;
import org.apache.spark.ml.util.MLWriter;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.types.StructType;
import scala.collection.immutable.Seq;
import scala.jdk.javaapi.CollectionConverters;

/**
 * The Params of every trainer: the one home of each training key, its default and what it allows. The command line, {@code
 * docs/keys.md} and the models' provenance are made from them.
 *
 * @param <E> the estimator itself, for setters that can be chained
 * @param <M> its model
 */
public abstract class RnnEstimator<E extends RnnEstimator<E, M>, M extends org.apache.spark.ml.Model<M>>
        extends PlacementParams<E, M> implements MLWritable {

    private static final long serialVersionUID = 1L;

    private final transient List<IterationListener> listeners = new ArrayList<>();

    RnnEstimator(String uid) {
        super(uid);
    }

    /** The stage that applies a trained model. */
    abstract M stage(String uid, Trained trained);

    /**
     * Trains on the rows, less the validation fraction.
     *
     * @throws dev.unroll.data.InputException if a row cannot be used (and handleInvalid is error)
     * @throws IllegalArgumentException for Params that do not go together
     * @throws dev.unroll.train.TrainingException if the loss becomes infinite or NaN
     */
    @Override
    public M fit(Dataset<?> dataset) {
        TrainingConfig config = config(dataset.schema());
        return validation()
                .divided(
                        dataset,
                        (rows, validation) -> model(Training.run(config, context(rows), rows, validation, listeners)));
    }

    /**
     * Trains with each of several settings, as {@link #fit(Dataset, ParamMap)} does with one. Where they are at least half as many as the
     * cores, they are trained at the same time, each in one task, and the rows are read once: see {@link SeveralFits}.
     */
    @Override
    public Seq<M> fit(Dataset<?> dataset, Seq<ParamMap> paramMaps) {
        List<E> estimators =
                CollectionConverters.asJava(paramMaps).stream().map(this::copy).toList();
        return CollectionConverters.asScala(fits(dataset, estimators).models()).toSeq();
    }

    /** Trains with each of several estimators, for the Python package: see {@link #fit(Dataset, Seq)}. */
    public static <E extends RnnEstimator<E, M>, M extends org.apache.spark.ml.Model<M>> SeveralFits<M> fits(
            Dataset<?> dataset, List<E> estimators) {
        List<SeveralFits.Fit<M>> fits = new ArrayList<>();
        for (E estimator : estimators) {
            fits.add(new SeveralFits.Fit<>(
                    estimator::config,
                    estimator.validation(),
                    estimator.hasListeners(),
                    estimator::model,
                    () -> estimator.fit(dataset)));
        }
        return SeveralFits.of(context(dataset), dataset, fits);
    }

    /** Which rows are validated on. */
    final ValidationRows validation() {
        return new ValidationRows(value(validationIndicatorCol()), number(validationFraction()));
    }

    static JavaSparkContext context(Dataset<?> dataset) {
        return JavaSparkContext.fromSparkContext(dataset.sparkSession().sparkContext());
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
        requireNoScaleByKey();
        return FitByKey.run(
                config(dataset.schema()),
                context(dataset),
                validation().marked(dataset),
                List.of(keys),
                validation().indicator(),
                KeyedModels::trained);
    }

    /** Refuses scales of series where each key has a model of its own. */
    final void requireNoScaleByKey() {
        if (DataConfig.isByKey(value(scale()))) {
            throw new IllegalArgumentException("scale is by-key, and fitByKey trains a model for each key, of which"
                    + " scale standard is the same; allowed are none, standard and window");
        }
    }

    /** Trains on all rows and validates on others, whose labels must be among those of the training rows. */
    public final M fit(Dataset<?> dataset, Dataset<?> validation) {
        validation().requireUndivided();
        return model(
                Training.run(config(dataset.schema()), context(dataset), dataset, Optional.of(validation), listeners));
    }

    /**
     * What can be said of {@link #fit(Dataset)} before it trains: sizes, memory, time, and what could be better. Reads the rows, and deals them where
     * there is a {@code bptt-memory} to see whether they have room; writes nothing. Throws what {@code fit} would before its first update, but for
     * checkpoints that cannot be written or are of another training; what could not work for want of memory is in the findings.
     */
    public final Preflight plan(Dataset<?> dataset) {
        TrainingConfig config = config(dataset.schema());
        return validation()
                .divided(dataset, (rows, validation) -> Training.plan(config, context(rows), rows, validation));
    }

    /** What can be said of {@link #fit(Dataset, Dataset)} before it trains, as by {@link #plan(Dataset)}. */
    public final Preflight plan(Dataset<?> dataset, Dataset<?> validation) {
        validation().requireUndivided();
        return Training.plan(config(dataset.schema()), context(dataset), dataset, Optional.of(validation));
    }

    /**
     * Computes one iteration of a training again, in this process: from the latest checkpoint before it in checkpointDir, or else from the beginning.
     * Nothing is written.
     *
     * @throws InputException if there are checkpoints, and none is of this training
     */
    public final Replay replay(Dataset<?> dataset, Optional<? extends Dataset<?>> validation, long iteration) {
        return Replay.of(config(dataset.schema()), context(dataset), dataset, validation, iteration);
    }

    final M model(Trained trained) {
        ParamMap values = extractParamMap();
        if (this.<Boolean>value(carryState())) {
            values.put(window().w(0)); // documents are evaluated whole, as in validation
        }
        return copyValues(stage(uid(), trained), values).setParent(this);
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
                        this.<Boolean>value(carryState()) ? 0 : integer(window()), // streams cut documents themselves
                        integer(maxLength()))
                .withInputs(inputs(this.<String>value(scale()).equals("window") && task() == LearningTask.REGRESSION))
                .withLoss(LossNames.of(task(), value(loss())));
    }

    /** How the rows of a schema are read, whose series matter where each has a scale of its own. */
    private RowSpec rowSpec(StructType schema) {
        RowSpec rows = rowSpec();
        return DataConfig.isByKey(value(scale()))
                ? rows.withInputs(
                        rows.inputs().of(InputColumns.Series.of(WindowTargets.requireKeys(schema, value(labelCol())))))
                : rows;
    }

    /** Refuses Params of the one column of features where steps are made of columns. */
    private void requireOfColumns() {
        if (!rowSpec().inputs().isSome()) {
            return;
        }
        String keys = rowSpec().inputs().keys();
        if (isSet(embeddingSize())) {
            throw new IllegalArgumentException(
                    "embedding-size is the width of the embedding of tokens, and steps are made of columns, " + keys
                            + "; allowed is a width for each column, such as page:8");
        }
        if (isSet(tokenizer())) {
            throw new IllegalArgumentException(
                    "tokenizer goes with text in features-col, and steps are made of columns, " + keys
                            + "; a text in one of them is one category");
        }
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

    final boolean hasListeners() {
        return !listeners.isEmpty();
    }

    /**
     * The Params as the configuration of a training.
     *
     * @param schema of the rows to train on
     * @throws IllegalArgumentException for Params that do not go together, or with the rows
     */
    final TrainingConfig config(StructType schema) {
        requireOneScale();
        requireDistribution();
        Thresholds.of(this, thresholds()).requireGoWith(LossNames.of(task(), value(loss())));
        String scale = value(scale());
        if (task() == LearningTask.REGRESSION && DataConfig.isOfEachSequence(scale)) {
            WindowTargets.requireOwnPast(schema, rowSpec(), value(labelCol()), DataConfig.byFirstNumber(scale));
        }
        Map<String, String> provenance = new TreeMap<>();
        for (Param<?> param : params()) {
            if (isDefined(param)) {
                provenance.put(param.name(), ParamDocs.text(value(param)));
            }
        }
        requireOfColumns();
        rowSpec().requireFeatures(schema, isSet(featuresCol()));
        int updates = integer(maxIter());
        int passes = integer(epochs());
        return new TrainingConfig(
                uid(),
                provenance,
                task(),
                rowSpec(schema),
                DataConfig.of(
                        this.<String>value(handleInvalid()).equals("skip"),
                        number(validationFraction()),
                        integer(vocabularySize()),
                        flag(standardize()),
                        scale,
                        timeFeatures(schema)),
                new NetworkConfig(
                        value(cell()),
                        value(activation()),
                        integer(hiddenSize()),
                        integer(projSize()),
                        integer(numLayers()),
                        flag(bidirectional()),
                        integer(embeddingSize()),
                        flag(tiedEmbeddings()),
                        constant(Pooling.class, pooling())),
                new Initializer(constant(Initializer.Scheme.class, initializer()), number(forgetBias())),
                value(init()),
                new Unrolling(number(dropout()), Truncation.parse(value(truncation())), this.<Long>value(bpttMemory())),
                new LossConfig(
                        LossNames.of(task(), value(loss())),
                        constant(LossReduction.class, lossReduction()),
                        this.<String>value(classWeights()).equals("balanced"),
                        number(labelSmoothing())),
                new BatchConfig(
                        this.<Long>value(seed()),
                        integer(batchSize()),
                        integer(numShards()),
                        flag(carryState()),
                        integer(window())),
                new OptimizerSpec(
                        value(optimizer()),
                        number(stepSize()),
                        value(schedule()),
                        number(clipNorm()),
                        number(weightDecay()),
                        number(ema())),
                new Trainer.Limits(
                        updates,
                        updates == 0 && passes == 0 ? DEFAULT_EPOCHS : passes,
                        number(tol()),
                        integer(validationInterval()),
                        integer(patience())),
                naive(schema),
                stepsAhead(schema),
                flag(adviseTruncation()),
                new PlacementConfig(
                        constant(PlacementConfig.Engine.class, engine()),
                        integer(partitions()),
                        integer(updatesPerJob())),
                new CheckpointConfig(
                        value(checkpointDir()),
                        integer(checkpointInterval()),
                        integer(checkpointKeep()),
                        flag(resume()),
                        flag(overwriteCheckpoints())));
    }

    /** How many of the last numbers of a step are of its time. */
    private int timeFeatures(StructType schema) {
        InputColumns inputs = rowSpec().inputs();
        return inputs.isSome()
                ? TimeFeatures.in(schema, inputs.numbers())
                : TimeFeatures.in(schema, this.<String>value(featuresCol()));
    }

    /** Two keys say how numbers are scaled; where both are set, they must say the same. */
    private void requireOneScale() {
        String scale = value(scale());
        boolean standardize = flag(standardize());
        if (isSet(scale()) && isSet(standardize()) && standardize != scale.equals("standard")) {
            throw new IllegalArgumentException(
                    "standardize is " + standardize + " and scale is " + scale + "; only one of the two goes");
        }
    }

    /** Refuses levels of quantiles where nothing has any, or the loss has its own. */
    private void requireDistribution() {
        if (isSet(quantiles()) && LossNames.of(task(), value(loss())).link() != Loss.Link.DISTRIBUTION) {
            throw new IllegalArgumentException("quantiles is " + value(quantiles()) + ", and loss is " + value(loss())
                    + "; it goes with loss gaussian, student-t, poisson and negative-binomial");
        }
    }

    /** How many of the last steps are predicted, of windows that extend over their horizon; 0 for others. */
    private int stepsAhead(StructType schema) {
        int steps = WindowTargets.stepsAhead(schema, value(labelCol()));
        if (steps > 0) {
            HorizonWindows.requireGoesWith(rowSpec());
        }
        return steps;
    }

    private NaiveForecast naive(StructType schema) {
        if (task() == LearningTask.REGRESSION) {
            return WindowTargets.naive(schema, rowSpec(), value(labelCol()), integer(season()));
        }
        NaiveForecast.requireNone(integer(season()), task());
        return NaiveForecast.NONE;
    }

    /**
     * A copy with these values. Of a map of all Params, as {@code extractParamMap} gives it, those that are not set stay so: what holds in
     * place of a default may depend on others.
     */
    @Override
    @SuppressWarnings("unchecked")
    public E copy(ParamMap extra) {
        E copy = defaultCopy(hasAll(extra) ? withoutDefaults(extra) : extra);
        listeners.forEach(copy::addListener);
        return copy;
    }

    private boolean hasAll(ParamMap values) {
        return Arrays.stream(params()).filter(this::hasDefault).allMatch(values::contains);
    }

    private ParamMap withoutDefaults(ParamMap values) {
        ParamMap others = new ParamMap();
        for (ParamPair<?> pair : CollectionConverters.asJava(values.toSeq())) {
            boolean isDefault = hasParam(pair.param().name())
                    && !isSet(pair.param())
                    && hasDefault(pair.param())
                    && Objects.deepEquals(pair.value(), getDefault(pair.param()).get());
            if (!isDefault) {
                others.put(pair);
            }
        }
        return others;
    }

    @Override
    public MLWriter write() {
        return StageFiles.writer(this);
    }
}
