package dev.unroll.cli.frame;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.unroll.data.Printable;
import java.util.Map;

/** JSON on one line. */
public final class Json {

    private static final ObjectMapper MAPPER = new ObjectMapper();

    private Json() {}

    public static String line(Map<String, ?> object) {
        try {
            return visible(MAPPER.writeValueAsString(object));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("cannot write " + object + " as JSON", e);
        }
    }

    /** Characters that are not seen are in texts only, where JSON has escapes for them. */
    private static String visible(String json) {
        if (json.codePoints().noneMatch(Printable::isHidden)) {
            return json;
        }
        StringBuilder visible = new StringBuilder(json.length() + 16);
        json.codePoints().forEach(c -> {
            if (Printable.isHidden(c)) {
                for (char unit : Character.toChars(c)) {
                    visible.append(String.format("\\u%04x", (int) unit));
                }
            } else {
                visible.appendCodePoint(c);
            }
        });
        return visible.toString();
    }
}
