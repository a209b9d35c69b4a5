package dev.unroll.ml;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unroll.data.Vocabulary;
import dev.unroll.spark.rows.SequenceReader;
import dev.unroll.spark.rows.SparkCanonicalRows;
import dev.unroll.testing.SparkTest;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.Test;

/** A vocabulary that is counted on executors, because there are too many different words for the driver to merge. */
@SparkTest
class ManyTokensTest {

    @Test
    void vocabulary_ofManyDifferentWords_isThatOfCountingThemHere(SparkSession spark, JavaSparkContext context) {
        Random random = new Random(3);
        List<String> lines = new ArrayList<>();
        Map<String, Long> counts = new HashMap<>();
        counts.put(Vocabulary.END, 2L * 8000);
        for (int n = 0; n < 8000; n++) {
            List<String> words = new ArrayList<>();
            for (int w = 0; w < 20; w++) {
                // Some often, most once or twice.
                String word = "w" + (w < 5 ? random.nextInt(40) : random.nextInt(300_000));
                words.add(word);
                counts.merge(word, 1L, Long::sum);
            }
            lines.add(n + "x " + String.join(" ", words));
            counts.put(n + "x", 1L);
        }
        Dataset<String> dataset = spark.createDataset(lines, Encoders.STRING());
        RnnLanguageModel params = new RnnLanguageModel().setFeaturesCol("value").setTokenizer("whitespace");
        try (SparkCanonicalRows rows = new SequenceReader(context, params.rowSpec(), false, 1).read(dataset, 0)) {
            assertTrue(counts.size() > 100_000, counts.size() + " different words");
            assertEquals(
                    Vocabulary.of(counts, 1000, 1).tokens(),
                    rows.statistics().vocabulary(0, 1000).tokens());
            assertEquals(
                    Vocabulary.of(counts).tokens(),
                    rows.statistics().vocabulary(0, 0).tokens());
        }
    }
}
