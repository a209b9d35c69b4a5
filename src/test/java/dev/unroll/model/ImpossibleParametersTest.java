package dev.unroll.model;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unroll.data.Encoding;
import dev.unroll.data.Labels;
import dev.unroll.data.Vocabulary;
import dev.unroll.format.Directory;
import dev.unroll.format.FormatException;
import dev.unroll.format.Safetensors;
import dev.unroll.nn.HeadSpec;
import dev.unroll.nn.NetworkSpec;
import dev.unroll.nn.NetworkSpec.Tokens;
import dev.unroll.param.ParameterLayout.Slot;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Rule R10: parameters that are no finite numbers are refused by the name of their tensor, however they come. */
class ImpossibleParametersTest {

    private static final NetworkSpec SPEC = new NetworkSpec(new Tokens(3, 2), "gru", "tanh", 4, new HeadSpec(2, false));

    @TempDir
    Path temp;

    static Stream<Arguments> tensors() {
        return SPEC.layout().slots().stream()
                .flatMap(slot -> Stream.of(Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY)
                        .map(number -> Arguments.of(slot.name(), number)));
    }

    private static float[] theta(String tensor, float number) {
        Slot slot = SPEC.layout().slot(tensor);
        float[] theta = new float[SPEC.layout().size()];
        theta[slot.offset() + slot.size() - 1] = number;
        return theta;
    }

    @ParameterizedTest
    @MethodSource("tensors")
    void aModel_isRefused(String tensor, float number) throws IOException {
        Vocabulary vocabulary = Vocabulary.ofTokens(List.of("a", "b"));
        Model model = new Model(SPEC, theta(tensor, number), vocabulary, Labels.ofText(List.of("x", "y")), Map.of());
        Directory directory = Directory.of(temp.resolve("m").toString(), new Configuration(false));
        directory.publish(false, draft -> model.save(draft.child(Model.DATA)));
        requireNamed(tensor, number, () -> Model.load(directory.child(Model.DATA)));
        requireNamed(tensor, number, () -> Model.of(model.toFiles()));
    }

    @ParameterizedTest
    @MethodSource("tensors")
    void aFileToBeginWith_isRefused(String tensor, float number) throws IOException {
        Path file = temp.resolve("init.safetensors");
        try (var out = Files.newOutputStream(file)) {
            Safetensors.write(out, SPEC.layout(), theta(tensor, number), Map.of());
        }
        requireNamed(
                tensor,
                number,
                () -> InitialParameters.read(
                        file.toString(), SPEC, new Encoding(null, null), new Configuration(false)));
    }

    private static void requireNamed(String tensor, float number, org.junit.jupiter.api.function.Executable read) {
        String message = assertThrows(FormatException.class, read).getMessage();
        assertTrue(message.contains("tensor " + tensor + " has " + number), message);
        assertTrue(message.contains("safetensors"), message);
    }
}
