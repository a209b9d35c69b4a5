package dev.unroll.nn;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.unroll.math.CounterRandom;

/**
 * One step of a cell over some rows, beside its equations in double. The equations know one unit and only the way forward; gradients
 * are their central differences, so no formula of {@code backward} is written down twice.
 *
 * <p>The loss is {@code dH h_t + dC c_t} with arbitrary dH and dC: what the steps after this one would hand back.
 */
final class OneStep {

    /** The state (h, c) after one step of one unit; without a cell state c is 0. */
    interface Equations {
        State step(double[] a, double hPrevious, double cPrevious);
    }

    record State(double h, double c) {
        State(double h) {
            this(h, 0);
        }
    }

    private static final int ROWS = 3;
    private static final int HIDDEN = 19; // no multiple of any vector's width
    private static final double DIFFERENCE = 1e-5;
    private static final double TOLERANCE = 2e-6; // some roundings of a float, for numbers up to about 3

    private final Cell cell;
    private final Equations equations;
    private final int units = ROWS * HIDDEN;
    private final double[][] a; // per unit, its pre-activations by block
    private final float[] dHBefore = new float[units];
    private final float[] dCBefore = new float[units];
    private final CellBuffers before; // as the layer hands them to the cell
    private final CellBuffers after;

    OneStep(Cell cell, Equations equations) {
        this.cell = cell;
        this.equations = equations;
        this.a = new double[units][cell.blocks()];
        before = buffers();
        after = buffers();
        cell.forward(after, 0, ROWS);
    }

    private CellBuffers buffers() {
        CellBuffers b = new CellBuffers(
                HIDDEN, HIDDEN, cell.blocks(), cell.savedArrays(), cell.parameters(HIDDEN), cell.hasCellState());
        b.reserve(ROWS, ROWS);
        b.reserveGradients(ROWS);
        for (int j = 0; j < units; j++) {
            for (int block = 0; block < cell.blocks(); block++) {
                b.a[block][j] = number(block, j);
                a[j][block] = b.a[block][j];
            }
            b.hPrevious[j] = 0.5f * number(20, j);
            b.dH[j] = number(21, j);
            b.dH[units + j] = dHBefore[j] = number(22, j);
            if (cell.hasCellState()) {
                b.cPrevious[j] = number(23, j);
                b.dC[j] = number(24, j);
                b.dC[units + j] = dCBefore[j] = number(25, j);
            }
        }
        return b;
    }

    private static float number(int purpose, int j) {
        return (float) new CounterRandom(1, purpose).normal(j);
    }

    private double loss(int j, double[] pre, double hPrevious, double cPrevious) {
        State state = equations.step(pre, hPrevious, cPrevious);
        return before.dH[j] * state.h() + (cell.hasCellState() ? before.dC[j] * state.c() : 0);
    }

    private double c(int j) {
        return cell.hasCellState() ? before.cPrevious[j] : 0;
    }

    private String place(String what, int j) {
        return "cell " + cell.name() + ", " + what + ", row " + j / HIDDEN + ", unit " + j % HIDDEN;
    }

    /** h, and c where there is one, are what the equations say. */
    void requireForward() {
        for (int j = 0; j < units; j++) {
            State expected = equations.step(a[j], before.hPrevious[j], c(j));
            assertEquals(expected.h(), after.h[j], TOLERANCE, place("h in forward", j));
            if (cell.hasCellState()) {
                assertEquals(expected.c(), after.c[j], TOLERANCE, place("c in forward", j));
            }
        }
    }

    /** What backward writes over block {@code block} is the derivative of the loss by that pre-activation. */
    void requireGate(String gate, int block) {
        cell.backward(after, 0, ROWS, ROWS);
        for (int j = 0; j < units; j++) {
            double[] up = a[j].clone();
            double[] down = a[j].clone();
            up[block] += DIFFERENCE;
            down[block] -= DIFFERENCE;
            double slope = (loss(j, up, before.hPrevious[j], c(j)) - loss(j, down, before.hPrevious[j], c(j)))
                    / (2 * DIFFERENCE);
            assertEquals(
                    slope,
                    after.a[block][j],
                    TOLERANCE,
                    place(
                            "gate " + gate + ": backward's gradient of a_" + gate + " (block " + block
                                    + ") is not the derivative of the equations",
                            j));
        }
    }

    /** What flows past the products to the state before is added to what is there already. */
    void requireStateBefore() {
        cell.backward(after, 0, ROWS, ROWS);
        for (int j = 0; j < units; j++) {
            double h = before.hPrevious[j];
            double byH = (loss(j, a[j], h + DIFFERENCE, c(j)) - loss(j, a[j], h - DIFFERENCE, c(j))) / (2 * DIFFERENCE);
            assertEquals(
                    dHBefore[j] + byH,
                    after.dH[units + j],
                    TOLERANCE,
                    place("dH of the step before, as backward adds to it", j));
            if (cell.hasCellState()) {
                double byC =
                        (loss(j, a[j], h, c(j) + DIFFERENCE) - loss(j, a[j], h, c(j) - DIFFERENCE)) / (2 * DIFFERENCE);
                assertEquals(
                        dCBefore[j] + byC,
                        after.dC[units + j],
                        TOLERANCE,
                        place("dC of the step before, as backward adds to it", j));
            }
        }
    }

    static double sigmoid(double a) {
        return 1 / (1 + Math.exp(-a));
    }
}
