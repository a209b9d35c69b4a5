package dev.unroll.data;

/**
 * The data cannot be used as they are; the message is one sentence that names the row or column, the value and what is
 * allowed.
 */
public final class InputException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    public InputException(String message) {
        super(message);
    }

    public InputException(String message, Throwable cause) {
        super(message, cause);
    }
}
