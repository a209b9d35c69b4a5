package dev.unroll.worker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A kernel whose vectors are on the heap is noticed, once; one that allocates now and then is not. */
class HeapWatchTest {

    private static final int ROWS = 1_000;
    private static final LongSupplier THREAD = ((com.sun.management.ThreadMXBean)
            java.lang.management.ManagementFactory.getThreadMXBean())::getCurrentThreadAllocatedBytes;

    private final List<String> log = new ArrayList<>();
    private final List<float[]> heap = new ArrayList<>();
    private long nanos;
    private HeapWatch watch;

    @BeforeEach
    void aWatch() {
        watch = new HeapWatch(THREAD, () -> nanos, log::add);
    }

    /** One batch of a kernel that has that many vectors a row on the heap; a second passes. */
    private void batch(int vectors) {
        watch.begin();
        heap.clear();
        for (int i = 0; i < ROWS * vectors; i++) {
            heap.add(new float[16]);
        }
        watch.end(ROWS);
        nanos += TimeUnit.SECONDS.toNanos(1);
    }

    @Test
    void aMinuteOfVectorsOnTheHeapIsSaidOnce() {
        for (int i = 0; i < 64; i++) {
            assertEquals(List.of(), log, "after " + i);
            batch(1);
        }
        assertEquals(1, log.size());
        assertTrue(log.get(0).contains("vectors are objects on the heap"), log.get(0));
        assertTrue(log.get(0).contains("-XX:PerMethodTrapLimit="), log.get(0));
        for (int i = 0; i < 200; i++) {
            batch(1);
        }
        assertEquals(1, log.size());
    }

    @Test
    void aShortRowOfThemIsAWarmUp() {
        for (int i = 0; i < 500; i++) {
            batch(i % 60 == 59 ? 0 : 1);
        }
        assertEquals(List.of(), log);
    }

    @Test
    void manyBatchesInLessThanAMinuteAreAWarmUp() {
        for (int i = 0; i < 500; i++) {
            batch(1);
            nanos -= TimeUnit.SECONDS.toNanos(1) - 1;
        }
        assertEquals(List.of(), log);
    }
}
