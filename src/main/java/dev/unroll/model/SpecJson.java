package dev.unroll.model;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.util.DefaultIndenter;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import dev.unroll.data.Columns;
import dev.unroll.data.Encoding;
import dev.unroll.data.Labels;
import dev.unroll.data.Scaling;
import dev.unroll.data.Standardization;
import dev.unroll.data.Vocabulary;
import dev.unroll.format.FormatException;
import dev.unroll.format.StrictJson;
import dev.unroll.nn.HeadSpec;
import dev.unroll.nn.LearningTask;
import dev.unroll.nn.Loss;
import dev.unroll.nn.LossNames;
import dev.unroll.nn.NetworkSpec;
import dev.unroll.nn.Pooling;
import dev.unroll.param.Keyed;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * A model without its parameters, as {@code spec.json}:
 *
 * <pre>
 *   {"format": 1, "task": "classification",                      2 where a reader of format 1 would not know something
 *    "network": {"input": {"tokens": {"vocabulary": 3, "embeddingSize": 8}},        or {"dense": {"width": 28}}
 * or, in format 2, {@link ColumnsJson}
 *                "cell": "lstm", "activation": "tanh", "hiddenSize": 16, "numLayers": 1, "bidirectional": false,
 *                "projSize": 4,                                   in format 2; absent without a projection
 *                "head": {"loss": "cross-entropy",                                  or "squared-error"; in format 2 also
 *                                                                                   "absolute", "huber", "quantile:0.1,0.9",
 *                                                                                   "gaussian", "student-t", "poisson",
 *                                                                                   "negative-binomial", "crf", "binary",
 *                                                                                   "multi-label",
 *                         "outputs": 2, "everyStep": false, "tied": false,
 *                         "pooling": "mean"}},                         or "max", "attention", in format 2; absent where states are read as they are
 *    "vocabulary": ["e", "a"],                                    ids 1, 2, ...; absent for dense input
 *    "labels": {"numeric": false, "values": ["de", "en"]},        class 0, 1, ...; absent without classes
 *    "scaling": {"inputMeans": ["0x1.8p1"], "inputDeviations": [..],
 *                "targetMeans": [..], "targetDeviations": [..],   or absent
 *                "inputsInDouble": true, "targetsInDouble": true},  each absent where it is false
 *                "staticMeans": [..], "staticDeviations": [..], "staticsInDouble": true,    in format 2, with static numbers
 *                "by": "window", "unscaled": 2},                  in format 2, without means of inputs and targets; the last
 *                                                                   absent for 0; or "key", with {@link SeriesJson}
 *    "horizon": 12,                                               in format 2: predictions are the last 12 outputs; or absent
 *    "provenance": {"parameterHash": "1f..", "seed": "1", ...}}   the hash of the tensors that this belongs to
 * </pre>
 *
 * The format number is written first, so that a reader of another version reports that and nothing less helpful.
 */
record SpecJson(
        LearningTask task,
        NetworkSpec network,
        Encoding encoding,
        Map<String, String> provenance,
        Optional<String> parameterHash) {

    /** A text of the provenance, where readers of before leave it in peace. */
    private static final String HASH = "parameterHash";

    private static final int NEWEST_FORMAT = 2;
    private static final List<String> SCALES =
            List.of("inputMeans", "inputDeviations", "targetMeans", "targetDeviations");
    private static final String WINDOW = "window";
    private static final String KEY = "key";
    private static final List<String> STATICS = List.of("staticMeans", "staticDeviations");
    private static final long MAX_BYTES = 1L << 30; // what the limits of vocabulary and labels can come to
    private static final int MAX_PROVENANCE = 1000;

    /** The oldest format that can say all of this, so that older versions read what they can. */
    private int format() {
        boolean columns = encoding.columns() != null || encoding.horizon() > 0;
        boolean scaling = encoding.scaling().isOfEachSequence() || hasStatics(encoding.scaling());
        boolean head = !network.head().loss().kind().isOfTheFirstFormat()
                || network.head().pooling().joinsSteps();
        return columns || scaling || head || network.projSize() > 0 ? 2 : 1;
    }

    private static boolean hasStatics(Scaling scaling) {
        return scaling.statics().means().length > 0;
    }

    static void write(OutputStream out, SpecJson spec) throws IOException {
        DefaultPrettyPrinter printer = new DefaultPrettyPrinter().withObjectIndenter(new DefaultIndenter("  ", "\n"));
        try (JsonGenerator json = new JsonFactory().createGenerator(out).setPrettyPrinter(printer)) {
            json.disable(JsonGenerator.Feature.AUTO_CLOSE_TARGET);
            json.writeStartObject();
            json.writeNumberField("format", spec.format());
            json.writeStringField("task", spec.task.key());
            json.writeObjectFieldStart("network");
            writeNetwork(json, spec.network, spec.encoding.columns());
            json.writeEndObject();
            Encoding encoding = spec.encoding;
            if (encoding.vocabulary() != null) {
                JsonTexts.write(json, "vocabulary", encoding.vocabulary().tokens());
            }
            if (encoding.columns() != null) {
                ColumnsJson.writeVocabularies(json, encoding.columns());
            }
            if (encoding.labels() != null) {
                json.writeObjectFieldStart("labels");
                json.writeBooleanField("numeric", encoding.labels().numeric());
                JsonTexts.write(json, "values", encoding.labels().values());
                json.writeEndObject();
            }
            if (!encoding.scaling().isNone()) {
                json.writeObjectFieldStart("scaling");
                if (encoding.scaling().isOfEachSequence()) {
                    writeScalingOfEach(json, encoding.scaling());
                } else {
                    writeScaling(json, "input", encoding.scaling().inputs());
                    writeScaling(json, "target", encoding.scaling().targets());
                }
                if (hasStatics(encoding.scaling())) {
                    writeScaling(json, "static", encoding.scaling().statics());
                }
                json.writeEndObject();
            }
            if (encoding.horizon() > 0) {
                json.writeNumberField("horizon", encoding.horizon());
            }
            json.writeObjectFieldStart("provenance");
            Map<String, String> provenance = new TreeMap<>(spec.provenance);
            spec.parameterHash.ifPresent(hash -> provenance.put(HASH, hash));
            for (Map.Entry<String, String> entry : provenance.entrySet()) {
                json.writeStringField(entry.getKey(), entry.getValue());
            }
            json.writeEndObject();
            json.writeEndObject();
            json.writeRaw('\n');
        }
    }

    private static void writeNetwork(JsonGenerator json, NetworkSpec network, Columns columns) throws IOException {
        json.writeObjectFieldStart("input");
        if (network.input() instanceof NetworkSpec.Tokens tokens) {
            json.writeObjectFieldStart("tokens");
            json.writeNumberField("vocabulary", tokens.vocabulary());
            json.writeNumberField("embeddingSize", tokens.embeddingSize());
            json.writeEndObject();
        } else if (network.input() instanceof NetworkSpec.Dense dense) {
            json.writeObjectFieldStart("dense");
            json.writeNumberField("width", dense.width());
            json.writeEndObject();
        } else if (network.input() instanceof NetworkSpec.Mixed mixed) {
            ColumnsJson.writeInput(json, mixed, columns);
        }
        json.writeEndObject();
        json.writeStringField("cell", network.cell());
        json.writeStringField("activation", network.activation());
        json.writeNumberField("hiddenSize", network.hiddenSize());
        if (network.projSize() > 0) {
            json.writeNumberField("projSize", network.projSize());
        }
        json.writeNumberField("numLayers", network.numLayers());
        json.writeBooleanField("bidirectional", network.bidirectional());
        json.writeObjectFieldStart("head");
        json.writeStringField("loss", network.head().loss().key());
        json.writeNumberField("outputs", network.head().outputs());
        json.writeBooleanField("everyStep", network.head().everyStep());
        json.writeBooleanField("tied", network.head().tied());
        if (network.head().pooling().joinsSteps()) {
            json.writeStringField("pooling", network.head().pooling().key());
        }
        json.writeEndObject();
    }

    private static void writeScaling(JsonGenerator json, String side, Standardization scaling) throws IOException {
        JsonTexts.write(json, side + "Means", scaling.means());
        JsonTexts.write(json, side + "Deviations", scaling.deviations());
        if (scaling.inDouble()) {
            json.writeBooleanField(side + "sInDouble", true);
        }
    }

    private static void writeScalingOfEach(JsonGenerator json, Scaling scaling) throws IOException {
        json.writeStringField("by", scaling.isBySeries() ? KEY : WINDOW);
        if (scaling.unscaled() > 0) {
            json.writeNumberField("unscaled", scaling.unscaled());
        }
        if (scaling.isBySeries()) {
            SeriesJson.write(json, scaling.series());
        }
    }

    /** Reads a whole file and checks each value; whether the values fit each other is for the caller to check. */
    static SpecJson read(InputStream in, long length, String file) throws IOException {
        if (length > MAX_BYTES) {
            throw new FormatException(file + " has " + length + " bytes; allowed are " + MAX_BYTES);
        }
        Reading reading = new Reading(new StrictJson(in, file));
        try {
            return reading.spec();
        } catch (IllegalArgumentException e) { // from the records, each of which checks itself
            throw new FormatException(file + ": " + e.getMessage(), e);
        }
    }

    /** What has been read so far; fields may come in any order. */
    private static final class Reading {

        private final StrictJson json;
        private final ColumnsJson columns;
        private final SeriesJson series;
        private long format;
        private LearningTask task;
        private NetworkSpec network;
        private NetworkSpec.Input input;
        private String cell;
        private String activation;
        private int hiddenSize;
        private int projSize;
        private int numLayers = 1;
        private boolean bidirectional;
        private int embeddingSize;
        private int width;
        private int vocabularySize;
        private Loss loss;
        private int outputs;
        private boolean everyStep;
        private boolean tied;
        private Pooling pooling; // null where there is none
        private Vocabulary vocabulary;
        private Labels labels;
        private boolean numeric;
        private List<String> labelTexts;
        private Scaling scaling = Scaling.NONE;
        private int horizon;
        private String by = "";
        private int unscaled;
        private final Map<String, double[]> scales = new TreeMap<>();
        private final Set<String> inDouble = new TreeSet<>();
        private final Map<String, String> provenance = new TreeMap<>();

        Reading(StrictJson json) {
            this.json = json;
            this.columns = new ColumnsJson(json);
            this.series = new SeriesJson(json);
        }

        SpecJson spec() throws IOException {
            json.object(
                    List.of("format", "task", "network", "provenance"),
                    List.of("vocabulary", "vocabularies", "labels", "scaling", "horizon"),
                    field -> {
                        switch (field) {
                            case "format" -> format();
                            case "task" -> task = LearningTask.of(json.text());
                            case "network" -> network();
                            case "vocabulary" ->
                                vocabulary = Vocabulary.ofTokens(JsonTexts.read(json, Vocabulary.MAX_SIZE));
                            case "vocabularies" -> columns.vocabularies();
                            case "labels" -> labels();
                            case "scaling" -> scaling();
                            case "horizon" -> horizon = json.integer(1, NetworkSpec.MAX_SIZE);
                            default -> provenance();
                        }
                    });
            json.end();
            Optional<String> hash = Optional.ofNullable(provenance.remove(HASH));
            Scaling own = scaling.isOfEachSequence() && loss.counts() ? scaling.ofCounts() : scaling;
            Encoding encoding = new Encoding(vocabulary, labels, own, columns.columns(input), horizon);
            SpecJson spec = new SpecJson(task, network, encoding, provenance, hash);
            if (spec.format() > format) {
                throw json.error("is of format " + format + ", and has what came with " + spec.format());
            }
            return spec;
        }

        private void format() throws IOException {
            format = json.integer(1, Integer.MAX_VALUE);
            if (format > NEWEST_FORMAT) {
                throw json.error("is " + format + "; this version of Unroll reads 1 to " + NEWEST_FORMAT);
            }
        }

        private void network() throws IOException {
            List<String> required = List.of("input", "cell", "activation", "hiddenSize", "head");
            json.object(required, List.of("projSize", "numLayers", "bidirectional"), field -> {
                switch (field) {
                    case "input" -> input();
                    case "cell" -> cell = json.text();
                    case "activation" -> activation = json.text();
                    case "hiddenSize" -> hiddenSize = json.integer(1, NetworkSpec.MAX_SIZE);
                    case "projSize" -> projSize = json.integer(1, NetworkSpec.MAX_SIZE);
                    case "numLayers" -> numLayers = json.integer(1, NetworkSpec.MAX_LAYERS);
                    case "bidirectional" -> bidirectional = json.bool();
                    default -> head();
                }
            });
            network = new NetworkSpec(
                    input,
                    cell,
                    activation,
                    hiddenSize,
                    projSize,
                    numLayers,
                    bidirectional,
                    new HeadSpec(loss, outputs, pooling(), tied));
        }

        private Pooling pooling() throws IOException {
            Pooling own = pooling == null ? Pooling.of(everyStep) : pooling;
            if (everyStep != (own == Pooling.EVERY)) {
                throw json.error("has everyStep " + everyStep + ", and reads " + own.description());
            }
            return own;
        }

        private void input() throws IOException {
            json.object(List.of(), List.of("tokens", "dense", "mixed"), kind -> {
                if (input != null) {
                    throw json.error("is a second input; allowed is one of tokens, dense, mixed");
                }
                input = switch (kind) {
                    case "tokens" -> tokens();
                    case "dense" -> dense();
                    default -> columns.mixed();
                };
            });
            if (input == null) {
                throw json.error("is empty; allowed is one of tokens, dense, mixed");
            }
        }

        private NetworkSpec.Tokens tokens() throws IOException {
            json.object(List.of("vocabulary", "embeddingSize"), field -> {
                if (field.equals("vocabulary")) {
                    vocabularySize = json.integer(1, Vocabulary.MAX_SIZE);
                } else {
                    embeddingSize = json.integer(0, NetworkSpec.MAX_SIZE);
                }
            });
            return new NetworkSpec.Tokens(vocabularySize, embeddingSize);
        }

        private NetworkSpec.Dense dense() throws IOException {
            json.object(List.of("width"), field -> width = json.integer(1, NetworkSpec.MAX_SIZE));
            return new NetworkSpec.Dense(width);
        }

        private void head() throws IOException {
            json.object(List.of("loss", "outputs", "everyStep"), List.of("tied", "pooling"), field -> {
                switch (field) {
                    case "loss" -> loss = LossNames.of(json.text());
                    case "outputs" -> outputs = json.integer(1, Vocabulary.MAX_SIZE);
                    case "everyStep" -> everyStep = json.bool();
                    case "pooling" -> pooling = Keyed.of(Pooling.class, "pooling", json.text());
                    default -> tied = json.bool();
                }
            });
        }

        private void scaling() throws IOException {
            List<String> fields = new ArrayList<>(SCALES);
            fields.addAll(STATICS);
            fields.addAll(SeriesJson.FIELDS);
            fields.addAll(List.of("inputsInDouble", "staticsInDouble", "targetsInDouble", "by", "unscaled"));
            json.object(List.of(), fields, field -> {
                if (SCALES.contains(field) || STATICS.contains(field)) {
                    scales.put(field, JsonTexts.readNumbers(json, NetworkSpec.MAX_SIZE));
                } else if (SeriesJson.FIELDS.contains(field)) {
                    series.read(field);
                } else if (field.equals("by")) {
                    by = json.text(List.of(WINDOW, KEY));
                } else if (field.equals("unscaled")) {
                    unscaled = json.integer(1, NetworkSpec.MAX_SIZE);
                } else if (json.bool()) {
                    inDouble.add(field);
                }
            });
            boolean inputsInDouble = inDouble.contains("inputsInDouble") || inDouble.contains("targetsInDouble");
            boolean ofEach = !by.isEmpty();
            if (ofEach && (SCALES.stream().anyMatch(scales::containsKey) || inputsInDouble)) {
                throw json.error("is by " + by + ", and has fields of another scaling");
            }
            for (String field : SCALES) {
                if (!ofEach && !scales.containsKey(field)) {
                    throw json.error("lacks the field " + field);
                }
            }
            if (!ofEach && unscaled > 0) {
                throw json.error("has unscaled numbers, and is not by window or key");
            }
            if (!by.equals(KEY) && series.isThere()) {
                throw json.error("has scales of series, and is not by key");
            }
            scaling = switch (by) {
                case WINDOW -> Scaling.byWindow(unscaled);
                case KEY -> Scaling.bySeries(series.series(), unscaled);
                default -> new Scaling(side("input"), side("target"));
            };
            boolean statics = STATICS.stream().anyMatch(scales::containsKey);
            for (String field : STATICS) {
                if (statics != scales.containsKey(field)) {
                    throw json.error("lacks the field " + field);
                }
            }
            if (statics) {
                scaling = scaling.withStatics(side("static"));
            } else if (inDouble.contains("staticsInDouble")) {
                throw json.error("lacks the field " + STATICS.get(0));
            }
        }

        private Standardization side(String name) {
            double[] means = scales.get(name + "Means");
            double[] deviations = scales.get(name + "Deviations");
            return new Standardization(means, deviations, inDouble.contains(name + "sInDouble"));
        }

        private void labels() throws IOException {
            json.object(List.of("numeric", "values"), field -> {
                if (field.equals("numeric")) {
                    numeric = json.bool();
                } else {
                    labelTexts = JsonTexts.read(json, Labels.MAX_SIZE);
                }
            });
            labels = Labels.ofValues(numeric, labelTexts);
        }

        private void provenance() throws IOException {
            json.object(name -> {
                if (provenance.size() == MAX_PROVENANCE) {
                    throw json.error("is one field too many; allowed are " + MAX_PROVENANCE);
                }
                provenance.put(name, json.text());
            });
        }
    }
}
