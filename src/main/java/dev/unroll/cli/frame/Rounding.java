package dev.unroll.cli.frame;

/** Numbers for people: what is measured is not known to more digits. */
public final class Rounding {

    private Rounding() {}

    /** The nearest number with so many decimal places. */
    public static double rounded(double x, int places) {
        double scale = StrictMath.pow(10, places);
        return Math.round(x * scale) / scale;
    }
}
