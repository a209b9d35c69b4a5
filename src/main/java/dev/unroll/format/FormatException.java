package dev.unroll.format;

import dev.unroll.data.Printable;
import java.io.IOException;

/** A file that cannot be read, understood or written. The message is one sentence for the user and names the file. */
public final class FormatException extends IOException {

    private static final long serialVersionUID = 1L;
    private static final int QUOTED = 160;
    private static final int SENTENCE = 2000;

    public FormatException(String sentence) {
        super(Printable.sentence(sentence, SENTENCE));
    }

    public FormatException(String sentence, Throwable cause) {
        super(Printable.sentence(sentence, SENTENCE), cause);
    }

    /** Text of unknown origin, short enough to be part of a sentence. */
    public static String shown(String text) {
        return Printable.of(text.strip(), QUOTED);
    }

    /** The reason for which the file system refused, as part of a sentence. */
    public static String reason(Throwable e) {
        return shown(Reason.of(e));
    }
}
