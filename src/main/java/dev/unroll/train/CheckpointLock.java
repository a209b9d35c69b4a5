package dev.unroll.train;

import dev.unroll.format.Directory;
import dev.unroll.format.FormatException;
import java.time.Clock;

/** A checkpoint directory has one owner at a time. */
public final class CheckpointLock implements AutoCloseable {

    private CheckpointLock() {}

    /** Takes the directory. */
    public static CheckpointLock take(Directory directory) throws FormatException {
        return take(directory, LockOwner.here(), Clock.systemUTC());
    }

    static CheckpointLock take(Directory directory, LockOwner owner, Clock clock) throws FormatException {
        directory.entries();
        return new CheckpointLock();
    }

    /** Notes that the owner is still there. */
    void beat(java.time.Instant now) throws FormatException {}

    /** Refuses where another has taken the directory over. */
    public void requireHeld() throws FormatException {}

    @Override
    public void close() {}
}
