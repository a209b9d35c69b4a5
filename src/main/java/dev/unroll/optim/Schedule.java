package dev.unroll.optim;

import dev.unroll.param.Keyed;

/**
 * How the step size goes on: what it is multiplied by. With t the updates made before, and T all updates of the run:
 *
 * <pre>
 *   constant           1
 *   linear:N           (N - t) / N, and 0 from t = N on              PyTorch's LinearLR down to 0
 *   cosine:N           (1 + cos(pi t / N)) / 2, and 0 from t = N on  PyTorch's CosineAnnealingLR, Keras' CosineDecay
 *   linear, cosine     the same with N = T
 *   step:N:F           F^floor(t / N)                                PyTorch's StepLR; step:1:F is its ExponentialLR
 *   warmup:N,schedule  (t + 1) / N for the first N updates; then the schedule, with t and T counted from there
 *   warmup:N           warmup:N,constant
 * </pre>
 *
 * T is what max-iter and epochs allow: a run that stops before has not come to the end of its schedule.
 *
 * @param warmup updates of the warm-up; 0 = none
 * @param shape what comes after the warm-up
 * @param length N of the shape; 0 = all updates after the warm-up
 * @param factor F of {@code step}
 */
public record Schedule(long warmup, Shape shape, long length, double factor) {

    /** What a text may say, to stand behind "allowed is". */
    public static final String ALLOWED =
            "constant, linear or cosine (to 0 over all updates), linear:N or cosine:N (to 0 over N),"
                    + " step:N:F (times F, at most 1, every N), each alone or behind warmup:N and a comma (first up from 0 over N)";

    private static final String WARMUP = "warmup:";

    /** How the factor goes on after the warm-up, with the numbers that its key may have after it. */
    public enum Shape implements Keyed {
        CONSTANT(0, 0),
        LINEAR(0, 1),
        COSINE(0, 1),
        STEP(2, 2);

        private final int leastNumbers;
        private final int mostNumbers;

        Shape(int leastNumbers, int mostNumbers) {
            this.leastNumbers = leastNumbers;
            this.mostNumbers = mostNumbers;
        }

        /** The key, as a schedule is written. */
        @Override
        public String toString() {
            return key();
        }
    }

    /** @throws IllegalArgumentException naming the key, the value and what is allowed */
    public static Schedule parse(String text) {
        try {
            String[] parts = text.split(",", 2);
            if (!parts[0].startsWith(WARMUP)) {
                return parse(0, text);
            }
            return parse(
                    count(parts[0].substring(WARMUP.length())), parts.length == 1 ? Shape.CONSTANT.key() : parts[1]);
        } catch (IllegalArgumentException e) { // an unknown shape, or no number
            throw new IllegalArgumentException("schedule is " + text + "; allowed is " + ALLOWED, e);
        }
    }

    /** Whether {@link #parse} takes the text. */
    public static boolean accepts(String text) {
        try {
            parse(text);
            return true;
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    private static Schedule parse(long warmup, String text) {
        String[] words = text.split(":", -1);
        Shape shape = Keyed.of(Shape.class, "shape", words[0]);
        int numbers = words.length - 1;
        if (numbers < shape.leastNumbers || numbers > shape.mostNumbers) {
            throw new NumberFormatException(text);
        }
        return new Schedule(warmup, shape, numbers > 0 ? count(words[1]) : 0, numbers > 1 ? factor(words[2]) : 1);
    }

    private static long count(String text) {
        long count = Long.parseLong(text);
        if (count < 1) {
            throw new NumberFormatException(text);
        }
        return count;
    }

    private static double factor(String text) {
        double factor = Double.parseDouble(text);
        if (!(factor > 0 && factor <= 1)) {
            throw new NumberFormatException(text);
        }
        return factor;
    }

    /** Whether the factor depends on the updates that the run will make. */
    public boolean endsWithRun() {
        return length == 0 && shape != Shape.CONSTANT;
    }

    /**
     * The factor of one update.
     *
     * @param before updates made before it
     * @param all updates that the run will make at most
     */
    public double at(long before, long all) {
        if (before < warmup) {
            return (double) (before + 1) / warmup;
        }
        long t = before - warmup;
        long n = length > 0 ? length : all - warmup;
        return switch (shape) {
            case CONSTANT -> 1;
            case LINEAR -> t >= n ? 0 : (double) (n - t) / n;
            case COSINE -> t >= n ? 0 : (1 + StrictMath.cos(StrictMath.PI * t / n)) / 2;
            case STEP -> StrictMath.pow(factor, (double) Math.floorDiv(t, n));
        };
    }
}
