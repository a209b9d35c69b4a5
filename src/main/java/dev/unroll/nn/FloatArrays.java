package dev.unroll.nn;

/** Arrays that grow to the largest batch seen and are then reused. */
final class FloatArrays {

    private FloatArrays() {}

    /**
     * The array itself where it has room for (rows, columns), otherwise a new one, without the content of the old one.
     *
     * @throws IllegalArgumentException if that is more than one array holds
     */
    static float[] grow(float[] array, int rows, int columns) {
        long size = (long) rows * columns;
        if (size > Integer.MAX_VALUE - 8) {
            throw new IllegalArgumentException("a packed batch has " + rows + " steps, which with " + columns
                    + " numbers each are more than one array holds; cut the longest sequences or lower hidden-size");
        }
        return array.length < size ? new float[(int) size] : array;
    }
}
