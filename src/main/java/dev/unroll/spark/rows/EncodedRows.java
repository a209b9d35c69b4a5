package dev.unroll.spark.rows;

import dev.unroll.data.CanonicalRow;
import dev.unroll.spark.source.BadRow;
import dev.unroll.spark.source.Fault;
import dev.unroll.spark.source.Origin;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.Row;

/**
 * Rows of one partition as keys whose order is the canonical one: hash, part, bytes. The last column of a row is its {@link Origin}; a row that
 * cannot be used becomes a key of part {@link SequenceReader#BAD}.
 *
 * @param <T> what is made of a row and one of its keys
 */
final class EncodedRows<T> implements Iterator<T> {

    /** Makes something of a row and one of its keys. */
    interface Result<T> {
        T of(Row row, byte[] key);
    }

    private final Iterator<Row> rows;
    private final RowParser parser;
    private final long seed;
    private final HoldOut holdOut;
    private final Result<T> result;
    private final Map<String, Long> read = new HashMap<>(); // rows so far, by block of a file
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
        Row origin = row.getStruct(row.length() - 1);
        long index = read.merge(origin.getString(0) + "@" + origin.getLong(1), 1L, Long::sum) - 1;
        try {
            Fault known = Origin.fault(origin);
            if (known != null) {
                throw known;
            }
            List<CanonicalRow> pieces = parser.parse(row);
            byte part = holdOut.test(row, pieces.get(0)) ? SequenceReader.HELD_OUT : SequenceReader.TRAINING;
            for (CanonicalRow piece : pieces) {
                results.add(result.of(row, SequenceReader.key(piece.hash(seed), part, piece.bytes())));
            }
        } catch (Fault fault) {
            byte[] bad = BadRow.of(Origin.place(origin, index), fault).toBytes();
            results.add(result.of(row, SequenceReader.key(0, SequenceReader.BAD, bad)));
        }
    }
}
