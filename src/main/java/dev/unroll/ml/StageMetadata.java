package dev.unroll.ml;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.unroll.format.Directory;
import dev.unroll.format.FormatException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.apache.spark.ml.param.BooleanParam;
import org.apache.spark.ml.param.DoubleArrayParam;
import org.apache.spark.ml.param.DoubleParam;
import org.apache.spark.ml.param.IntArrayParam;
import org.apache.spark.ml.param.IntParam;
import org.apache.spark.ml.param.LongParam;
import org.apache.spark.ml.param.Param;
import org.apache.spark.ml.param.Params;
import org.apache.spark.ml.param.StringArrayParam;

/**
 * A stage as Spark ML writes it: class, uid and Params, as one line of JSON. Spark's own reader takes a vector for a
 * text, 1e99 for a whole number, and starts a job; this one reads a file of the driver, and refuses by name every Param
 * that is unknown, of another type or out of range.
 *
 * @param className the class that the file names; it is compared and never loaded
 * @param file its name in messages
 */
record StageMetadata(String className, String uid, JsonNode values, JsonNode defaults, String file) {

    private static final int MOST_BYTES = 1 << 20;
    private static final JsonFactory FACTORY = JsonFactory.builder()
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxNestingDepth(16)
                    .maxNumberLength(40)
                    .build())
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .build();

    /** Reads the file of that path below a directory. */
    static StageMetadata read(Directory directory, String path) throws FormatException {
        return directory.read(path, MOST_BYTES, (in, length, file) -> {
            return parse(new String(in.readAllBytes(), StandardCharsets.UTF_8), file);
        });
    }

    /** @param file its name in messages */
    static StageMetadata parse(String text, String file) throws FormatException {
        JsonNode json;
        try {
            ObjectMapper mapper = new ObjectMapper(FACTORY).enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);
            json = mapper.readTree(text);
        } catch (JsonProcessingException e) {
            throw new FormatException(
                    file + " is not valid JSON at line "
                            + (e.getLocation() == null ? 1 : e.getLocation().getLineNr()),
                    e);
        }
        return new StageMetadata(
                required(json, "class", file),
                required(json, "uid", file),
                object(json.path("paramMap"), "paramMap", file),
                object(json.path("defaultParamMap"), "defaultParamMap", file),
                file);
    }

    private static String required(JsonNode json, String field, String file) throws FormatException {
        if (!json.path(field).isTextual()) {
            throw new FormatException(file + " has no text " + field + ", so it is not the metadata of a stage");
        }
        return json.get(field).textValue();
    }

    private static JsonNode object(JsonNode json, String field, String file) throws FormatException {
        if (!json.isMissingNode() && !json.isObject()) {
            throw new FormatException(file + ": " + field + " is " + shown(json) + "; allowed is an object of Params");
        }
        return json;
    }

    private static String shown(JsonNode json) {
        return FormatException.shown(json.toString());
    }

    /** Refuses the metadata of another class. */
    void requireClass(Class<?> expected) throws FormatException {
        if (!className.equals(expected.getName())) {
            throw new FormatException(file + " is of a " + FormatException.shown(className) + "; expected is a "
                    + expected.getSimpleName());
        }
    }

    /** Sets the Params of a stage to these values and defaults. */
    void applyTo(Params stage) throws FormatException {
        for (Map.Entry<String, JsonNode> entry : defaults.properties()) {
            ParamDocs.Key key = key(stage, entry.getKey());
            setDefault(stage, key.param(), value(key, entry.getValue()));
        }
        for (Map.Entry<String, JsonNode> entry : values.properties()) {
            ParamDocs.Key key = key(stage, entry.getKey());
            stage.set(key.param().name(), value(key, entry.getValue()));
        }
    }

    @SuppressWarnings({"unchecked", "rawtypes"}) // the value has just been given the Param's type
    private static void setDefault(Params stage, Param param, Object value) {
        stage.setDefault(param, value);
    }

    private ParamDocs.Key key(Params stage, String name) throws FormatException {
        if (!stage.hasParam(name)) {
            throw new FormatException(file + " has a Param " + FormatException.shown(name) + ", which a "
                    + stage.getClass().getSimpleName() + " does not have; read it with the version that wrote it");
        }
        return ParamDocs.of(stage.getParam(name));
    }

    private Object value(ParamDocs.Key key, JsonNode json) throws FormatException {
        String param = file + ": Param " + key.param().name();
        try {
            return value(key.param(), json)
                    .filter(key::allows)
                    .orElseThrow(
                            () -> new FormatException(param + " is " + shown(json) + "; allowed is a value of type "
                                    + key.type() + (key.allowed().isEmpty() ? "" : ": " + key.allowed())));
        } catch (IllegalArgumentException e) { // that names what is false in the value
            throw new FormatException(param + ": " + e.getMessage(), e);
        }
    }

    /** The value of a Param's type; empty where the JSON is of another type, or out of range. */
    private static Optional<Object> value(Param<?> param, JsonNode json) {
        if (param instanceof IntParam) {
            return json.isInt() ? Optional.of(json.intValue()) : Optional.empty();
        }
        if (param instanceof LongParam) {
            return json.isInt() || json.isLong() ? Optional.of(json.longValue()) : Optional.empty();
        }
        if (param instanceof DoubleParam) {
            return json.isNumber() && Double.isFinite(json.doubleValue())
                    ? Optional.of(json.doubleValue())
                    : Optional.empty();
        }
        if (param instanceof BooleanParam) {
            return json.isBoolean() ? Optional.of(json.booleanValue()) : Optional.empty();
        }
        if (param instanceof IntArrayParam) {
            return json.isArray() && elements(json).allMatch(JsonNode::isInt)
                    ? Optional.of(elements(json).mapToInt(JsonNode::intValue).toArray())
                    : Optional.empty();
        }
        if (param instanceof DoubleArrayParam) {
            return json.isArray() && elements(json).allMatch(JsonNode::isNumber)
                    ? Optional.of(
                            elements(json).mapToDouble(JsonNode::doubleValue).toArray())
                    : Optional.empty();
        }
        if (param instanceof StringArrayParam) {
            return json.isArray() && elements(json).allMatch(JsonNode::isTextual)
                    ? Optional.of(elements(json).map(JsonNode::textValue).toArray(String[]::new))
                    : Optional.empty();
        }
        return json.isTextual() ? Optional.of(json.textValue()) : Optional.empty();
    }

    private static Stream<JsonNode> elements(JsonNode array) {
        return StreamSupport.stream(array.spliterator(), false);
    }
}
