package dev.unroll.model;

import dev.unroll.data.Columns;
import dev.unroll.data.Encoding;
import dev.unroll.data.Labels;
import dev.unroll.data.Scaling;
import dev.unroll.data.SeriesScales;
import dev.unroll.data.Vocabulary;
import dev.unroll.format.Directory;
import dev.unroll.format.FormatException;
import dev.unroll.format.Safetensors;
import dev.unroll.format.Versions;
import dev.unroll.nn.HeadSpec;
import dev.unroll.nn.LearningTask;
import dev.unroll.nn.NetworkSpec;
import dev.unroll.param.ParameterHash;
import dev.unroll.param.ParameterLayout;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.Serializable;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.DoubleStream;

/**
 * A trained network and everything that is needed to use it: its shape, its parameters, the meaning of its token ids
 * and classes, and its provenance. Immutable by convention: theta is not copied.
 *
 * <p>Its files are {@code model.safetensors} (the parameters under PyTorch's names, and their hash) and
 * {@code spec.json} (the rest). Reading them checks that they are complete, valid and fit each other; nothing in them
 * names a class.
 */
public final class Model implements Serializable {

    private static final long serialVersionUID = 1L;

    /**
     * The sub-directory of a model's directory that {@link #save} and {@link #load} are for; Spark's metadata is next
     * to it.
     */
    public static final String DATA = "data";

    /** The names of its files, as a regular expression. */
    public static final String FILES = "model\\.safetensors|spec\\.json";

    private static final String TENSORS = "model.safetensors";
    private static final String SPEC = "spec.json";
    private static final String HASH = "parameterHash";

    private final LearningTask task;
    private final NetworkSpec spec;
    private final float[] theta;
    private final Encoding encoding;
    private final Map<String, String> provenance;
    private transient String parameterHash; // once it was asked for

    /**
     * @param theta in the order of {@code spec.layout()}
     * @param encoding of tokens, classes and numbers: a vocabulary unless the input is dense, labels unless outputs are
     *     numbers or tokens
     * @param provenance how the model came about, such as version, seed and shards
     * @throws IllegalArgumentException if these do not fit each other
     */
    public Model(
            LearningTask task, NetworkSpec spec, float[] theta, Encoding encoding, Map<String, String> provenance) {
        requireFit(task, spec, encoding);
        if (theta.length != spec.layout().size()) {
            throw new IllegalArgumentException("theta has " + theta.length + " parameters; the network has "
                    + spec.layout().size());
        }
        this.task = task;
        this.spec = spec;
        this.theta = theta;
        this.encoding = encoding;
        this.provenance = Collections.unmodifiableMap(new TreeMap<>(provenance));
    }

    /** As the other constructor, by the parts of the encoding. */
    public Model(
            LearningTask task,
            NetworkSpec spec,
            float[] theta,
            Vocabulary vocabulary,
            Labels labels,
            Scaling scaling,
            Map<String, String> provenance) {
        this(task, spec, theta, new Encoding(vocabulary, labels, scaling), provenance);
    }

    /** A classifier or tagger without scaling. */
    public Model(
            NetworkSpec spec, float[] theta, Vocabulary vocabulary, Labels labels, Map<String, String> provenance) {
        this(
                spec.head().everyStep() ? LearningTask.TAGGING : LearningTask.CLASSIFICATION,
                spec,
                theta,
                new Encoding(vocabulary, Objects.requireNonNull(labels, "labels")),
                provenance);
    }

    /** Refuses names of tokens and classes, and scalings, that are not as many as the network has. */
    private static void requireFit(LearningTask task, NetworkSpec spec, Encoding encoding) {
        int ids = spec.input() instanceof NetworkSpec.Tokens tokens ? tokens.vocabulary() : 0;
        int known = encoding.ids();
        if (ids != known) {
            throw new IllegalArgumentException("the vocabulary has " + known + " ids; the network's input has " + ids);
        }
        requireFit(spec.input(), encoding.columns());
        HeadSpec head = spec.head();
        boolean regression = task == LearningTask.REGRESSION;
        if (!head.loss().kind().goesWith(task)) {
            throw new IllegalArgumentException(
                    "the head's loss is " + head.loss().key() + "; that is not one of task " + task.key());
        }
        if ((task == LearningTask.CLASSIFICATION && head.everyStep())
                || ((task == LearningTask.TAGGING || task == LearningTask.LANGUAGE_MODEL) && !head.everyStep())) {
            throw new IllegalArgumentException("the head reads "
                    + head.pooling().description() + "; that is not what task " + task.key() + " does");
        }
        int named = task == LearningTask.LANGUAGE_MODEL
                ? known
                : encoding.labels() == null ? 0 : encoding.labels().size();
        if (!regression && head.labels() != named) {
            throw new IllegalArgumentException("there are " + named + " "
                    + (task == LearningTask.LANGUAGE_MODEL ? "token ids" : "labels") + "; the network's head has "
                    + head.labels()
                    + " classes");
        }
        if (task == LearningTask.LANGUAGE_MODEL && spec.bidirectional()) {
            throw new IllegalArgumentException("the network reads in both directions; a language model reads forward");
        }
        if (spec.input() instanceof NetworkSpec.Mixed && task == LearningTask.LANGUAGE_MODEL) {
            throw new IllegalArgumentException("the network reads columns; a language model reads tokens");
        }
        if (head.tied() && task != LearningTask.LANGUAGE_MODEL) {
            throw new IllegalArgumentException(
                    "the head's weights are the embedding; that is not what task " + task.key() + " does");
        }
        if (encoding.horizon() > 0 && (!regression || !head.everyStep() || encoding.columns() == null)) {
            throw new IllegalArgumentException("the horizon is " + encoding.horizon()
                    + ", which goes with task regression, columns and a target of every step");
        }
        int numbers = spec.input().numbers();
        if (encoding.scaling().isOfEachSequence() && numbers == 0) {
            throw new IllegalArgumentException("the scaling is one by "
                    + (encoding.scaling().isBySeries() ? "key" : "window") + ", of numbers; the network reads "
                    + (ids > 0 ? "tokens" : "categories alone"));
        }
        SeriesScales series = encoding.scaling().series();
        if (series != null && series.width() + encoding.scaling().unscaled() != numbers) {
            throw new IllegalArgumentException("the scaling by key is of " + series.width() + " numbers and leaves "
                    + encoding.scaling().unscaled() + " as they are; the network has " + numbers);
        }
        if (encoding.scaling().unscaled() > 0 && encoding.scaling().unscaled() >= numbers) {
            throw new IllegalArgumentException("the scaling leaves "
                    + encoding.scaling().unscaled() + " numbers as they are, and a step has " + numbers
                    + "; allowed is less");
        }
        if (head.loss().counts()
                && !DoubleStream.of(encoding.scaling().targets().means()).allMatch(mean -> mean == 0)) {
            throw new IllegalArgumentException("the scaling has target means "
                    + Arrays.toString(encoding.scaling().targets().means()) + ", and loss "
                    + head.loss().key() + " is of counts, which are never centred; allowed is 0");
        }
        int statics = encoding.scaling().statics().means().length;
        if (statics > 0 && statics != staticNumbers(spec.input())) {
            throw new IllegalArgumentException("the scaling is of " + statics
                    + " numbers of a whole sequence; the network has " + staticNumbers(spec.input()));
        }
        int inputs = encoding.scaling().inputs().means().length;
        int targets = encoding.scaling().targets().means().length;
        if ((inputs > 0 && inputs != numbers) || (targets > 0 && targets != head.targetWidth())) {
            throw new IllegalArgumentException("the scaling is of " + inputs + " inputs and " + targets
                    + " targets; the network has " + numbers + " and " + head.targetWidth());
        }
    }

    private static int staticNumbers(NetworkSpec.Input input) {
        return input instanceof NetworkSpec.Mixed mixed ? mixed.staticNumbers() : 0;
    }

    /** Refuses columns that are not those of the network, by number and name. */
    private static void requireFit(NetworkSpec.Input input, Columns columns) {
        if (!(input instanceof NetworkSpec.Mixed mixed)) {
            if (columns != null) {
                throw new IllegalArgumentException("there are columns; the network reads one column of features");
            }
            return;
        }
        if (columns == null) {
            throw new IllegalArgumentException("the network reads columns, and there are none");
        }
        boolean features =
                columns.areFeatures() && mixed.masked() && mixed.categories().isEmpty() && mixed.staticSize() == 0;
        if (!features
                && (columns.numbers().size() != mixed.numbers()
                        || columns.staticNumbers().size() != mixed.staticNumbers()
                        || !coded(columns.categories()).equals(named(mixed.categories()))
                        || !coded(columns.statics()).equals(named(mixed.statics())))) {
            throw new IllegalArgumentException("the columns are " + columns.names() + "; the network reads " + mixed);
        }
        if (Set.copyOf(columns.names()).size() < columns.names().size()) {
            throw new IllegalArgumentException("a column is there twice: " + columns.names());
        }
    }

    /** Columns of categories by name, with the number of their ids. */
    private static List<String> coded(List<Columns.Category> categories) {
        return categories.stream()
                .map(category ->
                        category.column() + " of " + category.vocabulary().size())
                .toList();
    }

    private static List<String> named(List<NetworkSpec.Category> categories) {
        return categories.stream()
                .map(category -> category.column() + " of " + category.vocabulary())
                .toList();
    }

    public LearningTask task() {
        return task;
    }

    /** How rows become what the network reads, and outputs what they mean. */
    public Encoding encoding() {
        return encoding;
    }

    /** How many of the last steps of a sequence are predicted; 0 where all outputs are predictions. */
    public int horizon() {
        return encoding.horizon();
    }

    /** How dense inputs and targets were scaled for training. */
    public Scaling scaling() {
        return encoding.scaling();
    }

    /**
     * This model for one series alone, where it scales by key: its scaling is that of the series, so it needs no key.
     *
     * @param key the values of the key columns, as text
     * @throws IllegalArgumentException for a series that training did not see, and for a model that does not scale by key
     */
    public Model ofSeries(List<String> key) {
        if (!scaling().isBySeries()) {
            throw new IllegalArgumentException("the model does not scale by key, so it is the same for all series");
        }
        Scaling own = scaling().of(key);
        int targets = task == LearningTask.REGRESSION ? spec.head().targetWidth() : 0;
        Scaling ofTargets = new Scaling(own.inputs(), own.targets().repeated(targets)).withStatics(own.statics());
        return new Model(task, spec, theta, encoding.with(ofTargets), provenance);
    }

    /** Whether predictions are numbers in the units of each window, which its first number scales. */
    public boolean isLeveled() {
        return task == LearningTask.REGRESSION && scaling().isByWindow();
    }

    public NetworkSpec spec() {
        return spec;
    }

    /** All parameters; not a copy. */
    public float[] theta() {
        return theta;
    }

    /** The tokens; null where the input is dense. */
    public Vocabulary vocabulary() {
        return encoding.vocabulary();
    }

    /** The classes; null where outputs are numbers or tokens. */
    public Labels labels() {
        return encoding.labels();
    }

    /** How the model came about, sorted by name. */
    public Map<String, String> provenance() {
        return provenance;
    }

    /** SHA-256 of theta's little-endian bytes. */
    public String parameterHash() {
        if (parameterHash == null) {
            parameterHash = ParameterHash.of(theta);
        }
        return parameterHash;
    }

    /**
     * Writes the model's files. Equal models give equal bytes.
     *
     * @param data the directory {@link #DATA} of a draft, see {@link Directory#publish}
     */
    public void save(Directory data) throws FormatException {
        data.write(TENSORS, this::writeTensors);
        data.write(SPEC, this::writeSpec);
    }

    private void writeTensors(OutputStream out) throws IOException {
        Safetensors.write(out, spec.layout(), theta, Map.of(HASH, parameterHash()));
    }

    private void writeSpec(OutputStream out) throws IOException {
        SpecJson.write(out, new SpecJson(task, spec, encoding, provenance, Optional.of(parameterHash())));
    }

    /**
     * Reads a model's files.
     *
     * @param data the directory {@link #DATA} of a model's directory
     */
    public static Model load(Directory data) throws FormatException {
        return Versions.read(data, List.of(SPEC), () -> {
            data.requireExists("model");
            SpecJson json = data.read(SPEC, Model::readSpec);
            return of(json, data.read(TENSORS, (in, length, file) -> theta(json, in, length, file)));
        });
    }

    /**
     * The content of a model's files, for models that are stored in a table.
     *
     * @param spec the text of {@code spec.json}
     * @param tensors the bytes of {@code model.safetensors}
     */
    public record Files(String spec, byte[] tensors) {}

    /** The files that {@link #save} would write. */
    public Files toFiles() {
        try {
            ByteArrayOutputStream json = new ByteArrayOutputStream();
            writeSpec(json);
            ByteArrayOutputStream tensors = new ByteArrayOutputStream();
            writeTensors(tensors);
            return new Files(json.toString(StandardCharsets.UTF_8), tensors.toByteArray());
        } catch (IOException e) {
            throw new UncheckedIOException("an in-memory stream failed", e);
        }
    }

    /** Reads the result of {@link #toFiles}, as strictly as {@link #load}. */
    public static Model of(Files files) throws FormatException {
        try {
            byte[] bytes = files.spec().getBytes(StandardCharsets.UTF_8);
            SpecJson json = readSpec(new ByteArrayInputStream(bytes), bytes.length, SPEC);
            byte[] tensors = files.tensors();
            return of(json, theta(json, new ByteArrayInputStream(tensors), tensors.length, TENSORS));
        } catch (FormatException e) {
            throw e;
        } catch (IOException e) {
            throw new UncheckedIOException("an in-memory stream failed", e);
        }
    }

    /** Reads {@code spec.json}, down to a vocabulary and labels that fit the network. */
    private static SpecJson readSpec(InputStream in, long length, String file) throws IOException {
        SpecJson json = SpecJson.read(in, length, file);
        try {
            requireFit(json.task(), json.network(), json.encoding());
            json.network().layout(); // throws where the network is too large
            return json;
        } catch (IllegalArgumentException e) {
            throw new FormatException(file + ": " + e.getMessage(), e);
        }
    }

    private static float[] theta(SpecJson json, InputStream in, long length, String file) throws IOException {
        ParameterLayout layout = json.network().layout();
        Safetensors tensors = Safetensors.open(in, length, file);
        float[] values = tensors.readParameters(layout);
        String written = tensors.metadata().get(HASH); // null where another tool wrote the file
        if (written != null && !written.equals(ParameterHash.of(values))) {
            throw new FormatException(file + " is damaged: the hash of its parameters is " + ParameterHash.of(values)
                    + "; when written it was " + written);
        }
        if (written != null && !json.parameterHash().orElse(written).equals(written)) {
            throw new FormatException(file + " is of another version than " + SPEC + ": the hash of its parameters is "
                    + written + "; " + SPEC + " is for " + json.parameterHash().get());
        }
        return values;
    }

    private static Model of(SpecJson json, float[] theta) {
        return new Model(json.task(), json.network(), theta, json.encoding(), json.provenance());
    }
}
