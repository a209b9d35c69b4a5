package dev.unroll.model;

import dev.unroll.data.Labels;
import dev.unroll.data.Vocabulary;
import dev.unroll.format.Directory;
import dev.unroll.format.FormatException;
import dev.unroll.format.Safetensors;
import dev.unroll.nn.NetworkSpec;
import dev.unroll.param.ParameterHash;
import dev.unroll.param.ParameterLayout;
import java.io.Serializable;
import java.util.Collections;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;

/**
 * A trained network and all that is needed to use it: its shape, its parameters, what its token ids and classes stand for, and
 * where it comes from. Immutable by convention: theta is not copied.
 *
 * <p>Its files are {@code model.safetensors} (the parameters under PyTorch's names, and their hash) and {@code spec.json} (the rest).
 * Reading them checks that they are complete, sound and fit each other; nothing in them names a class.
 */
public final class Model implements Serializable {

    private static final long serialVersionUID = 1L;

    /** The sub-directory of a model's directory that {@link #save} and {@link #load} are for; beside it is Spark's metadata. */
    public static final String DATA = "data";

    private static final String TENSORS = "model.safetensors";
    private static final String SPEC = "spec.json";
    private static final String HASH = "parameterHash";

    private final NetworkSpec spec;
    private final float[] theta;
    private final Vocabulary vocabulary;
    private final Labels labels;
    private final Map<String, String> provenance;

    /**
     * @param theta in the order of {@code spec.layout()}
     * @param vocabulary of the token ids; null where the input is dense
     * @param labels of the classes
     * @param provenance whatever says how the model came about, such as version, seed and shards
     * @throws IllegalArgumentException if the parts do not fit each other
     */
    public Model(
            NetworkSpec spec, float[] theta, Vocabulary vocabulary, Labels labels, Map<String, String> provenance) {
        requireFit(spec, vocabulary, labels);
        if (theta.length != spec.layout().size()) {
            throw new IllegalArgumentException("theta has " + theta.length + " parameters; the network has "
                    + spec.layout().size());
        }
        this.spec = spec;
        this.theta = theta;
        this.vocabulary = vocabulary;
        this.labels = labels;
        this.provenance = Collections.unmodifiableMap(new TreeMap<>(provenance));
    }

    /** Refuses names of tokens and classes that are not as many as the network has ids and classes. */
    static void requireFit(NetworkSpec spec, Vocabulary vocabulary, Labels labels) {
        Objects.requireNonNull(labels, "labels");
        int ids = spec.input() instanceof NetworkSpec.Tokens tokens ? tokens.vocabulary() : 0;
        int known = vocabulary == null ? 0 : vocabulary.size();
        if (ids != known) {
            throw new IllegalArgumentException("the vocabulary has " + known + " ids; the network's input has " + ids);
        }
        if (spec.head().classes() != labels.size()) {
            throw new IllegalArgumentException("there are " + labels.size() + " labels; the network's head has "
                    + spec.head().classes() + " classes");
        }
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
        return vocabulary;
    }

    public Labels labels() {
        return labels;
    }

    /** How the model came about, sorted by name. */
    public Map<String, String> provenance() {
        return provenance;
    }

    /** SHA-256 of theta's little-endian bytes. */
    public String parameterHash() {
        return ParameterHash.of(theta);
    }

    /**
     * Writes the model's files. Equal models give equal bytes.
     *
     * @param data the directory {@link #DATA} of a draft, see {@link Directory#publish}
     */
    public void save(Directory data) throws FormatException {
        data.write(TENSORS, out -> Safetensors.write(out, spec.layout(), theta, Map.of(HASH, parameterHash())));
        data.write(SPEC, out -> SpecJson.write(out, new SpecJson(spec, vocabulary, labels, provenance)));
    }

    /**
     * Reads a model's files.
     *
     * @param data the directory {@link #DATA} of a model's directory
     */
    public static Model load(Directory data) throws FormatException {
        data.requireExists("model");
        SpecJson json = data.read(SPEC, SpecJson::read);
        float[] theta = data.read(TENSORS, (in, length, file) -> {
            ParameterLayout layout = json.network().layout();
            Safetensors tensors = Safetensors.open(in, length, file);
            float[] values = tensors.read(layout);
            String written = tensors.metadata().get(HASH); // null where another tool wrote the file
            if (written != null && !written.equals(ParameterHash.of(values))) {
                throw new FormatException(file + " is damaged: the hash of its parameters is "
                        + ParameterHash.of(values) + "; when written it was " + written);
            }
            return values;
        });
        return new Model(json.network(), theta, json.vocabulary(), json.labels(), json.provenance());
    }
}
