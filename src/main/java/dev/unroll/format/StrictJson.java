package dev.unroll.format;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * Reads values from one JSON document in the order the reader expects them, and refuses everything else with a sentence
 * that names the file and the position: text that is not UTF-8, a duplicate key, unknown or missing fields, other
 * types, numbers out of range, depth over 16, anything after the end. It stores nothing itself.
 *
 * <p>Each handler must consume exactly one value.
 */
public final class StrictJson {

    private static final JsonFactory FACTORY = JsonFactory.builder()
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxNestingDepth(16)
                    .maxStringLength(1 << 26)
                    .maxNameLength(1 << 12)
                    .maxNumberLength(40)
                    .build())
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .configure(
                    JsonFactory.Feature.CANONICALIZE_FIELD_NAMES,
                    false) // its table of names is shared and could be flooded
            .build();

    /** Consumes the value of one field. */
    @FunctionalInterface
    public interface FieldHandler {
        void field(String name) throws IOException;
    }

    /** Consumes one element of an array. */
    @FunctionalInterface
    public interface ElementHandler {
        void element() throws IOException;
    }

    private final JsonParser parser;
    private final String file;
    private boolean pushedBack; // the current token was looked at by array() and belongs to its element

    /**
     * @param in UTF-8; read to its end, not closed
     * @param file its name in messages
     */
    public StrictJson(InputStream in, String file) throws IOException {
        // A decoder that reports: by default the bytes that are no UTF-8 would become U+FFFD, and the bytes could ask
        // for UTF-16.
        this.parser = FACTORY.createParser(new InputStreamReader(in, StandardCharsets.UTF_8.newDecoder()));
        this.file = file;
    }

    /** An object with any fields. */
    public void object(FieldHandler handler) throws IOException {
        expect(JsonToken.START_OBJECT, "an object");
        while (next() == JsonToken.FIELD_NAME) {
            handler.field(parser.currentName());
        }
    }

    /** An object with exactly these fields, in any order. */
    public void object(List<String> required, FieldHandler handler) throws IOException {
        object(required, List.of(), handler);
    }

    /** An object with these fields, in any order, of which some may be absent. */
    public void object(List<String> required, List<String> optional, FieldHandler handler) throws IOException {
        Set<String> missing = new LinkedHashSet<>(required);
        object(name -> {
            if (!missing.remove(name) && !optional.contains(name)) {
                throw error("is an unknown field; known are " + list(required, optional));
            }
            handler.field(name);
        });
        if (!missing.isEmpty()) {
            throw error("lacks the field " + missing.iterator().next());
        }
    }

    private static String list(Collection<String> required, Collection<String> optional) {
        Set<String> all = new LinkedHashSet<>(required);
        all.addAll(optional);
        return String.join(", ", all);
    }

    /** An array of any length; the handler counts. */
    public void array(ElementHandler handler) throws IOException {
        expect(JsonToken.START_ARRAY, "an array");
        while (next() != JsonToken.END_ARRAY) {
            pushedBack = true;
            handler.element();
        }
    }

    /** A string. */
    public String text() throws IOException {
        expect(JsonToken.VALUE_STRING, "a string");
        return raw();
    }

    /** A string out of a few. */
    public String text(List<String> allowed) throws IOException {
        String text = text();
        if (!allowed.contains(text)) {
            throw error("is \"" + FormatException.shown(text) + "\"; allowed: " + String.join(", ", allowed));
        }
        return text;
    }

    /** A whole number in [minimum, maximum], written without fraction and exponent. */
    public long integer(long minimum, long maximum) throws IOException {
        String allowed = "a whole number from " + minimum + " to " + maximum;
        expect(JsonToken.VALUE_NUMBER_INT, allowed);
        if (parser.getNumberType() != JsonParser.NumberType.BIG_INTEGER) {
            long value = parser.getLongValue();
            if (value >= minimum && value <= maximum) {
                return value;
            }
        }
        throw error("is " + FormatException.shown(raw()) + "; allowed is " + allowed);
    }

    /** A whole number in [minimum, maximum]. */
    public int integer(int minimum, int maximum) throws IOException {
        return (int) integer((long) minimum, (long) maximum);
    }

    /** A finite number, at least a minimum, in any notation of JSON. */
    public double number(double minimum) throws IOException {
        JsonToken token = next();
        if (token != JsonToken.VALUE_NUMBER_INT && token != JsonToken.VALUE_NUMBER_FLOAT) {
            throw wrongType("a number");
        }
        double value = Double.parseDouble(raw()); // what JSON calls a number, Java does too
        if (value >= minimum && value < Double.POSITIVE_INFINITY) {
            return value;
        }
        throw error("is " + FormatException.shown(raw()) + "; allowed is a finite number, at least " + minimum);
    }

    /** true or false. */
    public boolean bool() throws IOException {
        JsonToken token = next();
        if (token != JsonToken.VALUE_TRUE && token != JsonToken.VALUE_FALSE) {
            throw wrongType("true or false");
        }
        return token == JsonToken.VALUE_TRUE;
    }

    /** Refuses anything after the value that was read. */
    public void end() throws IOException {
        if (next() != null) {
            throw error("is followed by more text; allowed is one JSON value");
        }
    }

    /** A refusal of the current value; the message names file and position, and continues with {@code sentence}. */
    public FormatException error(String sentence) {
        String position = parser.getParsingContext().pathAsPointer().toString();
        String subject = position.isEmpty() ? "the document" : FormatException.shown(position);
        return new FormatException(file + ": " + subject + " " + sentence);
    }

    private FormatException wrongType(String expected) throws IOException {
        JsonToken token = parser.currentToken();
        String found = token == null
                ? "missing"
                : switch (token) {
                    case START_OBJECT, END_OBJECT -> "an object";
                    case START_ARRAY, END_ARRAY -> "an array";
                    case VALUE_STRING -> "a string";
                    default -> FormatException.shown(raw());
                };
        return error("is " + found + "; allowed is " + expected);
    }

    private void expect(JsonToken expected, String description) throws IOException {
        if (next() != expected) {
            throw wrongType(description);
        }
    }

    private JsonToken next() throws IOException {
        if (pushedBack) {
            pushedBack = false;
            return parser.currentToken();
        }
        try {
            return parser.nextToken();
        } catch (IOException e) {
            throw malformed(e);
        }
    }

    private String raw() throws IOException {
        try {
            return parser.getText();
        } catch (IOException e) {
            throw malformed(e);
        }
    }

    private IOException malformed(IOException e) {
        if (e instanceof CharacterCodingException) {
            return new FormatException(file + " is not UTF-8 text", e);
        }
        if (e instanceof JsonProcessingException json) {
            String position = json.getLocation() == null
                    ? ""
                    : " at line " + json.getLocation().getLineNr() + ", column "
                            + json.getLocation().getColumnNr();
            return new FormatException(
                    file + " is not valid JSON" + position + ": " + withoutJackson(json.getOriginalMessage()), e);
        }
        return e;
    }

    /** A message without the names of the parser's settings and objects, which say nothing to a user. */
    private static String withoutJackson(String message) {
        String plain = message.replaceAll(", from `[^`]*`", "").replaceAll("(: enable `| \\(start marker).*", "");
        return FormatException.shown(plain);
    }
}
