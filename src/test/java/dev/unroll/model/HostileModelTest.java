package dev.unroll.model;

import static java.nio.charset.StandardCharsets.UTF_16LE;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import dev.unroll.data.Labels;
import dev.unroll.data.Vocabulary;
import dev.unroll.format.Directory;
import dev.unroll.format.FormatException;
import dev.unroll.nn.HeadSpec;
import dev.unroll.nn.NetworkSpec;
import dev.unroll.nn.NetworkSpec.Tokens;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.UnaryOperator;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** A sound model, harmed in one way each: every time one sentence that names the file and the fault, and no memory taken. */
class HostileModelTest {

    private static final String TENSORS = "model.safetensors";
    private static final String SPEC = "spec.json";

    /**
     * embedding (3, 2), weight_ih (4, 2), weight_hh (4, 4), two biases (4), head (2, 4), bias (2): 192 bytes. The header has the
     * first tensor as {@code "embedding.weight":{"dtype":"F32","shape":[3,2],"data_offsets":[0,24]}}.
     */
    private static final NetworkSpec NETWORK =
            new NetworkSpec(new Tokens(3, 2), "elman", "tanh", 4, new HeadSpec(2, false));

    @TempDir
    private static Path temp;

    private static byte[] soundTensors;
    private static byte[] soundSpec;

    @BeforeAll
    static void saveSoundModel() throws IOException {
        float[] theta = new float[NETWORK.layout().size()];
        for (int i = 0; i < theta.length; i++) {
            theta[i] = i;
        }
        Model sound = new Model(
                NETWORK,
                theta,
                Vocabulary.ofTokens(List.of("a", "b")),
                Labels.ofNumbers(List.of(1, 2)),
                Map.of("seed", "1"));
        data().publish(false, sound::save);
        soundTensors = Files.readAllBytes(temp.resolve("data/" + TENSORS));
        soundSpec = Files.readAllBytes(temp.resolve("data/" + SPEC));
    }

    private static Directory data() throws IOException {
        return Directory.of(temp.resolve("data").toString(), new Configuration(false));
    }

    private static Model load(byte[] tensors, byte[] spec) throws IOException {
        Files.write(temp.resolve("data/" + TENSORS), tensors);
        Files.write(temp.resolve("data/" + SPEC), spec);
        return Model.load(data());
    }

    /** The header with one text in place of another, and its length corrected. */
    private static UnaryOperator<byte[]> header(String old, String replacement) {
        return file -> {
            int length =
                    (int) ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN).getLong();
            String header = new String(file, 8, length, UTF_8);
            assertTrue(header.contains(old), header);
            byte[] changed = header.replace(old, replacement).getBytes(UTF_8);
            return join(changed.length, changed, Arrays.copyOfRange(file, 8 + length, file.length));
        };
    }

    private static byte[] join(long headerLength, byte[] header, byte[] data) {
        return ByteBuffer.allocate(8 + header.length + data.length)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(headerLength)
                .put(header)
                .put(data)
                .array();
    }

    private static UnaryOperator<byte[]> headerLength(long length) {
        return file -> {
            byte[] changed = file.clone();
            ByteBuffer.wrap(changed).order(ByteOrder.LITTLE_ENDIAN).putLong(length);
            return changed;
        };
    }

    private static UnaryOperator<byte[]> text(String old, String replacement) {
        return file -> {
            String text = new String(file, UTF_8);
            assertTrue(text.contains(old), text);
            return text.replace(old, replacement).getBytes(UTF_8);
        };
    }

    private static UnaryOperator<byte[]> length(int change) {
        return file -> Arrays.copyOf(file, file.length + change);
    }

    private static UnaryOperator<byte[]> bytes(byte[] replacement) {
        return file -> replacement;
    }

    private static byte[] utf8(String text) {
        return text.getBytes(UTF_8);
    }

    static List<Arguments> harms() {
        String deep = "[".repeat(5000) + "]".repeat(5000);
        String first = "\"embedding.weight\":{\"dtype\":\"F32\",\"shape\":[3,2],\"data_offsets\":[0,24]}";
        return List.of(
                Arguments.of(TENSORS, "empty", bytes(new byte[0]), "has 0 bytes"),
                Arguments.of(TENSORS, "cut in the length", bytes(new byte[7]), "has 7 bytes"),
                Arguments.of(TENSORS, "cut in the header", length(-500), "allowed are 2 to"),
                Arguments.of(TENSORS, "cut in the data", length(-4), "its tensors end at 192"),
                Arguments.of(TENSORS, "trailing bytes", length(1), "has 193 bytes of data; its tensors end at 192"),
                Arguments.of(TENSORS, "header of 1 GB", headerLength(1 << 30), "has 1073741824 bytes"),
                Arguments.of(TENSORS, "header of 2^64 - 1", headerLength(-1), "has 18446744073709551615 bytes"),
                Arguments.of(TENSORS, "header of 0", headerLength(0), "has 0 bytes"),
                Arguments.of(TENSORS, "no object", header("{\"__meta", "[\"__meta"), "does not begin with {"),
                Arguments.of(
                        TENSORS, "header not UTF-8", bytes(join(3, new byte[] {'{', '"', -1}, new byte[0])), "UTF-8"),
                Arguments.of(TENSORS, "header of UTF-16", bytes(join(4, "{}".getBytes(UTF_16LE), new byte[0])), "JSON"),
                Arguments.of(
                        TENSORS, "no tensors", bytes(join(2, utf8("{}"), new byte[0])), "no tensor embedding.weight"),
                Arguments.of(TENSORS, "other shape", header("[3,2]", "[2,3]"), "has shape [2, 3]; expected is [3, 2]"),
                Arguments.of(TENSORS, "flat shape", header("[3,2]", "[6]"), "has shape [6]; expected is [3, 2]"),
                Arguments.of(TENSORS, "bytes unlike the shape", header("[3,2]", "[3,3]"), "has 24 bytes"),
                Arguments.of(
                        TENSORS, "shape whose product overflows", header("[3,2]", "[4294967296,4294967296]"), "2^56"),
                Arguments.of(
                        TENSORS, "dimension over long", header("[3,2]", "[3,99999999999999999999]"), "shape/1 is 999"),
                Arguments.of(
                        TENSORS, "negative shape", header("[3,2]", "[-3,-2]"), "shape/0 is -3; allowed is a whole"),
                Arguments.of(TENSORS, "NaN shape", header("[3,2]", "[NaN,2]"), "not valid JSON"),
                Arguments.of(
                        TENSORS, "fraction in the shape", header("[3,2]", "[3.0,2]"), "is 3.0; allowed is a whole"),
                Arguments.of(
                        TENSORS, "text in the shape", header("[3,2]", "[\"3\",2]"), "is a string; allowed is a whole"),
                Arguments.of(TENSORS, "many dimensions", header("[3,2]", "[1,1,1,1,1,1,1,3,2]"), "too many"),
                Arguments.of(
                        TENSORS,
                        "overlap",
                        header("[24,56]", "[20,52]"),
                        "begins at byte 20 of the data; allowed is 24"),
                Arguments.of(
                        TENSORS, "gap", header("[24,56]", "[28,60]"), "begins at byte 28 of the data; allowed is 24"),
                Arguments.of(TENSORS, "gap at the start", header("[0,24]", "[4,28]"), "begins at byte 4"),
                Arguments.of(TENSORS, "backward range", header("[0,24]", "[24,0]"), "begin <= end"),
                Arguments.of(TENSORS, "one offset", header("[0,24]", "[0]"), "data_offsets [0]"),
                Arguments.of(
                        TENSORS,
                        "path as a name",
                        header("embedding.weight", "../../etc/x"),
                        "has a name that is not allowed"),
                Arguments.of(
                        TENSORS,
                        "NUL in a name",
                        header("embedding.weight", "a\\u0000b"),
                        "has a name that is not allowed"),
                Arguments.of(TENSORS, "no name", header("embedding.weight", ""), "has a name that is not allowed"),
                Arguments.of(
                        TENSORS, "endless name", header("embedding.weight", "n".repeat(100_000)), "not valid JSON"),
                Arguments.of(TENSORS, "unknown tensor", header("embedding.weight", "embedding.w"), "embedding.weight"),
                Arguments.of(
                        TENSORS,
                        "tensor too many",
                        header(first, first + ",\"more\":{\"dtype\":\"F32\",\"shape\":[0],\"data_offsets\":[0,0]}"),
                        "has a tensor more"),
                Arguments.of(TENSORS, "key twice", header(first, first + "," + first), "Duplicate"),
                Arguments.of(
                        TENSORS,
                        "key twice, once escaped",
                        header(first, first + "," + first.replace("em", "\\u0065m")),
                        "Duplicate"),
                Arguments.of(
                        TENSORS,
                        "field twice",
                        header("\"shape\":[3,2]", "\"shape\":[3,2],\"shape\":[3,2]"),
                        "Duplicate"),
                Arguments.of(
                        TENSORS,
                        "field unknown",
                        header("\"shape\":[3,2]", "\"shape\":[3,2],\"x\":1"),
                        "unknown field"),
                Arguments.of(TENSORS, "field missing", header("\"shape\":[3,2],", ""), "lacks the field shape"),
                Arguments.of(
                        TENSORS,
                        "other type of the same size",
                        header("F32\",\"shape\":[3,2]", "I32\",\"shape\":[3,2]"),
                        "type I32"),
                Arguments.of(TENSORS, "unknown type", header("F32", "object"), "is \"object\"; allowed: BF16"),
                Arguments.of(TENSORS, "deep JSON", header("[3,2]", deep), "is an array; allowed is a whole number"),
                Arguments.of(
                        TENSORS,
                        "metadata of numbers",
                        header("\"__metadata__\":{", "\"__metadata__\":{\"a\":1,"),
                        "a string"),
                Arguments.of(TENSORS, "text behind the header", header("192]}}", "192]}}{"), "followed by more"),
                Arguments.of(
                        TENSORS, "one flipped bit", (UnaryOperator<byte[]>) HostileModelTest::flippedBit, "is damaged"),
                Arguments.of(SPEC, "empty", bytes(new byte[0]), "is missing; allowed is an object"),
                Arguments.of(SPEC, "cut", length(-20), "not valid JSON"),
                Arguments.of(SPEC, "another document behind", text("}\n}", "}\n}{}"), "followed by more"),
                Arguments.of(SPEC, "not UTF-8", bytes(new byte[] {'{', '"', (byte) 0xC3, '"'}), "UTF-8"),
                Arguments.of(SPEC, "Java serialisation", bytes(new byte[] {(byte) 0xAC, (byte) 0xED, 0, 5}), "UTF-8"),
                Arguments.of(
                        SPEC,
                        "newer format",
                        text("\"format\" : 1", "\"format\" : 3"),
                        "is 3; this version of Unroll reads 1 to 2"),
                Arguments.of(
                        SPEC,
                        "scaling of a newer format",
                        text("\"provenance\"", "\"scaling\" : {\"by\" : \"window\"}, \"provenance\""),
                        "is of format 1, and has what came with 2"),
                Arguments.of(
                        SPEC,
                        "tokens scaled by window",
                        text("\"format\" : 1", "\"format\" : 2, \"scaling\" : {\"by\" : \"window\"}"),
                        "the scaling is one by window, of numbers; the network reads tokens"),
                Arguments.of(
                        SPEC,
                        "scaling by something else",
                        text("\"format\" : 1", "\"format\" : 2, \"scaling\" : {\"by\" : \"shop\"}"),
                        "is \"shop\"; allowed: window, key"),
                Arguments.of(
                        SPEC,
                        "two scalings",
                        text(
                                "\"format\" : 1",
                                "\"format\" : 2, \"scaling\" : {\"by\" : \"window\", \"inputsInDouble\" : true}"),
                        "is by window, and has fields of another scaling"),
                Arguments.of(
                        SPEC,
                        "half a scaling",
                        text("\"format\" : 1", "\"format\" : 1, \"scaling\" : {\"inputMeans\" : []}"),
                        "/scaling lacks the field inputDeviations"),
                Arguments.of(SPEC, "no format", text("\"format\" : 1,", ""), "lacks the field format"),
                Arguments.of(
                        SPEC,
                        "unknown field",
                        text("\"cell\"", "\"class\" : \"java.lang.Runtime\", \"cell\""),
                        "class is an unknown field"),
                Arguments.of(SPEC, "key twice", text("\"cell\"", "\"cell\" : \"gru\", \"cell\""), "Duplicate"),
                Arguments.of(
                        SPEC,
                        "missing field",
                        text("\"activation\" : \"tanh\",", ""),
                        "/network lacks the field activation"),
                Arguments.of(
                        SPEC,
                        "unknown task",
                        text("\"task\" : \"classification\"", "\"task\" : \"ranking\""),
                        "task is ranking; allowed are classification, tagging, regression and language-model"),
                Arguments.of(
                        SPEC,
                        "unknown loss",
                        text("cross-entropy", "hinge"),
                        "loss is hinge; allowed are cross-entropy, binary, multi-label, crf, squared-error, absolute, huber, quantile:LEVELS"),
                Arguments.of(
                        SPEC,
                        "level that is no number",
                        text("cross-entropy", "quantile:0.1,NaN"),
                        "quantiles have the level NaN; allowed are levels above 0 and below 1"),
                Arguments.of(
                        SPEC,
                        "levels that descend",
                        text("cross-entropy", "quantile:0.9,0.1"),
                        "quantiles have the level 0.1 after 0.9; allowed are levels"),
                Arguments.of(
                        SPEC,
                        "outputs that are no multiple of the levels",
                        text("cross-entropy", "quantile:0.1,0.2,0.3,0.4,0.5"),
                        "outputs is 2, and loss quantile:0.1,0.2,0.3,0.4,0.5 has 5 for each number"),
                Arguments.of(
                        SPEC,
                        "unknown pooling",
                        text("\"tied\" : false", "\"tied\" : false, \"pooling\" : \"sum\""),
                        "pooling is sum; allowed are last, every, mean, max and attention"),
                Arguments.of(
                        SPEC,
                        "loss of another task",
                        text("cross-entropy", "squared-error"),
                        "the head's loss is squared-error; that is not one of task classification"),
                Arguments.of(
                        SPEC, "unknown cell", text("elman", "java.lang.Runtime"), "cell is java.lang.Runtime; allowed"),
                Arguments.of(
                        SPEC,
                        "impossible activation",
                        text("elman\",\n    \"activation\" : \"tanh", "lstm\",\n    \"activation\" : \"relu"),
                        "relu"),
                Arguments.of(
                        SPEC,
                        "wrong type",
                        text("\"hiddenSize\" : 4", "\"hiddenSize\" : \"4\""),
                        "/network/hiddenSize is a string"),
                Arguments.of(
                        SPEC, "negative size", text("\"hiddenSize\" : 4", "\"hiddenSize\" : -4"), "is -4; allowed"),
                Arguments.of(SPEC, "exponent", text("\"hiddenSize\" : 4", "\"hiddenSize\" : 4e9"), "is 4e9; allowed"),
                Arguments.of(SPEC, "NaN", text("\"hiddenSize\" : 4", "\"hiddenSize\" : NaN"), "not valid JSON"),
                Arguments.of(SPEC, "null", text("\"hiddenSize\" : 4", "\"hiddenSize\" : null"), "is null; allowed"),
                Arguments.of(
                        SPEC,
                        "endless number",
                        text("\"hiddenSize\" : 4", "\"hiddenSize\" : " + "4".repeat(100_000)),
                        "not valid JSON"),
                Arguments.of(
                        SPEC,
                        "gigantic network",
                        text("\"hiddenSize\" : 4", "\"hiddenSize\" : 16000000"),
                        "2^31 parameters"),
                Arguments.of(
                        SPEC,
                        "network of another size",
                        text("\"hiddenSize\" : 4", "\"hiddenSize\" : 5"),
                        "has shape [4, 2]; expected is [5, 2]"),
                Arguments.of(SPEC, "deep JSON", text("\"tanh\"", deep), "is an array; allowed is a string"),
                Arguments.of(
                        SPEC,
                        "deep object",
                        text("\"seed\" : \"1\"", "\"seed\" : " + deep),
                        "is an array; allowed is a string"),
                Arguments.of(
                        SPEC,
                        "no input",
                        text("\"tokens\" : {\n        \"vocabulary\" : 3,\n        \"embeddingSize\" : 2\n      }", ""),
                        "input is empty"),
                Arguments.of(
                        SPEC,
                        "two inputs",
                        text("\"tokens\"", "\"dense\" : {\"width\" : 2}, \"tokens\""),
                        "second input"),
                Arguments.of(
                        SPEC,
                        "no vocabulary",
                        text("\"vocabulary\" : [ \"a\", \"b\" ],", ""),
                        "the vocabulary has 0 ids; the network's input has 3"),
                Arguments.of(SPEC, "token twice", text("\"a\", \"b\"", "\"a\", \"a\""), "twice"),
                Arguments.of(
                        SPEC,
                        "token too many",
                        text("\"a\", \"b\"", "\"a\", \"b\", \"c\""),
                        "the vocabulary has 4 ids"),
                Arguments.of(SPEC, "token of half a pair", text("\"a\", \"b\"", "\"a\", \"\\ud83d\""), "surrogate"),
                Arguments.of(SPEC, "token of newlines", text("\"a\", \"b\"", "\"a\\n\\nb\", \"a\\n\\nb\""), "twice"),
                Arguments.of(SPEC, "labels out of order", text("\"1\", \"2\"", "\"2\", \"1\""), "ascending"),
                Arguments.of(
                        SPEC, "label of 10^9 digits", text("\"1\", \"2\"", "\"1\", \"2e999999999\""), "shortest form"),
                Arguments.of(
                        SPEC,
                        "label too few",
                        text("\"1\", \"2\"", "\"1\""),
                        "there are 1 labels; the network's head has 2"),
                Arguments.of(
                        SPEC,
                        "provenance of objects",
                        text("\"seed\" : \"1\"", "\"seed\" : {}"),
                        "is an object; allowed is a string"));
    }

    private static byte[] flippedBit(byte[] file) {
        byte[] changed = file.clone();
        changed[changed.length - 1] ^= 1;
        return changed;
    }

    @ParameterizedTest(name = "{0}: {1}")
    @MethodSource("harms")
    void harmedFile_isRefusedWithOneSentence(String file, String harm, UnaryOperator<byte[]> change, String expected)
            throws IOException {
        byte[] tensors = file.equals(TENSORS) ? change.apply(soundTensors) : soundTensors;
        byte[] spec = file.equals(SPEC) ? change.apply(soundSpec) : soundSpec;
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long before = threads.getCurrentThreadAllocatedBytes();
        String message =
                assertThrows(FormatException.class, () -> load(tensors, spec)).getMessage();
        long allocated = threads.getCurrentThreadAllocatedBytes() - before;
        assertTrue(allocated < 16 << 20, allocated + " bytes were allocated");
        assertTrue(message.contains(expected), message);
        assertTrue(message.contains(temp + "/data/"), message);
        assertFalse(message.matches("(?s).*[\\n\\r\\x00].*"), message);
        assertFalse(message.contains("`") || message.contains("REDACTED"), message);
        assertTrue(message.length() < 1000, message);
    }

    @Test
    void soundFiles_areRead() throws IOException {
        assertEquals(NETWORK, load(soundTensors, soundSpec).spec());
    }

    /** No harm may surface as anything but a refusal; a change that leaves a sound model is none. */
    @Test
    void randomHarm_isRefusedOrHarmless() throws IOException {
        Random random = new Random(7);
        int harmless = 0;
        int tries = 1500;
        for (int i = 0; i < tries; i++) {
            boolean inTensors = random.nextBoolean();
            byte[] changed = harmed(inTensors ? soundTensors : soundSpec, random);
            try {
                load(inTensors ? changed : soundTensors, inTensors ? soundSpec : changed);
                harmless++;
            } catch (FormatException e) {
                assertTrue(e.getMessage().contains(temp.toString()), e.getMessage());
            }
        }
        assertTrue(harmless < tries / 3, harmless + " of " + tries + " harmed files were read");
    }

    private static byte[] harmed(byte[] sound, Random random) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        int from = random.nextInt(sound.length);
        int to = Math.min(sound.length, from + random.nextInt(4));
        byte[] inserted = new byte[random.nextInt(4)];
        for (int i = 0; i < inserted.length; i++) {
            inserted[i] = random.nextBoolean() ? (byte) random.nextInt(256) : sound[random.nextInt(sound.length)];
        }
        out.write(sound, 0, from);
        out.write(inserted, 0, inserted.length);
        out.write(sound, to, sound.length - to);
        return out.toByteArray();
    }
}
