package dev.unroll.spark.source;

/** Why a row cannot be used: column, reason and value; turned into a {@link BadRow} where the row's place is known. */
public final class Fault extends Exception {

    private static final long serialVersionUID = 1L;

    private final String column;
    private final String value;

    /**
     * @param column the column at fault; null where it is the whole row
     * @param value the value at fault
     */
    public Fault(String column, String reason, Object value) {
        super(reason, null, false, false);
        this.column = column;
        this.value = String.valueOf(value);
    }

    /** The column at fault; null where it is the whole row. */
    public String column() {
        return column;
    }

    /** The value at fault. */
    public String value() {
        return value;
    }
}
