package dev.unroll.spark.rows;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Iterator;
import org.apache.commons.collections4.iterators.LazyIteratorChain;

/**
 * Rows in packs, as they are cached: a pack is one array of some 128 KB, written to disk and read back as a whole. It
 * is small enough that the G1 collector does not give it whole regions of a small heap.
 */
final class PackedRows {

    private static final int PACK = 1 << 17;

    private PackedRows() {}

    /** Takes rows, gives packs. */
    static Iterator<byte[]> pack(Iterator<byte[]> rows) {
        return new Iterator<>() {
            @Override
            public boolean hasNext() {
                return rows.hasNext();
            }

            @Override
            public byte[] next() {
                ByteArrayOutputStream pack = new ByteArrayOutputStream(PACK + PACK / 8);
                do {
                    byte[] row = rows.next();
                    pack.writeBytes(ByteBuffer.allocate(Integer.BYTES)
                            .putInt(row.length)
                            .array());
                    pack.writeBytes(row);
                } while (rows.hasNext() && pack.size() < PACK);
                return pack.toByteArray();
            }
        };
    }

    /** Takes packs, gives rows. */
    static Iterator<byte[]> unpack(Iterator<byte[]> packs) {
        return new LazyIteratorChain<>() {
            @Override
            protected Iterator<byte[]> nextIterator(int count) {
                return packs.hasNext() ? rows(packs.next()) : null;
            }
        };
    }

    private static Iterator<byte[]> rows(byte[] pack) {
        ByteBuffer in = ByteBuffer.wrap(pack);
        return new Iterator<>() {
            @Override
            public boolean hasNext() {
                return in.hasRemaining();
            }

            @Override
            public byte[] next() {
                int length = in.getInt();
                int from = in.position();
                in.position(from + length);
                return Arrays.copyOfRange(pack, from, from + length);
            }
        };
    }
}
