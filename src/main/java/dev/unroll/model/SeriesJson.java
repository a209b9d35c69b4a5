package dev.unroll.model;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.unroll.data.SeriesScales;
import dev.unroll.data.Standardization;
import dev.unroll.format.StrictJson;
import java.io.IOException;
import java.util.List;

/**
 * The scales of series within the scaling of {@code spec.json}, for K key columns, S series and D numbers:
 *
 * <pre>
 *   "keyCols": ["shop"],                                          (K)
 *   "keys": ["A", ..],                                            (S, K), ascending
 *   "seriesMeans": ["0x1.8p1", ..], "seriesDeviations": [..]      (S, D)
 * </pre>
 */
final class SeriesJson {

    static final List<String> FIELDS = List.of("keyCols", "keys", "seriesMeans", "seriesDeviations");

    private final StrictJson json;
    private List<String> columns;
    private List<String> keys;
    private double[] means;
    private double[] deviations;

    SeriesJson(StrictJson json) {
        this.json = json;
    }

    static void write(JsonGenerator json, SeriesScales series) throws IOException {
        JsonTexts.write(json, FIELDS.get(0), series.columns());
        JsonTexts.write(json, FIELDS.get(1), series.keys());
        JsonTexts.write(json, FIELDS.get(2), series.numbers().means());
        JsonTexts.write(json, FIELDS.get(3), series.numbers().deviations());
    }

    /** Reads the value of one of the fields. */
    void read(String field) throws IOException {
        switch (FIELDS.indexOf(field)) {
            case 0 -> columns = JsonTexts.read(json, SeriesScales.MAX_COLUMNS);
            case 1 -> keys = JsonTexts.read(json, SeriesScales.MAX_COLUMNS * SeriesScales.MAX_SERIES);
            case 2 -> means = JsonTexts.readNumbers(json, SeriesScales.MAX_NUMBERS);
            default -> deviations = JsonTexts.readNumbers(json, SeriesScales.MAX_NUMBERS);
        }
    }

    /** Whether one of the fields was there. */
    boolean isThere() {
        return columns != null || keys != null || means != null || deviations != null;
    }

    SeriesScales series() throws IOException {
        Object[] found = {columns, keys, means, deviations};
        for (int i = 0; i < found.length; i++) {
            if (found[i] == null) {
                throw json.error("lacks the field " + FIELDS.get(i));
            }
        }
        return new SeriesScales(columns, keys, new Standardization(means, deviations, true));
    }
}
