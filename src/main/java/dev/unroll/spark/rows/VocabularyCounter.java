package dev.unroll.spark.rows;

import dev.unroll.data.CanonicalRow;
import dev.unroll.data.TokenCounts;
import dev.unroll.data.Vocabulary;
import dev.unroll.spark.shards.ObjectBytes;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.apache.commons.collections4.IteratorUtils;
import org.apache.commons.collections4.iterators.LazyIteratorChain;
import org.apache.spark.api.java.JavaPairRDD;
import org.apache.spark.api.java.JavaRDD;
import scala.Tuple2;

/**
 * Counts tokens on executors, for rows with more different tokens than {@link RowCounts} should bring to the driver:
 * only the most frequent ones come.
 */
final class VocabularyCounter {

    private VocabularyCounter() {}

    /**
     * The most frequent tokens of the training rows.
     *
     * @param rows {@link KeyedRow}s as bytes
     * @param vocabulary of the rows, by its number
     * @param maximumSize ids at most, the one for unknown tokens included; 0 for no limit
     */
    static Vocabulary vocabulary(JavaRDD<byte[]> rows, int vocabulary, int maximumSize) {
        JavaPairRDD<String, Long> counts = rows.mapPartitions(
                        some -> counted(KeyedRow.canonicalRows(some, Set.of(Split.TRAINING)), vocabulary))
                .mapToPair(count -> count)
                .reduceByKey(Long::sum);
        if (maximumSize == 0) {
            Vocabulary.requireSize(counts.count());
        }
        int size = maximumSize == 0 ? Vocabulary.MAX_SIZE : maximumSize;
        byte[] most = counts.mapPartitions(
                        part -> List.of(mostFrequent(part, size)).iterator())
                .treeReduce((a, b) -> mostFrequent(a, b, size));
        return Vocabulary.of(ObjectBytes.<HashMap<String, Long>>read(most), size, 1);
    }

    /** Tokens and how often they occur, of as many rows at a time as there is room for. */
    private static Iterator<Tuple2<String, Long>> counted(Iterator<CanonicalRow> rows, int vocabulary) {
        return new LazyIteratorChain<>() {
            @Override
            protected Iterator<Tuple2<String, Long>> nextIterator(int n) {
                if (!rows.hasNext()) {
                    return null;
                }
                CanonicalRow row = rows.next();
                List<TokenCounts> counts = Stream.generate(TokenCounts::new)
                        .limit(row.vocabularies())
                        .toList();
                row.countTokens(counts);
                while (rows.hasNext() && counts.get(vocabulary).distinct() < RowCounts.MAX_TOKENS) {
                    rows.next().countTokens(counts);
                }
                Map<String, Long> some = new HashMap<>();
                counts.get(vocabulary).addTo(some);
                return IteratorUtils.transformedIterator(
                        some.entrySet().iterator(), entry -> new Tuple2<>(entry.getKey(), entry.getValue()));
            }
        };
    }

    /** The most frequent tokens and their counts, as bytes, which no serializer of Spark needs to be told of. */
    private static byte[] mostFrequent(Iterator<Tuple2<String, Long>> counts, int most) {
        List<Map.Entry<String, Long>> all = new ArrayList<>();
        counts.forEachRemaining(count -> all.add(Map.entry(count._1(), count._2())));
        return mostFrequent(all, most);
    }

    /** Of two sets of tokens that have none in common. */
    private static byte[] mostFrequent(byte[] some, byte[] others, int most) {
        List<Map.Entry<String, Long>> all =
                new ArrayList<>(ObjectBytes.<HashMap<String, Long>>read(some).entrySet());
        all.addAll(ObjectBytes.<HashMap<String, Long>>read(others).entrySet());
        return mostFrequent(all, most);
    }

    private static byte[] mostFrequent(List<Map.Entry<String, Long>> all, int most) {
        all.sort(Vocabulary.BY_FREQUENCY);
        HashMap<String, Long> first = new HashMap<>();
        all.stream().limit(most).forEach(entry -> first.put(entry.getKey(), entry.getValue()));
        return ObjectBytes.write(first);
    }
}
