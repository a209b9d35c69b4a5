package dev.unroll.cli.frame;

/** The command cannot be carried out as it was given: exit code 2 and one sentence. */
public final class UsageException extends IllegalArgumentException {

    private static final long serialVersionUID = 1L;

    public UsageException(String message) {
        super(message);
    }
}
