package dev.unroll.worker;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.function.BiConsumer;

/** A partial sum that travels from executors to the driver as plain bytes, whatever serializer the session has. */
public interface Sum<S extends Sum<S>> {

    /** Becomes this + other, this being the left one. No array of the other is taken over. */
    void merge(S other);

    /**
     * Adds up a whole node of the canonical tree, 2^k neighbours of one level, of which this is the first: neighbours
     * become their sums until one is left, this one. It may be faster than merge after merge, with the same bits.
     */
    default void mergeNode(List<S> neighbours) {
        forEachPair(neighbours, Sum::merge);
    }

    /** Neighbours in pairs, the left one of which stands for their sum, then these, until one is left. */
    static <S> void forEachPair(List<S> neighbours, BiConsumer<S, S> merge) {
        for (int distance = 1; distance < neighbours.size(); distance *= 2) {
            for (int left = 0; left < neighbours.size(); left += 2 * distance) {
                merge.accept(neighbours.get(left), neighbours.get(left + distance));
            }
        }
    }

    /** Length of {@link #write}. */
    int byteCount();

    /** Writes this sum at the buffer's position, in the buffer's byte order. */
    void write(ByteBuffer out);
}
