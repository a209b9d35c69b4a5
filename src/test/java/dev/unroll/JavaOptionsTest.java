package dev.unroll;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.apache.spark.launcher.JavaModuleOptions;
import org.junit.jupiter.api.Test;

class JavaOptionsTest {

    /** Tests and local runs must be started with the options of spark-submit; an update of Spark may change them. */
    @Test
    void javaOptions_areThoseOfSparksLauncher() throws Exception {
        assertEquals(
                List.of(JavaModuleOptions.defaultModuleOptions().trim().split("\\s+")),
                Files.readAllLines(Path.of("conf", "java.options")).stream()
                        .filter(line -> !line.startsWith("#"))
                        .toList());
    }
}
