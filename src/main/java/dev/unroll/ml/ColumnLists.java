package dev.unroll.ml;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Lists of column names as text: commas between them, and double quotes around a name that has a comma, as in csv. White
 * space around a name is not part of it unless it is quoted.
 */
final class ColumnLists {

    static final String ALLOWED = "column names with commas between them, in double quotes if they have commas";

    private static final Pattern ITEM = Pattern.compile("\\s*(?:\"((?:[^\"]|\"\")*)\"|([^\",][^,]*|))\\s*(,|\\z)");

    private ColumnLists() {}

    /** @throws NumberFormatException for a quote that is not closed where a name ends */
    static List<String> names(String text) {
        List<String> names = new ArrayList<>();
        Matcher item = ITEM.matcher(text);
        for (int at = 0; at < text.length(); at = item.end()) {
            if (!item.find(at) || item.start() != at) {
                throw new NumberFormatException(text); // as of any value that cannot be read
            }
            String quoted = item.group(1);
            String name = quoted == null ? item.group(2).strip() : quoted.replace("\"\"", "\"");
            if (!name.isEmpty()) {
                names.add(name);
            }
        }
        return names;
    }

    /** As {@link #names} reads it. */
    static String text(String... names) {
        return Arrays.stream(names)
                .map(name -> name.contains(",") || name.startsWith("\"") || !name.equals(name.strip())
                        ? "\"" + name.replace("\"", "\"\"") + "\""
                        : name)
                .collect(Collectors.joining(","));
    }
}
