package dev.unroll.data;

import java.io.Serializable;

/**
 * A corpus laid out for a state that is carried from update to update: its documents, one behind the other in canonical order, cut into B
 * streams of equal length (the first S mod B are one step longer), and each stream into windows. Window w of stream s has the ordinal w B + s,
 * so batch k of a plan that takes ordinals in order is window k of every stream.
 *
 * @param count B
 * @param window steps of one window; a stream's last may be shorter
 * @param steps S, of the whole corpus
 */
public record Streams(int count, int window, long steps) implements Serializable {

    public Streams {
        if (steps < count) {
            throw new IllegalArgumentException(
                    "batch-size is " + count + ", and with carry-state it is the number of streams;"
                            + " allowed are at most the " + steps + " steps of the corpus");
        }
    }

    /** Windows of all streams together. */
    public long windows() {
        long longer = steps % count;
        long shorter = steps / count;
        return longer * windowsOf(shorter + 1) + (count - longer) * windowsOf(shorter);
    }

    private long windowsOf(long length) {
        return (length + window - 1) / window;
    }

    /** Where stream s begins in the corpus; for B, its end. */
    private long start(int s) {
        return s * (steps / count) + Math.min(s, steps % count);
    }

    private int stream(long position) {
        long longer = steps / count + 1;
        long behind = longer * (steps % count);
        return (int) (position < behind ? position / longer : steps % count + (position - behind) / (steps / count));
    }

    /** The ordinal of the window that a step of the corpus is in. */
    public long ordinal(long position) {
        int s = stream(position);
        return (position - start(s)) / window * count + s;
    }

    /** The position behind the window that a step is in. */
    public long end(long position) {
        int s = stream(position);
        long within = (position - start(s)) / window;
        return Math.min(start(s + 1), start(s) + (within + 1) * window);
    }
}
