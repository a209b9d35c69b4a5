package dev.unroll.spark.rows;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unroll.data.CanonicalRow;
import dev.unroll.data.InputException;
import dev.unroll.data.RowColumns;
import dev.unroll.data.RowOutcome;
import dev.unroll.nn.LearningTask;
import dev.unroll.spark.source.Fault;
import java.util.Arrays;
import java.util.List;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Columns of rows, as arrays and as structs, and what each becomes or why it cannot be used. */
class ColumnsParserTest {

    private static final StructType ARRAYS = new StructType()
            .add("town", DataTypes.StringType)
            .add("price", array(DataTypes.DoubleType))
            .add("page", array(DataTypes.StringType))
            .add("kind", array(DataTypes.LongType))
            .add("y", DataTypes.StringType)
            .add("size", DataTypes.FloatType)
            .add("text", DataTypes.StringType)
            .add("words", array(DataTypes.StringType))
            .add("when", DataTypes.DateType);

    private static DataType array(DataType element) {
        return DataTypes.createArrayType(element);
    }

    private static InputColumns inputs(boolean masked, boolean leveled) {
        return InputColumns.of(
                List.of("price"), List.of("page:3", "kind"), List.of("size"), List.of("town"), masked, leveled);
    }

    private static RowSpec spec(InputColumns inputs) {
        return new RowSpec(LearningTask.CLASSIFICATION, "x", "y", null, "char", 0, 4).withInputs(inputs);
    }

    private static String parsed(RowParser parser, Object... values) {
        try {
            return parser.parse(RowFactory.create(values)).get(0).toString();
        } catch (Fault fault) {
            return fault.column() + ": " + fault.getMessage() + ": " + fault.value();
        }
    }

    @Test
    void arraysAndStructs_giveTheSameRow() throws Fault {
        CanonicalRow expected = CanonicalRow.ofColumns(
                new RowColumns(
                        new double[] {1.5, 2},
                        1,
                        List.of(List.of("a", "b"), List.of("7", "-1")),
                        new double[] {0.25},
                        List.of("Bern")),
                RowOutcome.labels(List.of("yes")),
                1f);
        RowParser arrays = new RowParser(ARRAYS, spec(inputs(false, false)), null);
        assertEquals(List.of("price", "page", "kind", "size", "town", "y"), arrays.columns());
        Row row = RowFactory.create(List.of(1.5, 2.0), List.of("a", "b"), List.of(7L, -1L), 0.25f, "Bern", "yes");
        assertEquals(List.of(expected), arrays.parse(row));

        StructType step = new StructType()
                .add("kind", DataTypes.LongType)
                .add("other", DataTypes.BinaryType)
                .add("price", DataTypes.DoubleType)
                .add("page", DataTypes.StringType);
        StructType structs = new StructType()
                .add("size", DataTypes.StringType)
                .add("town", DataTypes.StringType)
                .add("y", DataTypes.StringType)
                .add("x", array(step));
        RowParser parser = new RowParser(structs, spec(inputs(false, false)), null);
        assertEquals(List.of("x", "size", "town", "y"), parser.columns());
        List<Row> steps = List.of(RowFactory.create(7L, null, 1.5, "a"), RowFactory.create(-1L, null, 2.0, "b"));
        assertEquals(List.of(expected), parser.parse(RowFactory.create(steps, " 0.25 ", "Bern", "yes")));
        assertEquals(
                "x: null inside the sequence",
                parsed(parser, Arrays.asList(steps.get(0), null), "1", "Bern", "yes")
                        .substring(0, 27));
        assertEquals("x: null: null", parsed(parser, null, "1", "Bern", "yes"));
        assertEquals("x: empty sequence: []", parsed(parser, List.of(), "1", "Bern", "yes"));
    }

    private static StructType withStructs(String... fields) {
        StructType step = new StructType();
        for (String field : fields) {
            step = step.add(field, field.equals("price") ? DataTypes.DoubleType : DataTypes.StringType);
        }
        return ARRAYS.add("x", array(step));
    }

    /** A column of structs that has another use, though it is named as features are. */
    @Test
    void structsOfOtherFields_leaveColumnsToTheTable() {
        InputColumns inputs = inputs(false, false);
        for (StructType schema : List.of(withStructs("other"), withStructs("price", "other"))) {
            RowParser parser = new RowParser(schema, spec(inputs), null);
            assertEquals(List.of("price", "page", "kind", "size", "town", "y"), parser.columns());
            InputException refused =
                    assertThrows(InputException.class, () -> spec(inputs).requireFeatures(schema, true));
            assertEquals(
                    "features-col is x, whose structs lack some of them, and steps are made of other columns,"
                            + " numeric-cols, categorical-cols, static-numeric-cols, static-categorical-cols; allowed"
                            + " is one of the two",
                    refused.getMessage());
        }
        // A value of the whole sequence is no column of steps: the structs alone have all of them.
        InputColumns ofStructs = InputColumns.of(List.of("price"), List.of("town"), List.of(), List.of(), false, false);
        RowParser structs = new RowParser(withStructs("price", "town"), spec(ofStructs), null);
        assertEquals(List.of("x", "y"), structs.columns());
        InputColumns gone = InputColumns.of(List.of("gone"), List.of("town"), List.of(), List.of(), false, false);
        InputException unknown =
                assertThrows(InputException.class, () -> new RowParser(withStructs("price", "town"), spec(gone), null));
        assertEquals(
                "numeric-cols has gone, and there is no such field of features-col x; there are price, town",
                unknown.getMessage());
    }

    @Test
    void columnsThatAreArraysAndFields_areRefused() {
        InputException refused = assertThrows(
                InputException.class,
                () -> new RowParser(withStructs("kind", "price", "page"), spec(inputs(false, false)), null));
        assertEquals(
                "features-col x has structs with price, page, kind, and the table has arrays of the same names; allowed"
                        + " is one of the two, so drop or rename the other",
                refused.getMessage());
    }

    @Test
    void aRowThatCannotBeUsed_isAFault() {
        RowParser parser = new RowParser(ARRAYS, spec(inputs(false, false)), null);
        List<Double> two = List.of(1.0, 2.0);
        List<String> pages = List.of("a", "b");
        List<Long> kinds = List.of(1L, 2L);
        assertEquals(
                "page: number of steps unlike that of another column: 1, and price has 2",
                parsed(parser, two, List.of("a"), kinds, 1f, "t", "y"));
        assertEquals("page: null: null", parsed(parser, two, null, kinds, 1f, "t", "y"));
        assertEquals(
                "price: null inside the sequence: [1.0, null]",
                parsed(parser, Arrays.asList(1.0, null), pages, kinds, 1f, "t", "y"));
        assertEquals(
                "price: not a finite number: [1.0, NaN]",
                parsed(parser, List.of(1.0, Double.NaN), pages, kinds, 1f, "t", "y"));
        assertEquals(
                "kind: null inside the sequence: [1, null]",
                parsed(parser, two, pages, Arrays.asList(1L, null), 1f, "t", "y"));
        assertEquals("size: null: null", parsed(parser, two, pages, kinds, null, "t", "y"));
        assertEquals("size: not a finite number: NaN", parsed(parser, two, pages, kinds, Float.NaN, "t", "y"));
        assertEquals("town: null: null", parsed(parser, two, pages, kinds, 1f, null, "y"));
        assertEquals("price: empty sequence: []", parsed(parser, List.of(), List.of(), List.of(), 1f, "t", "y"));
        assertEquals(
                "price: longer than max-length 4: [1.0, 1.0, 1.0, 1.0, 1.0]",
                parsed(
                        parser,
                        List.of(1.0, 1.0, 1.0, 1.0, 1.0),
                        List.of("a", "a", "a", "a", "a"),
                        List.of(1L, 1L, 1L, 1L, 1L),
                        1f,
                        "t",
                        "y"));
    }

    @Test
    void missingMask_marksWhatIsMissing() throws Fault {
        CanonicalRow expected = CanonicalRow.ofColumns(
                new RowColumns(
                        new double[] {Double.NaN, Double.NaN},
                        1,
                        List.of(Arrays.asList("a", null), Arrays.asList(null, "2")),
                        new double[] {Double.NaN},
                        Arrays.asList((String) null)),
                RowOutcome.labels(List.of("yes")),
                1f);
        RowParser parser = new RowParser(ARRAYS, spec(inputs(true, false)), null);
        Object[] row = {
            Arrays.asList(null, Double.NaN), Arrays.asList("a", null), Arrays.asList(null, 2L), Float.NaN, null, "yes"
        };
        assertEquals(List.of(expected), parser.parse(RowFactory.create(row)));
        row[3] = null;
        assertEquals(List.of(expected), parser.parse(RowFactory.create(row)));
        assertEquals(
                "price: not a finite number: [null, Infinity]",
                parsed(parser, Arrays.asList(null, Double.POSITIVE_INFINITY), row[1], row[2], 1f, "t", "y"));
        RowParser leveled = new RowParser(ARRAYS, spec(inputs(true, true)), null);
        assertEquals("price: no number at any step, to scale the window by: [null, NaN]", parsed(leveled, row));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            nullValues = "-",
            value = {
                "town | - | - | - | numeric-cols has town of type string; allowed is an array of numbers",
                "page | - | - | - | numeric-cols has page of type array<string>; allowed is an array of numbers",
                "- | price | - | - | categorical-cols has price of type array<double>; allowed is an array of strings, of",
                "- | town | - | - | categorical-cols has town of type string; allowed is an array of strings, of booleans",
                "price | - | kind | - | static-numeric-cols has kind of type array<bigint>; allowed is numbers, also as text",
                "price | - | when | - | static-numeric-cols has when of type date; allowed is numbers, also as text",
                "price | - | - | size | static-categorical-cols has size of type float; allowed is strings, booleans and",
                "gone | - | - | - | numeric-cols has gone, and there is no such column; there are town, price, page",
                "price | - | - | gone | static-categorical-cols has gone, and there is no such column; there are town",
            })
    void columnsThatCannotBeUsed_areRefused(
            String numbers, String categories, String staticNumbers, String statics, String why) {
        InputColumns inputs =
                InputColumns.of(list(numbers), list(categories), list(staticNumbers), list(statics), false, false);
        InputException refused = assertThrows(InputException.class, () -> new RowParser(ARRAYS, spec(inputs), null));
        assertTrue(refused.getMessage().startsWith(why), refused.getMessage());
    }

    private static List<String> list(String name) {
        return name == null ? List.of() : List.of(name);
    }

    @Test
    void aModelsColumns_areNamedWhereOneIsMissing() {
        RowSpec model = spec(inputs(false, false)).withSteps(false).unlabelled();
        InputException refused = assertThrows(
                InputException.class,
                () -> new RowParser(new StructType().add("page", array(DataTypes.StringType)), model, null));
        assertEquals(
                "the model reads columns price, page, kind, size, town, and there is no price; there are page",
                refused.getMessage());
    }

    @Test
    void widths_areThoseAfterTheLastColon() {
        InputColumns inputs = InputColumns.of(
                List.of("a:8"), List.of("page", "b:8:16", "c:d"), List.of(), List.of("e:50"), false, false);
        assertEquals(List.of("a:8"), inputs.numbers());
        assertEquals(
                List.of(
                        new InputColumns.Category("page", 0),
                        new InputColumns.Category("b:8", 16),
                        new InputColumns.Category("c:d", 0)),
                inputs.categories());
        assertEquals(List.of(new InputColumns.Category("e", 50)), inputs.staticCategories());
    }
}
