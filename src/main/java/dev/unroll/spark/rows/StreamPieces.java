package dev.unroll.spark.rows;

import dev.unroll.data.CanonicalRow;
import dev.unroll.data.Streams;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import scala.Tuple2;

/**
 * Documents in canonical order, cut where the windows of the streams end: takes documents, gives pieces, each with its
 * position in the corpus.
 */
final class StreamPieces implements Iterator<Tuple2<Long, byte[]>> {
    private final Iterator<CanonicalRow> rows;
    private final Streams streams;
    private long position;
    private List<String> tokens = List.of(); // of the document at hand
    private int at; // its next step

    /** @param position of the first document in the corpus, in steps */
    StreamPieces(Iterator<CanonicalRow> rows, Streams streams, long position) {
        this.rows = rows;
        this.streams = streams;
        this.position = position;
    }

    @Override
    public boolean hasNext() {
        return at + 1 < tokens.size() || rows.hasNext();
    }

    @Override
    public Tuple2<Long, byte[]> next() {
        if (at + 1 >= tokens.size()) {
            tokens = new ArrayList<>();
            rows.next().forEachToken(tokens::add);
            at = 0;
        }
        int steps = (int) Math.min(tokens.size() - 1L - at, streams.end(position) - position);
        byte[] piece = CanonicalRow.ofTokens(tokens.subList(at, at + steps + 1), List.of(), 1f)
                .bytes();
        Tuple2<Long, byte[]> next = new Tuple2<>(position, piece);
        position += steps;
        at += steps;
        return next;
    }
}
