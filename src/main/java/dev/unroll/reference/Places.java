package dev.unroll.reference;

import java.util.function.IntFunction;

/** The sum sign over places of the unrolled graph. */
final class Places {

    private Places() {}

    /** {@code sum_{t=from..to} term(t)}, in ascending t; there is at least one place. */
    static Matrix sum(int from, int to, IntFunction<Matrix> term) {
        Matrix sum = term.apply(from);
        for (int t = from + 1; t <= to; t++) {
            sum = sum.plus(term.apply(t));
        }
        return sum;
    }
}
