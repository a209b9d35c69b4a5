package dev.unroll.math;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/**
 * Makes the register tiles of products: {@code mvn test -Dtest=VectorTilesTest -Dtiles.update=true}. A tile is plain
 * locals written out one by one, because the JIT keeps nothing else in registers (see the notes of {@link
 * VectorLanes}); whether it computes what it should is for {@link GemmTest} to say.
 */
class VectorTilesTest {

    private static final Path FILE = Path.of("src/main/java/dev/unroll/math/VectorTiles.java");

    private static final int[] VECTORS = {3, 2};
    private static final int[] ROWS = {8, 4, 2, 1};

    /** One letter a vector of a row: x0, y0 and z0 are the sums of row 0, x, y and z a row of the panel. */
    private static final String LETTERS = "xyz";

    private static final String HEAD = """
            // Made by VectorTilesTest; not to be edited. mvn test -Dtest=VectorTilesTest -Dtiles.update=true
            package dev.unroll.math;

            import jdk.incubator.vector.FloatVector;
            import jdk.incubator.vector.VectorSpecies;

            /**
             * Tiles of products, by rows of A and vectors of a row of the panel: {@code C = S + A B}. Arrays begin
             * at a0, b0, s0 and c0, and rows of A, S and C are aRow, sRow and cRow floats apart. {@link VectorLanes}
             * chooses among the tiles.
             */
            final class VectorTiles {

                private static final VectorSpecies<Float> SPECIES = VectorRegisters.SPECIES;
                private static final int L = SPECIES.length();

                private VectorTiles() {}
            """;

    private final StringBuilder text = new StringBuilder();

    @Test
    void file_isWhatTheGeneratorMakes() throws IOException {
        writeFile();
        if (Boolean.getBoolean("tiles.update")) {
            Files.writeString(FILE, text);
        }
        assertEquals(Files.readString(FILE), text.toString(), FILE + " is not up to date; see this test's comment");
    }

    private void writeFile() {
        text.append(HEAD);
        for (int vectors : VECTORS) {
            for (int rows : ROWS) {
                line(0, "");
                writeTile(rows, vectors);
            }
        }
        line(0, "}");
    }

    private void writeTile(int rows, int vectors) {
        String name = "static void tile" + rows + "x" + vectors + "(";
        if (rows == 1) {
            line(1, name + "int k, float[] a, int a0, float[] b, int b0, float[] s, int s0, float[] c, int c0) {");
        } else {
            line(1, name);
            line(3, "int k,");
            line(3, "float[] a,");
            line(3, "int a0,");
            line(3, "int aRow,");
            line(3, "float[] b,");
            line(3, "int b0,");
            line(3, "float[] s,");
            line(3, "int s0,");
            line(3, "int sRow,");
            line(3, "float[] c,");
            line(3, "int c0,");
            line(3, "int cRow) {");
        }
        for (int i = 1; i < rows; i++) {
            for (String array : new String[] {"a", "s", "c"}) {
                line(2, "int " + array + i + " = " + array + (i - 1) + " + " + array + "Row;");
            }
        }
        for (int i = 0; i < rows; i++) {
            for (int v = 0; v < vectors; v++) {
                line(2, "FloatVector " + sum(v, i) + " = FloatVector.fromArray(SPECIES, s, s" + i + plus(v) + ");");
            }
        }
        line(2, "for (int p = 0; p < k; p++) {");
        for (int v = 0; v < vectors; v++) {
            String at = "b0 + p * " + vectors + " * L" + plus(v);
            line(3, "FloatVector " + LETTERS.charAt(v) + " = FloatVector.fromArray(SPECIES, b, " + at + ");");
        }
        for (int i = 0; i < rows; i++) {
            line(3, (i == 0 ? "FloatVector " : "") + "u = FloatVector.broadcast(SPECIES, a[a" + i + " + p]);");
            for (int v = 0; v < vectors; v++) {
                line(3, sum(v, i) + " = u.fma(" + LETTERS.charAt(v) + ", " + sum(v, i) + ");");
            }
        }
        line(2, "}");
        for (int i = 0; i < rows; i++) {
            for (int v = 0; v < vectors; v++) {
                line(2, sum(v, i) + ".intoArray(c, c" + i + plus(v) + ");");
            }
        }
        line(1, "}");
    }

    /** The name of the sum of vector v in row i. */
    private static String sum(int v, int i) {
        return "" + LETTERS.charAt(v) + i;
    }

    /** The distance of vector v from the beginning of its row. */
    private static String plus(int v) {
        return v == 0 ? "" : v == 1 ? " + L" : " + " + v + " * L";
    }

    private void line(int indent, String line) {
        text.append("    ".repeat(indent)).append(line).append('\n');
    }
}
