package dev.unroll.spark.rows;

/** Which split of the data a row belongs to, or that it cannot be used. */
enum Split {
    TRAINING(0),
    HELD_OUT(1),
    BAD(2);

    private final byte code;

    Split(int code) {
        this.code = (byte) code;
    }

    /** The byte of the split in a {@link KeyedRow}; rows of one hash are sorted by it. */
    byte code() {
        return code;
    }

    static Split ofCode(byte code) {
        return switch (code) {
            case 0 -> TRAINING;
            case 1 -> HELD_OUT;
            case 2 -> BAD;
            default -> throw new IllegalArgumentException("split " + code + "; allowed are 0, 1 and 2");
        };
    }
}
