package dev.unroll.spark.source;

import dev.unroll.data.InputException;
import java.nio.charset.Charset;
import java.nio.charset.IllegalCharsetNameException;
import java.nio.charset.UnsupportedCharsetException;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * What Spark's options of a format ask for; their names may be written in capital letters or not.
 *
 * @param format csv, tsv, json, parquet or text
 * @param all the options as they were given
 */
record ReadOptions(String format, Map<String, String> all) {

    /** Options about files rather than rows, in lower case. */
    private static final Set<String> FILE_OPTIONS =
            Set.of("pathglobfilter", "recursivefilelookup", "modifiedbefore", "modifiedafter", "basepath");

    private static final Set<String> CHARSET_OPTIONS = Set.of("encoding", "charset");

    private Map<String, String> lowerCase() {
        Map<String, String> lower = new HashMap<>();
        all.forEach((name, value) -> lower.put(name.toLowerCase(Locale.ROOT), value));
        return lower;
    }

    /** Whether {@link LineFiles} understands all of them; otherwise Spark's own reader is to read the files. */
    boolean areOfLines() {
        Set<String> known = new HashSet<>(FILE_OPTIONS);
        known.addAll(CHARSET_OPTIONS);
        if (isTable()) {
            known.addAll(CsvDialect.OPTIONS);
        }
        return known.containsAll(lowerCase().keySet()) && (!isTable() || dialect() != null);
    }

    /** Whether Spark looks at the rows to say what the types of columns are. */
    boolean infersTypes() {
        return !isTable() || !lowerCase().getOrDefault("inferschema", "false").equalsIgnoreCase("false");
    }

    /**
     * Whether Spark takes the columns of all Parquet files, not of the first.
     *
     * @param otherwise what the session says
     */
    boolean mergesSchemas(String otherwise) {
        return Boolean.parseBoolean(lowerCase().getOrDefault("mergeschema", otherwise));
    }

    private boolean isTable() {
        return format.equals("csv") || format.equals("tsv");
    }

    /**
     * How cells are written; null for formats without cells, and for values that only Spark's own reader understands.
     */
    CsvDialect dialect() {
        return isTable() ? CsvDialect.of(format, lowerCase()) : null;
    }

    /** Those about files. */
    Map<String, String> ofFiles() {
        Map<String, String> some = new HashMap<>(all);
        some.keySet().removeIf(name -> !FILE_OPTIONS.contains(name.toLowerCase(Locale.ROOT)));
        return some;
    }

    /** @throws InputException for an encoding that there is not, or in which lines cannot be found */
    Charset charset() {
        Map<String, String> lower = lowerCase();
        String name = lower.getOrDefault("encoding", lower.getOrDefault("charset", "UTF-8"));
        try {
            Charset charset = Charset.forName(name);
            if ("\n".getBytes(charset).length != 1) {
                throw new InputException("read-option encoding is " + name
                        + ", in which a line end is not one byte; convert the files to UTF-8 first");
            }
            return charset;
        } catch (IllegalCharsetNameException | UnsupportedCharsetException | UnsupportedOperationException e) {
            throw new InputException("read-option encoding is " + name + ", and there is no such encoding", e);
        }
    }
}
