package dev.unroll.spark.rows;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.unroll.data.CanonicalRow;
import dev.unroll.data.InputException;
import dev.unroll.data.Labels;
import dev.unroll.nn.LearningTask;
import dev.unroll.nn.NetworkSpec;
import dev.unroll.spark.source.Fault;
import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.apache.spark.ml.linalg.SQLDataTypes;
import org.apache.spark.ml.linalg.Vectors;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import scala.jdk.javaapi.CollectionConverters;

/** Tables of column types and values, and what each becomes. The bytes are read here as {@link CanonicalRow} describes them. */
class RowParserTest {

    private static final DataType VECTOR = SQLDataTypes.VectorType();

    static RowSpec spec(LearningTask task, String label, String weight, String tokenizer) {
        return new RowSpec(task, "x", label, weight, tokenizer, 0, 0);
    }

    static StructType schema(DataType... types) {
        StructType schema = new StructType();
        for (int i = 0; i < types.length; i++) {
            schema = schema.add(List.of("x", "y", "w").get(i), types[i]);
        }
        return schema;
    }

    static ArrayType array(DataType element) {
        return DataTypes.createArrayType(element);
    }

    /** Arrays as Spark gives them. */
    static Object asSpark(Object value) {
        if (!(value instanceof List<?> list)) {
            return value;
        }
        List<Object> elements = new ArrayList<>();
        list.forEach(element -> elements.add(asSpark(element)));
        return CollectionConverters.asScala(elements).toSeq();
    }

    /** A row's bytes in words: steps, then labels or targets, then the weight where it is not 1. */
    private static String written(CanonicalRow row) {
        ByteBuffer in = ByteBuffer.wrap(row.bytes());
        StringBuilder text = new StringBuilder();
        switch (in.get()) {
            case 0 ->
                text(in).codePoints()
                        .forEach(c -> text.append(Character.toString(c)).append('|'));
            case 1 -> {
                for (int n = in.getInt(); n > 0; n--) {
                    text.append(text(in)).append('|');
                }
            }
            default -> text.append(numbers(in));
        }
        if (in.get() == 0) {
            labels(in, text);
        } else {
            text.append(" targets ").append(numbers(in));
        }
        float weight = in.getFloat();
        if (in.hasRemaining()) {
            text.append(" weights");
            for (int n = in.getInt(); n > 0; n--) {
                text.append(' ').append(in.getFloat());
            }
        }
        assertFalse(in.hasRemaining());
        return text.toString().replace('\0', '^') + (weight == 1 ? "" : " weight " + weight);
    }

    private static void labels(ByteBuffer in, StringBuilder text) {
        for (int n = in.getInt(); n > 0; n--) {
            byte kind = in.get();
            if (kind == 4) {
                text.append(" set [");
                labels(in, text);
                text.append(" ]");
                continue;
            }
            text.append(kind == 3 ? " no label" : " label ")
                    .append(kind == 0 ? '"' + text(in) + '"' : kind == 1 ? String.valueOf(in.getDouble()) : "");
        }
    }

    private static String text(ByteBuffer in) {
        byte[] utf8 = new byte[in.getInt()];
        in.get(utf8);
        return new String(utf8, StandardCharsets.UTF_8);
    }

    private static String numbers(ByteBuffer in) {
        int rows = in.getInt();
        int width = in.getInt();
        StringBuilder text = new StringBuilder();
        for (int row = 0; row < rows; row++) {
            List<Float> numbers = new ArrayList<>();
            for (int j = 0; j < width; j++) {
                numbers.add(in.getFloat());
            }
            text.append(numbers);
        }
        return text.toString();
    }

    /** What the parser makes of a row: its bytes in words, or the fault. */
    static String parsed(RowParser parser, Object... values) {
        try {
            List<CanonicalRow> rows = parser.parse(RowFactory.create(values));
            return String.join(" / ", rows.stream().map(RowParserTest::written).toList());
        } catch (Fault fault) {
            return fault.column() + ": " + fault.getMessage() + ", value " + fault.value();
        }
    }

    static Stream<Arguments> features() {
        DataType text = DataTypes.StringType;
        DataType numbers = array(DataTypes.DoubleType);
        DataType rows = array(array(DataTypes.DoubleType));
        return Stream.of(
                // type, tokenizer, value, what it becomes
                Arguments.of(text, "char", "aé😀", "a|é|😀|"),
                Arguments.of(text, "whitespace", " one  two\tthree\n", "one|two|three|"),
                Arguments.of(text, "char", " ", " |"),
                Arguments.of(array(text), "none", List.of("a", "b c", ""), "a|b c||"),
                Arguments.of(array(DataTypes.ByteType), "none", List.of((byte) 3, (byte) -1), "3|-1|"),
                Arguments.of(array(DataTypes.ShortType), "none", List.of((short) 300), "300|"),
                Arguments.of(array(DataTypes.IntegerType), "char", List.of(7, 0), "7|0|"),
                Arguments.of(array(DataTypes.LongType), "char", List.of(9007199254740993L), "9007199254740993|"),
                Arguments.of(array(DataTypes.FloatType), "char", List.of(0.5f, -2f), "[0.5][-2.0]"),
                Arguments.of(numbers, "char", List.of(0.25, 3.0), "[0.25][3.0]"),
                Arguments.of(
                        array(DataTypes.createDecimalType(4, 2)), "char", List.of(new BigDecimal("1.50")), "[1.5]"),
                Arguments.of(rows, "char", List.of(List.of(1.0, 2.0), List.of(3.0, 4.0)), "[1.0, 2.0][3.0, 4.0]"),
                Arguments.of(
                        array(array(DataTypes.IntegerType)), "char", List.of(List.of(1), List.of(2)), "[1.0][2.0]"),
                Arguments.of(
                        array(VECTOR),
                        "char",
                        List.of(Vectors.dense(1, 2), Vectors.sparse(2, new int[] {1}, new double[] {5})),
                        "[1.0, 2.0][0.0, 5.0]"),
                // what cannot be used
                Arguments.of(text, "char", null, "x: null, value null"),
                Arguments.of(text, "char", "", "x: empty sequence, value "),
                Arguments.of(text, "whitespace", " \t", "x: empty sequence, value  \t"),
                Arguments.of(array(text), "none", List.of(), "x: empty sequence, value []"),
                Arguments.of(
                        array(text), "none", Arrays.asList("a", null), "x: null inside the sequence, value [a, null]"),
                Arguments.of(numbers, "char", List.of(), "x: empty sequence, value []"),
                Arguments.of(
                        numbers, "char", Arrays.asList(1.0, null), "x: null inside the sequence, value [1.0, null]"),
                Arguments.of(numbers, "char", List.of(Double.NaN), "x: not a finite number, value [NaN]"),
                Arguments.of(numbers, "char", List.of(1e39), "x: not a finite number, value [1.0E39]"),
                Arguments.of(
                        array(VECTOR),
                        "char",
                        List.of(Vectors.dense(1, 2), Vectors.dense(1)),
                        "x: steps of changing width, value [[1.0,2.0], [1.0]]"),
                Arguments.of(
                        array(VECTOR),
                        "char",
                        Arrays.asList(Vectors.dense(1), null),
                        "x: null inside the sequence, value [[1.0], null]"),
                Arguments.of(
                        array(VECTOR),
                        "char",
                        List.of(Vectors.dense(new double[0])),
                        "x: steps of changing width, value [[]]"));
    }

    @ParameterizedTest
    @MethodSource("features")
    void features_becomeSteps(DataType type, String tokenizer, Object value, String expected) {
        RowParser parser = new RowParser(schema(type), spec(LearningTask.CLASSIFICATION, null, null, tokenizer), null);
        assertEquals(expected, parsed(parser, asSpark(value)));
        assertEquals(expected, parsed(parser, value), "as Java's lists");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "int | int",
                "map<string,int> | map<string,int>",
                "array<boolean> | array<boolean>",
                "array<array<string>> | array<array<string>>",
                "struct<a:int> | struct<a:int>"
            })
    void features_ofAnotherType_areRefused(String type, String shown) {
        StructType schema = StructType.fromDDL("x " + type);
        InputException refused = assertThrows(
                InputException.class,
                () -> new RowParser(schema, spec(LearningTask.CLASSIFICATION, null, null, "char"), null));
        assertEquals(
                "features-col x is of type " + shown
                        + "; allowed are string, array of string, of whole numbers, of numbers, of arrays of numbers, of vectors",
                refused.getMessage());
    }

    static Stream<Arguments> labels() {
        LearningTask one = LearningTask.CLASSIFICATION;
        LearningTask each = LearningTask.TAGGING;
        LearningTask number = LearningTask.REGRESSION;
        DataType text = DataTypes.StringType;
        DataType numbers = array(DataTypes.DoubleType);
        return Stream.of(
                // task, type, value, what two steps "ab" with it become
                Arguments.of(one, text, "x y", "a|b| label \"x y\""),
                Arguments.of(one, text, "", "a|b| label \"\""),
                Arguments.of(one, DataTypes.BooleanType, true, "a|b| label \"true\""),
                Arguments.of(one, DataTypes.IntegerType, 3, "a|b| label 3.0"),
                Arguments.of(one, DataTypes.DoubleType, -0.5, "a|b| label -0.5"),
                Arguments.of(each, array(text), List.of("N", "V"), "a|b| label \"N\" label \"V\""),
                Arguments.of(each, array(DataTypes.LongType), List.of(1L, 2L), "a|b| label 1.0 label 2.0"),
                Arguments.of(
                        each,
                        array(DataTypes.BooleanType),
                        List.of(true, false),
                        "a|b| label \"true\" label \"false\""),
                Arguments.of(number, DataTypes.DoubleType, 2.5, "a|b| targets [2.5]"),
                Arguments.of(number, text, " 2.5e1 ", "a|b| targets [25.0]"),
                Arguments.of(number, VECTOR, Vectors.dense(1, 2, 3), "a|b| targets [1.0, 2.0, 3.0]"),
                Arguments.of(number, numbers, List.of(1.0, 2.0), "a|b| targets [1.0][2.0]"),
                Arguments.of(
                        number,
                        array(numbers),
                        List.of(List.of(1.0, 2.0), List.of(3.0, 4.0)),
                        "a|b| targets [1.0, 2.0][3.0, 4.0]"),
                Arguments.of(
                        number, array(VECTOR), List.of(Vectors.dense(1), Vectors.dense(2)), "a|b| targets [1.0][2.0]"),
                // what cannot be used
                Arguments.of(one, text, null, "y: null, value null"),
                Arguments.of(one, DataTypes.DoubleType, Double.NaN, "y: not a finite number, value NaN"),
                Arguments.of(each, array(text), Arrays.asList("N", null), "a|b| label \"N\" no label"),
                Arguments.of(each, array(DataTypes.DoubleType), List.of(Double.NaN, 2.0), "a|b| no label label 2.0"),
                Arguments.of(each, array(text), Arrays.asList(null, null), "y: no label at all, value [null, null]"),
                Arguments.of(number, numbers, Arrays.asList(null, 1.0), "a|b| targets [NaN][1.0]"),
                Arguments.of(number, numbers, List.of(1.0, Double.NaN), "a|b| targets [1.0][NaN]"),
                Arguments.of(number, numbers, Arrays.asList(null, Double.NaN), "y: no label at all, value [null, NaN]"),
                Arguments.of(
                        number,
                        numbers,
                        List.of(1.0, Double.NEGATIVE_INFINITY),
                        "y: not a finite number, value -Infinity"),
                Arguments.of(
                        number,
                        array(numbers),
                        Arrays.asList(null, List.of(3.0, 4.0)),
                        "a|b| targets [NaN, NaN][3.0, 4.0]"),
                Arguments.of(
                        number,
                        array(numbers),
                        List.of(List.of(3.0, 4.0), Arrays.asList(null, Double.NaN)),
                        "a|b| targets [3.0, 4.0][NaN, NaN]"),
                Arguments.of(
                        number,
                        array(numbers),
                        List.of(List.of(3.0, 4.0), Arrays.asList(null, 1.0)),
                        "y: null in part of a target, value [null, 1.0]"),
                Arguments.of(
                        number, array(numbers), Arrays.asList(null, null), "y: no label at all, value [null, null]"),
                Arguments.of(number, VECTOR, Vectors.dense(1, Double.NaN), "y: not a finite number, value NaN"),
                Arguments.of(
                        each,
                        array(text),
                        List.of("N"),
                        "y: number of labels unlike the number of steps, value 1 for 2 steps"),
                Arguments.of(number, text, "0x10", "y: not a number, value 0x10"),
                Arguments.of(number, text, "1e39", "y: not a finite number, value 1e39"),
                Arguments.of(
                        number,
                        DataTypes.DoubleType,
                        Double.POSITIVE_INFINITY,
                        "y: not a finite number, value Infinity"),
                Arguments.of(
                        number,
                        numbers,
                        List.of(1.0),
                        "y: number of labels unlike the number of steps, value 1 for 2 steps"),
                Arguments.of(
                        number,
                        array(VECTOR),
                        List.of(Vectors.dense(1), Vectors.dense(2, 3)),
                        "y: targets of changing width, value [[1.0], [2.0,3.0]]"));
    }

    @ParameterizedTest
    @MethodSource("labels")
    void labels_becomeLabelsOrTargets(LearningTask task, DataType type, Object value, String expected) {
        RowParser parser = new RowParser(schema(DataTypes.StringType, type), spec(task, "y", null, "char"), null);
        assertEquals(expected, parsed(parser, "ab", asSpark(value)));
        assertEquals(expected, parsed(parser, "ab", value), "as Java's lists");
        assertEquals(type instanceof ArrayType, parser.everyStep());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "CLASSIFICATION | array<string> | classification allowed are string, boolean and numbers",
                "TAGGING | string | tagging allowed are array of string, of boolean and of numbers (one label per step)",
                "REGRESSION | boolean | regression allowed are a number, a vector, an array of numbers and an array of arrays of numbers",
            })
    void labels_ofAnotherType_areRefused(LearningTask task, String type, String said) {
        StructType schema = StructType.fromDDL("x string, y " + type);
        InputException refused =
                assertThrows(InputException.class, () -> new RowParser(schema, spec(task, "y", null, "char"), null));
        assertEquals("label-col y is of type " + type + "; for task " + said, refused.getMessage());
    }

    @Test
    void label_thatIsNotAllowed_isAFault() {
        StructType text = schema(DataTypes.StringType, DataTypes.StringType);
        RowSpec spec = spec(LearningTask.CLASSIFICATION, "y", null, "char");
        RowParser parser = new RowParser(text, spec, Labels.ofText(List.of("F", "M")));
        assertEquals("a| label \"F\"", parsed(parser, "a", "F"));
        assertEquals("y: label never seen in training, value f", parsed(parser, "a", "f"));
        StructType whole = schema(DataTypes.StringType, DataTypes.IntegerType);
        RowParser numbers = new RowParser(whole, spec, Labels.ofNumbers(List.of(1, 2)));
        assertEquals("a| label 2.0", parsed(numbers, "a", 2));
        assertEquals("y: label never seen in training, value 3.0", parsed(numbers, "a", 3));
    }

    @ParameterizedTest
    @CsvSource({
        "2, a| label \"l\" weight 2.0",
        "0.5, a| label \"l\" weight 0.5",
        "0, 'w: weight not above 0, value 0'",
        "-1, 'w: weight not above 0, value -1'",
        "x, 'w: not a number, value x'",
        ", 'w: null, value null'"
    })
    void weight_isANumberAboveZero(String weight, String expected) {
        DataType text = DataTypes.StringType;
        RowSpec spec = spec(LearningTask.CLASSIFICATION, "y", "w", "char");
        RowParser parser = new RowParser(schema(text, text, text), spec, null);
        assertEquals(expected, parsed(parser, "a", "l", weight));
    }

    @ParameterizedTest
    @CsvSource({
        // window, max-length, document, windows (the end mark is ^)
        "0, 0, abcd, ^|a|b|c|d|^|",
        "2, 0, abcd, ^|a|b| / b|c|d| / d|^|",
        "5, 0, abcd, ^|a|b|c|d|^|",
        "4, 0, abcd, ^|a|b|c|d| / d|^|",
        "2, 0, 😀é, ^|😀|é| / é|^|",
        "2, 2, abcd, ^|a|b| / b|c|d| / d|^|",
        "0, 4, abcd, 'x: longer than max-length 4, value abcd'",
        "3, 2, abcd, 'x: longer than max-length 2, value abcd'",
        "2, 0, '', 'x: empty sequence, value '"
    })
    void document_isCutIntoWindowsThatShareAToken(int window, int maxLength, String document, String expected) {
        LearningTask task = LearningTask.LANGUAGE_MODEL;
        RowSpec characters = new RowSpec(task, "x", null, null, "char", window, maxLength);
        assertEquals(expected, parsed(new RowParser(schema(DataTypes.StringType), characters, null), document));
        // Tokens are cut in the same way as characters.
        List<String> tokens =
                document.codePoints().mapToObj(Character::toString).toList();
        RowSpec elements = new RowSpec(task, "x", null, null, "none", window, maxLength);
        assertEquals(
                expected.replaceAll("value .*", ""),
                parsed(new RowParser(schema(array(DataTypes.StringType)), elements, null), asSpark(tokens))
                        .replaceAll("value .*", ""));
    }

    @Test
    void document_withAnEndMark_isAFault() {
        RowSpec spec = new RowSpec(LearningTask.LANGUAGE_MODEL, "x", null, null, "whitespace", 0, 0);
        RowParser words = new RowParser(schema(DataTypes.StringType), spec, null);
        assertEquals("^|a|b|^|", parsed(words, "a b"));
        assertEquals("x: contains the end mark U+0000, value a \0 b", parsed(words, "a \0 b"));
        RowSpec characters = new RowSpec(LearningTask.LANGUAGE_MODEL, "x", null, null, "char", 0, 0);
        assertEquals(
                "x: contains the end mark U+0000, value a\0",
                parsed(new RowParser(schema(DataTypes.StringType), characters, null), "a\0"));
    }

    @Test
    void sequence_longerThanMaxLength_isAFault() {
        RowSpec spec = new RowSpec(LearningTask.CLASSIFICATION, "x", null, null, "char", 0, 2);
        RowParser parser = new RowParser(schema(DataTypes.StringType), spec, null);
        assertEquals("😀|é|", parsed(parser, "😀é"));
        assertEquals("x: longer than max-length 2, value abc", parsed(parser, "abc"));
    }

    @Test
    void widths_otherThanTheModels_areFaults() {
        StructType schema = schema(array(VECTOR), VECTOR);
        RowSpec spec = spec(LearningTask.REGRESSION, "y", null, "char");
        RowParser parser = new RowParser(schema, spec, null).forInput(new NetworkSpec.Dense(2), 1);
        Object two = asSpark(List.of(Vectors.dense(1, 2)));
        assertEquals("[1.0, 2.0] targets [3.0]", parsed(parser, two, Vectors.dense(3)));
        assertEquals(
                "x: steps of another width, value [[1.0]]",
                parsed(parser, asSpark(List.of(Vectors.dense(1))), Vectors.dense(3)));
        assertEquals("y: targets of changing width, value [[3.0,4.0]]", parsed(parser, two, Vectors.dense(3, 4)));
        InputException refused = assertThrows(
                InputException.class, () -> new RowParser(schema, spec, null).forInput(new NetworkSpec.Tokens(10, 0)));
        assertEquals("features-col x gives numbers, and the model takes tokens", refused.getMessage());
    }

    @Test
    void column_thatIsMissing_isNamedWithThoseThereAre() {
        StructType schema = StructType.fromDDL("a string, b string");
        InputException refused = assertThrows(
                InputException.class,
                () -> new RowParser(schema, spec(LearningTask.CLASSIFICATION, "y", null, "char"), null));
        assertEquals("features-col is x, and there is no such column; there are a, b", refused.getMessage());
    }
}
