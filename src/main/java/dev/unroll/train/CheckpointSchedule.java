package dev.unroll.train;

import dev.unroll.format.FormatException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Decides when checkpoints are written. Where one cannot be written, as on a full disk, there is a warning, and the one
 * before it stays; several failures in succession end the training. So does, at once, another run that has taken the
 * directory over; but never is the model of a training that has ended thrown away.
 */
public final class CheckpointSchedule implements CheckpointSink {

    private static final Logger LOG = LoggerFactory.getLogger(CheckpointSchedule.class);

    private static final int MOST_FAILURES = 3;

    private final Checkpoints checkpoints;
    private final CheckpointLock lock;
    private final long interval;
    private int failures; // in succession

    /**
     * @param lock of the directory, which this run must still have when it writes
     * @param interval updates from one checkpoint to the next; 0 for only where training ends
     */
    public CheckpointSchedule(Checkpoints checkpoints, CheckpointLock lock, long interval) {
        this.checkpoints = checkpoints;
        this.lock = lock;
        this.interval = interval;
    }

    @Override
    public boolean isDue(long iteration) {
        return interval > 0 && iteration % interval == 0;
    }

    /**
     * Writes a checkpoint.
     *
     * @param last whether training has ended: its model is not thrown away because a checkpoint cannot be written
     * @throws TrainingException if it is not the last, and cannot be written for the third time, or another run has
     *     taken the directory over
     */
    @Override
    public void write(Checkpoint checkpoint, boolean last) {
        try {
            lock.requireHeld();
            checkpoints.write(checkpoint);
            failures = 0;
        } catch (CheckpointLock.TakenOver e) {
            if (!last) {
                throw new TrainingException(
                        "no checkpoint of iteration " + checkpoint.iteration() + ": " + e.getMessage(), e);
            }
            LOG.warn("no checkpoint of iteration {}: {}", checkpoint.iteration(), e.getMessage());
        } catch (FormatException e) {
            failures++;
            if (failures >= MOST_FAILURES && !last) {
                throw new TrainingException("no checkpoint can be written, " + failures + " times now, at iteration "
                        + checkpoint.iteration() + ": " + e.getMessage());
            }
            LOG.warn(
                    "no checkpoint of iteration {}: {}; {}",
                    checkpoint.iteration(),
                    e.getMessage(),
                    last ? "training has ended, and its model is kept" : "training goes on, and tries again");
        }
    }
}
