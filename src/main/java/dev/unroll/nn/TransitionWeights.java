package dev.unroll.nn;

/** The scores of a {@link ConditionalRandomField}, as its passes read them: e^(score - the greatest of its kind), in double, so that none overflows; where that is below
 * {@value #LEAST}, as if it were that, so that none is 0 and no sequence impossible. */
final class TransitionWeights {

    private static final double LEAST = -700;

    final double[] start; // (C)
    final double[] end; // (C)
    final double[] transitions; // (C, C), from row to column

    TransitionWeights(int classes) {
        this.start = new double[classes];
        this.end = new double[classes];
        this.transitions = new double[Math.multiplyExact(classes, classes)];
    }

    void bind(float[] theta, int startAt, int endAt, int transitionsAt) {
        exponentials(theta, startAt, start);
        exponentials(theta, endAt, end);
        exponentials(theta, transitionsAt, transitions);
    }

    private static void exponentials(float[] theta, int at, double[] to) {
        float max = Float.NEGATIVE_INFINITY;
        for (int k = 0; k < to.length; k++) {
            max = Math.max(max, theta[at + k]);
        }
        for (int k = 0; k < to.length; k++) {
            to[k] = StrictMath.exp(Math.max((double) theta[at + k] - max, LEAST));
        }
    }
}
