package dev.unroll.reference;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * A block of text lines, all of one width, that can be set beside others: takes words and matrices, gives lines as on a
 * blackboard.
 */
record Typeset(List<String> lines) {

    /** One line. */
    static Typeset of(String text) {
        return new Typeset(List.of(text));
    }

    /** A matrix in brackets. Numbers that two decimals write exactly get two, all others four. */
    static Typeset of(Matrix m) {
        boolean exact = Arrays.stream(m.toArray()).allMatch(v -> Math.rint(100 * v) == 100 * v);
        List<List<String>> numbers = new ArrayList<>();
        for (int row = 0; row < m.rows(); row++) {
            List<String> line = new ArrayList<>();
            for (int column = 0; column < m.columns(); column++) {
                line.add(number(m.get(row, column), exact ? 2 : 4));
            }
            numbers.add(line);
        }
        int width = numbers.stream()
                .flatMap(List::stream)
                .mapToInt(String::length)
                .max()
                .orElseThrow();
        return new Typeset(numbers.stream()
                .map(line -> line.stream().map(n -> padLeft(n, width)).collect(Collectors.joining(" ", "[ ", " ]")))
                .toList());
    }

    /**
     * The template with its marks {@code #} replaced by the given blocks, one after the other; words are placed at half
     * height.
     */
    static Typeset row(String template, Typeset... blocks) {
        String[] words = template.split("#", -1);
        if (words.length != blocks.length + 1) {
            throw new IllegalArgumentException(blocks.length + " blocks do not fit into " + template);
        }
        List<Typeset> parts = new ArrayList<>();
        parts.add(of(words[0]));
        for (int k = 0; k < blocks.length; k++) {
            parts.add(blocks[k]);
            parts.add(of(words[k + 1]));
        }
        int height = parts.stream().mapToInt(part -> part.lines.size()).max().orElseThrow();
        return new Typeset(IntStream.range(0, height)
                .mapToObj(k -> parts.stream().map(part -> part.line(k, height)).collect(Collectors.joining()))
                .toList());
    }

    /** The template with its marks replaced by matrices. */
    static Typeset row(String template, Matrix... matrices) {
        return row(template, Arrays.stream(matrices).map(Typeset::of).toArray(Typeset[]::new));
    }

    /** This block with a word centred above it. */
    Typeset under(String title) {
        int gap = Math.max(0, width() - title.length());
        List<String> all = new ArrayList<>();
        all.add(" ".repeat(gap / 2) + title + " ".repeat(gap - gap / 2));
        int widened = all.get(0).length();
        lines.forEach(line -> all.add(padRight(line, widened)));
        return new Typeset(all);
    }

    /** The lines below each other, without spaces at their ends. */
    String text(String indent) {
        return lines.stream()
                .map(line -> (indent + line).stripTrailing() + "\n")
                .collect(Collectors.joining());
    }

    /** The number with so many decimals, in the same way everywhere; never a negative zero. */
    static String number(double value, int decimals) {
        String text = String.format(Locale.ROOT, "%." + decimals + "f", value);
        boolean negativeZero = text.startsWith("-") && text.chars().allMatch(c -> "-0.".indexOf(c) >= 0);
        return negativeZero ? text.substring(1) : text;
    }

    /**
     * Line k of this block when it is centred in the given height; where there is no exact middle, one line nearer the
     * top.
     */
    private String line(int k, int height) {
        int own = k - (height - lines.size()) / 2;
        return own >= 0 && own < lines.size() ? lines.get(own) : " ".repeat(width());
    }

    private int width() {
        return lines.get(0).length();
    }

    private static String padLeft(String text, int width) {
        return " ".repeat(Math.max(0, width - text.length())) + text;
    }

    private static String padRight(String text, int width) {
        return text + " ".repeat(Math.max(0, width - text.length()));
    }
}
