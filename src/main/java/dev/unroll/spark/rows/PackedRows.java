package dev.unroll.spark.rows;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Iterator;
import org.apache.commons.collections4.iterators.LazyIteratorChain;

/**
 * Rows in chunks, for keeping: a chunk is one object, and goes to disk and comes back in one piece. It is smaller than what the G1 collector gives whole
 * regions of a small heap to.
 */
final class PackedRows {

    private static final int CHUNK = 1 << 17;

    private PackedRows() {}

    /** Takes rows, gives chunks. */
    static Iterator<byte[]> pack(Iterator<byte[]> rows) {
        return new Iterator<>() {
            @Override
            public boolean hasNext() {
                return rows.hasNext();
            }

            @Override
            public byte[] next() {
                ByteArrayOutputStream chunk = new ByteArrayOutputStream(CHUNK + CHUNK / 8);
                do {
                    byte[] row = rows.next();
                    chunk.writeBytes(ByteBuffer.allocate(Integer.BYTES)
                            .putInt(row.length)
                            .array());
                    chunk.writeBytes(row);
                } while (rows.hasNext() && chunk.size() < CHUNK);
                return chunk.toByteArray();
            }
        };
    }

    /** Takes chunks, gives rows. */
    static Iterator<byte[]> unpack(Iterator<byte[]> chunks) {
        return new LazyIteratorChain<>() {
            @Override
            protected Iterator<byte[]> nextIterator(int count) {
                return chunks.hasNext() ? rows(chunks.next()) : null;
            }
        };
    }

    private static Iterator<byte[]> rows(byte[] chunk) {
        ByteBuffer in = ByteBuffer.wrap(chunk);
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
                return Arrays.copyOfRange(chunk, from, from + length);
            }
        };
    }
}
