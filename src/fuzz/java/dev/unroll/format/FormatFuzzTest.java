package dev.unroll.format;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.io.ByteArrayInputStream;
import java.io.IOException;

/** Any bytes are a safetensors file or strict JSON, or refused by {@link FormatException}. */
class FormatFuzzTest {

    @FuzzTest
    void safetensors(byte[] bytes) throws IOException {
        try {
            Safetensors tensors = Safetensors.open(new ByteArrayInputStream(bytes), bytes.length, "file");
            tensors.readArrays();
        } catch (FormatException refused) {
            requireSentence(refused);
        }
    }

    @FuzzTest
    void json(byte[] bytes) throws IOException {
        try {
            StrictJson json = new StrictJson(new ByteArrayInputStream(bytes), "file");
            value(json, 0);
            json.end();
        } catch (FormatException refused) {
            requireSentence(refused);
        }
    }

    /** An object of arrays of objects ...; the innermost is a number. */
    private static void value(StrictJson json, int depth) throws IOException {
        switch (depth % 4) {
            case 0 -> json.object(name -> value(json, depth + 1));
            case 1 -> json.array(() -> value(json, depth + 1));
            case 2 -> json.object(java.util.List.of("a"), java.util.List.of("b"), name -> {
                if (name.equals("a")) {
                    json.text();
                } else {
                    value(json, depth + 1);
                }
            });
            default -> json.integer(-5L, 1L << 40);
        }
    }

    static void requireSentence(FormatException refused) {
        if (refused.getMessage().codePoints().anyMatch(dev.unroll.data.Printable::isHidden)
                || refused.getMessage().length() > 2000) {
            throw new AssertionError(refused);
        }
    }
}
