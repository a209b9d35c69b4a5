package dev.unroll.example;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unroll.testing.SparkTest;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.lang.reflect.Method;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import javax.tools.JavaCompiler;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import scala.Console;

/** The README's Java program, compiled and run as it stands there, on names of which the last letter tells all. */
@SparkTest
class ReadmeProgramTest {

    @TempDir
    Path directory;

    @Test
    void javaProgram_compilesTrainsAndPredicts() throws Exception {
        Path names = directory.resolve("names.csv");
        Files.write(names, names());
        String program = block("java").replace("names.csv", names.toString().replace("\\", "/"));
        assertTrue(program.lines().count() <= 26, "it should stay a short program");
        Path source = directory.resolve("Names.java");
        Files.writeString(source, program);
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        assertEquals(
                0, compiler.run(null, null, null, "-cp", System.getProperty("java.class.path"), source.toString()));
        PrintStream out = System.out;
        ByteArrayOutputStream printed = new ByteArrayOutputStream();
        try (URLClassLoader loader = new URLClassLoader(
                new URL[] {directory.toUri().toURL()}, Thread.currentThread().getContextClassLoader())) {
            PrintStream capture = new PrintStream(printed, true, StandardCharsets.UTF_8);
            Method main = loader.loadClass("Names").getMethod("main", String[].class);
            System.setOut(capture);
            // What Dataset.show prints goes to Scala's console, which has kept the output of whoever was first in this
            // JVM.
            Console.withOut(capture, () -> call(main));
        } finally {
            System.setOut(out);
        }
        String said = printed.toString(StandardCharsets.UTF_8);
        assertTrue(said.contains("anna: F"), said);
        assertTrue(said.contains("rnn_predict(name)"), said);
    }

    private static Object call(Method main) {
        try {
            return main.invoke(null, (Object) new String[0]);
        } catch (ReflectiveOperationException e) {
            throw new LinkageError("the program fails", e);
        }
    }

    private static List<String> names() {
        List<String> lines = new ArrayList<>(List.of("name,sex"));
        for (String start : List.of("ann", "mari", "juli", "paul", "carl", "robert", "alex", "dan")) {
            lines.add(start + "a,F");
            lines.add(start + "o,M");
        }
        return lines;
    }

    private static String block(String language) throws IOException {
        String readme = Files.readString(Path.of("README.md"));
        int from = readme.indexOf("```" + language + "\n") + language.length() + 4;
        return readme.substring(from, readme.indexOf("```", from));
    }
}
