package dev.unroll.plot;

/**
 * HTML and SVG as text, in which everything that comes from data is escaped. Tags and names of attributes are constants
 * of the caller.
 */
public final class Markup {

    private final StringBuilder out = new StringBuilder();

    /** Begins an element; attributes are names and values by turns. */
    public Markup open(String tag, Object... attributes) {
        return begin(tag, attributes, ">");
    }

    public Markup close(String tag) {
        out.append("</").append(tag).append('>');
        return this;
    }

    /** An element with text. */
    public Markup element(String tag, String text, Object... attributes) {
        return open(tag, attributes).text(text).close(tag);
    }

    /** An element of SVG, or a void one of HTML, with nothing in it. */
    public Markup empty(String tag, Object... attributes) {
        return begin(tag, attributes, "/>");
    }

    public Markup text(String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            switch (c) {
                case '<' -> out.append("&lt;");
                case '>' -> out.append("&gt;");
                case '&' -> out.append("&amp;");
                case '"' -> out.append("&quot;");
                case '\'' -> out.append("&#39;");
                default -> out.append(c < ' ' && c != '\n' && c != '\t' ? '\uFFFD' : c);
            }
        }
        return this;
    }

    private Markup begin(String tag, Object[] attributes, String end) {
        out.append('<').append(tag);
        for (int i = 0; i < attributes.length; i += 2) {
            out.append(' ').append(attributes[i]).append("=\"");
            text(attributes[i + 1].toString());
            out.append('"');
        }
        out.append(end);
        return this;
    }

    @Override
    public String toString() {
        return out.toString();
    }
}
