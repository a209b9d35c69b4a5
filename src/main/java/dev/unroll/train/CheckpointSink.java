package dev.unroll.train;

/** What becomes of the checkpoints of a training. */
public interface CheckpointSink {

    /** Whether one is to be written after an update; one always is when training ends. */
    boolean isDue(long iteration);

    /**
     * Writes a checkpoint, whose arrays are those of the training and change with the next update.
     *
     * @param last whether training has ended
     * @throws TrainingException if the training cannot continue without it
     */
    void write(Checkpoint checkpoint, boolean last);
}
