package dev.unroll.cli.frame;

import dev.unroll.ml.ParamDocs;
import dev.unroll.spark.source.BadRow;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * One key of a command: what the command line, its help, and docs/keys.md say of it, and how a value is read.
 *
 * @param name as on the command line, such as {@code output-format}
 * @param doc one line, without the default and the allowed values, which are printed next to it
 * @param byDefault what holds where the key is not given
 */
public record Option(String name, Type type, String doc, Default byDefault, Constraint allowed) {

    /** Between the values of a key that was given several times: nothing that a value could hold. */
    public static final String SEPARATOR = "\u0001";

    /** What a value is. */
    public enum Type {
        BOOLEAN("boolean"),
        INTEGER("integer"),
        NUMBER("number"),
        LIST("list"),
        TEXT("text"),
        /** The only type that may be given several times. */
        PAIRS("key=value");

        private final String text;

        Type(String text) {
            this.text = text;
        }

        /** As help and docs say it. */
        public String text() {
            return text;
        }

        private static Type of(ParamDocs.Key key) {
            return Stream.of(values())
                    .filter(type -> type.text.equals(key.type()))
                    .findFirst()
                    .orElseThrow();
        }
    }

    /**
     * What holds where a key is not given.
     *
     * @param value as it would be given; empty where there is none
     * @param note what holds instead of the value under a condition, or, without a value, what holds, in words; may be empty
     */
    public record Default(String value, String note) {
        static final Default NONE = new Default("", "");

        /** As help and docs say it. */
        public String text() {
            return Stream.of(value, note).filter(text -> !text.isEmpty()).collect(Collectors.joining(", or "));
        }
    }

    /** Which values there are. */
    public sealed interface Constraint {

        /** As help and docs say it; empty where the type says it all. */
        String words();

        /**
         * The value that a text stands for.
         *
         * @throws UsageException naming key, text and what is allowed
         */
        Object parse(String key, String text);
    }

    private record Any() implements Constraint {
        @Override
        public String words() {
            return "";
        }

        @Override
        public Object parse(String key, String text) {
            return text;
        }
    }

    private record TrueOrFalse() implements Constraint {
        @Override
        public String words() {
            return "";
        }

        @Override
        public Object parse(String key, String text) {
            if (!text.equals("true") && !text.equals("false")) {
                throw refused(key, text, "is true or false");
            }
            return Boolean.valueOf(text);
        }
    }

    private record OneOf(List<String> values) implements Constraint {
        @Override
        public String words() {
            int last = values.size() - 1;
            return last == 0 ? values.get(0) : String.join(", ", values.subList(0, last)) + " and " + values.get(last);
        }

        @Override
        public Object parse(String key, String text) {
            if (!values.contains(text)) {
                throw refused(key, text, "are " + words());
            }
            return text;
        }
    }

    /**
     * Whole numbers. Where the largest is only that of the type, it is named to whoever exceeds it and to nobody else.
     */
    private record Whole(long least, long most) implements Constraint {
        private static boolean isEndOfType(long most) {
            return most == Integer.MAX_VALUE || most == Long.MAX_VALUE;
        }

        @Override
        public String words() {
            if (!isEndOfType(most)) {
                return "from " + least + " to " + most;
            }
            return least == Long.MIN_VALUE ? "" : "at least " + least;
        }

        @Override
        public Object parse(String key, String text) {
            try {
                long value = Long.parseLong(text);
                if (value > most) {
                    throw refused(key, text, "is a whole number, at most " + most);
                }
                if (value >= least) {
                    return value;
                }
            } catch (NumberFormatException e) {
                // refused below, like a number that is too small
            }
            throw refused(key, text, "is a whole number" + (words().isEmpty() ? "" : ", " + words()));
        }
    }

    private record AtLeast(int least) implements Constraint {
        @Override
        public String words() {
            return "at least " + least;
        }

        @Override
        public Object parse(String key, String text) {
            try {
                double value = Double.parseDouble(text);
                if (value >= least && value < Double.POSITIVE_INFINITY) {
                    return value;
                }
            } catch (NumberFormatException e) {
                // refused below, like a number out of range
            }
            throw refused(key, text, "is a number, " + words());
        }
    }

    private record Pairs() implements Constraint {
        @Override
        public String words() {
            return "";
        }

        @Override
        public Object parse(String key, String text) {
            Map<String, String> pairs = new LinkedHashMap<>();
            for (String pair : text.split(SEPARATOR)) {
                int equals = pair.indexOf('=');
                if (equals > 0) {
                    String name = pair.substring(0, equals);
                    if (pairs.put(name, pair.substring(equals + 1)) != null) {
                        throw new UsageException(key + " gives " + BadRow.shown(name) + " twice");
                    }
                } else if (!pair.isEmpty()) {
                    throw refused(key, pair, "is key=value");
                }
            }
            return pairs;
        }
    }

    private record OfParam(ParamDocs.Key param) implements Constraint {
        @Override
        public String words() {
            return param.allowed();
        }

        @Override
        public Object parse(String key, String text) {
            try {
                return param.parse(text);
            } catch (IllegalArgumentException e) {
                throw new UsageException(String.valueOf(e.getMessage()));
            }
        }
    }

    private static UsageException refused(String key, String text, String allowed) {
        return new UsageException(key + " is " + BadRow.shown(text) + "; allowed " + allowed);
    }

    public static Option text(String name, String doc) {
        return new Option(name, Type.TEXT, doc, Default.NONE, new Any());
    }

    /** One of some words. */
    public static Option oneOf(String name, List<String> values, String doc) {
        return new Option(name, Type.TEXT, doc, Default.NONE, new OneOf(List.copyOf(values)));
    }

    /** True or false; false where it is not given, and true where it is given without a value. */
    public static Option flag(String name, String doc) {
        return new Option(name, Type.BOOLEAN, doc, new Default("false", ""), new TrueOrFalse());
    }

    /** A whole number that an int holds. */
    public static Option whole(String name, int least, String doc) {
        return whole(name, least, Integer.MAX_VALUE, doc);
    }

    public static Option whole(String name, long least, long most, String doc) {
        return new Option(name, Type.INTEGER, doc, Default.NONE, new Whole(least, most));
    }

    /** A finite number. */
    public static Option number(String name, int least, String doc) {
        return new Option(name, Type.NUMBER, doc, Default.NONE, new AtLeast(least));
    }

    /** What may be given several times. */
    public static Option pairs(String name, String doc) {
        return new Option(name, Type.PAIRS, doc, Default.NONE, new Pairs());
    }

    /** The key of a Param. */
    public static Option of(ParamDocs.Key param) {
        return new Option(
                param.name(),
                Type.of(param),
                param.doc(),
                new Default(param.defaultText(), param.otherDefaults()),
                new OfParam(param));
    }

    /** With that value where the key is not given. */
    public Option orElse(String value) {
        return new Option(name, type, doc, new Default(value, byDefault.note()), allowed);
    }

    /** With that value where the key is not given. */
    public Option orElse(long value) {
        return orElse(Long.toString(value));
    }

    /** With words on what holds where the key is not given; a default value of before is none. */
    public Option orElseAs(String note) {
        return new Option(name, type, doc, new Default("", note), allowed);
    }

    /** With another description. */
    public Option describedAs(String text) {
        return new Option(name, type, text, byDefault, allowed);
    }

    /**
     * The value that a text stands for.
     *
     * @throws UsageException naming key, text and what is allowed
     */
    public Object parse(String text) {
        return allowed.parse(name, text);
    }

    /** A value of the config file and one of the command line, which wins; pairs of other names are kept. */
    String join(String ofFile, String ofCommandLine) {
        if (type != Type.PAIRS) {
            return ofCommandLine;
        }
        List<String> joined = new ArrayList<>(List.of(ofCommandLine.split(SEPARATOR)));
        for (String pair : ofFile.split(SEPARATOR)) {
            String name = pair.substring(0, pair.indexOf('=') + 1); // empty for what is refused later
            if (name.isEmpty() || joined.stream().noneMatch(other -> other.startsWith(name))) {
                joined.add(pair);
            }
        }
        return String.join(SEPARATOR, joined);
    }

    /** The description with default and what is allowed, as the help of a command has it. */
    public String help() {
        String rest = Stream.of(
                        byDefault.text().isEmpty() ? "" : "default " + byDefault.text(),
                        allowed.words().isEmpty() ? "" : "allowed: " + allowed.words())
                .filter(part -> !part.isEmpty())
                .collect(Collectors.joining("; "));
        return rest.isEmpty() ? doc : doc + " (" + rest + ")";
    }
}
