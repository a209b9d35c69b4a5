package dev.unroll.math;

import java.util.stream.IntStream;

/**
 * Point-wise work on long vectors, block by block and by all processors: element i of what is written must depend on
 * elements i of what is read, so neither blocks nor threads change a bit. The threads are those of the JVM's common pool.
 */
public final class Blocks {

    /** Elements of a block: some arrays of so many floats stay in the second cache from one loop to the next. */
    static final int SIZE = 1 << 15;

    private Blocks() {}

    /** Work on elements from (included) to (excluded). */
    @FunctionalInterface
    public interface Block {
        void accept(int from, int to);
    }

    /** Calls {@code block} for all elements of a vector of that size, in any order and at the same time. */
    public static void forEach(int size, Block block) {
        int blocks = size / SIZE + (size % SIZE == 0 ? 0 : 1);
        IntStream all = IntStream.range(0, blocks);
        (blocks > 2 ? all.parallel() : all)
                .forEach(b -> block.accept(b * SIZE, b * SIZE + Math.min(SIZE, size - b * SIZE)));
    }
}
