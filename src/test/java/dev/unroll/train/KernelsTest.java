package dev.unroll.train;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What is said of the kernels of a training's processes. */
class KernelsTest {

    private static Stream<Arguments> kernels() {
        return Stream.of(
                Arguments.of(Map.of(), 0, "none ran"),
                Arguments.of(Map.of("driver", 16), 0, "Vector API, 512 bits"),
                Arguments.of(Map.of("driver", 4), 0, "Vector API, 128 bits"),
                Arguments.of(Map.of("driver", 1), 1, "scalar"),
                Arguments.of(Map.of("0", 8), 0, "Vector API, 256 bits"),
                Arguments.of(Map.of("0", 1), 1, "scalar on 1 of 1 executors"),
                Arguments.of(Map.of("0", 8, "1", 8, "2", 8), 0, "Vector API, 256 bits"),
                Arguments.of(Map.of("0", 1, "1", 1), 2, "scalar on 2 of 2 executors"),
                Arguments.of(
                        Map.of("0", 1, "1", 8, "2", 8),
                        1,
                        "Vector API, 256 bits on 2 of 3 executors; scalar on 1 of 3 executors"),
                Arguments.of(
                        Map.of("0", 16, "1", 8),
                        0,
                        "Vector API, 256 bits on 1 of 2 executors; Vector API, 512 bits on 1 of 2 executors"));
    }

    @ParameterizedTest
    @MethodSource("kernels")
    void sentenceNamesWhatDiffers(Map<String, Integer> lanes, int scalar, String sentence) {
        Kernels kernels = new Kernels(new TreeMap<>(lanes));
        assertEquals(scalar, kernels.scalar());
        assertEquals(sentence, kernels.sentence());
    }
}
