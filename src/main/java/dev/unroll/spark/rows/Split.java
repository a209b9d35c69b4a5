package dev.unroll.spark.rows;

/** Which split of the data a row belongs to, or that it cannot be used. */
enum Split {
    TRAINING,
    HELD_OUT,
    BAD;

    private static final Split[] BY_CODE = values();

    /** The byte of the split in a {@link KeyedRow}; rows of one hash are sorted by it. */
    byte code() {
        return (byte) ordinal();
    }

    static Split ofCode(byte code) {
        return BY_CODE[code];
    }
}
