package dev.unroll.spark.source;

import java.time.ZoneOffset;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Predicate;
import org.apache.spark.sql.catalyst.util.DateTimeUtils;
import org.apache.spark.unsafe.types.UTF8String;

/**
 * What Spark's options of a format may be. Spark passes over a name that it does not know, and fails later over a value
 * that it cannot use, so both are refused first. Names with a dot are settings of Hadoop's, which know no list.
 */
final class ReadOptionValues {

    /** Which values an option has, with the words for it. */
    private record Kind(String words, Predicate<String> check) {}

    private static final Kind ANY = new Kind("", value -> true);
    private static final Kind FLAG =
            new Kind("true or false", value -> value.equalsIgnoreCase("true") || value.equalsIgnoreCase("false"));
    private static final Kind CHARACTER =
            new Kind("one character, or empty for none", value -> value.length() <= 1 || value.equals("\\t"));
    private static final Kind CHARACTERS = new Kind("at least one character", value -> !value.isEmpty());
    private static final Kind COUNT = new Kind("a whole number, at least 1", value -> whole(value) >= 1);
    private static final Kind COUNT_OR_ALL =
            new Kind("a whole number, at least 1, or -1 for any", value -> whole(value) >= 1 || value.equals("-1"));
    private static final Kind SHARE = new Kind("a number, above 0 and at most 1", ReadOptionValues::isShare);
    private static final Kind TIME =
            new Kind("a time such as 2024-03-01T00:00:00, or a date", ReadOptionValues::isTime);
    private static final Kind LOSS =
            new Kind("false: true would leave files out without a count", value -> value.equalsIgnoreCase("false"));

    private ReadOptionValues() {}

    /** @throws IllegalArgumentException for a name or a value that the format does not have */
    static void require(String format, Map<String, String> options) {
        Map<String, Kind> known = of(format);
        Map<String, String> seen = new HashMap<>();
        options.forEach((name, value) -> {
            String lower = name.toLowerCase(Locale.ROOT);
            String pair = "read-option is " + BadRow.shown(name) + "=" + BadRow.shown(value);
            if (lower.equals("mode")) {
                throw new IllegalArgumentException(pair + "; handle-invalid says what is done with bad rows");
            }
            if (seen.put(lower, name) != null) {
                throw new IllegalArgumentException("read-option gives " + BadRow.shown(lower) + " twice");
            }
            Kind kind = known.get(lower);
            if (kind == null && name.indexOf('.') < 0) {
                throw new IllegalArgumentException(pair + ", and " + format
                        + " has no such option; allowed are those of Spark's reader of the format");
            }
            if (kind != null && !kind.check.test(value)) {
                throw new IllegalArgumentException(pair + "; " + name + " is " + kind.words);
            }
        });
    }

    private static Map<String, Kind> of(String format) {
        Map<String, Kind> known = new HashMap<>();
        if (format.equals(CatalogTable.FORMAT)) {
            // Those that Spark itself knows. What others a table's source has is not known here, nor to Spark.
            add(known, ANY, "versionAsOf");
            add(known, TIME, "timestampAsOf");
            return known;
        }
        add(known, ANY, "pathGlobFilter", "basePath", "encoding", "charset");
        add(known, FLAG, "recursiveFileLookup");
        add(known, TIME, "modifiedBefore", "modifiedAfter");
        add(known, LOSS, "ignoreCorruptFiles", "ignoreMissingFiles");
        switch (format) {
            case "parquet" -> {
                add(known, FLAG, "mergeSchema");
                add(known, ANY, "datetimeRebaseMode", "int96RebaseMode");
            }
            case "text" -> {
                add(known, FLAG, "wholetext");
                add(known, CHARACTERS, "lineSep");
            }
            default -> {
                add(known, ANY, "dateFormat", "timestampFormat", "timestampNTZFormat", "timeZone", "locale");
                add(known, FLAG, "multiLine", "enableDateTimeParsingFallback");
                add(known, SHARE, "samplingRatio");
                add(known, CHARACTERS, "lineSep");
                if (format.equals("json")) {
                    addJson(known);
                } else {
                    addTables(known);
                }
            }
        }
        return known;
    }

    private static void addTables(Map<String, Kind> known) {
        add(known, CHARACTERS, "sep", "delimiter");
        add(known, CHARACTER, "quote", "escape", "comment", "charToEscapeQuoteEscaping");
        add(
                known,
                FLAG,
                "header",
                "inferSchema",
                "ignoreLeadingWhiteSpace",
                "ignoreTrailingWhiteSpace",
                "enforceSchema");
        add(known, FLAG, "columnPruning", "preferDate");
        add(known, ANY, "nullValue", "nanValue", "positiveInf", "negativeInf", "emptyValue", "unescapedQuoteHandling");
        add(known, COUNT, "maxColumns", "inputBufferSize");
        add(known, COUNT_OR_ALL, "maxCharsPerColumn");
    }

    private static void addJson(Map<String, Kind> known) {
        add(known, COUNT, "maxNestingDepth", "maxNumLen", "maxStringLen");
        add(known, CHARACTERS, "singleVariantColumn");
        add(known, FLAG, "allowComments", "allowSingleQuotes", "allowUnquotedFieldNames", "allowNumericLeadingZeros");
        add(known, FLAG, "allowNonNumericNumbers", "allowBackslashEscapingAnyCharacter", "allowUnquotedControlChars");
        add(
                known,
                FLAG,
                "primitivesAsString",
                "prefersDecimal",
                "dropFieldIfAllNull",
                "inferTimestamp",
                "useUnsafeRow");
    }

    private static void add(Map<String, Kind> known, Kind kind, String... names) {
        List.of(names).forEach(name -> known.put(name.toLowerCase(Locale.ROOT), kind));
    }

    /** The number; 0 for a text that is none. */
    private static int whole(String text) {
        try {
            return Integer.parseInt(text);
        } catch (NumberFormatException e) {
            return 0;
        }
    }

    private static boolean isShare(String text) {
        try {
            double value = Double.parseDouble(text);
            return value > 0 && value <= 1;
        } catch (NumberFormatException e) {
            return false;
        }
    }

    /** As Spark itself reads it. */
    private static boolean isTime(String text) {
        return DateTimeUtils.stringToTimestamp(UTF8String.fromString(text), ZoneOffset.UTC)
                .isDefined();
    }
}
