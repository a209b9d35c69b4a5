package dev.unroll.model;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.unroll.format.StrictJson;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** Arrays of texts within {@code spec.json}. */
final class JsonTexts {

    private JsonTexts() {}

    static void write(JsonGenerator json, String field, List<String> texts) throws IOException {
        json.writeArrayFieldStart(field);
        for (String text : texts) {
            json.writeString(text);
        }
        json.writeEndArray();
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
