package dev.unroll.data;

import java.io.Serializable;

/** Token ids in the narrowest of one, two or four bytes each. */
final class TokenArray implements Serializable {

    private static final long serialVersionUID = 1L;

    private final byte[] narrow;
    private final char[] middle;
    private final int[] wide;

    /** Room for {@code length} ids below {@code bound}. */
    TokenArray(int length, int bound) {
        narrow = bound <= 1 << 8 ? new byte[length] : null;
        middle = narrow == null && bound <= 1 << 16 ? new char[length] : null;
        wide = narrow == null && middle == null ? new int[length] : null;
    }

    int get(int at) {
        if (narrow != null) {
            return narrow[at] & 0xff;
        }
        return middle != null ? middle[at] : wide[at];
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
