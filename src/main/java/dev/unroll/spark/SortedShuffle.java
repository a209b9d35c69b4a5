package dev.unroll.spark;

import java.io.BufferedInputStream;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
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

/** Spark's shuffle with sorted partitions, of records whose bytes are written as they are, whatever the session's serializer. */
final class SortedShuffle {

    private SortedShuffle() {}

    /**
     * Rows by partition and order.
     *
     * @param rows keys and values, each a {@code byte[]} or a {@code Long}
     */
    static <K, V> JavaPairRDD<K, V> of(JavaPairRDD<K, V> rows, Partitioner partitioner, Comparator<K> order) {
        JavaPairRDD<K, V> sorted = rows.repartitionAndSortWithinPartitions(partitioner, order);
        if (sorted.rdd() instanceof ShuffledRDD<?, ?, ?> shuffled) {
            shuffled.setSerializer(new Records());
        }
        return sorted;
    }

    private static final class Records extends Serializer implements Serializable {

        private static final long serialVersionUID = 1L;

        @Override
        public SerializerInstance newInstance() {
            return new Instance();
        }

        /** Every record stands for itself, so Spark may sort them as bytes. */
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

    /** Length and bytes; or {@link #NUMBER} and eight bytes. */
    private static final int NUMBER = -1;

    private static final class Out extends SerializationStream {
        private final DataOutputStream out;

        Out(OutputStream stream) {
            this.out = new DataOutputStream(stream);
        }

        @Override
        public <T> SerializationStream writeObject(T object, ClassTag<T> tag) {
            try {
                if (object instanceof byte[] bytes) {
                    out.writeInt(bytes.length);
                    out.write(bytes);
                } else {
                    out.writeInt(NUMBER);
                    out.writeLong((Long) object);
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
        private final DataInputStream in;

        In(InputStream stream) {
            this.in = new DataInputStream(new BufferedInputStream(stream));
        }

        @Override
        @SuppressWarnings("unchecked") // as it was written
        public <T> T readObject(ClassTag<T> tag) {
            try {
                int length = in.readInt();
                if (length == NUMBER) {
                    return (T) (Long) in.readLong();
                }
                byte[] bytes = new byte[length];
                in.readFully(bytes);
                return (T) bytes;
            } catch (EOFException e) {
                throw SortedShuffle.<RuntimeException>unchecked(
                        e); // Spark's sign of the end, which Scala does not declare
            } catch (IOException e) {
                throw new UncheckedIOException(e);
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
