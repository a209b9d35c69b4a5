package dev.unroll.data;

import java.io.Serializable;

/**
 * A corpus laid out for a state that is carried from update to update: its documents, concatenated in canonical order,
 * are cut into B streams (of S div B steps, the first S mod B of one more), and each stream into windows. Window w of
 * stream s has the ordinal w B + s, so batch k of a plan that takes ordinals in order is window k of every stream.
 *
 * @param count B
 * @param window steps of one window; the last of a stream may be shorter
 * @param steps S, of the whole corpus
 */
public record Streams(int count, int window, long steps) implements Serializable {

    /** @throws IllegalArgumentException if there are no streams, no steps in a window, or more streams than steps */
    public Streams {
        if (count < 1 || window < 1) {
            throw new IllegalArgumentException("batch-size is " + count + " and window " + window
                    + "; with carry-state allowed is at least 1 for both");
        }
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
        long border = longer * (steps % count); // where the shorter streams begin
        return (int) (position < border ? position / longer : steps % count + (position - border) / (steps / count));
    }

    /** The ordinal of the window that a step of the corpus is in. */
    public long ordinal(long position) {
        int s = stream(position);
        return (position - start(s)) / window * count + s;
    }

    /** The position after the window that a step is in. */
    public long end(long position) {
        int s = stream(position);
        long within = (position - start(s)) / window;
        return Math.min(start(s + 1), start(s) + (within + 1) * window);
    }
}
