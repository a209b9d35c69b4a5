package dev.unroll.spark.source;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.Charset;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;

/**
 * Lines as Spark's text reader gives them, bytes that nobody has decoded yet, to rows: the cells, the partition columns
 * of the directory, and the {@link Origin}. A line that cannot be used becomes a row of nulls whose origin says why:
 * nothing is replaced, nothing is lost, nothing is thrown.
 *
 * <p>Takes rows of (bytes, file, start of the block, partition columns ...). Within a partition they come in the order
 * of the file.
 */
final class LineRows implements MapPartitionsFunction<Row, Row> {

    private static final long serialVersionUID = 1L;

    static final int PLACE = 3; // bytes, file, block

    private static final int MAX_HELD = 100; // lines that a torn cell may have

    private final LineParser parser;
    private final String charset;

    LineRows(LineParser parser, Charset charset) {
        this.parser = parser;
        this.charset = charset.name();
    }

    @Override
    public Iterator<Row> call(Iterator<Row> lines) {
        return new Rows(lines, parser, Charset.forName(charset));
    }

    /** The text; null if the bytes are none in this charset. */
    static String decode(byte[] bytes, Charset charset) {
        String text = new String(bytes, charset);
        if (text.indexOf('\uFFFD') < 0) {
            return text; // what cannot be decoded becomes U+FFFD, so this is most lines
        }
        try {
            return charset.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
        } catch (CharacterCodingException e) {
            return null;
        }
    }

    /** Whether a line has nothing but spaces and tabs. Other characters that cannot be seen are data. */
    static boolean isBlank(String line) {
        return line.chars().allMatch(c -> c == ' ' || c == '\t');
    }

    private static final class Rows implements Iterator<Row> {
        private final Iterator<Row> lines;
        private final LineParser parser;
        private final Charset charset;
        private final int columns;
        private String file = "";
        private long block = -1;
        private long index; // of the next line, within the block
        private boolean header; // whether the next row is the header
        private boolean torn; // whether a cell began in a line before and has not ended
        private final Deque<Row> held = new ArrayDeque<>(); // rows since then: whether they are rows shows later
        private final Deque<Row> next = new ArrayDeque<>();

        Rows(Iterator<Row> lines, LineParser parser, Charset charset) {
            this.lines = lines;
            this.parser = parser;
            this.charset = charset;
            this.columns = parser.schema().size();
        }

        @Override
        public boolean hasNext() {
            while (next.isEmpty() && lines.hasNext()) {
                add(lines.next());
            }
            if (next.isEmpty()) {
                release();
            }
            return !next.isEmpty();
        }

        @Override
        public Row next() {
            if (!hasNext()) {
                throw new NoSuchElementException();
            }
            return next.remove();
        }

        private void add(Row line) {
            byte[] bytes = line.getAs(0);
            if (line.getLong(2) != block || !line.getString(1).equals(file)) {
                release();
                file = line.getString(1);
                block = line.getLong(2);
                index = 0;
                header = block == 0 && parser.hasHeader();
            }
            String text = decode(bytes, charset);
            Row row = row(line, bytes, text);
            boolean bad = text != null && row != null && Origin.fault(Origin.of(row)) != null;
            if (bad && torn && parser.mayCloseCell(text)) { // what was held is part of the cell
                held.forEach(part -> next.add(partOfTorn(part)));
                held.clear();
                torn = false;
                next.add(row);
            } else if (bad && !torn && parser.opensCell(text)) {
                torn = true;
                next.add(row);
            } else if (row != null) {
                (torn ? held : next).add(row);
                if (held.size() > MAX_HELD) {
                    release();
                }
            }
        }

        /** What was held are rows: the cell that began before them does not end. */
        private void release() {
            next.addAll(held);
            held.clear();
            torn = false;
        }

        private Row partOfTorn(Row row) {
            Row origin = Origin.of(row);
            if (Origin.fault(origin) != null) {
                return row;
            }
            Object[] cells = new Object[row.size()];
            for (int i = columns; i < cells.length; i++) {
                cells[i] = row.get(i);
            }
            Fault fault = new Fault(null, "malformed line: " + CsvLines.INSIDE, row.get(0));
            cells[cells.length - 1] = Origin.of(Origin.file(origin), Origin.block(origin), origin.getLong(2), fault);
            return RowFactory.create(cells);
        }

        /** Null for a line that is no row. */
        private Row row(Row line, byte[] bytes, String text) {
            long at = index++;
            if (text != null && !parser.isRow(text)) {
                return null;
            }
            if (header) {
                header = false;
                return null;
            }
            Object[] cells = new Object[columns + line.size() - PLACE + 1];
            for (int i = PLACE; i < line.size(); i++) {
                cells[columns + i - PLACE] = line.get(i);
            }
            cells[cells.length - 1] = Origin.of(file, block, at);
            try {
                if (text == null) {
                    String hint = block == 0 && at == 0 ? Packing.hint(bytes) : "";
                    throw new Fault(null, "not valid " + charset.name() + hint, new String(bytes, charset));
                }
                List<?> parsed = parser.cells(text);
                for (int c = 0; c < columns; c++) {
                    cells[c] = parsed.get(c);
                }
            } catch (Fault fault) {
                Arrays.fill(cells, 0, columns, null);
                cells[cells.length - 1] = Origin.of(file, block, at, fault);
            }
            return RowFactory.create(cells);
        }
    }
}
