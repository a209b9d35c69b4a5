package dev.unroll.math;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Note 3a of {@link VectorLanes}: short texts keep their vectors in registers whatever the JVM has been through. */
class VectorsInRegistersTest {

    /** A limit of 0 is a JVM whose shared code has trapped too often. */
    @Test
    void sigmoid_inAJvmThatHasTrappedTooOften_allocatesNoVector(@TempDir Path directory) throws Exception {
        Path log = directory.resolve("log");
        String classes = location(Lanes.class) + System.getProperty("path.separator") + location(Program.class);
        ProcessBuilder builder = new ProcessBuilder(List.of(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "--add-modules=jdk.incubator.vector",
                        "-XX:PerMethodTrapLimit=0",
                        "-cp",
                        classes,
                        Program.class.getName()))
                .redirectErrorStream(true);
        builder.environment().keySet().removeAll(List.of("JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS"));
        Process process = builder.redirectOutput(log.toFile()).start();
        assertEquals(0, process.waitFor(), Files.readString(log));
        List<String> lines = Files.readAllLines(log);
        double bytes = Double.parseDouble(lines.get(lines.size() - 1));
        assertTrue(bytes < 1, bytes + " bytes for each vector");
    }

    private static String location(Class<?> type) throws Exception {
        return Path.of(type.getProtectionDomain().getCodeSource().getLocation().toURI())
                .toString();
    }

    /** Prints the bytes that a vector of 16 floats takes when all is compiled. */
    static final class Program {

        private static final int FLOATS = 256;
        private static final int CALLS = 20_000;
        private static final int TRIES = 100; // compilers may be late

        private Program() {}

        public static void main(String[] arguments) {
            ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
            float[] x = new float[FLOATS];
            float[] y = new float[FLOATS];
            CounterRandom random = new CounterRandom(1, 1);
            for (int i = 0; i < FLOATS; i++) {
                x[i] = (float) random.normal(i);
            }
            double bytes = Double.MAX_VALUE;
            for (int i = 0; i < TRIES && bytes >= 1; i++) {
                long before = threads.getCurrentThreadAllocatedBytes();
                for (int call = 0; call < CALLS; call++) {
                    Activations.sigmoid(x, 0, y, 0, FLOATS);
                }
                bytes = (double) (threads.getCurrentThreadAllocatedBytes() - before) / CALLS / (FLOATS / 16);
            }
            System.out.println(bytes);
        }
    }
}
