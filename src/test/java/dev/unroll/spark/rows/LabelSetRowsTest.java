package dev.unroll.spark.rows;

import static dev.unroll.spark.rows.RowParserTest.array;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.unroll.data.Labels;
import dev.unroll.nn.LearningTask;
import dev.unroll.nn.MultiLabelLoss;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Labels that come in sets, read from a column. */
class LabelSetRowsTest {

    static Stream<Arguments> labelSets() {
        DataType text = DataTypes.StringType;
        LearningTask one = LearningTask.CLASSIFICATION;
        LearningTask each = LearningTask.TAGGING;
        return Stream.of(
                Arguments.of(one, array(text), List.of("b", "a", "b"), "a|b| set [ label \"a\" label \"b\" ]"),
                Arguments.of(one, array(text), List.of(), "a|b| set [ ]"),
                Arguments.of(one, array(DataTypes.IntegerType), List.of(10, 9), "a|b| set [ label 9.0 label 10.0 ]"),
                Arguments.of(one, array(DataTypes.BooleanType), List.of(true), "a|b| set [ label \"true\" ]"),
                Arguments.of(
                        one, array(text), Arrays.asList("a", null), "y: null in a set of labels, value List(a, null)"),
                Arguments.of(one, array(text), null, "y: null, value null"),
                Arguments.of(
                        one, array(DataTypes.DoubleType), List.of(Double.NaN), "y: not a finite number, value NaN"),
                Arguments.of(
                        each,
                        array(array(text)),
                        Arrays.asList(List.of("n"), null),
                        "a|b| set [ label \"n\" ] no label"),
                Arguments.of(
                        each, array(array(text)), List.of(List.of(), List.of("n")), "a|b| set [ ] set [ label \"n\" ]"),
                Arguments.of(
                        each, array(array(text)), Arrays.asList(null, null), "y: no label at all, value [null, null]"),
                Arguments.of(
                        each,
                        array(array(text)),
                        List.of(List.of("n")),
                        "y: number of labels unlike the number of steps, value 1 for 2 steps"));
    }

    @ParameterizedTest
    @MethodSource("labelSets")
    void labelSets_areSorted_eachLabelOnce(LearningTask task, DataType type, Object value, String expected) {
        RowSpec spec = RowParserTest.spec(task, "y", null, "char").withLoss(new MultiLabelLoss());
        RowParser parser = new RowParser(RowParserTest.schema(DataTypes.StringType, type), spec, null);
        assertEquals(expected, RowParserTest.parsed(parser, "ab", RowParserTest.asSpark(value)));
    }

    @Test
    void labelOfASet_thatIsNotAllowed_isAFault() {
        RowSpec spec = RowParserTest.spec(LearningTask.CLASSIFICATION, "y", null, "char")
                .withLoss(new MultiLabelLoss());
        RowParser parser = new RowParser(
                RowParserTest.schema(DataTypes.StringType, array(DataTypes.StringType)),
                spec,
                Labels.ofText(List.of("F", "M")));
        assertEquals(
                "y: label never seen in training, value f",
                RowParserTest.parsed(parser, "a", RowParserTest.asSpark(List.of("F", "f"))));
    }
}
