package dev.unroll.train;

/** What a listener throws to end a training after the update that it hears of: a checkpoint is written where there are any. */
public final class StopRequest extends RuntimeException {

    private static final long serialVersionUID = 1L;

    /** @param reason behind "stopped": such as "by SIGTERM" */
    public StopRequest(String reason) {
        super(reason, null, false, false);
    }
}
