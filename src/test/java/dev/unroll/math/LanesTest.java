package dev.unroll.math;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Guards against a slow arithmetic that nobody is told of. */
class LanesTest {

    private static final String HOTSPOT = "OpenJDK 64-Bit Server VM";

    @Test
    void obstacle_onHotSpotWithTheModuleAndC2_isNone() {
        Map<String, String> flags = Map.of(
                "UseCompiler", "true",
                "UseJVMCICompiler", "false",
                "TieredStopAtLevel", "4",
                "CompilationMode", "default");
        assertEquals(Optional.empty(), Lanes.obstacle(true, HOTSPOT, flags::get));
        assertEquals(Optional.empty(), Lanes.obstacle(true, "Java HotSpot(TM) 64-Bit Server VM", name -> ""));
    }

    @Test
    void obstacle_withoutTheModule_namesTheFlagAndTheFactor() {
        String said = Lanes.obstacle(false, HOTSPOT, name -> "").orElseThrow();
        assertTrue(said.contains("10 to 30 times") && said.contains("--add-modules=jdk.incubator.vector"), said);
    }

    @ParameterizedTest
    @CsvSource({
        "OpenJDK 64-Bit Server VM, UseCompiler, false, -Xint",
        "OpenJDK 64-Bit Server VM, UseJVMCICompiler, true, -XX:-UseJVMCICompiler",
        "OpenJDK 64-Bit Server VM, TieredStopAtLevel, 0, -XX:TieredStopAtLevel",
        "OpenJDK 64-Bit Server VM, TieredStopAtLevel, 3, -XX:TieredStopAtLevel",
        "OpenJDK 64-Bit Server VM, CompilationMode, quick-only, -XX:CompilationMode",
        "OpenJDK 64-Bit Zero VM, UseCompiler, true, OpenJDK 64-Bit Zero VM",
        "Eclipse OpenJ9 VM, UseCompiler, true, Eclipse OpenJ9 VM"
    })
    void obstacle_whereC2DoesNotRun_saysWhatToChange(String jvm, String flag, String value, String change) {
        String said = Lanes.obstacle(true, jvm, name -> name.equals(flag) ? value : "")
                .orElseThrow();
        assertTrue(said.contains(change), said);
    }

    /** The names of the JVM's flags and of its module are only right if real JVMs know them. */
    @ParameterizedTest
    @CsvSource({
        "--add-modules=jdk.incubator.vector, Vector API",
        "-Xmixed, scalar; the Vector API is 10 to 30 times faster",
        "--add-modules=jdk.incubator.vector -Xint, scalar; this JVM only interprets",
        "--add-modules=jdk.incubator.vector -XX:TieredStopAtLevel=1, scalar; the Vector API is fast only where",
        "--add-modules=jdk.incubator.vector -XX:CompilationMode=quick-only, scalar; the Vector API is fast only where"
    })
    void log_ofARealJvm_saysOnceWhatRunsAndWarnsWhereItIsTheScalarTwin(
            String options, String expected, @TempDir Path directory) throws Exception {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of(options.split(" ")));
        String classes = location(Lanes.class) + System.getProperty("path.separator") + location(Program.class);
        command.addAll(List.of("-cp", classes, Program.class.getName()));
        Path log = directory.resolve("log");
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().keySet().removeAll(List.of("JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS"));
        Process process = builder.redirectOutput(log.toFile()).start();
        assertEquals(0, process.waitFor(), Files.readString(log));
        List<String> said = Files.readAllLines(log).stream()
                .filter(line -> line.contains("products and activations"))
                .toList();
        assertEquals(1, said.size(), Files.readString(log));
        String level = expected.startsWith("scalar") ? "WARNING: " : "INFO: ";
        String start = level + "products and activations run on: " + expected;
        assertTrue(said.get(0).startsWith(start), said.get(0));
    }

    private static String location(Class<?> type) throws Exception {
        return Path.of(type.getProtectionDomain().getCodeSource().getLocation().toURI())
                .toString();
    }

    /** Uses products and activations, with nothing on the class path but this project. */
    static final class Program {

        private Program() {}

        public static void main(String[] arguments) {
            float[] x = {1f, 2f};
            Gemm.multiply(1, x, 0, 1, new Panels().pack(1, 2, x, 0, 2), new float[2], 0, 2);
            Activations.tanh(x, 0, x, 0, 2);
            System.out.println(Lanes.description());
        }
    }
}
