package dev.unroll.spark.source;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Lines that are JSON by its grammar, and that nothing can be made of. */
class JsonLinesTest {

    private static String fault(String line) {
        return assertThrows(Fault.class, () -> JsonLines.object(line)).getMessage();
    }

    // Jackson says it by a NumberFormatException, which ended the command with Java's stack.
    @ParameterizedTest
    @ValueSource(strings = {"{\"a\":1e12345678901}", "{\"a\":1e3000000000}", "{\"a\":[{\"b\":0E-12345678901}]}"})
    void exponentOutOfRange_isAFault(String line) {
        assertEquals("malformed line: a number of too many digits", fault(line));
    }

    // The column had "?" in its name, and no values.
    @ParameterizedTest
    @ValueSource(strings = {"{\"a\\ud800\":1}", "{\"a\":[{\"\\udc00\\ud800\":1}]}"})
    void keyWithHalfACharacter_isAFault(String line) {
        assertEquals("malformed line: a key that is not valid Unicode", fault(line));
    }

    @Test
    void keyWithAWholeCharacter_isAKey() throws Fault {
        assertEquals(
                1,
                JsonLines.object("{\"\\ud83d\\ude00\":1}").get("\ud83d\ude00").intValue());
    }
}
