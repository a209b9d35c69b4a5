package dev.unroll.train;

/** Ends a training after its current update, from any thread: a listener to add to the estimator, with a switch. */
public final class StopSwitch implements IterationListener {

    private volatile String reason; // null until somebody stops it
    private volatile boolean updated;

    /** @param why to be read after "stopped", such as "by an interrupt" */
    public void stop(String why) {
        reason = why;
    }

    /** Whether an update was made since training began, or went on from a checkpoint. */
    public boolean hasUpdated() {
        return updated;
    }

    @Override
    public void onIteration(IterationReport report) {
        updated = true;
        if (reason != null) {
            throw new StopRequest(reason);
        }
    }
}
