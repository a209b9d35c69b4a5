package dev.unroll.spark.shards;

import com.esotericsoftware.kryo.Kryo;
import com.esotericsoftware.kryo.Serializer;
import com.esotericsoftware.kryo.io.Input;
import com.esotericsoftware.kryo.io.Output;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.function.IntFunction;
import java.util.function.ToIntFunction;

/**
 * Kryo's serializer of an array of numbers, by blocks of little-endian bytes; Kryo's own write number by number. The
 * format: the length, then the elements.
 *
 * @param <A> the array's type
 */
final class BulkArrays<A> extends Serializer<A> {

    static final BulkArrays<char[]> CHARS = new BulkArrays<>(
            Character.BYTES,
            char[]::new,
            array -> array.length,
            (bytes, array, from, count) -> bytes.asCharBuffer().put(array, from, count),
            (bytes, array, from, count) -> bytes.asCharBuffer().get(array, from, count));

    static final BulkArrays<int[]> INTS = new BulkArrays<>(
            Integer.BYTES,
            int[]::new,
            array -> array.length,
            (bytes, array, from, count) -> bytes.asIntBuffer().put(array, from, count),
            (bytes, array, from, count) -> bytes.asIntBuffer().get(array, from, count));

    static final BulkArrays<float[]> FLOATS = new BulkArrays<>(
            Float.BYTES,
            float[]::new,
            array -> array.length,
            (bytes, array, from, count) -> bytes.asFloatBuffer().put(array, from, count),
            (bytes, array, from, count) -> bytes.asFloatBuffer().get(array, from, count));

    static final BulkArrays<double[]> DOUBLES = new BulkArrays<>(
            Double.BYTES,
            double[]::new,
            array -> array.length,
            (bytes, array, from, count) -> bytes.asDoubleBuffer().put(array, from, count),
            (bytes, array, from, count) -> bytes.asDoubleBuffer().get(array, from, count));

    private static final int BLOCK = 1 << 13; // bytes

    private final int bytesEach;
    private final IntFunction<A> make;
    private final ToIntFunction<A> length;
    private final Copy<A> toBytes;
    private final Copy<A> fromBytes;

    /** Copies some elements from an array to the begin of a buffer, or from there. */
    private interface Copy<A> {
        void copy(ByteBuffer bytes, A array, int from, int count);
    }

    private BulkArrays(
            int bytesEach, IntFunction<A> make, ToIntFunction<A> length, Copy<A> toBytes, Copy<A> fromBytes) {
        super(true, true); // null is a value, and what is written never changes
        this.bytesEach = bytesEach;
        this.make = make;
        this.length = length;
        this.toBytes = toBytes;
        this.fromBytes = fromBytes;
    }

    @Override
    public void write(Kryo kryo, Output output, A array) {
        if (array == null) {
            output.writeVarInt(0, true);
            return;
        }
        int count = length.applyAsInt(array);
        output.writeVarInt(count + 1, true);
        blocks(count, (block, from, some) -> {
            toBytes.copy(buffer(block), array, from, some);
            output.writeBytes(block, 0, some * bytesEach);
        });
    }

    @Override
    public A read(Kryo kryo, Input input, Class<A> type) {
        int count = input.readVarInt(true) - 1;
        if (count < 0) {
            return null;
        }
        A array = make.apply(count);
        blocks(count, (block, from, some) -> {
            input.readBytes(block, 0, some * bytesEach);
            fromBytes.copy(buffer(block), array, from, some);
        });
        return array;
    }

    /** One block of elements. */
    private interface Block {
        void at(byte[] block, int from, int count);
    }

    private void blocks(int count, Block work) {
        int most = BLOCK / bytesEach;
        byte[] bytes = new byte[Math.min(count, most) * bytesEach];
        for (int from = 0; from < count; from += most) {
            work.at(bytes, from, Math.min(most, count - from));
        }
    }

    private static ByteBuffer buffer(byte[] block) {
        return ByteBuffer.wrap(block).order(ByteOrder.LITTLE_ENDIAN);
    }
}
