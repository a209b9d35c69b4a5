package dev.unroll.reference;

import breeze.linalg.DenseMatrix;
import breeze.linalg.operators.HasOps;
import breeze.math.Semiring;
import java.util.Arrays;
import java.util.function.DoubleUnaryOperator;
import java.util.stream.IntStream;

/**
 * An immutable matrix of doubles with the operations of the equations: {@code W_hh' da} is
 * {@code wHh.transpose().times(da)}. A vector is a matrix of one column.
 *
 * <p>This is the one file that knows Breeze. The product is Breeze's for any semiring, a plain loop: its product for
 * doubles loads a native BLAS where it finds one and warns where not, and the oracle needs neither.
 */
final class Matrix {

    private final DenseMatrix<Object> values;

    private Matrix(DenseMatrix<Object> values) {
        this.values = values;
    }

    /** A matrix (rows, columns) of the given numbers, row by row. */
    static Matrix of(int rows, int columns, double... rowMajor) {
        if (rowMajor.length != rows * columns) {
            throw new IllegalArgumentException(rowMajor.length + " numbers do not fill " + rows + " x " + columns);
        }
        // Breeze keeps columns; "transposed" with a stride of one row is its way to say that rows come first.
        return new Matrix(DenseMatrix.create(rows, columns, rowMajor.clone(), 0, columns, true));
    }

    /** A vector of the given numbers. */
    static Matrix column(double... numbers) {
        return of(numbers.length, 1, numbers);
    }

    /** Row number {@code row} of a table with that many columns, as a vector. */
    static Matrix row(float[] table, int columns, int row) {
        double[] numbers = new double[columns];
        for (int c = 0; c < columns; c++) {
            numbers[c] = table[row * columns + c];
        }
        return column(numbers);
    }

    static Matrix zeros(int rows, int columns) {
        return of(rows, columns, new double[rows * columns]);
    }

    /** The vector that is 1 at {@code place} and 0 elsewhere. */
    static Matrix unit(int size, int place) {
        double[] numbers = new double[size];
        numbers[place] = 1;
        return column(numbers);
    }

    static Matrix identity(int size) {
        double[] ones = new double[size];
        Arrays.fill(ones, 1);
        return column(ones).diagonal();
    }

    /** The given matrices, all of the same width, one below the other. */
    static Matrix stack(Matrix... parts) {
        double[] numbers = Arrays.stream(parts)
                .flatMapToDouble(part -> Arrays.stream(part.toArray()))
                .toArray();
        return of(numbers.length / parts[0].columns(), parts[0].columns(), numbers);
    }

    /** The matrix product. */
    Matrix times(Matrix other) {
        return new Matrix(HasOps.impl_OpMulMatrix_DM_DM_eq_DM_Generic(Semiring.semiringD())
                .apply(values, other.values));
    }

    Matrix transpose() {
        return new Matrix(values.t(HasOps.canTranspose_DM()));
    }

    Matrix plus(Matrix other) {
        return new Matrix(HasOps.op_DM_DM_Double_OpAdd().apply(values, other.values));
    }

    Matrix minus(Matrix other) {
        return new Matrix(HasOps.op_DM_DM_Double_OpSub().apply(values, other.values));
    }

    /** The product element by element, which the note writes {@code *}. */
    Matrix hadamard(Matrix other) {
        return new Matrix(HasOps.op_DM_DM_Double_OpMulScalar().apply(values, other.values));
    }

    Matrix scale(double factor) {
        return map(v -> factor * v);
    }

    /** f of every element. */
    Matrix map(DoubleUnaryOperator f) {
        return of(rows(), columns(), Arrays.stream(toArray()).map(f).toArray());
    }

    /** The square matrix with this vector on its diagonal. */
    Matrix diagonal() {
        int size = rows();
        double[] numbers = new double[size * size];
        for (int i = 0; i < size; i++) {
            numbers[i * size + i] = get(i, 0);
        }
        return of(size, size, numbers);
    }

    /**
     * Block number {@code block} of the rows, when they are cut into {@code blocks} equal parts: one gate of several.
     */
    Matrix block(int block, int blocks) {
        int size = rows() / blocks * columns();
        return of(rows() / blocks, columns(), Arrays.copyOfRange(toArray(), block * size, (block + 1) * size));
    }

    /** The rows [from, to). */
    Matrix rows(int from, int to) {
        return of(to - from, columns(), Arrays.copyOfRange(toArray(), from * columns(), to * columns()));
    }

    int rows() {
        return values.rows();
    }

    int columns() {
        return values.cols();
    }

    double get(int row, int column) {
        return (Double) values.apply(row, column);
    }

    /** All numbers, row by row. */
    double[] toArray() {
        return IntStream.range(0, rows() * columns())
                .mapToDouble(k -> get(k / columns(), k % columns()))
                .toArray();
    }
}
