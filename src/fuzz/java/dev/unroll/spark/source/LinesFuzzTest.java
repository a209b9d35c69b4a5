package dev.unroll.spark.source;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.util.List;
import java.util.Map;

/** Any line of csv, tsv or JSON is a row, or at fault. */
class LinesFuzzTest {

    @FuzzTest(maxDuration = "6s")
    void csv(String line) {
        for (String format : List.of("csv", "tsv")) {
            try {
                new CsvLines(CsvDialect.of(format, Map.of()), List.of("a", "b")).cells(line);
            } catch (Fault fault) {
                // what is promised
            }
        }
    }

    @FuzzTest(maxDuration = "6s")
    void json(String line) {
        try {
            JsonLines.object(line);
        } catch (Fault fault) {
            // what is promised
        }
    }
}
