package dev.unroll.distribution;

/** b_0 + a_1 / (b_1 + a_2 / (b_2 + ...)), term by term (Lentz 1976, Generating Bessel functions in Mie scattering calculations). */
final class ContinuedFraction {

    private static final double TINY = 1e-300; // in place of 0, which it must not divide by
    private static final int MOST_TERMS = 1_000_000; // more than any takes of which the value is certain

    private double value;
    private double ratio; // of the numerators of two convergents
    private double inverse; // of the denominators
    private double factor = 0; // by which the last term changed the value
    private int terms;

    ContinuedFraction(double first) {
        value = nonzero(first);
        ratio = value;
        inverse = 0;
    }

    void next(double a, double b) {
        inverse = 1 / nonzero(b + a * inverse);
        ratio = nonzero(b + a / ratio);
        factor = ratio * inverse;
        value *= factor;
        terms++;
    }

    /** Whether the next term still changes the value; a value that is not a number does not change. */
    boolean isOpen() {
        return Math.abs(factor - 1) > 0x1p-50 && terms < MOST_TERMS;
    }

    double value() {
        return value;
    }

    private static double nonzero(double number) {
        return Math.abs(number) < TINY ? TINY : number;
    }
}
