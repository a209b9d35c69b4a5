package dev.unroll.nn;

import java.util.Locale;

/** What is learnt, which decides what is measured. */
public enum LearningTask {
    /** One class per sequence. */
    CLASSIFICATION,
    /** One class per step. */
    TAGGING,
    /** Numbers, per sequence or per step. */
    REGRESSION,
    /** The next token, at every step. */
    LANGUAGE_MODEL;

    /** The task of that key. */
    public static LearningTask of(String key) {
        for (LearningTask task : values()) {
            if (task.key().equals(key)) {
                return task;
            }
        }
        throw new IllegalArgumentException(
                "task is " + key + "; allowed are classification, tagging, regression and language-model");
    }

    /** Whether labels name classes, each with an index. */
    public boolean hasClasses() {
        return this == CLASSIFICATION || this == TAGGING;
    }

    /** The name of keys and files, such as {@code language-model}. */
    public String key() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
