package dev.unroll.spark.rows;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.unroll.data.CanonicalRow;
import dev.unroll.data.InputException;
import dev.unroll.data.RowOutcome;
import dev.unroll.data.SeriesScales;
import dev.unroll.testing.SparkTest;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Tables of more series than a model may have. */
@SparkTest
class SeriesStatisticsTest {

    private static final List<String> COLUMNS = List.of("shop");

    private static SparkSession spark;

    /** A row of each series; of numbers n, n, ... */
    private static JavaRDD<byte[]> rows(int series, int width, int partitions) {
        List<Integer> all = IntStream.range(0, series).boxed().toList();
        return JavaSparkContext.fromSparkContext(spark.sparkContext())
                .parallelize(all, partitions)
                .map(n -> row(n, width));
    }

    private static byte[] row(int series, int width) {
        double[] values = new double[width];
        Arrays.fill(values, series);
        CanonicalRow row = CanonicalRow.ofValues(values, width, RowOutcome.NONE, 1f);
        return KeyedRow.of(row.ofSeries(List.of("s" + series)), 1, Split.TRAINING)
                .toBytes();
    }

    /** Counted where they are, so the sentence has the true number, and nothing of them comes to the driver. */
    @ParameterizedTest
    @CsvSource({"140000, 1, 1", "140000, 1, 3", "60000, 140, 2"})
    void tooManySeries_areRefusedByTheirNumber(int series, int width, int partitions) {
        JavaRDD<byte[]> rows = rows(series, width, partitions);
        InputException refused =
                assertThrows(InputException.class, () -> SeriesStatistics.scales(rows, COLUMNS, width));
        assertEquals(
                "there are " + series + " series with means of " + width + " numbers each; scale by-key allows 131072"
                        + " series and 8388608 means; scale window needs no table",
                refused.getMessage());
    }

    @Test
    void seriesOfManyPartitions_areOneTable() {
        SeriesScales scales = SeriesStatistics.scales(rows(1000, 2, 5), COLUMNS, 2);
        assertEquals(1000, scales.size());
        for (int n = 0; n < 1000; n++) {
            int number = Integer.parseInt(scales.keys().get(n).substring(1));
            assertEquals(number, scales.numbers().means()[2 * n]);
        }
    }
}
