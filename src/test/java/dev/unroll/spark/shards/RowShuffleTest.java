package dev.unroll.spark.shards;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.unroll.testing.SparkTest;
import dev.unroll.testing.TestSpark;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.apache.spark.HashPartitioner;
import org.apache.spark.Partitioner;
import org.apache.spark.api.java.JavaSparkContext;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import scala.Tuple2;

/** Rows come out of the shuffle as they went in, under any serializer of the session. */
@SparkTest
class RowShuffleTest {

    private static JavaSparkContext context(String serializer) {
        return JavaSparkContext.fromSparkContext(
                TestSpark.session(Map.of("spark.serializer", serializer, "spark.kryo.registrationRequired", "true"))
                        .sparkContext());
    }

    private enum Unsigned implements Comparator<byte[]>, Serializable {
        ORDER;

        @Override
        public int compare(byte[] a, byte[] b) {
            return Arrays.compareUnsigned(a, b);
        }
    }

    /** By the first byte; an empty row is in the first partition. */
    private static final class ByFirstByte extends Partitioner {

        private static final long serialVersionUID = 1L;

        @Override
        public int numPartitions() {
            return 4;
        }

        @Override
        public int getPartition(Object key) {
            byte[] bytes = (byte[]) key;
            return bytes.length == 0 ? 0 : (bytes[0] & 0xff) / 64;
        }
    }

    /** Empty rows, small ones, and some that are larger than the buffers that they are read through. */
    private static List<byte[]> rows() {
        Random random = new Random(2);
        List<byte[]> rows = new ArrayList<>();
        for (int n = 0; n < 500; n++) {
            byte[] row = new byte[n % 100 == 0 ? 200_000 : random.nextInt(40)];
            random.nextBytes(row);
            rows.add(row);
        }
        return rows;
    }

    @ParameterizedTest
    @ValueSource(strings = {"org.apache.spark.serializer.JavaSerializer", "org.apache.spark.serializer.KryoSerializer"})
    void sortedRows_areThoseThatWereGiven(String serializer) {
        List<byte[]> expected = rows();
        expected.sort(Arrays::compareUnsigned);
        List<byte[]> sorted = RowShuffle.sorted(
                        context(serializer).parallelize(rows(), 3).mapToPair(row -> new Tuple2<>(row, new byte[] {7})),
                        new ByFirstByte(),
                        Unsigned.ORDER)
                .map(pair -> pair._2().length == 1 && pair._2()[0] == 7 ? pair._1() : null)
                .collect();
        assertEquals(500, sorted.size());
        for (int i = 0; i < 500; i++) {
            assertArrayEquals(expected.get(i), sorted.get(i), "row " + i);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"org.apache.spark.serializer.JavaSerializer", "org.apache.spark.serializer.KryoSerializer"})
    void partitionedRows_keepTheirNumbers(String serializer) {
        List<byte[]> rows = rows();
        List<Long> numbers = List.of(0L, -1L, Long.MIN_VALUE, Long.MAX_VALUE, 1L << 32, 5L);
        List<Integer> indices = new ArrayList<>();
        for (int i = 0; i < rows.size(); i++) {
            indices.add(i);
        }
        List<Tuple2<Long, byte[]>> dealt = RowShuffle.partitioned(
                        context(serializer)
                                .parallelize(indices, 3)
                                .mapToPair(i -> new Tuple2<>(numbers.get(i % 6), rows.get(i))),
                        new HashPartitioner(4))
                .collect();
        for (long number : numbers) {
            List<byte[]> expected = new ArrayList<>();
            for (int i = numbers.indexOf(number); i < rows.size(); i += 6) {
                expected.add(rows.get(i));
            }
            List<byte[]> found = new ArrayList<>();
            dealt.stream().filter(row -> row._1() == number).forEach(row -> found.add(row._2()));
            expected.sort(Arrays::compareUnsigned);
            found.sort(Arrays::compareUnsigned);
            assertEquals(expected.size(), found.size(), "rows of number " + number);
            for (int i = 0; i < expected.size(); i++) {
                assertArrayEquals(expected.get(i), found.get(i));
            }
        }
        assertEquals(500, dealt.size());
    }
}
