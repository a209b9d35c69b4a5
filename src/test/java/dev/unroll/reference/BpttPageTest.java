package dev.unroll.reference;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** docs/bptt.md maps equations to code; a renamed method must not leave it pointing at nothing. */
class BpttPageTest {

    private static final Path PAGE = Path.of("docs", "bptt.md");
    private static final Pattern MEMBER = Pattern.compile("`([A-Z]\\w*)\\.(\\w+)`");
    private static final List<String> PACKAGES = List.of("reference", "nn", "math", "param", "data");

    static Stream<String> members() throws IOException {
        return MEMBER.matcher(Files.readString(PAGE))
                .results()
                .map(MatchResult::group)
                .distinct();
    }

    @ParameterizedTest
    @MethodSource("members")
    void member_namedOnThePage_exists(String member) {
        String[] parts = member.replace("`", "").split("\\.", -1);
        Class<?> type = PACKAGES.stream()
                .map(name -> find("dev.unroll." + name + "." + parts[0]))
                .flatMap(Optional::stream)
                .findFirst()
                .orElseThrow(() -> new AssertionError("there is no class " + parts[0]));
        boolean exists = Stream.<Class<?>>iterate(type, t -> t != null, Class::getSuperclass)
                .flatMap(t -> Arrays.stream(t.getDeclaredMethods()))
                .map(Method::getName)
                .anyMatch(parts[1]::equals);
        assertTrue(exists, () -> type + " has no method " + parts[1]);
    }

    /** Every method that says it is an equation is on the page. */
    @ParameterizedTest
    @MethodSource("equations")
    void equation_namedInTheReference_isOnThePage(String member) throws IOException {
        assertTrue(members().anyMatch(member::equals), () -> member + " is not on " + PAGE);
    }

    static Stream<String> equations() throws IOException {
        Pattern equation = Pattern.compile(
                "/\\*\\*[\\s*]*\\([1-5]\\)(?:(?!\\*/).)*\\*/\\s*"
                        + "(?:@Override\\s+)?(?:final )?(?:Matrix|double) (\\w+)\\(",
                Pattern.DOTALL);
        Path source = Path.of("src", "main", "java", "dev", "unroll", "reference");
        return Stream.of(
                        "UnrolledElman",
                        "UnrolledLayer",
                        "UnrolledHead",
                        "SoftmaxHead",
                        "SquaredErrorHead",
                        "MeanPooling",
                        "MaxPooling",
                        "AttentionPooling",
                        "CrfHead",
                        "UnrolledLstm",
                        "UnrolledProjectedLstm",
                        "UnrolledGru",
                        "UnrolledMinGru")
                .flatMap(type -> equation.matcher(read(source.resolve(type + ".java")))
                        .results()
                        .map(match -> "`" + type + "." + match.group(1) + "`"))
                .distinct();
    }

    @Test
    void equations_found_areMany() throws IOException {
        assertTrue(equations().count() > 25, () -> "the pattern for equations finds too few");
    }

    private static String read(Path path) {
        try {
            return Files.readString(path);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Optional<Class<?>> find(String name) {
        try {
            return Optional.of(Class.forName(name));
        } catch (ClassNotFoundException e) {
            return Optional.empty();
        }
    }
}
