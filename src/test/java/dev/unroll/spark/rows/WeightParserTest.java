package dev.unroll.spark.rows;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.unroll.data.InputException;
import dev.unroll.nn.LearningTask;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Weights of steps: what rows they become, and which are refused; {@link RowParserTest} has those of whole rows. */
class WeightParserTest {

    static Stream<Arguments> stepWeights() {
        return Stream.of(
                Arguments.of(List.of(0.5, 2.0), "a|b| targets [1.0][NaN] weights 0.5 2.0"),
                Arguments.of(List.of(1.0, 1.0), "a|b| targets [1.0][NaN]"),
                Arguments.of(List.of(3.0, -0.0), "a|b| targets [1.0][NaN] weights 3.0 0.0"),
                Arguments.of(List.of(-1.0, 1.0), "w: weight below 0, value -1.0"),
                Arguments.of(List.of(0.0, 0.0), "w: weight 0 at every label, value [0.0, 0.0]"),
                Arguments.of(List.of(0.0, 1.0), "w: weight 0 at every label, value [0.0, 1.0]"),
                Arguments.of(Arrays.asList(1.0, null), "w: null, value null"),
                Arguments.of(null, "w: null, value null"),
                Arguments.of(List.of(1.0, Double.NaN), "w: not a finite number, value NaN"),
                Arguments.of(List.of(1.0), "w: number of weights unlike the number of steps, value 1 for 2 steps"));
    }

    /** The second step has no target. */
    @ParameterizedTest
    @MethodSource("stepWeights")
    void weights_anArray_areThoseOfSteps(List<Double> weights, String expected) {
        DataType numbers = RowParserTest.array(DataTypes.DoubleType);
        RowSpec spec = RowParserTest.spec(LearningTask.REGRESSION, "y", "w", "char");
        RowParser parser = new RowParser(RowParserTest.schema(DataTypes.StringType, numbers, numbers), spec, null);
        assertEquals(expected, RowParserTest.parsed(parser, "ab", Arrays.asList(1.0, null), weights));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "CLASSIFICATION | string | array<double> | weight-col w is an array, a weight for every step,"
                        + " and label-col y has one label for a row; allowed is a number",
                "REGRESSION | double | array<int> | weight-col w is an array, a weight for every step, and label-col y"
                        + " has one label for a row; allowed is a number",
                "LANGUAGE_MODEL | string | array<int> | weight-col w is an array, a weight for every step, and task"
                        + " language-model has no labels for steps; allowed is a number",
                "TAGGING | array<string> | array<string> | weight-col w is of type array<string>; allowed are numbers,"
                        + " also as text, and an array of numbers (one weight per step)",
            })
    void weights_ofAnotherType_areRefused(LearningTask task, String label, String weight, String said) {
        StructType schema = StructType.fromDDL("x string, y " + label + ", w " + weight);
        InputException refused = assertThrows(
                InputException.class, () -> new RowParser(schema, RowParserTest.spec(task, "y", "w", "char"), null));
        assertEquals(said, refused.getMessage());
    }
}
