package dev.unroll.nn;

import dev.unroll.param.Keyed;

/** What is learnt; it decides which metrics are computed. */
public enum LearningTask implements Keyed {
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
        return Keyed.of(LearningTask.class, "task", key);
    }

    /** Whether labels name classes, each with an index. */
    public boolean hasClasses() {
        return this == CLASSIFICATION || this == TAGGING;
    }
}
