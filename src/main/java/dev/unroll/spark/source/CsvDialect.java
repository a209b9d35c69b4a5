package dev.unroll.spark.source;

import java.io.Serializable;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.StringJoiner;

/**
 * How cells are written in a line of csv or tsv.
 *
 * @param separator between cells
 * @param quote around cells; {@link #NONE} where no cell is quoted
 * @param escape before a quote inside a quoted cell; RFC 4180 takes the quote itself
 * @param comment begins a line that is no row; {@link #NONE} where there are no comments
 * @param header whether the first row names the columns
 * @param nullValue the cell that means null
 */
record CsvDialect(String separator, char quote, char escape, char comment, boolean header, String nullValue)
        implements Serializable {

    static final char NONE = '\0';

    /** The names of Spark's options that this class knows, in lower case. */
    static final Set<String> OPTIONS = Set.of("sep", "delimiter", "quote", "escape", "comment", "header", "nullvalue");

    /**
     * The dialect that Spark's options ask for, over the defaults of the format.
     *
     * @param options with names in lower case
     * @return null for values that only Spark's own reader understands
     */
    static CsvDialect of(String format, Map<String, String> options) {
        boolean tabs = format.equals("tsv");
        String separator = options.getOrDefault("sep", options.getOrDefault("delimiter", tabs ? "\t" : ","));
        separator = separator.equals("\\t") ? "\t" : separator;
        String quote = options.getOrDefault("quote", tabs ? "" : "\"");
        String escape = options.getOrDefault("escape", quote);
        String comment = options.getOrDefault("comment", "");
        String header = options.getOrDefault("header", "true").toLowerCase(Locale.ROOT);
        boolean known = !separator.isEmpty()
                && (separator.length() == 1 || separator.indexOf('\\') < 0)
                && quote.length() <= 1
                && escape.length() <= 1
                && comment.length() <= 1
                && (header.equals("true") || header.equals("false"));
        return known
                ? new CsvDialect(
                        separator,
                        first(quote),
                        first(escape),
                        first(comment),
                        header.equals("true"),
                        options.getOrDefault("nullvalue", ""))
                : null;
    }

    /** The line that {@link CsvLines#cells} reads these cells from; null and the empty text are read as null. */
    String line(List<String> cells) {
        StringJoiner line = new StringJoiner(separator);
        for (String cell : cells) {
            String text = cell == null ? "" : cell;
            boolean blankLine = cells.size() == 1 && text.isBlank();
            boolean special = text.startsWith("\uFEFF") // or a reader would take it for the mark of the file's encoding
                    || text.contains(separator)
                    || text.indexOf(quote) >= 0
                    || text.indexOf('\n') >= 0
                    || text.indexOf('\r') >= 0;
            boolean quotes = quote != NONE && (special || blankLine || "".equals(cell));
            line.add(quotes ? quote + text.replace("" + quote, "" + escape + quote) + quote : text);
        }
        return line.toString();
    }

    private static char first(String text) {
        return text.isEmpty() ? NONE : text.charAt(0);
    }

    /** Blank lines are no rows, nor are comments; a line of separators alone is a row of empty cells. */
    boolean isRow(String line) {
        if (comment != NONE && !line.isEmpty() && line.charAt(0) == comment) {
            return false;
        }
        return !LineRows.isBlank(line) || line.contains(separator);
    }
}
