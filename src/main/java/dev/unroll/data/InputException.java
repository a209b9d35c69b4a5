package dev.unroll.data;

/**
 * The data cannot be used as they are; the message is one sentence that names the row or column, the value and what is
 * allowed. It is an {@link IllegalArgumentException}, since that is what PySpark makes an exception of Python's of,
 * without Java's stack.
 */
public final class InputException extends IllegalArgumentException {

    private static final long serialVersionUID = 1L;

    public InputException(String message) {
        super(Printable.of(message));
    }

    public InputException(String message, Throwable cause) {
        super(Printable.of(message), cause);
    }
}
