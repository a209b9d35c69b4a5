package dev.unroll.spark.source;

import dev.unroll.data.InputException;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/**
 * Lines of csv and tsv. Cells are text; a cell that begins with a quote ends with one, and a quote inside is written
 * twice (RFC 4180).
 *
 * <p>Stricter than Spark's own reader, which takes a cell whose quote is never closed, and takes quotes inside a cell
 * only where a backslash precedes them.
 */
final class CsvLines implements LineParser {

    private static final long serialVersionUID = 1L;

    /** The fault of a cell of several lines too. */
    static final String UNCLOSED = "unclosed quote";

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
    public boolean isTorn(String line) {
        return dialect.quote() != CsvDialect.NONE
                && dialect.quote() == dialect.escape() // with another escape, quotes do not come in pairs
                && line.chars().filter(c -> c == dialect.quote()).count() % 2 == 1;
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
        int at = 0;
        while (true) {
            if (dialect.quote() != CsvDialect.NONE && at < line.length() && line.charAt(at) == dialect.quote()) {
                quoted.setLength(0);
                at = unquote(line, at + 1, dialect, quoted);
                cells.add(quoted.toString());
            } else {
                int end = line.indexOf(dialect.separator(), at);
                String cell = line.substring(at, end < 0 ? line.length() : end);
                if (dialect.quote() != CsvDialect.NONE && cell.indexOf(dialect.quote()) >= 0) {
                    throw malformed("quote inside an unquoted cell", line); // or the end of a cell of several lines
                }
                cells.add(cell);
                at = end < 0 ? line.length() : end;
            }
            if (at == line.length()) {
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
