package dev.unroll.param;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class KeyedTest {

    private enum Colour implements Keyed {
        RED,
        LIGHT_BLUE {}, // of a class of its own
        GREEN
    }

    @Test
    void keys_areNamesInLowerCase() {
        assertEquals(List.of("red", "light-blue", "green"), Keyed.keys(Colour.class));
        assertSame(Colour.LIGHT_BLUE, Keyed.of(Colour.class, "colour", "light-blue"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "RED", "light_blue", "blue", " red"})
    void unknownKey_isRefusedWithWhatIsAllowed(String key) {
        assertEquals(
                "colour is " + key + "; allowed are red, light-blue and green",
                assertThrows(IllegalArgumentException.class, () -> Keyed.of(Colour.class, "colour", key))
                        .getMessage());
    }

    @Test
    void list_isAsInASentence() {
        assertEquals("", Keyed.list(List.of()));
        assertEquals("a", Keyed.list(List.of("a")));
        assertEquals("a and b", Keyed.list(List.of("a", "b")));
        assertEquals("a, b and c", Keyed.list(List.of("a", "b", "c")));
    }
}
