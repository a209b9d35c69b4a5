package dev.unroll.model;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unroll.data.Labels;
import dev.unroll.data.Scaling;
import dev.unroll.data.Vocabulary;
import dev.unroll.format.Directory;
import dev.unroll.format.FormatException;
import dev.unroll.format.Safetensors;
import dev.unroll.nn.HeadSpec;
import dev.unroll.nn.LearningTask;
import dev.unroll.nn.Likelihood.NegativeBinomial;
import dev.unroll.nn.Loss.CrossEntropy;
import dev.unroll.nn.NetworkSpec;
import dev.unroll.nn.NetworkSpec.Dense;
import dev.unroll.nn.NetworkSpec.Tokens;
import dev.unroll.nn.Pooling;
import dev.unroll.param.Initializer;
import dev.unroll.param.ParameterLayout;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class ModelTest {

    @TempDir
    private Path temp;

    private static final Labels LABELS = Labels.ofText(List.of("de", "en", "\uD83D\uDE00\n\"\\"));

    private Directory directory() throws IOException {
        return Directory.of(temp.resolve("m").toString(), new Configuration(false));
    }

    private Model stored(Model model) throws IOException {
        directory().publish(true, draft -> model.save(draft.child(Model.DATA)));
        return Model.load(directory().child(Model.DATA));
    }

    private static Model model(NetworkSpec spec, Vocabulary vocabulary) {
        float[] theta = Initializer.initialize(spec.layout(), 1);
        theta[0] = -0f;
        return new Model(spec, theta, vocabulary, LABELS, Map.of("seed", "1", "a", "\u0001"));
    }

    /** Of counts: levels come back, by window too; and those that are centred are refused. */
    @Test
    void countsAndTheirLevels_comeBack_andAreNeverCentred() throws IOException {
        HeadSpec head = HeadSpec.ofTargets(new NegativeBinomial(), 2, false);
        NetworkSpec spec = new NetworkSpec(new Dense(1), "gru", "tanh", 3, head);
        float[] theta = Initializer.initialize(spec.layout(), 1);
        Scaling levels = new Scaling(new float[] {1}, new float[] {2}, new float[] {0, 0}, new float[] {3.5f, 0.25f});
        for (Scaling scaling : List.of(levels, Scaling.byWindow(0).ofCounts(), Scaling.NONE)) {
            Model loaded = stored(new Model(LearningTask.REGRESSION, spec, theta, null, null, scaling, Map.of()));
            assertEquals(spec, loaded.spec());
            assertEquals(scaling.kind(), loaded.scaling().kind());
            assertArrayEquals(
                    scaling.targets().deviations(), loaded.scaling().targets().deviations());
        }
        Scaling centred =
                new Scaling(new float[] {1}, new float[] {2}, new float[] {0, 1.5f}, new float[] {3.5f, 0.25f});
        IllegalArgumentException e = assertThrows(
                IllegalArgumentException.class,
                () -> new Model(LearningTask.REGRESSION, spec, theta, null, null, centred, Map.of()));
        assertEquals(
                "the scaling has target means [0.0, 1.5], and loss negative-binomial is of counts, which are never centred;"
                        + " allowed is 0",
                e.getMessage());
    }

    /** Without a projection the file is the one that readers of before know. */
    @Test
    void projection_comesBack_inFormat2() throws IOException {
        Vocabulary vocabulary = Vocabulary.ofTokens(List.of("a", "b"));
        NetworkSpec plain = new NetworkSpec(new Tokens(3, 2), "lstm", "tanh", 5, 2, true, new HeadSpec(3, false));
        for (NetworkSpec spec : List.of(plain, plain.withProjection(2))) {
            Model model = model(spec, vocabulary);
            Model loaded = stored(model);
            assertEquals(spec, loaded.spec());
            assertEquals(model.parameterHash(), loaded.parameterHash());
            String json = Files.readString(temp.resolve("m/data/spec.json"));
            assertEquals(spec.projSize() > 0, json.contains("\"projSize\" : 2"), json);
            assertTrue(json.contains("\"format\" : " + (spec.projSize() > 0 ? 2 : 1)), json);
        }
        Path file = temp.resolve("m/data/spec.json");
        String json = Files.readString(file);
        Files.writeString(file, json.replace("\"projSize\" : 2", "\"projSize\" : 5"));
        FormatException e =
                assertThrows(FormatException.class, () -> Model.load(directory().child(Model.DATA)));
        assertTrue(
                e.getMessage()
                        .endsWith("proj-size is 5 and hidden-size is 5; allowed is 0 (no projection), or at least 1 and"
                                + " less than hidden-size"),
                e.getMessage());
    }

    @ParameterizedTest
    @CsvSource({
        "elman, relu, 3, false",
        "elman, tanh, 0, true",
        "lstm, tanh, 5, true",
        "gru, tanh, 0, false",
        "mingru, tanh, 4, true"
    })
    void savedModel_comesBackBitForBit(String cell, String activation, int embeddingSize, boolean everyStep)
            throws IOException {
        Vocabulary vocabulary = Vocabulary.ofTokens(List.of("e", "\uD83D\uDE00", "", "\u0000\""));
        Model model = model(
                new NetworkSpec(new Tokens(5, embeddingSize), cell, activation, 4, new HeadSpec(3, everyStep)),
                vocabulary);
        Model loaded = stored(model);
        assertEquals(model.spec(), loaded.spec());
        assertEquals(model.parameterHash(), loaded.parameterHash());
        assertEquals(vocabulary, loaded.vocabulary());
        assertEquals(LABELS, loaded.labels());
        assertEquals(model.provenance(), loaded.provenance());
    }

    @Test
    void stackedModel_comesBackBitForBit() throws IOException {
        HeadSpec tied = new HeadSpec(new CrossEntropy(), 5, Pooling.EVERY, true);
        for (NetworkSpec spec : List.of(
                new NetworkSpec(new Tokens(5, 3), "gru", "tanh", 4, 3, true, new HeadSpec(3, true)),
                new NetworkSpec(new Tokens(5, 4), "lstm", "tanh", 4, 2, false, tied))) {
            LearningTask task = spec.head().tied() ? LearningTask.LANGUAGE_MODEL : LearningTask.TAGGING;
            Vocabulary vocabulary = Vocabulary.ofTokens(List.of("a", "b", "c", "d"));
            float[] theta = Initializer.initialize(spec.layout(), 1);
            Labels labels = task == LearningTask.TAGGING ? LABELS : null;
            Model loaded = stored(new Model(task, spec, theta, vocabulary, labels, Scaling.NONE, Map.of()));
            assertEquals(spec, loaded.spec());
            assertArrayEquals(theta, loaded.theta());
        }
    }

    /** Readers of before would take it for a head on the last state; they refuse its format. */
    @ParameterizedTest
    @EnumSource(
            value = Pooling.class,
            names = {"MEAN", "MAX", "ATTENTION"})
    void pooledModel_comesBackBitForBit_inTheNewerFormat(Pooling pooling) throws IOException {
        HeadSpec head = new HeadSpec(3, false).with(pooling);
        NetworkSpec spec = new NetworkSpec(new Dense(6), "gru", "tanh", 4, 2, true, head);
        Model model = model(spec, null);
        Model loaded = stored(model);
        assertEquals(spec, loaded.spec());
        assertEquals(model.parameterHash(), loaded.parameterHash());
        String json = Files.readString(temp.resolve("m/data/spec.json"));
        assertTrue(json.startsWith("{\n  \"format\" : 2,"), json);
        byte[] both =
                json.replace("\"everyStep\" : false", "\"everyStep\" : true").getBytes(StandardCharsets.UTF_8);
        FormatException e = assertThrows(
                FormatException.class, () -> SpecJson.read(new ByteArrayInputStream(both), both.length, "spec.json"));
        assertTrue(e.getMessage().endsWith("has everyStep true, and reads " + pooling.description()), e.getMessage());
    }

    @Test
    void denseModel_hasNoVocabulary() throws IOException {
        NetworkSpec spec = new NetworkSpec(new Dense(6), "lstm", "tanh", 4, new HeadSpec(2, false));
        Labels numbers = Labels.ofNumbers(List.of(10, 2.5));
        Model loaded = stored(new Model(spec, new float[spec.layout().size()], null, numbers, Map.of()));
        assertEquals(spec, loaded.spec());
        assertNull(loaded.vocabulary());
        assertEquals(numbers, loaded.labels());
    }

    @Test
    void savingTwice_givesTheSameBytes() throws IOException {
        NetworkSpec spec = new NetworkSpec(new Dense(6), "gru", "tanh", 4, new HeadSpec(3, false));
        stored(model(spec, null));
        byte[] tensors = Files.readAllBytes(temp.resolve("m/data/model.safetensors"));
        String json = Files.readString(temp.resolve("m/data/spec.json"));
        stored(model(spec, null));
        assertArrayEquals(tensors, Files.readAllBytes(temp.resolve("m/data/model.safetensors")));
        assertEquals(json, Files.readString(temp.resolve("m/data/spec.json")));
        assertTrue(
                json.startsWith("{\n  \"format\" : 1,\n  \"task\" : \"classification\",\n  \"network\" : {\n"), json);
    }

    /** A file under PyTorch's names that another tool has written has no hash to be held against. */
    @Test
    void tensorsOfAnotherTool_areRead() throws IOException {
        NetworkSpec spec = new NetworkSpec(new Dense(6), "lstm", "tanh", 4, new HeadSpec(3, false));
        stored(model(spec, null));
        float[] other = Initializer.initialize(spec.layout(), 2);
        try (var out = Files.newOutputStream(temp.resolve("m/data/model.safetensors"))) {
            Safetensors.write(out, spec.layout(), other, Map.of("format", "pt"));
        }
        assertEquals(
                new Model(spec, other, null, LABELS, Map.of()).parameterHash(),
                Model.load(directory().child(Model.DATA)).parameterHash());
    }

    @Test
    void modelOfAnotherLayout_isRefusedWithTensorAndShapes() throws IOException {
        NetworkSpec spec = new NetworkSpec(new Dense(6), "lstm", "tanh", 4, new HeadSpec(3, false));
        stored(model(spec, null));
        ParameterLayout wider = new NetworkSpec(new Dense(7), "lstm", "tanh", 4, new HeadSpec(3, false)).layout();
        try (var out = Files.newOutputStream(temp.resolve("m/data/model.safetensors"))) {
            Safetensors.write(out, wider, new float[wider.size()], Map.of());
        }
        String message = assertThrows(
                        FormatException.class, () -> Model.load(directory().child(Model.DATA)))
                .getMessage();
        assertEquals(
                temp + "/m/data/model.safetensors: tensor rnn.weight_ih_l0 has shape [16, 7]; expected is [16, 6]",
                message);
    }

    @Test
    void partsThatDoNotFit_areRefused() {
        NetworkSpec tokens = new NetworkSpec(new Tokens(3, 2), "gru", "tanh", 4, new HeadSpec(3, false));
        NetworkSpec dense = new NetworkSpec(new Dense(2), "gru", "tanh", 4, new HeadSpec(3, false));
        Vocabulary two = Vocabulary.ofTokens(List.of("a", "b"));
        Vocabulary one = Vocabulary.ofTokens(List.of("a"));
        Labels four = Labels.ofNumbers(IntStream.range(0, 4).boxed().toList());
        float[] theta = new float[tokens.layout().size()];
        new Model(tokens, theta, two, LABELS, Map.of());
        assertThrows(IllegalArgumentException.class, () -> new Model(tokens, theta, one, LABELS, Map.of()));
        assertThrows(IllegalArgumentException.class, () -> new Model(tokens, theta, null, LABELS, Map.of()));
        assertThrows(IllegalArgumentException.class, () -> new Model(tokens, theta, two, four, Map.of()));
        assertThrows(IllegalArgumentException.class, () -> new Model(tokens, new float[3], two, LABELS, Map.of()));
        float[] denseTheta = new float[dense.layout().size()];
        assertThrows(IllegalArgumentException.class, () -> new Model(dense, denseTheta, two, LABELS, Map.of()));
    }
}
