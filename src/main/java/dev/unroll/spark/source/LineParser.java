package dev.unroll.spark.source;

import java.io.Serializable;
import java.util.List;
import org.apache.spark.sql.types.StructType;

/** One line of text to the cells of one row. */
interface LineParser extends Serializable {

    /** The columns of {@link #cells}. */
    StructType schema();

    /** Whether the first row of each file names the columns. */
    boolean hasHeader();

    /** Whether a line is a row at all; blank lines and comments may be none. */
    boolean isRow(String line);

    /** Whether a cell begins in the line and does not end in it. */
    default boolean opensCell(String line) {
        return false;
    }

    /** Whether a cell that began in a line before may end in this one, which is no row by itself. */
    default boolean mayCloseCell(String line) {
        return false;
    }

    /**
     * The cells, one for each column.
     *
     * @throws Fault if the line cannot be used
     */
    List<?> cells(String line) throws Fault;
}
