package dev.unroll.spark.rows;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unroll.data.CanonicalRow;
import dev.unroll.spark.source.BadRow;
import dev.unroll.spark.source.RowPlace;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class KeyedRowTest {

    private static CanonicalRow row(String text) {
        return CanonicalRow.ofCharacters(text, List.of(), 1f);
    }

    /** Written down byte by byte: shuffles and caches hold this, and the canonical order is its order. */
    @Test
    void bytes_areHashThenSplitThenRow() {
        KeyedRow keyed = new KeyedRow(0x0102030405060708L, Split.HELD_OUT, new byte[] {9, 10});
        assertArrayEquals(new byte[] {1, 2, 3, 4, 5, 6, 7, 8, 1, 9, 10}, keyed.toBytes());
        assertEquals(0, new KeyedRow(7, Split.TRAINING, new byte[0]).toBytes()[8]);
        assertEquals(2, new KeyedRow(7, Split.BAD, new byte[0]).toBytes()[8]);
    }

    @Test
    void row_readBack_isTheSame() {
        KeyedRow keyed =
                KeyedRow.fromBytes(KeyedRow.of(row("anna"), 3, Split.TRAINING).toBytes());
        assertEquals(Split.TRAINING, keyed.split());
        assertEquals(row("anna").hash(3), keyed.hash());
        assertEquals(row("anna"), keyed.canonicalRow());
        assertThrows(IllegalStateException.class, keyed::badRow);
    }

    @Test
    void badRow_readBack_isTheSame() {
        BadRow bad = new BadRow(new RowPlace("file:/a.csv", 64, 5, true), "n", "not a number", "x");
        KeyedRow keyed = KeyedRow.fromBytes(KeyedRow.of(bad).toBytes());
        assertEquals(bad, keyed.badRow());
        assertThrows(IllegalStateException.class, keyed::canonicalRow);
    }

    @Test
    void order_isThatOfUnsignedHashesThenSplitThenUnsignedBytes() {
        List<KeyedRow> ascending = List.of(
                new KeyedRow(0, Split.TRAINING, new byte[] {1}),
                new KeyedRow(1, Split.TRAINING, new byte[] {1, 5}),
                new KeyedRow(1, Split.TRAINING, new byte[] {2}),
                new KeyedRow(1, Split.TRAINING, new byte[] {(byte) 0x80}),
                new KeyedRow(1, Split.HELD_OUT, new byte[] {0}),
                new KeyedRow(Long.MAX_VALUE, Split.TRAINING, new byte[] {0}),
                new KeyedRow(Long.MIN_VALUE, Split.TRAINING, new byte[] {0}),
                new KeyedRow(-1, Split.TRAINING, new byte[] {0}));
        for (int i = 1; i < ascending.size(); i++) {
            byte[] before = ascending.get(i - 1).toBytes();
            byte[] after = ascending.get(i).toBytes();
            assertTrue(KeyedRow.ORDER.compare(before, after) < 0, i + " after " + (i - 1));
            assertTrue(KeyedRow.ORDER.compare(after, before) > 0, i + " after " + (i - 1));
        }
    }

    /** With h the upper 32 bits of the unsigned hash, its partition is floor(h * partitions / 2^32). */
    @Test
    void hashRanges_areEven() {
        for (int partitions : new int[] {1, 2, 3, 7, 64}) {
            KeyedRow.HashRanges ranges = new KeyedRow.HashRanges(partitions);
            for (long k = -500; k <= 500; k++) {
                long hash = k * 0x0123456789abcdefL;
                int expected = new BigInteger(Long.toUnsignedString(hash))
                        .shiftRight(32)
                        .multiply(BigInteger.valueOf(partitions))
                        .shiftRight(32)
                        .intValue();
                byte[] keyed = new KeyedRow(hash, Split.TRAINING, new byte[0]).toBytes();
                assertEquals(
                        expected,
                        ranges.getPartition(keyed),
                        () -> "hash " + Long.toUnsignedString(hash) + " of " + partitions + " partitions");
            }
        }
    }

    @Test
    void canonicalRows_areThoseOfTheSplitsInTheirOrder() {
        List<byte[]> bytes = new ArrayList<>();
        bytes.add(KeyedRow.of(row("a"), 1, Split.TRAINING).toBytes());
        bytes.add(KeyedRow.of(row("b"), 1, Split.HELD_OUT).toBytes());
        bytes.add(KeyedRow.of(new BadRow(new RowPlace("", 0, 0, false), "", "null", "null"))
                .toBytes());
        bytes.add(KeyedRow.of(row("c"), 1, Split.TRAINING).toBytes());
        List<CanonicalRow> training = new ArrayList<>();
        KeyedRow.canonicalRows(bytes.iterator(), Set.of(Split.TRAINING)).forEachRemaining(training::add);
        assertEquals(List.of(row("a"), row("c")), training);
        List<CanonicalRow> all = new ArrayList<>();
        KeyedRow.canonicalRows(bytes.iterator(), Set.of(Split.TRAINING, Split.HELD_OUT))
                .forEachRemaining(all::add);
        assertEquals(List.of(row("a"), row("b"), row("c")), all);
    }
}
