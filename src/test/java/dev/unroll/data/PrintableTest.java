package dev.unroll.data;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PrintableTest {

    @ParameterizedTest
    @ValueSource(
            ints = {
                0, 7, 8, 9, 10, 13, 27, 0x7F, 0x85, 0x9B, 0x9D, 0xAD, 0x200B, 0x200E, 0x2028, 0x2029, 0x202E, 0x2066,
                0xFEFF, 0xD800, 0xDC00, 0xE0041
            })
    void hiddenCharacters_areEscaped(int c) {
        String text = "a" + Character.toString(c) + "b";
        assertEquals(String.format("a\\u%04Xb", c), Printable.of(text));
        assertEquals(Printable.of(text), Printable.of(Printable.of(text)));
    }

    @ParameterizedTest(name = "[{index}]")
    @ValueSource(strings = {"", "plain", "größe", "名前", "\uD83D\uDE00", "a\\nb", "e\u0301", "\u00A0"})
    void others_stayAsTheyAre(String text) {
        assertEquals(text, Printable.of(text));
    }

    @ParameterizedTest
    @CsvSource({"abc, 3, abc", "abcd, 3, abc...", "\uD83D\uDE00\uD83D\uDE01, 1, \uD83D\uDE00...", "'', 0, ''"})
    void longTexts_areCut(String text, int most, String expected) {
        assertEquals(expected, Printable.of(text, most));
    }

    /** Random text of all kinds of characters: a sentence is short, whole characters only, and shows its end. */
    @Test
    void sentences_areShortAndVisible() {
        Random random = new Random(5);
        for (int n = 0; n < 2000; n++) {
            StringBuilder text = new StringBuilder();
            int length = random.nextInt(n % 10 == 0 ? 3000 : 500);
            while (text.length() < length) {
                int c = random.nextInt(4) == 0 ? random.nextInt(0x11000) : random.nextInt(0x250);
                text.append(random.nextInt(9) == 0 ? Character.toString(0x1F600 + c % 50) : Character.toString(c));
            }
            String sentence = Printable.sentence(text + "; do this", 392);
            assertTrue(sentence.length() <= 392, sentence);
            assertTrue(sentence.endsWith("; do this"), sentence);
            assertTrue(sentence.codePoints().noneMatch(Printable::isHidden), sentence);
        }
    }
}
