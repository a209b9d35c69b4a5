package dev.unroll.format;

import java.io.IOException;
import org.apache.hadoop.fs.FSError;

/** A file that cannot be read, understood or written. The message is one sentence for the user and names the file. */
public final class FormatException extends IOException {

    private static final long serialVersionUID = 1L;
    private static final int QUOTED = 160;
    private static final int SENTENCE = 2000;

    public FormatException(String sentence) {
        super(line(sentence, SENTENCE));
    }

    public FormatException(String sentence, Throwable cause) {
        super(line(sentence, SENTENCE), cause);
    }

    /** Text of unknown origin, short enough to be part of a sentence. */
    public static String shown(String text) {
        return line(text, QUOTED);
    }

    /** One line of bounded length, whatever a file has put into it. */
    private static String line(String text, int most) {
        String start = text.length() <= most ? text : text.substring(0, most) + "...";
        return start.strip().replaceAll("[\\p{Cc}\\u2028\\u2029]+", " ");
    }

    /**
     * The reason for which the file system refused; Hadoop's local files throw an error, for instance where the disk is
     * full.
     */
    static String reason(Throwable e) {
        Throwable refusal = e instanceof FSError && e.getCause() != null ? e.getCause() : e;
        return shown(refusal.getMessage() == null ? refusal.getClass().getSimpleName() : refusal.getMessage());
    }
}
