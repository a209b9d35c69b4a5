package dev.unroll.cli.command;

import dev.unroll.cli.frame.Option;
import dev.unroll.cli.frame.Settings;
import dev.unroll.cli.frame.UsageException;
import dev.unroll.data.InputException;
import dev.unroll.fit.DataConfig;
import dev.unroll.ml.EventStage;
import dev.unroll.ml.ParamDocs;
import dev.unroll.ml.RnnClassifier;
import dev.unroll.ml.SequenceAssembler;
import dev.unroll.ml.SlidingWindows;
import dev.unroll.nn.LearningTask;
import dev.unroll.spark.rows.EventRows;
import dev.unroll.spark.rows.EventRows.Kind;
import dev.unroll.spark.rows.InputColumns;
import dev.unroll.spark.rows.RowSpec;
import dev.unroll.spark.source.ColumnName;
import dev.unroll.spark.source.FileSource;
import dev.unroll.spark.source.Origin;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.apache.spark.ml.param.ParamMap;
import org.apache.spark.ml.param.StringArrayParam;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StringType;
import org.apache.spark.sql.types.StructType;

/**
 * How the rows of files become rows of sequences, as the key {@code prepare} says: not at all, as windows of time
 * series, or as the sequences of an event table. The other keys are the Params of the transformer that does it.
 */
public final class Preparation {

    static final String KEY = "prepare";

    static final String KNOWN = "known-cols";

    private static final String NONE = "none";
    static final String WINDOWS = "windows";
    static final String SEQUENCES = "sequences";

    /** The key, as a training has it. */
    static final Option OPTION = Option.oneOf(
                    KEY,
                    List.of(NONE, WINDOWS, SEQUENCES),
                    "none: a row of the files is a sequence; windows: a row is a time of a series, and windows of it"
                            + " are the sequences; sequences: a row is an event, and those of one key are a sequence")
            .orElse(NONE);

    private static final Set<String> OF_THE_MODEL =
            ParamDocs.of(new RnnClassifier()).keySet();

    private final String kind;
    private final EventStage<?> stage; // null for none
    private final RowSpec spec;

    /** Rows to work on, and how many were left out, by column and reason. */
    record Input(Dataset<Row> rows, Map<String, Long> skipped) {

        /** The rows, where those that were left out are counted elsewhere. */
        Input counted() {
            return new Input(rows, Map.of());
        }
    }

    private Preparation(String kind, EventStage<?> stage, RowSpec spec) {
        this.kind = kind;
        this.stage = stage;
        this.spec = spec;
    }

    /** The keys of a transformer that are no keys of a training. */
    public static Map<String, ParamDocs.Key> keys(EventStage<?> stage) {
        Map<String, ParamDocs.Key> keys = new LinkedHashMap<>(ParamDocs.of(stage));
        keys.keySet().removeAll(OF_THE_MODEL);
        return keys;
    }

    /** The keys of both transformers. */
    public static Map<String, ParamDocs.Key> keys() {
        Map<String, ParamDocs.Key> keys = new TreeMap<>(keys(new SlidingWindows()));
        keys.putAll(keys(new SequenceAssembler()));
        return keys;
    }

    /** The preparation of a training. */
    static Preparation of(Settings settings, RowSpec spec) {
        Preparation preparation = of(settings, spec, Optional.empty());
        if (settings.get("scale").equals(Optional.of("window"))) {
            preparation.requireOwnPast();
            preparation.requireNumbersThatChange();
        }
        return preparation;
    }

    /** Scaling by window takes the first number of a step for the past of the target. */
    private void requireOwnPast() {
        if (stage instanceof SlidingWindows windows && spec.task() == LearningTask.REGRESSION) {
            windows.requireOwnPast(DataConfig.byFirstNumber("window"));
        }
    }

    /** Scaled by itself, what does not change within a window is 0: every number of a single step. */
    private void requireNumbersThatChange() {
        if (stage instanceof SlidingWindows windows && (int) windows.getOrDefault(windows.windowLength()) == 1) {
            throw new UsageException("window-length is 1, and scale window scales a window of one step to 0; allowed is"
                    + " more than 1");
        }
    }

    /**
     * The preparation that the settings ask for.
     *
     * @param spec the columns that the work is done on; without a label column where no labels are read
     * @param trained the transformer of the training, whose Params are the defaults
     * @throws UsageException for keys that do not go with it
     */
    static Preparation of(Settings settings, RowSpec spec, Optional<EventStage<?>> trained) {
        String kind = settings.get(KEY).or(() -> trained.map(Preparation::kind)).orElse(NONE);
        EventStage<?> stage =
                switch (kind) {
                    case NONE -> null;
                    case WINDOWS -> new SlidingWindows();
                    case SEQUENCES -> new SequenceAssembler();
                    default -> throw new IllegalStateException(KEY + " " + kind);
                };
        requireOwnKeys(settings, kind, stage);
        if (stage == null) {
            return new Preparation(kind, null, spec);
        }
        if (trained.isPresent() && kind(trained.get()).equals(kind)) {
            stage = trained.get().copy(ParamMap.empty());
        }
        settings.applyTo(stage).setFeaturesCol(spec.featuresCol());
        if (stage instanceof SlidingWindows windows) {
            if (spec.labelCol() != null) {
                windows.setLabelCol(spec.labelCol());
            } else if (!settings.has("require-label")) {
                windows.setRequireLabel(false);
            }
            windows.requireGoesWith(spec);
        } else if (stage instanceof SequenceAssembler assembler) {
            boolean labelled = spec.labelCol() != null;
            assembler.setLabelCol(labelled ? spec.labelCol() : "");
            assembler.setWeightCol(spec.weightCol() == null ? "" : spec.weightCol());
            assembler.setLabelPerStep(
                    labelled && assembler.getOrDefault(assembler.labelPerStep()).equals(true));
        }
        return new Preparation(kind, stage, spec);
    }

    private static String kind(EventStage<?> stage) {
        return stage instanceof SlidingWindows ? WINDOWS : SEQUENCES;
    }

    private static void requireOwnKeys(Settings settings, String kind, EventStage<?> stage) {
        Set<String> own = stage == null ? Set.of() : keys(stage).keySet();
        for (String key : keys().keySet()) {
            if (settings.has(key) && !own.contains(key)) {
                Set<String> kinds = new TreeSet<>();
                for (EventStage<?> other : List.of(new SlidingWindows(), new SequenceAssembler())) {
                    if (keys(other).containsKey(key)) {
                        kinds.add(kind(other));
                    }
                }
                throw new UsageException(key + " is given, and " + KEY + " is " + kind + "; it goes with " + KEY + " "
                        + String.join(" and ", kinds));
            }
        }
        if (kind.equals(WINDOWS) && settings.has("weight-col")) {
            throw new UsageException("weight-col is given, and " + KEY + " is " + kind
                    + ", whose rows are of many times and weigh the same; allowed is weight-col with " + KEY + " "
                    + NONE
                    + " and " + SEQUENCES);
        }
        if (stage != null && settings.has("features-col")) {
            throw new UsageException("features-col is given, and " + KEY + " is " + kind
                    + ", which makes that column; value-cols says what a step is made of");
        }
        if (kind.equals(WINDOWS) && settings.has("label-col")) {
            throw new UsageException("label-col is given, and " + KEY + " is " + WINDOWS
                    + ", which makes that column; target-cols says what is to be predicted");
        }
    }

    /** The columns of numbers that prepared rows have, where columns of inputs stay apart; none where they do not. */
    List<String> numericCols() {
        return stage == null ? List.of() : stage.numericOutputCols();
    }

    /** The columns with a value for each step, which it makes. */
    String[] steps() {
        List<String> steps = new ArrayList<>(numericCols());
        stage.inputs().categories().forEach(category -> steps.add(category.column()));
        if (steps.isEmpty()) {
            steps.add(spec.featuresCol());
        }
        return steps.toArray(String[]::new);
    }

    /** Whether rows are prepared at all. */
    boolean isSome() {
        return stage != null;
    }

    boolean isWindows() {
        return kind.equals(WINDOWS);
    }

    /** The columns of which the last values are those of the steps of a horizon. */
    List<String> ahead() {
        return stage instanceof SlidingWindows windows ? windows.columnsAhead() : List.of();
    }

    /** Says that a key goes with windows alone. */
    void requireWindows(String key) {
        if (!isWindows()) {
            throw new UsageException(
                    key + " is given, and " + KEY + " is " + kind + "; it goes with " + KEY + " " + WINDOWS);
        }
    }

    /**
     * The transformer to keep with the model: how rows become sequences, and not which of them were the training part.
     */
    Optional<EventStage<?>> toKeep() {
        if (stage instanceof SlidingWindows windows) {
            SlidingWindows kept = windows.copy(ParamMap.empty());
            kept.clear(kept.labelFrom());
            kept.clear(kept.labelBefore());
            return Optional.of(kept.setHandleInvalid("error"));
        }
        return Optional.ofNullable(stage)
                .map(kept -> kept.copy(ParamMap.empty()).setHandleInvalid("error"));
    }

    /** This preparation, with gaps measured as in rows that were read. */
    Preparation measuringAs(Input read) {
        return stage == null
                ? this
                : new Preparation(kind, stage.measuringAs(read.rows().schema()), spec);
    }

    /** This preparation, but only for windows whose label is before a time. */
    Preparation labelsBefore(String time) {
        return new Preparation(
                kind, ((SlidingWindows) stage).copy(ParamMap.empty()).setLabelBefore(time), spec);
    }

    /** This preparation, but only for windows whose label is of a time or later. */
    Preparation labelsFrom(String time) {
        return new Preparation(
                kind, ((SlidingWindows) stage).copy(ParamMap.empty()).setLabelFrom(time), spec);
    }

    /**
     * Reads the rows of files as they are, with every cell of an event checked.
     *
     * @throws InputException if a column is missing, and for the first row that cannot be used unless they are skipped
     */
    Input read(SparkSession spark, FileSource source, String path, boolean skipInvalid) {
        Map<String, Kind> columns = stage == null ? Map.of() : columns();
        Collection<String> used = stage == null ? spec.columns() : columns.keySet();
        FileSource.Rows read = source.read(spark, path, used, skipInvalid);
        Dataset<Row> rows = read.rows();
        if (stage == null) {
            return new Input(rows, read.leftOut());
        }
        unmeasured(rows.schema()).transformSchema(EventRows.schema(rows.schema(), columns));
        EventRows events = EventRows.of(rows, columns, skipInvalid);
        Map<String, Long> skipped = SkippedRows.sum(read.leftOut(), events.skipped());
        if (stage instanceof SlidingWindows windows) {
            skipped = SkippedRows.sum(skipped, windows.leftOut(events.rows(), skipInvalid));
        }
        return new Input(events.rows(), skipped);
    }

    /** The transformer, without the unit of times whose type is known only when they are read: those that are text. */
    private EventStage<?> unmeasured(StructType given) {
        EventStage<?> unmeasured = stage.copy(ParamMap.empty());
        String time = stage.getOrDefault(stage.timeCol());
        if (List.of(given.fieldNames()).contains(time) && given.apply(time).dataType() instanceof StringType) {
            unmeasured.clear(unmeasured.gapUnit());
        }
        return unmeasured;
    }

    /** Rows of sequences from rows that were read. */
    Input sequences(Input input) {
        if (stage == null) {
            return input;
        }
        boolean statics = !stage.inputs().ofSequences().isEmpty();
        EventStage<?> checked = stage instanceof SlidingWindows windows && !statics
                ? windows.copy(ParamMap.empty()).setHandleInvalid("skip") // what it would refuse was found by read
                : stage;
        Dataset<Row> made = checked.transform(input.rows());
        Optional<MissingLabels> missing = MissingLabels.of(stage, spec);
        Dataset<Row> sequences = missing.map(labels -> labels.without(made)).orElse(made);
        if (sequences.isEmpty()) {
            throw new InputException("prepare " + kind + " leaves no sequence of the "
                    + input.rows().count() + " rows that can be used" + settings());
        }
        Dataset<Row> described = Origin.described(sequences, inWords());
        Map<String, Long> skipped = SkippedRows.sum(input.skipped(), leftOut(checked, made, input));
        return new Input(
                described,
                SkippedRows.sum(
                        skipped, missing.map(labels -> labels.count(made)).orElse(Map.of())));
    }

    /** What a sequence is called in a message: its keys and its time. */
    private Column inWords() {
        boolean windows = isWindows();
        List<Column> words = new ArrayList<>(List.of(functions.lit(windows ? "the window" : "the sequence")));
        for (String key : stage.getOrDefault(stage.keyCols())) {
            words.add(functions.concat(functions.lit(" of " + key + " "), text(key)));
        }
        String time = stage instanceof SequenceAssembler assembler
                ? assembler.getOrDefault(assembler.startCol())
                : stage.getOrDefault(stage.timeCol());
        words.add(functions.concat(functions.lit(windows ? " that ends at " : " that begins at "), text(time)));
        return functions.concat(words.toArray(new Column[0]));
    }

    private static Column text(String column) {
        return functions.col(ColumnName.quoted(column)).cast(DataTypes.StringType);
    }

    /** Sequences that the transformer itself leaves out: those whose events have different labels, weights or statics. */
    private Map<String, Long> leftOut(EventStage<?> checked, Dataset<Row> sequences, Input input) {
        Map<String, Long> leftOut = new TreeMap<>();
        EventStage<?> some = checked.copy(ParamMap.empty());
        boolean labelled = some instanceof SequenceAssembler assembler
                && !assembler.getOrDefault(assembler.labelPerStep()).equals(true)
                && (spec.weightCol() != null || spec.labelCol() != null);
        List<String> statics = some.inputs().ofSequences();
        if (!checked.getOrDefault(checked.handleInvalid()).equals("skip") || (!labelled && statics.isEmpty())) {
            return leftOut;
        }
        long count = sequences.count();
        if (labelled) {
            SequenceAssembler assembler = (SequenceAssembler) some;
            if (spec.weightCol() != null) {
                assembler.setWeightCol("");
                count = more(leftOut, spec.weightCol(), assembler, input, count);
            }
            if (spec.labelCol() != null) {
                assembler.setLabelCol("");
                count = more(leftOut, spec.labelCol(), assembler, input, count);
            }
        }
        if (!statics.isEmpty()) {
            some.setStaticNumericCols().setStaticCategoricalCols();
            more(leftOut, String.join(", ", statics), some, input, count);
        }
        return leftOut;
    }

    /** How many sequences there are without a demand on some columns, and how many more that are. */
    private static long more(
            Map<String, Long> leftOut, String columns, EventStage<?> without, Input input, long before) {
        long all = without.transform(input.rows()).count();
        if (all > before) {
            leftOut.put(columns + ": more than one value in a sequence", all - before);
        }
        return all;
    }

    /** What could be the reason. */
    private String settings() {
        if (!(stage instanceof SlidingWindows windows)) {
            return "";
        }
        StringBuilder text = new StringBuilder("; ");
        for (String key : List.of("window-length", "lags", "horizon", "label-from", "label-before")) {
            Object value = windows.getOrDefault(ParamDocs.of(windows).get(key).param());
            String shown = value instanceof int[] numbers ? java.util.Arrays.toString(numbers) : String.valueOf(value);
            if (!shown.isEmpty() && !shown.equals("[]")) {
                text.append(text.length() > 2 ? ", " : "")
                        .append(key)
                        .append(" is ")
                        .append(shown);
            }
        }
        return text.toString();
    }

    /** Refuses what is no time of the series. */
    void requireTime(Input input, String key, String time) {
        ((SlidingWindows) stage).requireTime(input.rows(), key, time);
    }

    private Map<String, Kind> columns() {
        Map<String, Kind> columns = new LinkedHashMap<>();
        columns.put(stage.getOrDefault(stage.timeCol()), Kind.TIME);
        boolean numbers = !(stage instanceof SequenceAssembler assembler) || assembler.numbers();
        boolean masked = spec.inputs().masked();
        Kind number = masked ? Kind.NUMBER_OR_NULL : Kind.NUMBER;
        Kind category = masked ? Kind.ANY_OR_NULL : Kind.ANY;
        add(columns, stage.valueCols(), numbers ? number : Kind.ANY);
        add(columns, stage.numericCols(), number);
        add(columns, stage.staticNumericCols(), number);
        InputColumns given = stage.inputs();
        given.coded().forEach(coded -> add(columns, coded.column(), category));
        if (stage instanceof SlidingWindows windows && spec.labelCol() != null) {
            add(columns, windows.targetCols(), number);
        }
        if (stage instanceof SequenceAssembler assembler) {
            if (spec.labelCol() != null) {
                boolean perStep =
                        assembler.getOrDefault(assembler.labelPerStep()).equals(true);
                Kind target = perStep ? Kind.NUMBER_OR_NULL : Kind.NUMBER;
                Kind label = perStep ? Kind.ANY_OR_NULL : Kind.ANY;
                add(columns, spec.labelCol(), spec.task().hasClasses() ? label : target);
            }
            if (spec.weightCol() != null) {
                add(columns, spec.weightCol(), Kind.NUMBER);
            }
            add(columns, assembler.tieBreakCols(), Kind.ANY);
        }
        add(columns, stage.keyCols(), Kind.ANY);
        return columns;
    }

    private void add(Map<String, Kind> columns, StringArrayParam param, Kind kind) {
        for (String name : stage.getOrDefault(param)) {
            add(columns, name, kind);
        }
    }

    private static void add(Map<String, Kind> columns, String name, Kind kind) {
        columns.merge(name, kind, Kind::and);
    }
}
