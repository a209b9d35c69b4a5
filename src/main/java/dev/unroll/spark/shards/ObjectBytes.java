package dev.unroll.spark.shards;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.ObjectStreamClass;
import java.io.Serializable;
import java.io.UncheckedIOException;
import org.apache.commons.lang3.SerializationUtils;

/**
 * Our own objects as bytes between driver and executors, which no serializer of Spark has to be told of. Their classes
 * are found by the class loader of this one: the thread that reads, such as one of PySpark's, may not know a jar that
 * was given with {@code --jars}.
 */
public final class ObjectBytes {

    private ObjectBytes() {}

    public static byte[] write(Serializable object) {
        return SerializationUtils.serialize(object);
    }

    /** Reads what {@link #write} wrote in the same application. */
    @SuppressWarnings("unchecked")
    public static <T> T read(byte[] bytes) {
        try (ObjectInputStream in = new Ours(bytes)) {
            return (T) in.readObject();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (ClassNotFoundException e) {
            throw new IllegalStateException("bytes name a class that is not there", e);
        }
    }

    private static final class Ours extends ObjectInputStream {

        Ours(byte[] bytes) throws IOException {
            super(new ByteArrayInputStream(bytes));
        }

        @Override
        protected Class<?> resolveClass(ObjectStreamClass description) throws IOException, ClassNotFoundException {
            try {
                return Class.forName(description.getName(), false, ObjectBytes.class.getClassLoader());
            } catch (ClassNotFoundException e) {
                return super.resolveClass(description); // primitive types
            }
        }
    }
}
