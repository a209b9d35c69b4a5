package dev.unroll.cli.frame;

import dev.unroll.spark.source.FileSource;
import dev.unroll.spark.source.Origin;
import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/** The files that a command reads, from its settings. */
public final class Source {

    /** Between several read-options on the command line: nothing that a value could hold. */
    public static final String SEPARATOR = "\u0001";

    private Source() {}

    public static FileSource of(Settings settings) {
        Map<String, String> options = new LinkedHashMap<>();
        for (String pair : settings.get("read-option", "").split(SEPARATOR)) {
            int equals = pair.indexOf('=');
            if (equals > 0) {
                options.put(pair.substring(0, equals), pair.substring(equals + 1));
            } else if (!pair.isEmpty()) {
                throw new UsageException("read-option is " + pair + "; allowed is key=value");
            }
        }
        return new FileSource(settings.get("format", "csv"), options);
    }

    /** The rows that can be used, without what is known of their origin. */
    public static Dataset<Row> withoutFaults(Dataset<Row> rows) {
        return Origin.withoutFaults(rows);
    }
}
