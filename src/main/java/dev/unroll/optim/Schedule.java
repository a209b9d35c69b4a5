package dev.unroll.optim;

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
 * @param shape {@code constant}, {@code linear}, {@code cosine} or {@code step}
 * @param length N of the shape; 0 = all updates after the warm-up
 * @param factor F of {@code step}
 */
public record Schedule(long warmup, String shape, long length, double factor) {

    /** What a text may say, to stand behind "allowed is". */
    public static final String ALLOWED =
            "constant, linear or cosine (to 0 over all updates), linear:N or cosine:N (to 0 over N),"
                    + " step:N:F (times F, at most 1, every N), each alone or behind warmup:N and a comma (first up from 0 over N)";

    private static final String WARMUP = "warmup:";

    /** @throws IllegalArgumentException naming the key, the value and what is allowed */
    public static Schedule parse(String text) {
        try {
            String[] parts = text.split(",", 2);
            if (!parts[0].startsWith(WARMUP)) {
                return parse(0, text);
            }
            return parse(count(parts[0].substring(WARMUP.length())), parts.length == 1 ? "constant" : parts[1]);
        } catch (NumberFormatException e) {
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
        return switch (words[0] + " with " + (words.length - 1)) {
            case "constant with 0", "linear with 0", "cosine with 0" -> new Schedule(warmup, words[0], 0, 1);
            case "linear with 1", "cosine with 1" -> new Schedule(warmup, words[0], count(words[1]), 1);
            case "step with 2" -> new Schedule(warmup, words[0], count(words[1]), factor(words[2]));
            default -> throw new NumberFormatException(text);
        };
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
        return length == 0 && !shape.equals("constant");
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
            case "linear" -> t >= n ? 0 : (double) (n - t) / n;
            case "cosine" -> t >= n ? 0 : (1 + StrictMath.cos(StrictMath.PI * t / n)) / 2;
            case "step" -> StrictMath.pow(factor, (double) Math.floorDiv(t, n));
            default -> 1;
        };
    }
}
