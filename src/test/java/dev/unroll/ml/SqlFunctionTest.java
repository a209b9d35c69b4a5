package dev.unroll.ml;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.math.BigDecimal;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import scala.jdk.javaapi.CollectionConverters;

/** SQL says no types, so they are those of the values. */
class SqlFunctionTest {

    static Stream<Arguments> values() {
        return Stream.of(
                Arguments.of("a", "string"),
                Arguments.of(1, "bigint"),
                Arguments.of(1.5f, "double"),
                Arguments.of(new BigDecimal("1.50"), "decimal(38,2)"),
                Arguments.of(List.of(), "array<string>"),
                Arguments.of(Arrays.asList(null, 1L), "array<bigint>"),
                Arguments.of(List.of("a"), "array<string>"),
                Arguments.of(List.of(List.of()), "array<array<string>>"),
                Arguments.of(List.of(List.of(), List.of(1.0)), "array<array<double>>"),
                Arguments.of(Arrays.asList(null, List.of(), List.of(1.0)), "array<array<double>>"),
                Arguments.of(List.of(Arrays.asList((Object) null), List.of(1.0)), "array<array<double>>"),
                Arguments.of(List.of(List.of(2.0), List.of()), "array<array<double>>"),
                Arguments.of(List.of(List.of(), Arrays.asList((Object) null)), "array<array<string>>"));
    }

    @ParameterizedTest
    @MethodSource("values")
    void type_isThatOfTheFirstValueThatShowsIt(Object value, String type) {
        assertEquals(type, SqlFunction.type(scala(value)).simpleString());
    }

    private static Object scala(Object value) {
        return value instanceof List<?> list
                ? CollectionConverters.asScala(
                                list.stream().map(SqlFunctionTest::scala).toList())
                        .toSeq()
                : value;
    }
}
