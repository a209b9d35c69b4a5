package dev.unroll.train;

/**
 * What a listener throws to end a training after the update that it is told of. A checkpoint is written first, if the
 * training writes any.
 */
public final class StopRequest extends RuntimeException {

    private static final long serialVersionUID = 1L;

    /** @param reason to be read after "stopped", such as "by SIGTERM" */
    public StopRequest(String reason) {
        super(reason, null, false, false);
    }
}
