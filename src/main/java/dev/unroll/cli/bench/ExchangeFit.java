package dev.unroll.cli.bench;

import dev.unroll.preflight.ExchangeCost;
import java.util.List;

/**
 * The {@link ExchangeCost} that is nearest to measured times, by least squares of relative errors. None of its four numbers is negative: each set
 * of them is tried with the others at 0, and the best one that has no negative number is taken.
 */
final class ExchangeFit {

    private static final int NUMBERS = 4;
    private static final double LEAST_MS = 0.05; // below that a relative error says nothing

    private ExchangeFit() {}

    /**
     * What was measured.
     *
     * @param tasks that took part
     * @param sums as {@link ExchangeCost} counts them
     * @param megabytes of theta
     * @param ms that it took
     */
    record Point(double tasks, double sums, double megabytes, double ms) {

        private double[] terms() {
            return new double[] {1, tasks, megabytes, megabytes * sums};
        }

        private double weight() {
            return 1 / Math.max(LEAST_MS, ms);
        }
    }

    static ExchangeCost of(List<Point> points) {
        double[] best = new double[NUMBERS];
        double least = error(points, best);
        for (int set = 1; set < 1 << NUMBERS; set++) {
            double[] numbers = solution(points, set);
            double error = error(points, numbers);
            if (isAllowed(numbers) && error < least) {
                best = numbers;
                least = error;
            }
        }
        return new ExchangeCost(best[0], best[1], best[2], best[3]);
    }

    private static boolean isAllowed(double[] numbers) {
        for (double number : numbers) {
            if (!(number >= 0) || number == Double.POSITIVE_INFINITY) {
                return false;
            }
        }
        return true;
    }

    private static double error(List<Point> points, double[] numbers) {
        double sum = 0;
        for (Point point : points) {
            double[] terms = point.terms();
            double difference = -point.ms;
            for (int i = 0; i < NUMBERS; i++) {
                difference += numbers[i] * terms[i];
            }
            sum += difference * difference * point.weight() * point.weight();
        }
        return sum;
    }

    /** Of the normal equations of a set of numbers, by elimination; NaN where they determine none. */
    private static double[] solution(List<Point> points, int set) {
        double[][] rows = new double[NUMBERS][NUMBERS + 1];
        for (int i = 0; i < NUMBERS; i++) {
            for (int j = 0; j < NUMBERS; j++) {
                rows[i][j] = isIn(set, i) && isIn(set, j) ? 0 : i == j ? 1 : 0;
            }
        }
        for (Point point : points) {
            double[] terms = point.terms();
            double square = point.weight() * point.weight();
            for (int i = 0; i < NUMBERS; i++) {
                if (!isIn(set, i)) {
                    continue;
                }
                for (int j = 0; j < NUMBERS; j++) {
                    rows[i][j] += isIn(set, j) ? square * terms[i] * terms[j] : 0;
                }
                rows[i][NUMBERS] += square * terms[i] * point.ms;
            }
        }
        return eliminated(rows);
    }

    private static boolean isIn(int set, int number) {
        return (set >> number & 1) == 1;
    }

    /** Gauss and Jordan; the matrix is symmetric and has no negative eigenvalue, so pivots are those of the diagonal. */
    private static double[] eliminated(double[][] rows) {
        for (int p = 0; p < NUMBERS; p++) {
            double[] pivot = rows[p];
            double diagonal = pivot[p];
            for (int i = 0; i < NUMBERS; i++) {
                double factor = rows[i][p] / diagonal;
                for (int j = p; i != p && j <= NUMBERS; j++) {
                    rows[i][j] -= factor * pivot[j];
                }
            }
        }
        double[] solution = new double[NUMBERS];
        for (int i = 0; i < NUMBERS; i++) {
            solution[i] = rows[i][NUMBERS] / rows[i][i]; // no number where the points do not determine it
        }
        return solution;
    }
}
