package dev.unroll.spark.rows;

import dev.unroll.data.CanonicalRow;
import java.io.Serializable;
import org.apache.spark.sql.Row;

/** Which rows are held out of the training. */
interface HoldOut extends Serializable {

    /** @param piece the row as it is trained on; its first window where it is a document that windows cut */
    boolean test(Row row, CanonicalRow piece);

    /** Every row: none is trained on. */
    static HoldOut all() {
        return (row, piece) -> true;
    }

    /** A share of all rows, by a hash of the steps alone, so that equal sequences stay on one side. */
    static HoldOut share(double share) {
        return (row, piece) -> share > 0 && piece.splitPosition() < share;
    }

    /** Rows that are true in a column, given by its index. */
    static HoldOut where(int column) {
        return (row, piece) -> row.getBoolean(column);
    }
}
