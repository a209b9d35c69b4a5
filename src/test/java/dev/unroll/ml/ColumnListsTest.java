package dev.unroll.ml;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Lists of column names as text: commas between them, and double quotes around a name that has one. */
class ColumnListsTest {

    private static final ParamDocs.Key KEY_COLS =
            ParamDocs.of(new SlidingWindows()).get("key-cols");

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "a | a",
                "a,b | a;b",
                " a , b ,| a;b",
                "`` | ``",
                "\"sales, net\" | sales, net",
                "\"sales, net\",price | sales, net;price",
                "price , \"a,b\" , \"c,d\" | price;a,b;c,d",
                "\"say \"\"so\"\", then\" | say \"so\", then",
                "\" a \",b | ' a ';b",
                "6\" pipe,b | 6\" pipe;b",
                "a.b,c d,`e` | a.b;c d;`e`",
                "größe,日本 | größe;日本",
            })
    void list_isOfTheNamesThatItWrites(String text, String names) {
        String[] expected = names == null || names.isEmpty() ? new String[0] : names.split(";");
        for (int i = 0; i < expected.length; i++) {
            expected[i] = expected[i].replaceAll("^'|'$", "");
        }
        assertArrayEquals(expected, (String[]) KEY_COLS.parse(text == null ? "" : text));
        assertArrayEquals(expected, (String[]) KEY_COLS.parse(ParamDocs.text(expected)), "and back");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {"\"a", "a,\"b", "\"a\"b,c", "\"a\" \"b\""})
    void quoteThatIsNotClosed_isRefused(String text) {
        String said = assertThrows(IllegalArgumentException.class, () -> KEY_COLS.parse(text))
                .getMessage();
        assertTrue(said.startsWith("key-cols is " + text + "; allowed is column names"), said);
        assertEquals(1, said.lines().count());
    }
}
