package dev.unroll.spark.rows;

import dev.unroll.data.CanonicalRow;
import java.io.Serializable;
import org.apache.spark.sql.Row;

/** Which rows are held out of the training. */
interface HoldOut extends Serializable {

    /** @param piece the row as it is trained on; its first piece where windows cut it */
    boolean test(Row row, CanonicalRow piece);

    /** A share of all rows, by a hash of the steps alone, so that equal sequences stay on one side. */
    static HoldOut share(double share) {
        return (row, piece) -> share >= 1 || (share > 0 && piece.splitPosition() < share);
    }

    /** Rows that are true in a column, given by its index. */
    static HoldOut where(int column) {
        return (row, piece) -> row.getBoolean(column);
    }
}
