package dev.unroll.data;

import java.io.Serializable;

/** Token ids in the narrowest of one, two or four bytes each. */
public final class TokenArray implements Serializable {

    private static final long serialVersionUID = 1L;

    private final byte[] narrow;
    private final char[] middle;
    private final int[] wide;
    private final int bound;

    /** Room for {@code length} ids below {@code bound}. */
    TokenArray(int length, int bound) {
        this.bound = bound;
        int bytes = bytesPerId(bound);
        narrow = bytes == Byte.BYTES ? new byte[length] : null;
        middle = bytes == Character.BYTES ? new char[length] : null;
        wide = bytes == Integer.BYTES ? new int[length] : null;
    }

    /** Bytes of each id below {@code bound}. */
    public static int bytesPerId(int bound) {
        return bound <= 1 << 8 ? Byte.BYTES : bound <= 1 << 16 ? Character.BYTES : Integer.BYTES;
    }

    int bound() {
        return bound;
    }

    int get(int at) {
        if (narrow != null) {
            return narrow[at] & 0xff;
        }
        return middle != null ? middle[at] : wide[at];
    }

    /** The ids of {@code length} places, as a copy. */
    int[] get(int from, int length) {
        int[] ids = new int[length];
        for (int i = 0; i < length; i++) {
            ids[i] = get(from + i);
        }
        return ids;
    }

    void set(int at, int id) {
        if (narrow != null) {
            narrow[at] = (byte) id;
        } else if (middle != null) {
            middle[at] = (char) id;
        } else {
            wide[at] = id;
        }
    }
}
