package dev.unroll.testkit;

import dev.unroll.nn.Cell;
import dev.unroll.nn.CellBuffers;
import dev.unroll.nn.CellParameter;
import java.util.Arrays;
import java.util.List;

/** Elman cells with one mistake each, which the contract must find. */
public final class WrongCells {

    private WrongCells() {}

    private abstract static class Linear implements Cell {
        private final String name;

        Linear(String name) {
            this.name = name;
        }

        @Override
        public String name() {
            return name;
        }

        @Override
        public int gates() {
            return 1;
        }

        @Override
        public void forward(CellBuffers b, int row, int rows) {
            int from = row * b.hidden();
            System.arraycopy(b.a(0), from, b.h(), from, rows * b.hidden());
        }

        @Override
        public void backward(CellBuffers b, int row, int previousRow, int rows) {
            int from = row * b.hidden();
            System.arraycopy(b.dH(), from, b.a(0), from, rows * b.hidden());
        }
    }

    /** Backward leaves the factor of forward out. */
    public static final class SlopeForgotten extends Linear {
        public SlopeForgotten() {
            super("slopeforgotten");
        }

        @Override
        public void forward(CellBuffers b, int row, int rows) {
            for (int j = row * b.hidden(); j < (row + rows) * b.hidden(); j++) {
                b.h()[j] = 0.5f * b.a(0)[j];
            }
        }
    }

    /** A gain and a shift of its own, h = gain a + shift: right as it stands. */
    public abstract static class Scaled extends Linear {
        Scaled(String name) {
            super(name);
        }

        @Override
        public List<CellParameter> parameters(int hidden) {
            return List.of(CellParameter.constant("gain", 1, hidden), CellParameter.constant("shift", 0, hidden));
        }

        @Override
        public void forward(CellBuffers b, int row, int rows) {
            int hidden = b.hidden();
            for (int j = row * hidden; j < (row + rows) * hidden; j++) {
                b.h()[j] = b.parameter(0)[j % hidden] * b.a(0)[j] + b.parameter(1)[j % hidden];
            }
        }

        @Override
        public void backward(CellBuffers b, int row, int previousRow, int rows) {
            int hidden = b.hidden();
            for (int j = row * hidden; j < (row + rows) * hidden; j++) {
                b.dParameter(0)[j] = dGain(b, j);
                b.dParameter(1)[j] = dShift(b, j);
                b.a(0)[j] = dA(b, j);
            }
        }

        float dGain(CellBuffers b, int j) {
            return b.dH()[j] * b.a(0)[j];
        }

        float dShift(CellBuffers b, int j) {
            return b.dH()[j];
        }

        float dA(CellBuffers b, int j) {
            return b.dH()[j] * b.parameter(0)[j % b.hidden()];
        }
    }

    /** Right, so that only the mistakes of the others are found. */
    public static final class RightlyScaled extends Scaled {
        public RightlyScaled() {
            super("rightlyscaled");
        }
    }

    /** h = sqrt(gain) a, which has no value for a gain below 0: right within its bounds. */
    public static final class RootOfGain extends Linear {
        public RootOfGain() {
            super("rootofgain");
        }

        @Override
        public List<CellParameter> parameters(int hidden) {
            return List.of(CellParameter.uniform("gain", 0.1f, 0.2f, hidden));
        }

        @Override
        public void forward(CellBuffers b, int row, int rows) {
            for (int j = row * b.hidden(); j < (row + rows) * b.hidden(); j++) {
                b.h()[j] = root(b, j) * b.a(0)[j];
            }
        }

        @Override
        public void backward(CellBuffers b, int row, int previousRow, int rows) {
            for (int j = row * b.hidden(); j < (row + rows) * b.hidden(); j++) {
                b.dParameter(0)[j] = b.dH()[j] * b.a(0)[j] / (2 * root(b, j));
                b.a(0)[j] = b.dH()[j] * root(b, j);
            }
        }

        private static float root(CellBuffers b, int j) {
            return (float) Math.sqrt(b.parameter(0)[j % b.hidden()]);
        }
    }

    /** States are no numbers. */
    public static final class NotFinite extends Linear {
        public NotFinite() {
            super("notfinite");
        }

        @Override
        public void forward(CellBuffers b, int row, int rows) {
            Arrays.fill(b.h(), row * b.hidden(), (row + rows) * b.hidden(), Float.NaN);
        }
    }

    /** The gradient of the gain is that of the shift. */
    public static final class WrongGain extends Scaled {
        public WrongGain() {
            super("wronggain");
        }

        @Override
        float dGain(CellBuffers b, int j) {
            return b.dH()[j];
        }
    }

    /** The gradient of the shift is left out. */
    public static final class NoShift extends Scaled {
        public NoShift() {
            super("noshift");
        }

        @Override
        float dShift(CellBuffers b, int j) {
            return 0;
        }
    }

    /** A shift that moves little, and whose gradient is left out. */
    public static final class LittleShift extends Scaled {
        private static final float LITTLE = 2e-3f;

        public LittleShift() {
            super("littleshift");
        }

        @Override
        public void forward(CellBuffers b, int row, int rows) {
            int hidden = b.hidden();
            for (int j = row * hidden; j < (row + rows) * hidden; j++) {
                b.h()[j] = b.parameter(0)[j % hidden] * b.a(0)[j] + LITTLE * b.parameter(1)[j % hidden];
            }
        }

        @Override
        float dShift(CellBuffers b, int j) {
            return 0;
        }
    }

    /** The rows are added up by the cell, though the layer does that: each but the first is counted several times. */
    public static final class ShiftAddsUp extends Scaled {
        public ShiftAddsUp() {
            super("shiftaddsup");
        }

        @Override
        float dShift(CellBuffers b, int j) {
            return b.dH()[j] + (j < b.hidden() ? 0 : b.dParameter(1)[j - b.hidden()]);
        }
    }

    /** The gain is left out where the gradient passes it, which a gain of 1 hides. */
    public static final class GainPassedBy extends Scaled {
        public GainPassedBy() {
            super("gainpassedby");
        }

        @Override
        float dA(CellBuffers b, int j) {
            return b.dH()[j];
        }
    }

    /** The first row of a step is added to all, as a normalisation over the batch would. */
    public static final class SeesOthers extends Linear {
        public SeesOthers() {
            super("seesothers");
        }

        @Override
        public void forward(CellBuffers b, int row, int rows) {
            super.forward(b, row, rows);
            for (int j = row * b.hidden(); j < (row + rows) * b.hidden(); j++) {
                b.h()[j] += 1e-6f * rows;
            }
        }
    }

    /** A field goes from step to step. */
    public static final class HidesState extends Linear {
        private float hidden;

        public HidesState() {
            super("hidesstate");
        }

        @Override
        public void forward(CellBuffers b, int row, int rows) {
            super.forward(b, row, rows);
            hidden += 1e-6f;
            b.h()[row * b.hidden()] += hidden;
        }
    }

    /** A cell state whose gradient is not passed on. */
    public static final class ForgetsCellState extends Linear {
        public ForgetsCellState() {
            super("forgetscellstate");
        }

        @Override
        public boolean hasCellState() {
            return true;
        }

        @Override
        public void forward(CellBuffers b, int row, int rows) {
            for (int j = row * b.hidden(); j < (row + rows) * b.hidden(); j++) {
                b.c()[j] = b.a(0)[j] + 0.5f * b.cPrevious()[j];
                b.h()[j] = b.c()[j];
            }
        }
    }

    /** Says that |h| is at most 1. */
    public static final class Unbounded extends Linear {
        public Unbounded() {
            super("unbounded");
        }

        @Override
        public boolean isBounded() {
            return true;
        }
    }

    /** What flows point-wise flows on over borders. */
    public static final class FlowsOn extends Linear {
        public FlowsOn() {
            super("flowson");
        }

        @Override
        public void forward(CellBuffers b, int row, int rows) {
            for (int j = row * b.hidden(); j < (row + rows) * b.hidden(); j++) {
                b.h()[j] = b.a(0)[j] + 0.5f * b.hPrevious()[j];
            }
        }

        @Override
        public void backward(CellBuffers b, int row, int previousRow, int rows) {
            super.backward(b, row, previousRow, rows);
            int before = row + rows; // where the step before would stand, were all sequences equally long
            for (int j = 0; j < rows * b.hidden() && before * b.hidden() + j < b.dH().length; j++) {
                b.dH()[before * b.hidden() + j] += 0.5f * b.dH()[row * b.hidden() + j];
            }
        }
    }
}
