package dev.unroll.spark.source;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.cfg.JsonNodeFeature;
import com.fasterxml.jackson.databind.exc.MismatchedInputException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.DecimalType;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import scala.jdk.javaapi.CollectionConverters;

/**
 * Lines of JSON, an object each. As Spark's reader does it takes text in single quotes, and NaN and Infinity as
 * numbers.
 *
 * <p>Stricter than Spark's own reader, which takes text that follows the object, and of two equal keys the last; and
 * which makes a whole column text where a single row has text: here, that row is at fault, if the column is one that
 * the work needs.
 */
final class JsonLines implements LineParser {

    private static final long serialVersionUID = 1L;

    /** Arrays and objects inside each other. */
    private static final int MAX_DEPTH = 64;

    private static final StreamReadConstraints LIMITS = StreamReadConstraints.builder()
            .maxNestingDepth(MAX_DEPTH)
            .maxStringLength(Integer.MAX_VALUE) // a line has a limit already
            .build();

    private static final ObjectReader READER = JsonMapper.builder(JsonFactory.builder()
                    .streamReadConstraints(LIMITS)
                    // A table of all names is copied for each line that has a new one.
                    .disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES)
                    .build())
            .enable(JsonReadFeature.ALLOW_SINGLE_QUOTES, JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS, DeserializationFeature.FAIL_ON_READING_DUP_TREE_KEY)
            // Numbers that become text keep their digits; those of Double.toString differ between JDKs.
            .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
            .disable(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES)
            .build()
            .readerFor(JsonNode.class);

    private final StructType schema;
    private final Map<String, String> shapes; // that a value must have, for the columns that the work needs

    JsonLines(StructType schema, Map<String, String> shapes) {
        this.schema = schema;
        this.shapes = Map.copyOf(shapes);
    }

    /**
     * What the columns of rows are.
     *
     * @param used the columns that the work needs: in them one kind of value is right, that of most rows; in others,
     *     what does not fit together becomes text
     */
    static JsonLines of(JsonShapes rows, Set<String> used) {
        return new JsonLines(rows.schema(used), rows.shapes(used));
    }

    /**
     * The object that a line holds.
     *
     * @throws Fault if it holds none, or more
     */
    static JsonNode object(String line) throws Fault {
        JsonNode node;
        try {
            node = READER.readTree(line);
        } catch (StreamConstraintsException e) {
            boolean deep = e.getMessage().contains("epth");
            throw malformed(deep ? "nested more than " + MAX_DEPTH + " deep" : "a number of too many digits", line);
        } catch (MismatchedInputException e) {
            throw malformed(e.getMessage().startsWith("Duplicate field") ? "a key twice" : "not JSON", line);
        } catch (JsonProcessingException e) {
            throw malformed("not JSON", line);
        } catch (
                NumberFormatException
                        e) { // an exponent that is no int; of a number that is none, Jackson says the above
            throw malformed("a number of too many digits", line);
        }
        if (!node.isObject()) {
            throw malformed("not a JSON object", line);
        }
        if (line.contains("\\u") && !hasUnicodeKeys(node)) { // half a character can only be spelt so
            throw malformed("a key that is not valid Unicode", line);
        }
        return node;
    }

    private static boolean hasUnicodeKeys(JsonNode node) {
        for (Map.Entry<String, JsonNode> field : node.properties()) {
            if (!isUnicode(field.getKey())) {
                return false;
            }
        }
        for (JsonNode child : node) {
            if (!hasUnicodeKeys(child)) {
                return false;
            }
        }
        return true;
    }

    private static Fault malformed(String what, String line) {
        return new Fault(null, "malformed line: " + what, line);
    }

    @Override
    public StructType schema() {
        return schema;
    }

    @Override
    public boolean hasHeader() {
        return false;
    }

    @Override
    public boolean isRow(String line) {
        return !LineRows.isBlank(line);
    }

    @Override
    public List<?> cells(String line) throws Fault {
        JsonNode object = object(line);
        List<Object> cells = new ArrayList<>(schema.size());
        for (StructField field : schema.fields()) {
            JsonNode value = object.get(field.name());
            String shape = shapes.get(field.name());
            if (shape != null && value != null) {
                String other = JsonShapes.shape(value);
                boolean alone = shape.equals(JsonShapes.NULL); // no row has a value that could be used
                if (JsonShapes.isMixed(other) && alone) {
                    throw new Fault(field.name(), other, value);
                }
                if (!shape.equals(JsonShapes.unify(shape, other))) {
                    throw new Fault(field.name(), other + " where other rows have " + shape, value);
                }
            }
            cells.add(value == null ? null : convert(value, field.dataType(), field.name()));
        }
        return cells;
    }

    private static Object convert(JsonNode node, DataType type, String column) throws Fault {
        if (node.isNull()) {
            return null;
        }
        if (type.equals(DataTypes.StringType)) {
            return text(node.isValueNode() ? node.asText() : node.toString(), column);
        }
        if (type.equals(DataTypes.DoubleType) && node.isNumber()) {
            return node.doubleValue();
        }
        if (type.equals(DataTypes.LongType) && node.canConvertToLong()) {
            return node.longValue();
        }
        if (type instanceof DecimalType && node.isIntegralNumber()) {
            return node.decimalValue();
        }
        if (type.equals(DataTypes.BooleanType) && node.isBoolean()) {
            return node.booleanValue();
        }
        if (type instanceof ArrayType array && node.isArray()) {
            List<Object> values = new ArrayList<>(node.size());
            for (JsonNode element : node) {
                values.add(convert(element, array.elementType(), column));
            }
            return CollectionConverters.asScala(values).toSeq(); // what Spark's encoder takes at every depth
        }
        if (type instanceof StructType struct && node.isObject()) {
            Object[] values = new Object[struct.size()];
            for (int i = 0; i < values.length; i++) {
                StructField field = struct.fields()[i];
                values[i] = node.has(field.name()) ? convert(node.get(field.name()), field.dataType(), column) : null;
            }
            return RowFactory.create(values);
        }
        throw new Fault(column, "the file changed while it was read", node);
    }

    private static String text(String text, String column) throws Fault {
        if (!isUnicode(text)) {
            throw new Fault(column, "not valid Unicode", text);
        }
        return text;
    }

    /** JSON can spell half a character, an unpaired surrogate; UTF-8 cannot. */
    private static boolean isUnicode(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (Character.isSurrogate(text.charAt(i))) {
                boolean pair = i + 1 < text.length() && Character.isSurrogatePair(text.charAt(i), text.charAt(i + 1));
                if (!pair) {
                    return false;
                }
                i++;
            }
        }
        return true;
    }
}
