package dev.unroll.data;

/**
 * Text of unknown origin as part of a message: no character of it can end a line, colour a terminal or turn the
 * direction of writing, and it is short.
 */
public final class Printable {

    private static final String CUT = "...";

    private Printable() {}

    /** The text with everything escaped that is not seen: control and format characters, breaks, half surrogates. */
    public static String of(String text) {
        if (text.codePoints().noneMatch(Printable::isHidden)) {
            return text;
        }
        StringBuilder printable = new StringBuilder(text.length() + 16);
        text.codePoints().forEach(c -> {
            if (isHidden(c)) {
                printable.append(String.format("\\u%04X", c));
            } else {
                printable.appendCodePoint(c);
            }
        });
        return printable.toString();
    }

    /** The same, and no more than that many characters of the text. */
    public static String of(String text, int most) {
        if (text.codePointCount(0, Math.min(text.length(), 2 * most + 2)) <= most) {
            return of(text);
        }
        return of(text.substring(0, text.offsetByCodePoints(0, most)) + CUT);
    }

    /** A whole sentence: what is too much is cut from its middle, since it says at its end what to do. */
    public static String sentence(String text, int most) {
        String printable =
                of(text.length() <= 4 * most ? text : ends(text, 4 * most)).strip();
        return printable.length() <= most ? printable : ends(printable, most);
    }

    private static String ends(String text, int most) {
        int kept = most - CUT.length() - 2;
        int tail = kept / 3;
        int from = text.length() - tail;
        int to = kept - tail;
        return text.substring(0, Character.isHighSurrogate(text.charAt(to - 1)) ? to - 1 : to) + " " + CUT + " "
                + text.substring(Character.isLowSurrogate(text.charAt(from)) ? from + 1 : from);
    }

    /** Whether a character is not seen, but has an effect on what is around it. */
    public static boolean isHidden(int c) {
        return switch (Character.getType(c)) {
            case Character.CONTROL,
                    Character.FORMAT,
                    Character.SURROGATE,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR -> true;
            default -> false;
        };
    }
}
