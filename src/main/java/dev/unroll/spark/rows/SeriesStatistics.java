package dev.unroll.spark.rows;

import dev.unroll.data.InputException;
import dev.unroll.data.SeriesScales;
import dev.unroll.data.SeriesSum;
import dev.unroll.data.Standardization;
import dev.unroll.spark.shards.ObjectBytes;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import org.apache.spark.api.java.JavaPairRDD;
import org.apache.spark.api.java.JavaRDD;
import scala.Tuple2;

/**
 * Measures series on executors, of rows of many series in any order: exact sums of the training rows meet by key, and
 * means and deviations alone come to the driver.
 */
final class SeriesStatistics {

    private SeriesStatistics() {}

    /**
     * The scale of every series.
     *
     * @param rows {@link KeyedRow}s as bytes
     * @param columns of the keys
     * @param numbers of a step that are scaled, the first ones
     * @throws InputException for a series of which no training row has a first number, and for too many key columns, series,
     *     or numbers of them
     */
    static SeriesScales scales(JavaRDD<byte[]> rows, List<String> columns, int numbers) {
        JavaPairRDD<List<String>, byte[]> sums = rows.filter(row -> KeyedRow.split(row) != Split.BAD)
                .mapToPair(row -> sum(KeyedRow.fromBytes(row), numbers))
                .reduceByKey(SeriesSum::merge);
        // Counted before any of them comes here; what the count has shuffled is read once more.
        SeriesScales.requireSize(columns, sums.count(), numbers);
        List<byte[]> parts = sums.mapPartitions(SeriesStatistics::scales).collect();
        Map<List<String>, Standardization> all = new HashMap<>();
        for (byte[] part : parts) {
            all.putAll(ObjectBytes.<HashMap<List<String>, Standardization>>read(part));
        }
        return of(columns, all);
    }

    /** The scale of every series, of rows that are all here. */
    static SeriesScales scales(Iterator<byte[]> rows, List<String> columns, int numbers) {
        Map<List<String>, byte[]> sums = new HashMap<>();
        while (rows.hasNext()) {
            byte[] row = rows.next();
            if (KeyedRow.split(row) != Split.BAD) {
                Tuple2<List<String>, byte[]> sum = sum(KeyedRow.fromBytes(row), numbers);
                sums.merge(sum._1(), sum._2(), SeriesSum::merge);
            }
        }
        SeriesScales.requireSize(columns, sums.size(), numbers);
        Map<List<String>, Standardization> all = new HashMap<>();
        sums.forEach((key, sum) -> all.put(key, scale(sum)));
        return of(columns, all);
    }

    private static SeriesScales of(List<String> columns, Map<List<String>, Standardization> all) {
        all.forEach((key, scale) -> {
            if (scale == null) {
                throw new InputException(String.join(", ", columns) + " " + SeriesScales.shown(key)
                        + " has no row to train on with a first number of a step, so scale by-key has no scale for it;"
                        + " train on more of its rows, or leave them all out");
            }
        });
        return SeriesScales.of(columns, all);
    }

    /** A row by its series; one that is not trained on counts for nothing there. */
    private static Tuple2<List<String>, byte[]> sum(KeyedRow keyed, int numbers) {
        SeriesSum sum =
                keyed.split() == Split.TRAINING ? SeriesSum.of(keyed.canonicalRow(), numbers) : SeriesSum.none(numbers);
        return new Tuple2<>(keyed.canonicalRow().series(), sum.toBytes());
    }

    /** Null for a series that has none. */
    private static Standardization scale(byte[] bytes) {
        SeriesSum sum = SeriesSum.read(bytes);
        return sum.hasLevel() ? sum.scale() : null;
    }

    /** Of some series, as bytes, which no serializer of Spark needs to be told of. */
    private static Iterator<byte[]> scales(Iterator<Tuple2<List<String>, byte[]>> sums) {
        HashMap<List<String>, Standardization> scales = new HashMap<>();
        while (sums.hasNext()) {
            Tuple2<List<String>, byte[]> series = sums.next();
            scales.put(new ArrayList<>(series._1()), scale(series._2()));
        }
        return List.of(ObjectBytes.write(scales)).iterator();
    }
}
