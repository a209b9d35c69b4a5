package dev.unroll.spark.rows;

import dev.unroll.data.CanonicalRow;
import dev.unroll.data.RowOutcome;
import dev.unroll.spark.source.Fault;
import java.io.Serializable;
import java.util.List;
import org.apache.spark.sql.Row;

/** Columns of a row to the steps of its sequence. */
interface SequenceParser extends Serializable {

    /** The columns that it reads. */
    List<String> columns();

    /** Whether steps are tokens; otherwise they are numbers, or columns of both. */
    boolean tokens();

    /** A parser for which steps of any other width than this are a fault; 0 to allow every width. */
    SequenceParser withWidth(int width);

    /**
     * The sequence of a row.
     *
     * @param row whose first columns are {@link #columns}
     */
    CanonicalRow parse(Row row, RowOutcome outcome, float weight) throws Fault;
}
