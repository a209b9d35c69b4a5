package dev.unroll.optim;

/** Functions of two variables with their minimum, 0, at (1, 1). */
final class Functions {

    private Functions() {}

    /** (x - 1)^2 + 10 (y - 1)^2. */
    static LossFunction.Point parabola(float[] theta) {
        double x = theta[0] - 1.0;
        double y = theta[1] - 1.0;
        return point(x * x + 10 * y * y, 2 * x, 20 * y);
    }

    /** (1 - x)^2 + 100 (y - x^2)^2. */
    static LossFunction.Point rosenbrock(float[] theta) {
        double x = theta[0];
        double up = theta[1] - x * x;
        return point((1 - x) * (1 - x) + 100 * up * up, -2 * (1 - x) - 400 * x * up, 200 * up);
    }

    private static LossFunction.Point point(double loss, double dx, double dy) {
        return new LossFunction.Point(loss, new float[] {(float) dx, (float) dy});
    }
}
