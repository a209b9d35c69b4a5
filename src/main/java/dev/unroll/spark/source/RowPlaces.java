package dev.unroll.spark.source;

import java.util.HashMap;
import java.util.Map;
import org.apache.spark.sql.Row;

/**
 * Where the rows of one partition were read. Rows without a number are counted by block of a file, so every row is to
 * be asked for, in the order in which Spark gives them.
 */
public final class RowPlaces {

    private record Block(String file, long start) {}

    private final Map<Block, Long> rows = new HashMap<>(); // so far

    /** The place of the next row, by its {@link Origin}. */
    public RowPlace next(Row origin) {
        if (Origin.hasNumber(origin)) {
            return Origin.place(origin, 0);
        }
        long count = rows.merge(new Block(Origin.file(origin), Origin.block(origin)), 1L, Long::sum);
        return Origin.place(origin, count - 1);
    }
}
