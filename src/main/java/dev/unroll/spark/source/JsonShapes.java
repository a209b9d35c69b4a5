package dev.unroll.spark.source;

import com.fasterxml.jackson.databind.JsonNode;
import dev.unroll.data.InputException;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.DecimalType;
import org.apache.spark.sql.types.NullType;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/**
 * What values the columns of JSON objects have: rows are added one by one and parts merged, and the order of neither
 * matters.
 *
 * <p>A <i>shape</i> is what must agree between rows, in words such as "array of numbers"; null and an empty array agree
 * with more than one. A <i>type</i> is Spark's, and finer: whole numbers are of another type than numbers with a
 * fraction, and of the same shape.
 */
final class JsonShapes {

    static final String NULL = "null";
    private static final String ARRAY = "array";
    private static final String OF = "array of ";
    private static final String MIXED = "mixed values";
    private static final DataType LARGE = DataTypes.createDecimalType(DecimalType.MAX_PRECISION(), 0);

    /** Keys of objects that a column may have in all its rows. */
    private static final int MAX_KEYS = 100;

    /** The type of a column whose objects have more keys than that, for they are maps: no JSON value is binary. */
    private static final DataType MAP = DataTypes.BinaryType;

    /** Rows of one shape. */
    private static final class Tally {
        private long rows;
        private DataType type = DataTypes.NullType;

        void add(long more, DataType other) {
            rows += more;
            type = merge(type, other);
        }

        void add(JsonNode value) {
            add(1, type.equals(MAP) ? MAP : type(value)); // a map needs no further look
        }
    }

    private final Map<String, Map<String, Tally>> columns = new TreeMap<>(); // by column and shape
    private String fault = ""; // of the first line that is none

    /** Notes why a line is no object. */
    void add(Fault bad) {
        fault = fault.isEmpty() ? bad.getMessage() : fault;
    }

    /** Why the first line that is no object is none; empty where all are. */
    String fault() {
        return fault;
    }

    void add(JsonNode object) {
        if (columns.size() > ColumnName.MOST) {
            return; // and is refused
        }
        object.properties()
                .forEach(field -> tally(field.getKey(), shape(field.getValue())).add(field.getValue()));
    }

    private Tally tally(String column, String shape) {
        return columns.computeIfAbsent(column, c -> new TreeMap<>()).computeIfAbsent(shape, s -> new Tally());
    }

    /** For the way to the driver: Spark's types are objects that no serializer but Java's keeps equal to themselves. */
    byte[] toBytes() {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            write(out, fault);
            for (Map.Entry<String, Map<String, Tally>> column : columns.entrySet()) {
                for (Map.Entry<String, Tally> shape : column.getValue().entrySet()) {
                    write(out, column.getKey());
                    write(out, shape.getKey());
                    out.writeLong(shape.getValue().rows);
                    write(out, shape.getValue().type.json());
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException("an in-memory stream failed", e);
        }
        return bytes.toByteArray();
    }

    /** Adds what {@link #toBytes} wrote. */
    void merge(byte[] other) {
        ByteBuffer in = ByteBuffer.wrap(other);
        String first = read(in);
        fault = fault.isEmpty() ? first : fault;
        while (in.hasRemaining()) {
            Tally tally = tally(read(in), read(in));
            tally.add(in.getLong(), DataType.fromJson(read(in)));
        }
    }

    private static void write(DataOutputStream out, String text) throws IOException {
        byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
        out.writeInt(utf8.length);
        out.write(utf8);
    }

    private static String read(ByteBuffer in) {
        byte[] utf8 = new byte[in.getInt()];
        in.get(utf8);
        return new String(utf8, StandardCharsets.UTF_8);
    }

    boolean isEmpty() {
        return columns.isEmpty();
    }

    /** The shape of most rows, for each of the columns used. */
    Map<String, String> shapes(Set<String> used) {
        Map<String, String> main = new HashMap<>();
        columns.forEach((column, shapes) -> {
            if (used.contains(column)) {
                main.put(column, main(shapes));
            }
        });
        return main;
    }

    /** @throws InputException for too many columns, and for one that the work needs and that holds maps */
    StructType schema(Set<String> used) {
        ColumnName.requireNotTooMany(columns.size());
        Map<String, DataType> types = new TreeMap<>();
        for (Map.Entry<String, Map<String, Tally>> column : columns.entrySet()) {
            String main = main(column.getValue());
            DataType type = DataTypes.NullType;
            for (Map.Entry<String, Tally> shape : column.getValue().entrySet()) {
                if (!used.contains(column.getKey()) || main.equals(unify(main, shape.getKey()))) {
                    type = merge(type, shape.getValue().type);
                }
            }
            if (used.contains(column.getKey()) && type.equals(MAP)) {
                throw new InputException(
                        "column " + BadRow.shown(column.getKey()) + " holds objects with more than " + MAX_KEYS
                                + " different keys, which cannot be used; allowed are text, numbers and arrays of them");
            }
            types.put(column.getKey(), known(type));
        }
        return struct(types);
    }

    /** That of most rows, the first in the alphabet of equals; made more exact by what agrees with it. */
    private static String main(Map<String, Tally> shapes) {
        String main = NULL;
        long rows = 0;
        for (Map.Entry<String, Tally> shape : shapes.entrySet()) {
            boolean vague = shape.getKey().equals(NULL) || shape.getKey().endsWith(ARRAY) || isMixed(shape.getKey());
            long weight = vague ? 0 : shape.getValue().rows;
            if (weight > rows) {
                main = shape.getKey();
                rows = weight;
            }
        }
        for (String shape : shapes.keySet()) {
            String both = isMixed(shape) ? null : unify(main, shape);
            main = both == null ? main : both;
        }
        return main;
    }

    /** Whether a value of this shape is no value of a column that is used: an array of, say, text and numbers. */
    static boolean isMixed(String shape) {
        return shape.endsWith(MIXED);
    }

    static String shape(JsonNode value) {
        return switch (value.getNodeType()) {
            case NUMBER -> "number";
            case STRING -> "text";
            case BOOLEAN -> "boolean";
            case OBJECT -> "object";
            case ARRAY -> {
                String elements = NULL;
                for (JsonNode element : value) {
                    elements = unify(elements, shape(element));
                    if (elements == null) {
                        yield OF + MIXED;
                    }
                }
                yield elements.equals(NULL) ? ARRAY : OF + elements;
            }
            default -> NULL;
        };
    }

    /** The shape that two agree on; null if they do not. */
    static String unify(String a, String b) {
        if (a.equals(b) || b.equals(NULL)) {
            return a;
        }
        if (a.equals(NULL)) {
            return b;
        }
        if (a.startsWith(ARRAY) && b.startsWith(ARRAY)) {
            if (a.equals(ARRAY) || b.equals(ARRAY)) {
                return a.equals(ARRAY) ? b : a;
            }
            String elements = unify(a.substring(OF.length()), b.substring(OF.length()));
            return elements == null ? null : OF + elements;
        }
        return null;
    }

    private static DataType type(JsonNode value) {
        return switch (value.getNodeType()) {
            case NUMBER -> value.isIntegralNumber() ? wholeNumber(value) : DataTypes.DoubleType;
            case STRING -> DataTypes.StringType;
            case BOOLEAN -> DataTypes.BooleanType;
            case OBJECT -> {
                Map<String, DataType> fields = new TreeMap<>();
                if (value.size() > MAX_KEYS) {
                    yield MAP;
                }
                value.properties().forEach(field -> fields.put(field.getKey(), type(field.getValue())));
                yield limited(fields);
            }
            case ARRAY -> {
                DataType elements = DataTypes.NullType;
                for (JsonNode element : value) {
                    elements = merge(elements, type(element));
                }
                yield array(elements);
            }
            default -> DataTypes.NullType;
        };
    }

    /** The narrowest type that holds all digits. */
    private static DataType wholeNumber(JsonNode value) {
        if (value.canConvertToLong()) {
            return DataTypes.LongType;
        }
        int digits = value.bigIntegerValue().abs().toString().length();
        return digits <= DecimalType.MAX_PRECISION() ? LARGE : DataTypes.StringType;
    }

    /** The type that holds both; text where there is no other. */
    private static DataType merge(DataType a, DataType b) {
        if (a.equals(b) || b instanceof NullType || a.equals(MAP)) {
            return a;
        }
        if (a instanceof NullType || b.equals(MAP)) {
            return b;
        }
        if (isNumber(a) && isNumber(b)) {
            boolean fraction = a.equals(DataTypes.DoubleType) || b.equals(DataTypes.DoubleType);
            return fraction ? DataTypes.DoubleType : LARGE;
        }
        if (a instanceof ArrayType one && b instanceof ArrayType other) {
            return array(merge(one.elementType(), other.elementType()));
        }
        if (a instanceof StructType one && b instanceof StructType other) {
            Map<String, DataType> fields = new TreeMap<>();
            for (StructField field : one.fields()) {
                fields.put(field.name(), field.dataType());
            }
            for (StructField field : other.fields()) {
                fields.merge(field.name(), field.dataType(), JsonShapes::merge);
            }
            return limited(fields);
        }
        return DataTypes.StringType;
    }

    private static boolean isNumber(DataType type) {
        return type.equals(DataTypes.LongType) || type.equals(LARGE) || type.equals(DataTypes.DoubleType);
    }

    private static StructType struct(Map<String, DataType> fields) {
        return new StructType(fields.entrySet().stream()
                .map(field -> DataTypes.createStructField(field.getKey(), field.getValue(), true))
                .toArray(StructField[]::new));
    }

    private static DataType array(DataType elements) {
        return elements.equals(MAP) ? MAP : DataTypes.createArrayType(elements);
    }

    /** The struct, or a map where it and what it holds have too many keys. */
    private static DataType limited(Map<String, DataType> fields) {
        long keys = fields.values().stream().mapToLong(JsonShapes::keys).sum() + fields.size();
        return keys > MAX_KEYS || fields.containsValue(MAP) ? MAP : struct(fields);
    }

    private static long keys(DataType type) {
        if (type instanceof ArrayType array) {
            return keys(array.elementType());
        }
        return type instanceof StructType struct
                ? struct.size()
                        + Arrays.stream(struct.fields())
                                .mapToLong(field -> keys(field.dataType()))
                                .sum()
                : 0;
    }

    /** Text where only null was seen, and the JSON of maps. */
    private static DataType known(DataType type) {
        if (type instanceof NullType || type.equals(MAP)) {
            return DataTypes.StringType;
        }
        if (type instanceof ArrayType array) {
            return DataTypes.createArrayType(known(array.elementType()));
        }
        if (type instanceof StructType struct) {
            Map<String, DataType> fields = new TreeMap<>();
            for (StructField field : struct.fields()) {
                fields.put(field.name(), known(field.dataType()));
            }
            return struct(fields);
        }
        return type;
    }
}
