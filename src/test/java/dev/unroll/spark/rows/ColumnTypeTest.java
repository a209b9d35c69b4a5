package dev.unroll.spark.rows;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.apache.spark.ml.linalg.SQLDataTypes;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** The table of types is that of the page {@code docs/data.md}. */
class ColumnTypeTest {

    private static DataType type(String name) {
        return switch (name) {
            case "vector" -> SQLDataTypes.VectorType();
            case "array" -> DataTypes.createArrayType(DataTypes.LongType);
            case "map" -> DataTypes.createMapType(DataTypes.StringType, DataTypes.LongType);
            case "struct" -> new StructType().add("a", DataTypes.LongType);
            case "interval" -> DataTypes.CalendarIntervalType;
            default -> DataType.fromDDL(name);
        };
    }

    /** Rows of the page: a type, and what it says of label, token, number, time and key. */
    static Stream<Arguments> page() throws IOException {
        List<String> lines = Files.readAllLines(Path.of("docs/data.md"));
        int header = lines.indexOf("| type | label | token | number | time | key |");
        assertTrue(header > 0);
        return lines.subList(header + 2, lines.size()).stream()
                .takeWhile(line -> line.startsWith("|"))
                .flatMap(line -> {
                    List<String> cells = Arrays.stream(line.split("\\|", -1))
                            .map(String::strip)
                            .toList();
                    return Arrays.stream(cells.get(1).split(", ")).map(name -> Arguments.of(name, cells.subList(2, 7)));
                });
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("page")
    void everyTypeOfThePage_isWhatThePageSays(String name, List<String> said) {
        ColumnType is = ColumnType.of(type(name));
        if (is == ColumnType.VECTOR || is == ColumnType.ARRAY) {
            assertFalse(is.isLabel() || is.isToken() || is.isNumber() || is.isTime() || is.isKey());
            return; // of their elements
        }
        List<Boolean> uses = List.of(is.isLabel(), is.isToken(), is.isNumber(), is.isTime(), is.isKey());
        assertEquals(said.stream().map(cell -> !cell.isEmpty()).toList(), uses);
    }

    @Test
    void pageHasEveryRowOfTheTable() throws IOException {
        List<ColumnType> named = page().map(row -> ColumnType.of(type((String) row.get()[0])))
                .distinct()
                .toList();
        assertEquals(ColumnType.values().length, named.size(), named.toString());
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource({
        "'decimal(20,0)', WHOLE_NUMBER",
        "'decimal(20,1)', NUMBER",
        "'decimal(38,38)', NUMBER",
        "bigint, WHOLE_NUMBER",
        "'interval year to month', OTHER",
        "'interval day to second', OTHER",
        "'string collate UTF8_LCASE', TEXT",
        "'array<struct<a:int>>', ARRAY",
        "'struct<x:int>', OTHER",
        "'map<int,int>', OTHER",
        "variant, OTHER",
        "timestamp_ltz, TIMESTAMP"
    })
    void parameters_decide(String ddl, ColumnType expected) {
        assertEquals(expected, ColumnType.of(DataType.fromDDL(ddl)));
    }
}
