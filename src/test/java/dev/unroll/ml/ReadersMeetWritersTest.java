package dev.unroll.ml;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unroll.data.InputException;
import dev.unroll.data.Labels;
import dev.unroll.data.Vocabulary;
import dev.unroll.format.Directory;
import dev.unroll.format.FormatException;
import dev.unroll.model.Model;
import dev.unroll.nn.HeadSpec;
import dev.unroll.nn.NetworkSpec;
import dev.unroll.nn.NetworkSpec.Tokens;
import dev.unroll.testing.SparkTest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Rule R8: a model that is read while it is overwritten is the old one or the new one, never some of each. Every version
 * has its number in each of its four files, so that a mixture shows.
 */
@SparkTest
class ReadersMeetWritersTest {

    private static final int READS = 3000;
    private static final int WRITES = 100;
    private static final NetworkSpec SPEC =
            new NetworkSpec(new Tokens(3, 2), "elman", "tanh", 2, new HeadSpec(2, false));

    @TempDir
    Path temp;

    private Path path() {
        return temp.resolve("model");
    }

    private Directory directory() throws IOException {
        return Directory.of(path().toString(), new Configuration(false));
    }

    /** The model of a version: its number is in theta, in spec.json, in the metadata and in the preparation. */
    private static RnnClassifierModel version(int n) {
        float[] theta = new float[SPEC.layout().size()];
        Arrays.fill(theta, n);
        Model model = new Model(
                SPEC,
                theta,
                Vocabulary.ofTokens(List.of("a", "b")),
                Labels.ofText(List.of("x", "y")),
                Map.of("version", Integer.toString(n)));
        RnnClassifierModel stage = new RnnClassifierModel("model", model);
        stage.setFeaturesCol("f" + n);
        stage.setPreparation(new SlidingWindows("windows").setWindowLength(n));
        return stage;
    }

    private static String numbers(Model model) {
        return (int) model.theta()[0] + " " + model.provenance().get("version");
    }

    private static String numbers(RnnClassifierModel stage) {
        SlidingWindows windows = (SlidingWindows) stage.preparation().orElseThrow();
        return numbers(stage.model()) + " " + stage.rowSpec().featuresCol().substring(1) + " "
                + windows.getOrDefault(windows.windowLength());
    }

    /** What readers see while a writer overwrites as fast as it can; both fail where a call fails. */
    private List<String> read(SparkSession spark, int reads, Callable<String> reader) throws Exception {
        version(1).save(path().toString(), false, spark);
        AtomicInteger written = new AtomicInteger();
        AtomicBoolean done = new AtomicBoolean();
        ExecutorService threads = Executors.newFixedThreadPool(3);
        try {
            Future<?> writer = threads.submit(() -> {
                for (int n = 2; !done.get(); n++) {
                    version(n).save(path().toString(), true, spark);
                    written.set(n);
                }
                return null;
            });
            List<Future<List<String>>> readers = new ArrayList<>();
            for (int r = 0; r < 2; r++) {
                readers.add(threads.submit(() -> {
                    List<String> seen = new ArrayList<>();
                    while (seen.size() < reads / 2 || written.get() < WRITES) {
                        seen.add(reader.call());
                    }
                    return seen;
                }));
            }
            List<String> all = new ArrayList<>();
            try {
                for (Future<List<String>> one : readers) {
                    all.addAll(one.get());
                }
            } finally {
                done.set(true);
            }
            writer.get();
            return all;
        } catch (ExecutionException e) {
            throw new AssertionError("a reader or the writer failed", e.getCause());
        } finally {
            done.set(true);
            threads.shutdownNow();
        }
    }

    private static void requireWhole(List<String> seen) {
        for (String numbers : seen) {
            assertEquals(1, Arrays.stream(numbers.split(" ")).distinct().count(), "mixed versions: " + numbers);
        }
        assertTrue(seen.stream().distinct().count() > 10, "readers met no writer");
    }

    @Test
    void modelsFiles_areOfOneVersion(SparkSession spark) throws Exception {
        requireWhole(read(spark, READS, () -> numbers(Model.load(directory().child(Model.DATA)))));
    }

    @Test
    void stages_areOfOneVersion(SparkSession spark) throws Exception {
        requireWhole(read(spark, READS, () -> numbers(RnnClassifierModel.load(path().toString()))));
    }

    /** One file of another version, put there by hand: that is no passing state, and is said. */
    @ParameterizedTest
    @CsvSource({
        "spec.json, the hash of its parameters",
        "model.safetensors, the hash of its parameters",
    })
    void aFileOfAnotherVersion_isRefusedInOneSentence(String file, String said, SparkSession spark) throws Exception {
        version(1).save(path().toString(), false, spark);
        version(2).save(temp.resolve("other").toString(), false, spark);
        Files.copy(
                temp.resolve("other/data").resolve(file),
                path().resolve("data").resolve(file),
                java.nio.file.StandardCopyOption.REPLACE_EXISTING);
        String message = assertThrows(
                        FormatException.class, () -> Model.load(directory().child(Model.DATA)))
                .getMessage();
        assertTrue(message.contains(said) && message.contains("spec.json"), message);
        String ofStage = assertThrows(InputException.class, () -> RnnClassifierModel.load(path().toString()))
                .getMessage();
        assertTrue(ofStage.contains(said), ofStage);
    }

    /** Models from before spec.json knew the hash. */
    @Test
    void aSpecWithoutHash_isRead(SparkSession spark) throws Exception {
        version(7).save(path().toString(), false, spark);
        Path spec = path().resolve("data/spec.json");
        String json = Files.readString(spec);
        assertTrue(json.contains("parameterHash"), json);
        Files.writeString(spec, json.replaceAll("\"parameterHash\" : \"[0-9a-f]{64}\",\\s*", ""));
        assertFalse(Files.readString(spec).contains("parameterHash"));
        assertEquals("7 7", numbers(Model.load(directory().child(Model.DATA))));
        assertEquals("7 7 7 7", numbers(RnnClassifierModel.load(path().toString())));
    }

    /** A model that was loaded has the provenance of the one that was saved, and is saved to the same bytes. */
    @Test
    void provenance_comesBackAsItWas(SparkSession spark) throws Exception {
        version(3).save(path().toString(), false, spark);
        Model loaded = Model.load(directory().child(Model.DATA));
        assertEquals(Map.of("version", "3"), loaded.provenance());
        byte[] bytes = Files.readAllBytes(path().resolve("data/spec.json"));
        directory().child("again").publish(false, draft -> loaded.save(draft));
        assertArrayEquals(bytes, Files.readAllBytes(path().resolve("again/spec.json")));
    }

    @Test
    void noModel_isRefusedAtOnce(SparkSession spark) throws Exception {
        String message = assertThrows(InputException.class, () -> RnnClassifierModel.load(path().toString()))
                .getMessage();
        assertTrue(message.contains("there is no model directory " + path()), message);
    }
}
