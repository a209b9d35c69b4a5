package dev.unroll.cli;

/** The command cannot be carried out as it was given: exit code 2 and one sentence. */
final class UsageException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    UsageException(String message) {
        super(message);
    }
}
