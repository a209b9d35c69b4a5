package dev.unroll.math;

/**
 * Activations, sums and maxima over stretches of arrays by the instructions of one implementation. Every implementation
 * computes each element by the same chain of operations, so a choice between them can never change a bit.
 */
interface ElementwiseLanes {

    /** The fixed number of virtual lanes of a sum across an array, whatever the width of a vector. */
    int VIRTUAL_LANES = 16;

    /** y = sigmoid(x), as {@link ScalarFunctions#sigmoid(float)}; x and y may be the same place. */
    void sigmoid(float[] x, int xOffset, float[] y, int yOffset, int count);

    /** y = tanh(x), as {@link ScalarFunctions#tanh(float)}; x and y may be the same place. */
    void tanh(float[] x, int xOffset, float[] y, int yOffset, int count);

    /** x = e^(x - shift), in place, as {@link ScalarFunctions#exp(float)}; no x is above the shift. */
    void exp(float[] x, int offset, int count, float shift);

    /** The greatest element; NaN if one of them is NaN. {@code lanes} is memory for {@value #VIRTUAL_LANES} numbers. */
    float max(float[] x, int offset, int count, float[] lanes);

    /** sums[l] = x_l + x_{l+16} + x_{l+32} + ..., from 0 and in that order, for the {@value #VIRTUAL_LANES} lanes l. */
    void laneSums(float[] x, int offset, int count, float[] sums);

    /** y += x. */
    void add(float[] x, int xOffset, float[] y, int yOffset, int count);

    /** {@code z = fma(x, y, z)}. */
    void multiplyAdd(float[] x, int xOffset, float[] y, int yOffset, float[] z, int zOffset, int count);
}
