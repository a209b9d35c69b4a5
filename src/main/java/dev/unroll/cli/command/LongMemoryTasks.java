package dev.unroll.cli.command;

import dev.unroll.math.CounterRandom;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** The classic tasks that need memory over many steps, made row by row: each a pure function of seed and row. */
enum LongMemoryTasks {

    /**
     * The adding problem (Hochreiter and Schmidhuber 1997): a number from [0, 1) and a mark at every step; the label is
     * the sum of the two numbers that are marked, one in each half. To answer 1 always has a mean squared error of 1/6
     * = 0.167.
     */
    ADDING {
        @Override
        Map<String, Object> row(int steps, CounterRandom random) {
            int first = random.below(steps / 2, FIRST);
            int second = steps / 2 + random.below(steps - steps / 2, SECOND);
            List<double[]> rows = new ArrayList<>();
            double sum = 0;
            for (int t = 0; t < steps; t++) {
                float x = (float) random.uniform(STEPS + t);
                boolean marked = t == first || t == second;
                rows.add(new double[] {x, marked ? 1 : 0});
                sum += marked ? x : 0;
            }
            return line(rows, (double) (float) sum);
        }
    },

    /**
     * Delayed copy (Hochreiter and Schmidhuber 1997; in this form Arjovsky et al. 2016): {@value #COPIED} letters,
     * {@code steps} blanks of which the last is a sign to begin, and blanks while the letters are to be said again.
     * Without memory a network says blanks and guesses: a cross-entropy of 10 ln 8 / (steps + 20) a step.
     */
    COPY {
        @Override
        Map<String, Object> row(int steps, CounterRandom random) {
            List<String> tokens = new ArrayList<>();
            List<String> labels = new ArrayList<>();
            for (int t = 0; t < steps + 2 * COPIED; t++) {
                boolean said = t < COPIED;
                boolean repeated = t >= steps + COPIED;
                tokens.add(said ? letter(random, t) : t == steps + COPIED - 1 ? "!" : "_");
                labels.add(repeated ? letter(random, t - steps - COPIED) : "_");
            }
            return line(tokens, labels);
        }

        private String letter(CounterRandom random, int place) {
            return Character.toString('a' + random.below(LETTERS, STEPS + place));
        }
    },

    /**
     * Temporal order (Hochreiter and Schmidhuber 1997, task 6a): among letters that mean nothing, two are X or Y, one
     * at a tenth to a fifth of the way, one at a half to six tenths; the label is their order. To guess is right in a
     * quarter of all cases.
     */
    TEMPORAL_ORDER {
        @Override
        Map<String, Object> row(int steps, CounterRandom random) {
            int first = steps / 10 + random.below(Math.max(1, steps / 10), FIRST);
            int second = steps / 2 + random.below(Math.max(1, steps / 10), SECOND);
            String a = random.below(2, ANSWERS) == 0 ? "X" : "Y";
            String b = random.below(2, ANSWERS + 1) == 0 ? "X" : "Y";
            List<String> tokens = new ArrayList<>();
            for (int t = 0; t < steps; t++) {
                String noise = Character.toString('a' + random.below(4, STEPS + t));
                tokens.add(t == first ? a : t == second ? b : noise);
            }
            return line(tokens, a + b);
        }
    };

    // Where in a row's stream of random numbers each kind of draw begins.
    private static final long FIRST = 0;
    private static final long SECOND = 1;
    private static final long ANSWERS = 2;
    private static final long STEPS = 4;

    private static final int COPIED = 10;
    private static final int LETTERS = 8;

    /** The fewest steps that the task makes sense with. */
    static final int LEAST_STEPS = 10;

    static final int MOST_STEPS = 1_000_000;

    /** One sequence with its label or labels. */
    abstract Map<String, Object> row(int steps, CounterRandom random);

    /** In this order, so that the bytes of a file are always the same. */
    private static Map<String, Object> line(List<?> steps, Object label) {
        Map<String, Object> line = new LinkedHashMap<>();
        line.put("steps", steps);
        line.put("label", label);
        return line;
    }

    /** Such as {@code temporal-order}. */
    String key() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
