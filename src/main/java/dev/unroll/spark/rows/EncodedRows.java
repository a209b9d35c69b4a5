package dev.unroll.spark.rows;

import dev.unroll.data.CanonicalRow;
import dev.unroll.spark.source.BadRow;
import dev.unroll.spark.source.Fault;
import dev.unroll.spark.source.Origin;
import dev.unroll.spark.source.RowPlace;
import dev.unroll.spark.source.RowPlaces;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import org.apache.spark.sql.Row;

/**
 * Rows of one partition as {@link KeyedRow}s. The last column of a row is its {@link Origin}; a row that cannot be used
 * becomes a keyed row of split {@link Split#BAD}.
 *
 * @param <T> what is made of a row and one of its keyed rows
 */
final class EncodedRows<T> implements Iterator<T> {

    /** Makes something of a row. */
    interface Result<T> {
        /**
         * @param keyed the row, or one of the windows that cut a document
         * @param first by which the whole row is on one side of a split: the row, or the first window; null of a bad one
         */
        T of(Row row, KeyedRow keyed, CanonicalRow first);
    }

    private final Iterator<Row> rows;
    private final RowParser parser;
    private final long seed;
    private final HoldOut holdOut;
    private final Result<T> result;
    private final RowPlaces places = new RowPlaces();
    private final Deque<T> results = new ArrayDeque<>(); // of the row read last

    EncodedRows(Iterator<Row> rows, RowParser parser, long seed, HoldOut holdOut, Result<T> result) {
        this.rows = rows;
        this.parser = parser;
        this.seed = seed;
        this.holdOut = holdOut;
        this.result = result;
    }

    @Override
    public boolean hasNext() {
        return !results.isEmpty() || rows.hasNext();
    }

    @Override
    public T next() {
        if (results.isEmpty()) {
            read(rows.next());
        }
        return results.remove();
    }

    /** A row is held out or not as a whole: by its first piece. */
    private void read(Row row) {
        Row origin = Origin.of(row);
        RowPlace place = places.next(origin);
        try {
            Fault known = Origin.fault(origin);
            if (known != null) {
                throw known;
            }
            List<CanonicalRow> pieces = parser.parse(row);
            Split split = holdOut.test(row, pieces.get(0)) ? Split.HELD_OUT : Split.TRAINING;
            for (CanonicalRow piece : pieces) {
                results.add(result.of(row, KeyedRow.of(piece, seed, split), pieces.get(0)));
            }
        } catch (Fault fault) {
            BadRow bad = BadRow.of(place, fault);
            results.add(result.of(row, KeyedRow.of(bad), null));
        }
    }
}
