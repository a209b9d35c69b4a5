package dev.unroll.ml;

import dev.unroll.data.Columns;
import dev.unroll.fit.TrainingSummary;
import dev.unroll.format.Directory;
import dev.unroll.model.Explainer;
import dev.unroll.model.ExplanationSpec;
import dev.unroll.model.Model;
import dev.unroll.model.Predictor;
import dev.unroll.nn.HeadSpec;
import dev.unroll.nn.LearningTask;
import dev.unroll.nn.NetworkSpec;
import dev.unroll.nn.QuantileLevels;
import dev.unroll.nn.Readout;
import dev.unroll.spark.rows.InputColumns;
import dev.unroll.spark.rows.InternalRows;
import dev.unroll.spark.rows.RowParser;
import dev.unroll.spark.rows.RowSpec;
import dev.unroll.spark.rows.UsedRows;
import dev.unroll.spark.source.ColumnName;
import dev.unroll.spark.source.Origin;
import java.io.IOException;
import java.time.Duration;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.commons.collections4.IteratorUtils;
import org.apache.spark.ml.param.ParamMap;
import org.apache.spark.ml.util.MLWritable;
import org.apache.spark.ml.util.MLWriter;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.util.SizeEstimator;

/**
 * A trained model as a Spark ML stage: adds its prediction, and for classes their probabilities. Predicted labels are doubles where all
 * labels are numbers that doubles hold, and otherwise strings: text, or the digits of whole numbers.
 *
 * @param <M> the model itself
 */
public abstract class RnnModel<M extends RnnModel<M>> extends ModelParams<M> implements MLWritable {

    private static final long serialVersionUID = 1L;

    /** The paths of the files of a saved model, which alone may be overwritten. */
    public static final Pattern FILES = Pattern.compile(StageFiles.PARAMS.pattern() + "|" + Model.DATA + "/\\.?("
            + Model.FILES + "|" + SavedPreparation.FILE + ")(\\.crc)?");

    private static final String RESULT = "unroll_result"; // while the columns are being added

    /** Columns of {@link #withLoss}. */
    public static final String LOSS = "loss";

    public static final String GRADIENT_NORM = "gradientNorm";

    /** The column of {@link #explain}. */
    public static final String EXPLANATION = "explanation";

    private final transient Model model;
    private transient TrainingSummary summary;
    private transient EventStage<?> preparation; // null where there is none

    RnnModel(String uid, Model model) {
        super(uid);
        this.model = model;
    }

    /** A stage with the same network and default Params. */
    abstract M newInstance();

    final M withSummary(TrainingSummary trained) {
        summary = trained;
        return self();
    }

    /** The network, its parameters, and what its ids stand for. */
    public final Model model() {
        return model;
    }

    /** The model without Spark: for a service, a stream or a function of your own; thread-safe. */
    public final Predictor local() {
        return new Predictor(model, levels());
    }

    /** How the training went; empty for a model that was loaded. */
    public final Optional<TrainingSummary> summary() {
        return Optional.ofNullable(summary);
    }

    /** The transformer that made the rows it was trained on, where the model was told of one; it is saved along. */
    public final Optional<EventStage<?>> preparation() {
        return Optional.ofNullable(preparation);
    }

    public final M setPreparation(EventStage<?> stage) {
        preparation = stage;
        return self();
    }

    /** The levels of the quantiles that are predicted: those of the loss, or of a distribution the Param quantiles; empty where there are none. */
    public final List<Double> levels() {
        return new Readout(model.spec().head()).levels(QuantileLevels.of(ParamFactory.get(this, quantiles())));
    }

    private Thresholds predictedBy() {
        return Thresholds.of(this, thresholds());
    }

    /** How rows to predict are read. */
    public final RowSpec rowSpec() {
        return new RowSpec(
                        model.task(),
                        ParamFactory.get(this, featuresCol()),
                        null,
                        null,
                        ParamFactory.get(this, tokenizer()),
                        ParamFactory.<Integer>get(this, window()),
                        ParamFactory.<Integer>get(this, maxLength()))
                .withSteps(model.spec().input() instanceof NetworkSpec.Tokens)
                .withInputs(inputs().of(InputColumns.Series.of(model.scaling().series())))
                .withLoss(model.spec().head().loss());
    }

    /** The columns that the network reads. */
    private InputColumns inputs() {
        Columns columns = model.encoding().columns();
        return columns == null
                ? InputColumns.NONE
                : new InputColumns(
                        columns.numbers(),
                        categories(columns.categories()),
                        columns.staticNumbers(),
                        categories(columns.statics()),
                        ((NetworkSpec.Mixed) model.spec().input()).masked(),
                        model.isLeveled(),
                        model.horizon(),
                        InputColumns.Series.NONE);
    }

    private static List<InputColumns.Category> categories(List<Columns.Category> coded) {
        return coded.stream()
                .map(category -> new InputColumns.Category(category.column(), 0))
                .toList();
    }

    /** Adds the columns; a row that cannot be used fails the query, or with skip is left out. Where a {@link #question} is set, its answer. */
    @Override
    public Dataset<Row> transform(Dataset<?> dataset) {
        if (isSet(question())) {
            M answering = copy(ParamMap.empty());
            answering.clear(answering.question()); // or what an answer is made of would be one itself
            return Answers.get().answer(answering, ParamFactory.get(this, question()), dataset);
        }
        transformSchema(dataset.schema());
        StructType schema = dataset.schema();
        PredictFunction function = function(schema);
        StructType result = added().addTo(new StructType());
        if (!dataset.isStreaming()) {
            return InternalRows.added(dataset, result, new PredictRows(function, schema, result, null));
        }
        // A row at a time: the next one may come tomorrow, and the watermark of a column stays what it is.
        Column predicted = functions
                .udf(function, result)
                .asNondeterministic() // or the filter below would be computed by a second run of the network
                .apply(struct(function.columns()));
        return added(dataset, predicted, result, skips());
    }

    /**
     * As {@link #transform}, for rows that say where they come from: those that cannot be used are counted and left out,
     * whatever handleInvalid says. The counts are right once one job, whose last stage does this, has used all rows.
     *
     * @param used counts the rows; registered
     */
    public final Dataset<Row> transform(Dataset<Row> dataset, UsedRows used) {
        StructType schema = dataset.schema();
        transformSchema(schema);
        Dataset<Row> located =
                Origin.select(dataset, List.of(Origin.without(schema).fieldNames()));
        StructType result = added().addTo(new StructType());
        PredictRows rows = new PredictRows(function(schema), located.schema(), result, used);
        return Origin.dropped(InternalRows.added(located, result, rows));
    }

    private PredictFunction function(StructType schema) {
        return new PredictFunction(model, levels(), predictedBy(), parser(schema), skips(), added().values());
    }

    /**
     * Adds to each event of a stream the prediction from all events of its key up to it, by Spark's operator of that name: the network's state
     * is kept on disk from one micro-batch to the next, and predictions have the bits of those of whole sequences. An event has one value of
     * each column that has an array of them in a sequence; a language model adds the most probable next token. Events of a key are predicted
     * in the order of {@code timeCol}, and one that is earlier than another of an earlier micro-batch cannot be used. With a watermark, Spark
     * itself drops events that are older than it: they are not predicted, whatever handleInvalid is, and the query's progress counts them
     * ({@code numRowsDroppedByWatermark}).
     *
     * @param events a stream, or a table as one micro-batch; a stream's session needs Spark's {@code RocksDBStateStoreProvider}
     * @param timeout of {@code timeCol} from one event of a key to the next, after which that one begins a new sequence; null for never. With a
     *     watermark of {@code timeCol} states are dropped that it has passed by so much
     * @param keyCols whose values say which sequence an event is of
     * @throws dev.unroll.data.InputException if a column is missing or of a type that cannot be used
     * @throws IllegalArgumentException if a column to add is there already, or the model needs all steps of a sequence: it reads in both
     *     directions, pools states, has loss crf, scales by window or predicts a horizon
     */
    public final Dataset<Row> transformWithState(
            Dataset<Row> events, String timeCol, Duration timeout, String... keyCols) {
        return new EventStream(model, levels(), rowSpec(), this).predict(events, timeCol, timeout, keyCols);
    }

    /** What {@link #transform} adds, for rows of that schema in this process. */
    final Iterator<Row> transform(StructType schema, Iterator<Row> rows) {
        PredictFunction function = function(schema);
        int[] read = function.columns().stream().mapToInt(schema::fieldIndex).toArray();
        Iterator<Row> predicted = IteratorUtils.transformedIterator(rows, row -> {
            Row added = function.call(
                    RowFactory.create(Arrays.stream(read).mapToObj(row::get).toArray()));
            return added == null ? null : joined(row, added);
        });
        return IteratorUtils.filteredIterator(predicted, Objects::nonNull);
    }

    private static Row joined(Row row, Row added) {
        return RowFactory.create(Stream.of(row, added)
                .flatMap(one -> IntStream.range(0, one.length()).mapToObj(one::get))
                .toArray());
    }

    /** Whether rows that cannot be used are left out. */
    final boolean skips() {
        return ParamFactory.<String>get(this, handleInvalid()).equals("skip");
    }

    /**
     * Adds columns {@code loss}, the mean over the row's loss terms (in nats, or of targets as they were scaled in training), and
     * {@code gradientNorm}, the L2 norm of the gradient of that mean over all parameters: rows that the model gets wrong, and rows that would
     * change it most. Weights of rows and classes do not count. {@code orderBy} and {@code limit} make the top of them. A row that cannot be
     * used fails the query, or with handleInvalid skip is left out.
     *
     * @param label the column of labels; null for a language model, which needs none
     * @throws dev.unroll.data.InputException if a column is missing or of a type that cannot be used
     * @throws IllegalArgumentException if a column to add is there already, or labels are not of the kind that the model was trained on
     */
    public final Dataset<Row> withLoss(Dataset<?> dataset, String label) {
        for (String column : List.of(LOSS, GRADIENT_NORM)) {
            if (ColumnName.isIn(dataset.schema(), column)) {
                throw new IllegalArgumentException("the dataset has a column " + column + " already; rename it");
            }
        }
        boolean skip = skips();
        RowParser parser = labelled(dataset.schema(), label, null);
        StructType result = new StructType().add(LOSS, DataTypes.DoubleType).add(GRADIENT_NORM, DataTypes.DoubleType);
        Column measured = functions
                .udf(new RowLossFunction(model, parser, skip), result)
                .asNondeterministic() // as in transform
                .apply(struct(parser.columns()));
        return added(dataset, measured, result, skip);
    }

    /** As {@link #explain(Dataset, ExplanationSpec)}, by integrated gradients of all predictions of a row, from zero. */
    public final Dataset<Row> explain(Dataset<?> dataset) {
        return explain(dataset, ExplanationSpec.DEFAULT);
    }

    /**
     * Adds column {@code explanation}, a struct that says what each step and column of a row has contributed to what is predicted:
     * {@code score}, that of the class before softmax or sigmoid, or a number in the units of the target; {@code baselineScore}, that of
     * the baseline; {@code remainder}, what the attributions leave of their difference; {@code label}, the class; {@code steps}, an
     * attribution for each step; and {@code tokens}, what the steps are, or {@code columns}, the attributions of each column: by name, an
     * array with one for each step or, of statics, one; without names an array of them for each step. A row that cannot be used fails the
     * query, or with handleInvalid skip is left out.
     *
     * @throws dev.unroll.data.InputException if a column is missing or of a type that cannot be used
     * @throws IllegalArgumentException if the column is there already, or the model does not predict what is to be explained
     */
    public final Dataset<Row> explain(Dataset<?> dataset, ExplanationSpec spec) {
        if (ColumnName.isIn(dataset.schema(), EXPLANATION)) {
            throw new IllegalArgumentException("the dataset has a column " + EXPLANATION + " already; rename it");
        }
        Explainer.require(model, spec);
        RowParser parser = parser(dataset.schema());
        ExplainFunction function = new ExplainFunction(model, spec, parser, skips());
        Column explained = functions
                .udf(function, function.type())
                .asNondeterministic() // as in transform
                .apply(struct(parser.columns()));
        Dataset<Row> with = dataset.withColumn(EXPLANATION, explained);
        return skips() ? with.where(functions.col(EXPLANATION).isNotNull()) : with;
    }

    /**
     * A parser of labelled rows.
     *
     * @param label as in {@link #withLoss}
     * @param weight the column of weights; null where every row weighs 1
     */
    final RowParser labelled(StructType schema, String label, String weight) {
        boolean language = model.task() == LearningTask.LANGUAGE_MODEL;
        if (!language && label == null) {
            throw new IllegalArgumentException(
                    "label is null; allowed is the name of a column, but for a language model");
        }
        RowSpec labelled = rowSpec().withLabel(language ? null : label).withWeight(weight);
        HeadSpec head = model.spec().head();
        RowParser parser = new RowParser(schema, labelled, model.labels())
                .forInput(model.spec().input(), head.targetWidth());
        if (!language && parser.everyStep() != head.everyStep()) {
            throw new IllegalArgumentException("column " + label + " has "
                    + (parser.everyStep() ? "a label for every step" : "one label for each row")
                    + ", and the model was trained on "
                    + (head.everyStep() ? "a label for every step" : "one for each row"));
        }
        return parser;
    }

    /** The dataset with the fields of a struct as columns; with skip, without rows where there is none. */
    private static Dataset<Row> added(Dataset<?> dataset, Column struct, StructType fields, boolean skip) {
        String result = ColumnName.free(dataset.schema(), RESULT);
        Dataset<Row> with = dataset.withColumn(result, struct);
        if (skip) {
            with = with.where(functions.col(result).isNotNull());
        }
        for (String field : fields.fieldNames()) {
            with = with.withColumn(field, functions.col(result).getField(field));
        }
        return with.drop(result);
    }

    /** The columns that a parser reads. */
    private static Column struct(List<String> columns) {
        return functions.struct(columns.stream().map(RnnModel::column).toArray(Column[]::new));
    }

    /** The column of exactly that name, dots and all. */
    public static Column column(String name) {
        return functions.col(ColumnName.quoted(name));
    }

    /**
     * Makes the prediction a function of SQL, for this session: {@code select rnn_predict(name) from names}. It takes what the features column
     * may hold: a string or an array.
     *
     * @throws IllegalArgumentException for a language model, which predicts no column
     */
    public final void registerFunction(SparkSession spark, String name) {
        requireColumns();
        InputColumns inputs = rowSpec().inputs();
        List<String> others = inputs.isSome() ? inputs.all() : inputs.series().columns();
        if (!others.isEmpty()) {
            throw new IllegalArgumentException("a function of SQL has one argument, and the model reads columns "
                    + String.join(", ", others) + "; transform reads them all");
        }
        spark.udf().register(name, new SqlFunction(model, rowSpec(), predictedBy(), skips()), added().predictionType());
    }

    private void requireColumns() {
        if (model.task() == LearningTask.LANGUAGE_MODEL) {
            throw new IllegalArgumentException(
                    "a language model adds no column; generate continues a text, evaluate measures");
        }
    }

    /**
     * The schema with the columns that the model adds.
     *
     * @throws dev.unroll.data.InputException if the features column is missing or of a type that cannot be used
     * @throws IllegalArgumentException if a column to add is there already
     */
    @Override
    public StructType transformSchema(StructType schema) {
        requireColumns();
        parser(schema);
        predictedBy().requireGoWith(model);
        return added().addTo(schema);
    }

    /** The columns that {@link #transform} adds. */
    private PredictionColumns added() {
        return new PredictionColumns(model, levels().size(), this);
    }

    /** A parser that takes what the network takes, and nothing else. */
    private RowParser parser(StructType schema) {
        return new RowParser(schema, rowSpec(), null).forInput(model.spec().input());
    }

    @Override
    public final M copy(ParamMap extra) {
        return copyValues(newInstance().withSummary(summary).setPreparation(preparation), extra)
                .setParent(parent());
    }

    /** What the model holds, for the cache of a server of Spark Connect (since Spark 4.1), without the estimator that trained it. */
    @Override
    public final long estimatedSize() {
        return SizeEstimator.estimate(new Object[] {model, summary});
    }

    /** Saves through {@link #save}: a model is there whole or not at all. */
    @Override
    public final MLWriter write() {
        return StageFiles.writer(this::save);
    }

    /**
     * Writes {@code metadata/} and {@code data/} under a temporary name, then renames. An old directory is replaced only if it holds nothing
     * but {@link #FILES}; of a symbolic link, the link is replaced, and what it refers to stays as it was.
     *
     * @throws IOException if there is something at the path (and it may not be overwritten), or it cannot be written; one sentence
     */
    public final void save(String path, boolean overwrite, SparkSession spark) throws IOException {
        if (isSet(question())) {
            throw new IOException("the model has a question set, which no file keeps; clear it before it is saved");
        }
        Directory.of(path, spark.sparkContext().hadoopConfiguration()).publish(overwrite, FILES, draft -> {
            StageFiles.writeMetadata(this, draft, spark);
            model.save(draft.child(Model.DATA));
            if (preparation != null) {
                SavedPreparation.save(preparation, draft.child(Model.DATA), spark);
            }
        });
    }
}
