package dev.unroll.spark.shards;

import dev.unroll.worker.MessageBytes;
import java.io.BufferedInputStream;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.Serializable;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.Comparator;
import org.apache.spark.Partitioner;
import org.apache.spark.api.java.JavaPairRDD;
import org.apache.spark.rdd.ShuffledRDD;
import org.apache.spark.serializer.DeserializationStream;
import org.apache.spark.serializer.SerializationStream;
import org.apache.spark.serializer.Serializer;
import org.apache.spark.serializer.SerializerInstance;
import scala.reflect.ClassTag;

/** Spark's shuffle, of rows whose bytes are written as they are, whatever the session's serializer. */
public final class RowShuffle {

    private RowShuffle() {}

    /**
     * Rows by partition, and within it in order; what does not fit into memory is sorted on disk.
     *
     * @param rows keys and values, each a {@code byte[]} or a {@code Long}
     */
    public static <K, V> JavaPairRDD<K, V> sorted(
            JavaPairRDD<K, V> rows, Partitioner partitioner, Comparator<K> order) {
        return asTheyAre(rows.repartitionAndSortWithinPartitions(partitioner, order));
    }

    /** Rows by partition, in any order. */
    static <K, V> JavaPairRDD<K, V> partitioned(JavaPairRDD<K, V> rows, Partitioner partitioner) {
        return asTheyAre(rows.partitionBy(partitioner));
    }

    private static <K, V> JavaPairRDD<K, V> asTheyAre(JavaPairRDD<K, V> shuffled) {
        if (shuffled.rdd() instanceof ShuffledRDD<?, ?, ?> rdd) {
            rdd.setSerializer(new Records());
        }
        return shuffled;
    }

    private static final class Records extends Serializer implements Serializable {

        private static final long serialVersionUID = 1L;

        @Override
        public SerializerInstance newInstance() {
            return new Instance();
        }

        /** No record refers to another, so Spark may sort them as bytes. */
        @Override
        public boolean supportsRelocationOfSerializedObjects() {
            return true;
        }
    }

    private static final class Instance extends SerializerInstance {

        @Override
        public <T> ByteBuffer serialize(T object, ClassTag<T> tag) {
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            new Out(bytes).writeObject(object, tag);
            return ByteBuffer.wrap(bytes.toByteArray());
        }

        @Override
        public <T> T deserialize(ByteBuffer bytes, ClassTag<T> tag) {
            byte[] copy = new byte[bytes.remaining()];
            bytes.duplicate().get(copy);
            return new In(new ByteArrayInputStream(copy)).readObject(tag);
        }

        @Override
        public <T> T deserialize(ByteBuffer bytes, ClassLoader loader, ClassTag<T> tag) {
            return deserialize(bytes, tag);
        }

        @Override
        public SerializationStream serializeStream(OutputStream stream) {
            return new Out(stream);
        }

        @Override
        public DeserializationStream deserializeStream(InputStream stream) {
            return new In(stream);
        }
    }

    /*
     * A record is two of these, a key and a value, little-endian:
     *
     *   byte[]   length (int), then the bytes
     *   Long     -1 (int), then the number (long)
     */

    /** In place of a length: a number follows. */
    private static final int NUMBER = -1;

    private static final class Out extends SerializationStream {
        private final OutputStream out;
        private final byte[] head = new byte[Integer.BYTES + Long.BYTES];
        private final ByteBuffer numbers = MessageBytes.wrap(head);

        Out(OutputStream stream) {
            this.out = stream;
        }

        @Override
        public <T> SerializationStream writeObject(T object, ClassTag<T> tag) {
            try {
                numbers.clear();
                if (object instanceof byte[] bytes) {
                    numbers.putInt(bytes.length);
                    out.write(head, 0, numbers.position());
                    out.write(bytes);
                } else {
                    numbers.putInt(NUMBER).putLong((Long) object);
                    out.write(head, 0, numbers.position());
                }
                return this;
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        @Override
        public void flush() {
            try {
                out.flush();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        @Override
        public void close() {
            try {
                out.close();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    private static final class In extends DeserializationStream {
        private final InputStream in;
        private final byte[] head = new byte[Long.BYTES];
        private final ByteBuffer numbers = MessageBytes.wrap(head);

        In(InputStream stream) {
            this.in = new BufferedInputStream(stream, 1 << 16);
        }

        @Override
        @SuppressWarnings("unchecked") // as it was written
        public <T> T readObject(ClassTag<T> tag) {
            try {
                int length = head(Integer.BYTES).getInt();
                if (length == NUMBER) {
                    return (T) (Long) head(Long.BYTES).getLong();
                }
                byte[] bytes = new byte[length];
                requireWhole(in.readNBytes(bytes, 0, length), length);
                return (T) bytes;
            } catch (EOFException e) {
                throw RowShuffle.<RuntimeException>unchecked(
                        e); // Spark's sign of the end, which Scala does not declare
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        /** @throws EOFException where a record could begin and there is none */
        private ByteBuffer head(int count) throws IOException {
            int read = in.readNBytes(head, 0, count);
            if (read == 0 && count == Integer.BYTES) {
                throw new EOFException();
            }
            requireWhole(read, count);
            return numbers.rewind();
        }

        private static void requireWhole(int read, int count) throws IOException {
            if (read < count) {
                throw new IOException("a row's bytes end " + (count - read) + " short of their length");
            }
        }

        @Override
        public void close() {
            try {
                in.close();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    @SuppressWarnings("unchecked")
    private static <E extends Throwable> E unchecked(Throwable e) throws E {
        throw (E) e;
    }
}
