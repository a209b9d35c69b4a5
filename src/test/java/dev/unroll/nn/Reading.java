package dev.unroll.nn;

import dev.unroll.nn.NetworkSpec.HeadSpec;

/** How a head reads states: every one by itself, or of the whole sequence the last one or what they are pooled to. */
public enum Reading {
    EVERY,
    LAST,
    MEAN,
    MAX,
    ATTENTION;

    /** A head that reads so, of the outputs that the loss has for so many numbers. */
    public HeadSpec head(Loss loss, int numbers) {
        HeadSpec head = HeadSpec.ofTargets(loss, numbers, this == EVERY);
        return this == EVERY ? head : head.with(Pooling.valueOf(name()));
    }

    /** Whether a head reads so for that loss. */
    public boolean goesWith(Loss loss) {
        return this == EVERY || !(loss instanceof Loss.Crf);
    }

    public boolean isPooled() {
        return this != EVERY && this != LAST;
    }
}
