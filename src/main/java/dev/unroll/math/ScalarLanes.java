package dev.unroll.math;

/** The short, obvious version: the oracle of {@link VectorLanes}, and what runs where the Vector API is not loaded. */
final class ScalarLanes implements Lanes {

    @Override
    public void multiply(
            int m,
            int n,
            int k,
            float[] a,
            int aOffset,
            int aRow,
            int aColumn,
            float[] b,
            int bOffset,
            int bRow,
            float[] c,
            int cOffset,
            int cRow) {
        for (int i = 0; i < m; i++) {
            for (int p = 0; p < k; p++) {
                float x = a[aOffset + i * aRow + p * aColumn];
                int row = bOffset + p * bRow;
                int out = cOffset + i * cRow;
                for (int j = 0; j < n; j++) {
                    c[out + j] = Math.fma(x, b[row + j], c[out + j]);
                }
            }
        }
    }

    @Override
    public String description() {
        return "scalar";
    }
}
