package dev.unroll.spark.source;

import dev.unroll.data.InputException;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/**
 * Lines of csv and tsv. Cells are text; a cell that begins with a quote ends with one, and a quote inside is written
 * twice (RFC 4180). In a cell that does not begin with a quote, quotes are text if the line has an even number of them.
 *
 * <p>Stricter than Spark's own reader, which takes a cell whose quote is never closed, and takes quotes inside a cell
 * only where a backslash precedes them.
 */
final class CsvLines implements LineParser {

    private static final long serialVersionUID = 1L;

    /** The fault of a cell of several lines too. */
    static final String UNCLOSED = "unclosed quote";

    /** The fault of a quote that may end a cell that a line before opens, or may be text. */
    static final String STRAY = "quote inside an unquoted cell";

    /** The fault of a line that is part of a cell of several lines. */
    static final String INSIDE = "inside a quote that a line before opens";

    private final CsvDialect dialect;
    private final List<String> names;

    CsvLines(CsvDialect dialect, List<String> names) {
        this.dialect = dialect;
        this.names = List.copyOf(names);
    }

    /**
     * The names of the columns, from the first row of a file.
     *
     * @param file for the message
     */
    static List<String> names(String file, String line, CsvDialect dialect) {
        List<String> names;
        try {
            names = new ArrayList<>(split(line, dialect));
        } catch (Fault fault) {
            throw new InputException(file + ": the header is a " + fault.getMessage() + ": " + BadRow.shown(line));
        }
        ColumnName.requireNotTooMany(names.size());
        for (int i = 0; i < names.size(); i++) {
            if (!dialect.header() || names.get(i).isEmpty()) {
                names.set(i, "_c" + i); // as Spark names them
            }
        }
        return names;
    }

    @Override
    public StructType schema() {
        return new StructType(names.stream()
                .map(name -> DataTypes.createStructField(name, DataTypes.StringType, true))
                .toArray(StructField[]::new));
    }

    @Override
    public boolean hasHeader() {
        return dialect.header();
    }

    @Override
    public boolean isRow(String line) {
        return dialect.isRow(line);
    }

    @Override
    public boolean opensCell(String line) {
        try {
            split(line, dialect);
            return false;
        } catch (Fault fault) {
            return dialect.quote() == dialect.escape() && fault.getMessage().endsWith(UNCLOSED);
        }
    }

    @Override
    public boolean mayCloseCell(String line) {
        return !hasPairs(line, dialect);
    }

    /** Whether quotes come in pairs. With another escape than the quote, nothing says so. */
    private static boolean hasPairs(String line, CsvDialect dialect) {
        return dialect.quote() == dialect.escape()
                && line.chars().filter(c -> c == dialect.quote()).count() % 2 == 0;
    }

    @Override
    public List<String> cells(String line) throws Fault {
        List<String> cells = split(line, dialect);
        if (cells.size() != names.size()) {
            throw malformed(cells.size() < names.size() ? "too few columns" : "too many columns", line);
        }
        cells.replaceAll(cell -> cell.equals(dialect.nullValue()) ? null : cell);
        return cells;
    }

    private static List<String> split(String line, CsvDialect dialect) throws Fault {
        List<String> cells = new ArrayList<>();
        StringBuilder quoted = new StringBuilder();
        boolean stray = false;
        int at = 0;
        while (true) {
            if (dialect.quote() != CsvDialect.NONE && at < line.length() && line.charAt(at) == dialect.quote()) {
                quoted.setLength(0);
                at = unquote(line, at + 1, dialect, quoted);
                cells.add(quoted.toString());
            } else {
                int end = line.indexOf(dialect.separator(), at);
                String cell = line.substring(at, end < 0 ? line.length() : end);
                stray |= dialect.quote() != CsvDialect.NONE && cell.indexOf(dialect.quote()) >= 0;
                cells.add(cell);
                at = end < 0 ? line.length() : end;
            }
            if (at == line.length()) {
                if (stray && !hasPairs(line, dialect)) {
                    throw malformed(STRAY, line); // it may be the end of a cell of several lines
                }
                return cells;
            }
            if (!line.startsWith(dialect.separator(), at)) {
                throw malformed("text behind a closing quote", line);
            }
            at += dialect.separator().length();
        }
    }

    /** Reads a cell that begins after its opening quote; returns where its closing quote ends. */
    private static int unquote(String line, int from, CsvDialect dialect, StringBuilder cell) throws Fault {
        for (int at = from; at < line.length(); at++) {
            char c = line.charAt(at);
            boolean more = at + 1 < line.length();
            if (c == dialect.escape()
                    && c != CsvDialect.NONE
                    && more
                    && (line.charAt(at + 1) == dialect.quote() || line.charAt(at + 1) == dialect.escape())) {
                cell.append(line.charAt(++at));
            } else if (c == dialect.quote()) {
                return at + 1;
            } else {
                cell.append(c);
            }
        }
        throw malformed(UNCLOSED, line);
    }

    private static Fault malformed(String what, String line) {
        return new Fault(null, "malformed line: " + what, line);
    }
}
