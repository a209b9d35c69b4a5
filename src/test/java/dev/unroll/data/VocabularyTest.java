package dev.unroll.data;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class VocabularyTest {

    private static final String EMOJI = "\uD83D\uDE00"; // U+1F600
    private static final String WIDE_A =
            "\uFF21"; // above the surrogates as UTF-16 units, below U+1F600 as a code point

    @Test
    void ids_descendByFrequency_thenAscendByCodePoint() {
        Map<String, Long> counts = new LinkedHashMap<>();
        counts.put("b", 2L);
        counts.put(EMOJI, 2L);
        counts.put("rare", 1L);
        counts.put(WIDE_A, 2L);
        counts.put("z", 9L);
        Vocabulary vocabulary = Vocabulary.of(counts);
        assertEquals(List.of("z", "b", WIDE_A, EMOJI, "rare"), vocabulary.tokens());
        assertEquals(6, vocabulary.size());
        assertEquals(1, vocabulary.id("z"));
        assertEquals(4, vocabulary.id(EMOJI));
        assertEquals(EMOJI, vocabulary.token(4));
    }

    @Test
    void unknownToken_hasTheReservedId() {
        Vocabulary vocabulary = Vocabulary.of(Map.of("a", 1L));
        assertEquals(Vocabulary.UNKNOWN, vocabulary.id("b"));
        assertEquals(Vocabulary.UNKNOWN, vocabulary.id(""));
        assertEquals("\uFFFD", vocabulary.token(Vocabulary.UNKNOWN));
    }

    @Test
    void limits_keepTheMostFrequent() {
        Map<String, Long> counts = Map.of("a", 5L, "b", 4L, "c", 4L, "d", 1L);
        assertEquals(List.of("a", "b"), Vocabulary.of(counts, 3, 1).tokens());
        assertEquals(List.of("a", "b", "c"), Vocabulary.of(counts, 100, 2).tokens());
        assertEquals(1, Vocabulary.of(counts, 1, 1).size());
        assertEquals(1, Vocabulary.of(Map.of()).size());
    }

    @Test
    void tokens_giveTheSameVocabularyBack() {
        Vocabulary vocabulary = Vocabulary.of(Map.of("x", 3L, EMOJI, 2L, "", 1L));
        assertEquals(vocabulary, Vocabulary.ofTokens(vocabulary.tokens()));
        assertEquals(3, vocabulary.id(""));
    }

    @Test
    void badTokens_areRefused() {
        String twice = assertThrows(IllegalArgumentException.class, () -> Vocabulary.ofTokens(List.of("a", "b", "a")))
                .getMessage();
        assertTrue(twice.contains("\"a\" twice"), twice);
        assertThrows(IllegalArgumentException.class, () -> Vocabulary.ofTokens(List.of("a\uD83D")));
        assertThrows(IllegalArgumentException.class, () -> Vocabulary.ofTokens(List.of("\uDE00\uD83D")));
        assertThrows(IllegalArgumentException.class, () -> Vocabulary.of(Map.of(), 0, 1));
        String[] many = new String[Vocabulary.MAX_SIZE];
        Arrays.setAll(many, Integer::toString);
        assertThrows(IllegalArgumentException.class, () -> Vocabulary.ofTokens(Arrays.asList(many)));
        String large = "x".repeat(1 << 26);
        assertThrows(IllegalArgumentException.class, () -> Vocabulary.ofTokens(List.of("x", large)));
    }

    /** Guards against an order by UTF-16 units: the order of UTF-8 bytes is the oracle. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void codePointOrder_isTheOrderOfUtf8Bytes(long seed) {
        Random random = new Random(seed);
        int[] points = {'a', 'b', 0x7FF, 0x800, 0xD7FF, 0xE000, 0xFF21, 0xFFFF, 0x10000, 0x1F600, 0x10FFFF};
        List<String> texts = new ArrayList<>();
        for (int i = 0; i < 300; i++) {
            int[] text = random.ints(random.nextInt(4), 0, points.length)
                    .map(p -> points[p])
                    .toArray();
            texts.add(new String(text, 0, text.length));
        }
        for (String a : texts) {
            for (String b : texts) {
                int expected =
                        Arrays.compareUnsigned(a.getBytes(StandardCharsets.UTF_8), b.getBytes(StandardCharsets.UTF_8));
                assertEquals(
                        Integer.signum(expected),
                        Integer.signum(CodePointOrder.compare(a, b)),
                        () -> "seed " + seed + ": " + a + " and " + b);
            }
        }
    }
}
