package dev.unroll.nn;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Cells of a class path that offers one by the name of one of the project's own. */
class CellsTest {

    /** h = a. */
    private abstract static class Copy implements Cell {
        @Override
        public int gates() {
            return 1;
        }

        @Override
        public void forward(CellBuffers b, int row, int rows) {
            System.arraycopy(b.a(0), row * b.hidden(), b.h(), row * b.hidden(), rows * b.hidden());
        }

        @Override
        public void backward(CellBuffers b, int row, int previousRow, int rows) {
            System.arraycopy(b.dH(), row * b.hidden(), b.a(0), row * b.hidden(), rows * b.hidden());
        }
    }

    public static final class OtherMinGru extends Copy {
        @Override
        public String name() {
            return "mingru";
        }
    }

    public static final class OtherGru extends Copy {
        @Override
        public String name() {
            return "gru";
        }
    }

    public static final class Unrelated extends Copy {
        @Override
        public String name() {
            return "unrelated";
        }
    }

    @Test
    void otherMinGru_isRefused_andNothingElseOfItsClassPath(@TempDir Path folder) throws IOException {
        Path services = Files.createDirectories(folder.resolve("META-INF/services"));
        Files.write(
                services.resolve(Cell.class.getName()),
                List.of(OtherMinGru.class.getName(), OtherGru.class.getName(), Unrelated.class.getName()));
        Thread thread = Thread.currentThread();
        ClassLoader before = thread.getContextClassLoader();
        try (URLClassLoader loader =
                new URLClassLoader(new URL[] {folder.toUri().toURL()}, before)) {
            thread.setContextClassLoader(loader);
            String message = assertThrows(IllegalArgumentException.class, () -> Cells.named("mingru", "tanh"))
                    .getMessage();
            assertEquals(
                    "cell mingru is the project's own, and dev.unroll.nn.CellsTest$OtherMinGru of the class path has the"
                            + " same name; give that one another name",
                    message);
            assertInstanceOf(Unrelated.class, Cells.named("unrelated", "tanh"));
            assertInstanceOf(LstmCell.class, Cells.named("lstm", "tanh"));
            // A model of a cell that was always the project's is read as ever, and no training takes it for the other
            // one.
            assertInstanceOf(GruCell.class, Cells.named("gru", "tanh"));
            String other = assertThrows(IllegalArgumentException.class, () -> Cells.requireNoOther("gru"))
                    .getMessage();
            assertTrue(other.contains("CellsTest$OtherGru of the class path has the same name"), other);
            Cells.requireNoOther("lstm");
            Cells.requireNoOther("unrelated");
        } finally {
            thread.setContextClassLoader(before);
        }
        assertInstanceOf(MinGruCell.class, Cells.named("mingru", "tanh"));
    }
}
