package dev.unroll.fit;

import dev.unroll.data.InputException;
import dev.unroll.format.Directory;
import dev.unroll.format.FormatException;
import dev.unroll.train.CheckpointLock;
import dev.unroll.train.Checkpoints;
import java.io.Serializable;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;

/**
 * Where and when checkpoints are written.
 *
 * @param location directory, on any file system that Hadoop knows; empty for no checkpoints
 * @param interval updates from one checkpoint to the next; 0 for only where training ends
 * @param keep latest checkpoints that are kept
 * @param resume whether training goes on from the latest checkpoint
 * @param overwrite whether checkpoints that are there are removed where training starts from scratch
 */
public record CheckpointConfig(String location, int interval, int keep, boolean resume, boolean overwrite)
        implements Serializable {

    boolean isOn() {
        return !location.isEmpty();
    }

    Directory directory(Configuration hadoop) throws FormatException {
        return Directory.of(location, hadoop);
    }

    /**
     * Checks, before any work, that checkpoints may be written where they are to be.
     *
     * @throws InputException if there are some already, and nobody said what becomes of them
     */
    void requireUsable(Configuration hadoop) {
        if (!isOn()) {
            if (resume) {
                throw new IllegalArgumentException("resume is true, and there is no checkpoint-dir to go on from");
            }
            return;
        }
        try {
            Directory directory = directory(hadoop);
            if (!resume && !overwrite && Checkpoints.isUsed(directory)) {
                throw new InputException("checkpoint-dir " + directory + " has checkpoints already; resume goes on from"
                        + " the latest, overwrite-checkpoints removes them");
            }
        } catch (FormatException e) {
            throw unusable(e);
        }
    }

    /**
     * Takes the directory for this run, until the lock is closed; empty where there are no checkpoints.
     *
     * @throws InputException if another run writes there
     */
    Optional<CheckpointLock> lock(Configuration hadoop) {
        requireUsable(hadoop);
        if (!isOn()) {
            return Optional.empty();
        }
        CheckpointLock lock;
        try {
            lock = CheckpointLock.take(directory(hadoop));
        } catch (FormatException e) {
            throw unusable(e);
        }
        boolean done = false;
        try {
            requireUsable(hadoop); // again: another run may have ended just now
            done = true;
            return Optional.of(lock);
        } finally {
            if (!done) {
                lock.close();
            }
        }
    }

    /** What is said where the directory cannot be used. */
    InputException unusable(FormatException e) {
        return new InputException("cannot use checkpoint-dir " + location + ": " + e.getMessage(), e);
    }
}
