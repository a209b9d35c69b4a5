package dev.unroll.testkit;

import dev.unroll.nn.Cell;
import dev.unroll.nn.CellBuffers;

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

    /** A memory whose gradient is not passed on. */
    public static final class ForgetsMemory extends Linear {
        public ForgetsMemory() {
            super("forgetsmemory");
        }

        @Override
        public boolean hasMemory() {
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
