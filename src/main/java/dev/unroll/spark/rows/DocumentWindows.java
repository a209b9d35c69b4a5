package dev.unroll.spark.rows;

import dev.unroll.data.CanonicalRow;
import dev.unroll.data.RowOutcome;
import dev.unroll.data.Vocabulary;
import dev.unroll.spark.source.Fault;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;

/**
 * A language model's document, between two end marks, to windows of so many steps. A window starts with the token that
 * the one before ended with, since a token is predicted from those before it: T tokens are T - 1 steps.
 */
final class DocumentWindows implements Serializable {

    private static final long serialVersionUID = 1L;

    private final FeatureParser features;
    private final String column;
    private final int window; // steps of a window; 0 for whole documents

    DocumentWindows(FeatureParser features, RowSpec spec) {
        this.features = features;
        this.column = spec.featuresCol();
        this.window = spec.window();
    }

    /** The windows of a value of the features column. */
    List<CanonicalRow> of(Object document, float weight) throws Fault {
        return features.characters() ? ofCharacters(document, weight) : ofTokens(document, weight);
    }

    private List<CanonicalRow> ofTokens(Object value, float weight) throws Fault {
        List<String> document = new ArrayList<>();
        document.add(Vocabulary.END);
        document.addAll(features.tokens(value));
        if (document.lastIndexOf(Vocabulary.END) > 0) {
            throw endMark(value);
        }
        document.add(Vocabulary.END);
        int steps = document.size() - 1;
        int length = windowLength(steps, value);
        List<CanonicalRow> windows = new ArrayList<>();
        for (int from = 0; from < steps; from += length) {
            List<String> tokens = document.subList(from, Math.min(steps, from + length) + 1);
            windows.add(CanonicalRow.ofTokens(tokens, RowOutcome.NONE, weight));
        }
        return windows;
    }

    /** As {@link #ofTokens}, without an object for each character. */
    private List<CanonicalRow> ofCharacters(Object value, float weight) throws Fault {
        String text = features.text(value);
        if (text.contains(Vocabulary.END)) {
            throw endMark(text);
        }
        String document = Vocabulary.END + text + Vocabulary.END;
        int steps = document.codePointCount(0, document.length()) - 1;
        int length = windowLength(steps, text);
        List<CanonicalRow> windows = new ArrayList<>();
        int start = 0;
        for (int from = 0; from < steps; from += length) {
            int last = document.offsetByCodePoints(start, Math.min(length, steps - from));
            String characters = document.substring(start, document.offsetByCodePoints(last, 1));
            windows.add(CanonicalRow.ofCharacters(characters, RowOutcome.NONE, weight));
            start = last;
        }
        return windows;
    }

    private int windowLength(int steps, Object value) throws Fault {
        int length = window == 0 ? steps : window;
        features.requireNotLonger(Math.min(steps, length), value);
        return length;
    }

    private Fault endMark(Object value) {
        return new Fault(column, "contains the end mark U+0000", value);
    }
}
