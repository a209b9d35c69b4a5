package dev.unroll.spark.rows;

import dev.unroll.data.CanonicalRow;
import dev.unroll.spark.source.BadRow;
import java.io.Serializable;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Iterator;
import java.util.Set;
import org.apache.commons.collections4.IteratorUtils;
import org.apache.spark.Partitioner;

/**
 * A row with what decides its rank. It travels and is kept as one {@code byte[]}, and this class alone knows the
 * layout:
 *
 * <pre>
 * bytes 0 to 7   hash64(seed, row), big-endian; 0 for a bad row
 * byte  8        split: 0 training, 1 held out, 2 bad
 * bytes 9 ...    the row: a {@link CanonicalRow}'s bytes, or a {@link BadRow}'s
 * </pre>
 *
 * Such arrays compared as unsigned bytes are in canonical order. The hash is uniform, so even ranges of it are even
 * partitions, and no sample of the data is needed to sort it.
 */
record KeyedRow(long hash, Split split, byte[] row) {

    private static final int SPLIT = Long.BYTES;
    private static final int ROW = SPLIT + 1;

    /** The canonical order, of rows as bytes. */
    static final Comparator<byte[]> ORDER = new UnsignedBytes();

    static KeyedRow of(CanonicalRow row, long seed, Split split) {
        return new KeyedRow(row.hash(seed), split, row.bytes());
    }

    static KeyedRow of(BadRow row) {
        return new KeyedRow(0, Split.BAD, row.toBytes());
    }

    byte[] toBytes() {
        return ByteBuffer.allocate(ROW + row.length)
                .putLong(hash)
                .put(split.code())
                .put(row)
                .array();
    }

    static KeyedRow fromBytes(byte[] bytes) {
        return new KeyedRow(hash(bytes), split(bytes), Arrays.copyOfRange(bytes, ROW, bytes.length));
    }

    private static long hash(byte[] bytes) {
        return ByteBuffer.wrap(bytes).getLong();
    }

    /** The split of a row given as bytes. */
    static Split split(byte[] bytes) {
        return Split.ofCode(bytes[SPLIT]);
    }

    /** The row of the training or held-out split. */
    CanonicalRow canonicalRow() {
        if (split == Split.BAD) {
            throw new IllegalStateException("a bad row has no canonical bytes");
        }
        return new CanonicalRow(row);
    }

    /** What is wrong with a row of the split BAD. */
    BadRow badRow() {
        if (split != Split.BAD) {
            throw new IllegalStateException("a row of split " + split + " is not bad");
        }
        return BadRow.fromBytes(row);
    }

    /** The rows of some splits, of rows as bytes. */
    static Iterator<CanonicalRow> canonicalRows(Iterator<byte[]> rows, Set<Split> splits) {
        return IteratorUtils.transformedIterator(
                IteratorUtils.filteredIterator(rows, bytes -> splits.contains(split(bytes))),
                bytes -> fromBytes(bytes).canonicalRow());
    }

    /** Deals rows as bytes to even ranges of the unsigned hash. */
    static final class HashRanges extends Partitioner {

        private static final long serialVersionUID = 1L;

        private final int partitions;

        HashRanges(int partitions) {
            this.partitions = partitions;
        }

        @Override
        public int numPartitions() {
            return partitions;
        }

        @Override
        public int getPartition(Object bytes) {
            return (int) (((hash((byte[]) bytes) >>> 32) * partitions) >>> 32);
        }
    }

    private static final class UnsignedBytes implements Comparator<byte[]>, Serializable {

        private static final long serialVersionUID = 1L;

        @Override
        public int compare(byte[] a, byte[] b) {
            return Arrays.compareUnsigned(a, b);
        }
    }
}
