package dev.unroll.cli.frame;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Values of keys are read, and refused, in one place: with key, value and what is allowed. */
class SettingsTest {

    private static final List<Option> OPTIONS = List.of(
            Option.text("name", "a name"),
            Option.oneOf("kind", List.of("red", "green", "blue"), "a colour").orElse("green"),
            Option.flag("loud", "its words begin with none that mean anything"),
            Option.whole("count", 1, "how many").orElse(5),
            Option.whole("share", 10, 20, "so many").orElseAs("what there is"),
            Option.whole("seed", Long.MIN_VALUE, Long.MAX_VALUE, "any"),
            Option.number("heat", 0, "how hot").orElse(1),
            Option.pairs("read-option", "pairs"));

    private static Settings of(String... keysAndValues) {
        Map<String, String> given = new java.util.HashMap<>();
        for (int i = 0; i < keysAndValues.length; i += 2) {
            given.put(keysAndValues[i], keysAndValues[i + 1]);
        }
        return Settings.of(OPTIONS, List.of(), given, null);
    }

    @Test
    void whatIsNotGiven_hasTheDefaultOfItsKey() {
        Settings none = of();
        assertEquals(Optional.empty(), none.get("name"));
        assertEquals("green", none.require("kind"));
        assertFalse(none.flag("loud"));
        assertEquals(5, none.integer("count"));
        assertEquals(Optional.empty(), none.get("share"), "words are no value");
        assertEquals(1.0, none.number("heat"));
        assertEquals(Map.of(), none.pairs("read-option"));
        assertFalse(none.has("kind"), "a default is not given");
        assertEquals(
                "key name is missing",
                assertThrows(UsageException.class, () -> none.require("name")).getMessage());
    }

    @Test
    void otherDefaults_giveWayToWhatIsGiven() {
        Map<String, String> defaults = Map.of("kind", "red", "count", "7");
        Settings settings = of("count", "3").withDefaults(defaults);
        assertEquals("red", settings.require("kind"));
        assertEquals(3, settings.integer("count"));
    }

    @Test
    void whatIsGiven_isRead() {
        Settings settings = of("loud", "true", "count", "2147483647", "seed", "-3", "heat", "0.5");
        assertTrue(settings.flag("loud"));
        assertEquals(2147483647, settings.integer("count"));
        assertEquals(-3, settings.whole("seed"));
        assertEquals(0.5, settings.number("heat"));
        String pairs = "sep=;" + Option.SEPARATOR + "quote=a=b";
        assertEquals(
                Map.of("sep", ";", "quote", "a=b"), of("read-option", pairs).pairs("read-option"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "kind | rot | kind is rot; allowed are red, green and blue",
                "loud | yes | loud is yes; allowed is true or false",
                "count | 0 | count is 0; allowed is a whole number, at least 1",
                "count | many | count is many; allowed is a whole number, at least 1",
                "count | 2147483648 | count is 2147483648; allowed is a whole number, at most 2147483647",
                "share | 9 | share is 9; allowed is a whole number, from 10 to 20",
                "share | 21 | share is 21; allowed is a whole number, at most 20",
                "seed | 1.5 | seed is 1.5; allowed is a whole number",
                "heat | -1 | heat is -1; allowed is a number, at least 0",
                "heat | NaN | heat is NaN; allowed is a number, at least 0",
                "heat | Infinity | heat is Infinity; allowed is a number, at least 0",
                "read-option | sep | read-option is sep; allowed is key=value",
            })
    void whatIsNotAllowed_isRefusedBeforeAnythingIsDone(String key, String value, String said) {
        assertEquals(
                said, assertThrows(UsageException.class, () -> of(key, value)).getMessage());
    }

    @Test
    void help_hasDefaultAndWhatIsAllowedBesideTheDescription() {
        assertEquals("a name", OPTIONS.get(0).help());
        assertEquals(
                "a colour (default green; allowed: red, green and blue)",
                OPTIONS.get(1).help());
        assertEquals("how many (default 5; allowed: at least 1)", OPTIONS.get(3).help());
        assertEquals(
                "so many (default what there is; allowed: from 10 to 20)",
                OPTIONS.get(4).help());
    }
}
