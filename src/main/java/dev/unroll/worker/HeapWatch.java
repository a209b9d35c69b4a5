package dev.unroll.worker;

import com.sun.management.ThreadMXBean;
import dev.unroll.math.Lanes;
import java.lang.System.Logger.Level;
import java.lang.management.ManagementFactory;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/**
 * Notices that vectors are objects on the heap in this JVM, and says so once. Batches allocate next to nothing when all
 * is compiled; where a whole minute of them allocates as much as vectors would, C2 has not inlined some operation of
 * the Vector API, and a training runs at a fraction of its speed. The compiled code stays as it is for the life of the
 * JVM, and so would a copy of it: what made C2 stop is counted in the methods of the JDK. So the log has what to do.
 */
final class HeapWatch {

    private static final long NANOS = TimeUnit.MINUTES.toNanos(1);
    private static final int BATCHES = 64;
    private static final long BYTES_OF_BATCH = 4_096;
    private static final long BYTES_OF_ROW = 64; // a vector of 512 bits on the heap has 80, one of 256 bits 48

    private final LongSupplier allocated;
    private final LongSupplier clock;
    private final Consumer<String> log;
    private long before;
    private long since; // the first of the batches in a row that allocated
    private int batches; // in that row
    private boolean said;

    /** Of the thread that calls it. */
    HeapWatch() {
        this(
                ((ThreadMXBean) ManagementFactory.getThreadMXBean())::getCurrentThreadAllocatedBytes,
                System::nanoTime,
                text -> System.getLogger(HeapWatch.class.getName()).log(Level.WARNING, text));
    }

    /**
     * @param allocated bytes that the calling thread has allocated so far
     * @param clock in nanoseconds
     */
    HeapWatch(LongSupplier allocated, LongSupplier clock, Consumer<String> log) {
        this.allocated = allocated;
        this.clock = clock;
        this.log = log;
    }

    /** To be called before a packed batch. */
    void begin() {
        before = allocated.getAsLong();
    }

    /** To be called after it; it had that many rows. */
    void end(int rows) {
        long bytes = allocated.getAsLong() - before;
        if (bytes <= BYTES_OF_BATCH + BYTES_OF_ROW * rows) {
            batches = 0;
            return;
        }
        long now = clock.getAsLong();
        if (batches == 0) {
            since = now;
        }
        batches++;
        if (!said && batches >= BATCHES && now - since >= NANOS) {
            said = true;
            log.accept("vectors are objects on the heap in this JVM (" + bytes / 1024 + " KB for a batch of " + rows
                    + " steps, for a minute), which makes training slow as long as it lives (" + Lanes.description()
                    + ", JDK " + System.getProperty("java.version")
                    + "): start it again, with the option -XX:PerMethodTrapLimit=10000 if it happens often");
        }
    }
}
