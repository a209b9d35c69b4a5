package dev.unroll.model;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.unroll.format.StrictJson;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.DoubleStream;

/** Arrays of texts and of numbers within {@code spec.json}. */
final class JsonTexts {

    private JsonTexts() {}

    static void write(JsonGenerator json, String field, List<String> texts) throws IOException {
        json.writeArrayFieldStart(field);
        for (String text : texts) {
            json.writeString(text);
        }
        json.writeEndArray();
    }

    /**
     * Writes numbers as their bits, in hexadecimal: every bit comes back, while the decimal text of numbers differs
     * between JDKs.
     */
    static void write(JsonGenerator json, String field, double[] numbers) throws IOException {
        json.writeArrayFieldStart(field);
        for (double number : numbers) {
            json.writeString(Double.toHexString(number));
        }
        json.writeEndArray();
    }

    /** An array of so many numbers at most, each as a text. */
    static double[] readNumbers(StrictJson json, int most) throws IOException {
        DoubleStream.Builder found = DoubleStream.builder();
        int[] count = {0};
        json.array(() -> {
            if (count[0]++ == most) {
                throw json.error("is one text too many; allowed are " + most);
            }
            try {
                found.add(Double.parseDouble(json.text()));
            } catch (NumberFormatException e) {
                throw json.error("has a text that is no number");
            }
        });
        return found.build().toArray();
    }

    /** An array of so many texts at most. */
    static List<String> read(StrictJson json, int most) throws IOException {
        List<String> found = new ArrayList<>();
        json.array(() -> {
            if (found.size() == most) {
                throw json.error("is one text too many; allowed are " + most);
            }
            found.add(json.text());
        });
        return found;
    }
}
