package dev.unroll.model;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.unroll.data.Columns;
import dev.unroll.data.Vocabulary;
import dev.unroll.format.StrictJson;
import dev.unroll.nn.NetworkSpec;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The input of a network that reads several columns, and their vocabularies, within {@code spec.json} of format 2:
 *
 * <pre>
 *   "input": {"mixed": {"masked": true, "numbers": ["price"],
 *                       "categories": [{"column": "page", "vocabulary": 12, "embeddingSize": 6}],
 *                       "staticNumbers": ["size"],
 *                       "statics": [{"column": "town", "vocabulary": 3, "embeddingSize": 2}]}}
 *                                                  or, of one column of features, {"masked": true, "width": 3}
 *   "vocabularies": {"page": ["home", ...], "town": ["Bern", "Thun"]}          ids 1, 2, ... of each
 * </pre>
 */
final class ColumnsJson {

    private static final int MOST_COLUMNS = 10_000;

    private final StrictJson json;
    private final Map<String, Vocabulary> vocabularies = new LinkedHashMap<>();
    private boolean masked;
    private int width; // of one column of features
    private List<String> numbers = List.of();
    private List<String> staticNumbers = List.of();
    private List<NetworkSpec.Category> categories = List.of();
    private List<NetworkSpec.Category> statics = List.of();
    private String column;
    private int size;
    private int embeddingSize;

    ColumnsJson(StrictJson json) {
        this.json = json;
    }

    static void writeInput(JsonGenerator out, NetworkSpec.Mixed mixed, Columns columns) throws IOException {
        out.writeObjectFieldStart("mixed");
        out.writeBooleanField("masked", mixed.masked());
        if (columns.areFeatures()) {
            out.writeNumberField("width", mixed.numbers());
        } else {
            JsonTexts.write(out, "numbers", columns.numbers());
            write(out, "categories", mixed.categories());
            JsonTexts.write(out, "staticNumbers", columns.staticNumbers());
            write(out, "statics", mixed.statics());
        }
        out.writeEndObject();
    }

    private static void write(JsonGenerator out, String field, List<NetworkSpec.Category> categories)
            throws IOException {
        out.writeArrayFieldStart(field);
        for (NetworkSpec.Category category : categories) {
            out.writeStartObject();
            out.writeStringField("column", category.column());
            out.writeNumberField("vocabulary", category.vocabulary());
            out.writeNumberField("embeddingSize", category.embeddingSize());
            out.writeEndObject();
        }
        out.writeEndArray();
    }

    static void writeVocabularies(JsonGenerator out, Columns columns) throws IOException {
        if (columns.coded().isEmpty()) {
            return;
        }
        out.writeObjectFieldStart("vocabularies");
        for (Columns.Category category : columns.coded()) {
            JsonTexts.write(out, category.column(), category.vocabulary().tokens());
        }
        out.writeEndObject();
    }

    /** Reads what {@link #writeInput} wrote, from its value on. */
    NetworkSpec.Mixed mixed() throws IOException {
        json.object(List.of("masked"), List.of("width", "numbers", "categories", "staticNumbers", "statics"), field -> {
            switch (field) {
                case "masked" -> masked = json.bool();
                case "width" -> width = json.integer(1, NetworkSpec.MAX_SIZE);
                case "numbers" -> numbers = JsonTexts.read(json, MOST_COLUMNS);
                case "staticNumbers" -> staticNumbers = JsonTexts.read(json, MOST_COLUMNS);
                case "categories" -> categories = categories();
                default -> statics = categories();
            }
        });
        boolean named = numbers.size() + categories.size() + staticNumbers.size() + statics.size() > 0;
        if (named == width > 0) {
            throw json.error("has " + (named ? "a width and columns" : "neither a width nor columns")
                    + "; allowed is one of the two");
        }
        return new NetworkSpec.Mixed(named ? numbers.size() : width, masked, categories, staticNumbers.size(), statics);
    }

    private List<NetworkSpec.Category> categories() throws IOException {
        List<NetworkSpec.Category> found = new ArrayList<>();
        json.array(() -> {
            if (found.size() == MOST_COLUMNS) {
                throw json.error("is one column too many; allowed are " + MOST_COLUMNS);
            }
            json.object(List.of("column", "vocabulary", "embeddingSize"), field -> {
                switch (field) {
                    case "column" -> column = json.text();
                    case "vocabulary" -> size = json.integer(1, Vocabulary.MAX_SIZE);
                    default -> embeddingSize = json.integer(1, NetworkSpec.MAX_SIZE);
                }
            });
            found.add(new NetworkSpec.Category(column, size, embeddingSize));
        });
        return found;
    }

    /** Reads what {@link #writeVocabularies} wrote, from its value on. */
    void vocabularies() throws IOException {
        json.object(name -> {
            if (vocabularies.size() == MOST_COLUMNS) {
                throw json.error("is one vocabulary too many; allowed are " + MOST_COLUMNS);
            }
            vocabularies.put(name, Vocabulary.ofTokens(JsonTexts.read(json, Vocabulary.MAX_SIZE)));
        });
    }

    /**
     * The columns of a network with their vocabularies, once all is read; null where it does not read several.
     *
     * @throws IllegalArgumentException for a vocabulary that is missing, or that no column has
     */
    Columns columns(NetworkSpec.Input input) {
        boolean mixed = input instanceof NetworkSpec.Mixed;
        Columns columns = mixed ? new Columns(numbers, coded(categories), staticNumbers, coded(statics)) : null;
        if (!vocabularies.isEmpty()) {
            throw new IllegalArgumentException("there is a vocabulary of "
                    + vocabularies.keySet().iterator().next() + ", which is no column of categories");
        }
        return columns;
    }

    private List<Columns.Category> coded(List<NetworkSpec.Category> some) {
        List<Columns.Category> coded = new ArrayList<>();
        for (NetworkSpec.Category category : some) {
            Vocabulary vocabulary = vocabularies.remove(category.column());
            if (vocabulary == null) {
                throw new IllegalArgumentException("there is no vocabulary of column " + category.column());
            }
            coded.add(new Columns.Category(category.column(), vocabulary));
        }
        return coded;
    }
}
