package dev.unroll.worker;

import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unroll.nn.HeadSpec;
import dev.unroll.nn.LearningTask;
import dev.unroll.nn.LossReduction;
import dev.unroll.param.RowBlocks;
import dev.unroll.train.TrainingCase;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Rule R7: levels, indices, counts and lengths of a message are checked before anything is allocated or looped over. */
class HostileBytesTest {

    private static final int SHARDS = 5;
    private static final int PARAMETERS = 30;
    private static final RowBlocks SPARSE =
            new RowBlocks(2, List.of(new RowBlocks.Block(5, 3), new RowBlocks.Block(3, 4)));

    private static GradientSum gradient(int seed) {
        GradientSum sum = new GradientSum(PARAMETERS, SPARSE);
        sum.partial().touched().set(seed % 8);
        sum.gradient()[0] = seed;
        return sum;
    }

    private static byte[] forest() {
        CanonicalTree<GradientSum> tree = new CanonicalTree<>(SHARDS);
        tree.add(0, gradient(1));
        tree.add(1, gradient(2));
        tree.add(3, gradient(3));
        tree.add(4, null);
        return tree.toBytes();
    }

    private static Object readForest(ByteBuffer in) {
        CanonicalTree<GradientSum> tree = new CanonicalTree<>(SHARDS);
        tree.merge(in, bytes -> GradientSum.read(bytes, PARAMETERS));
        return tree;
    }

    private static byte[] bytes(Sum<?> sum) {
        return MessageBytes.write(sum.byteCount(), sum::write);
    }

    private static byte[] evaluation() {
        return bytes(new EvaluationSum(LearningTask.CLASSIFICATION, new HeadSpec(3, false)));
    }

    private static byte[] states() {
        StreamStates states = new StreamStates(new TreeMap<>(java.util.Map.of(3, new float[] {1, 2})));
        return MessageBytes.write(states.byteCount(), states::write);
    }

    private static byte[] real() {
        return bytes(TrainingCase.random(3, true, 9).gradientOfAll(LossReduction.STEP, 2));
    }

    private static Object readReal(ByteBuffer in) {
        return GradientSum.read(in, TrainingCase.random(3, true, 9).theta().length);
    }

    private static Arguments row(
            String title, byte[] sound, Function<ByteBuffer, Object> read, Consumer<ByteBuffer> harm) {
        return Arguments.of(title, sound, read, harm);
    }

    private static Arguments forest(String title, Consumer<ByteBuffer> harm) {
        return row("forest: " + title, forest(), HostileBytesTest::readForest, harm);
    }

    /** After loss (48), no flow, no terms (2), noise (24), no states (4). */
    private static final int LENGTH = 78;

    private static Arguments gradient(String title, Consumer<ByteBuffer> harm) {
        return row("gradient: " + title, bytes(gradient(3)), in -> GradientSum.read(in, PARAMETERS), harm);
    }

    private static Arguments evaluation(String title, Consumer<ByteBuffer> harm) {
        return row("evaluation: " + title, evaluation(), EvaluationSum::read, harm);
    }

    private static Arguments states(String title, Consumer<ByteBuffer> harm) {
        return row("states: " + title, states(), StreamStates::read, harm);
    }

    private static Arguments statistics(String title, Consumer<ByteBuffer> harm) {
        return row("statistics: " + title, bytes(new StatisticsSum(2, 3, 1)), StatisticsSum::read, harm);
    }

    static Stream<Arguments> harms() {
        return Stream.of(
                forest("2^31 nodes", in -> in.putInt(0, Integer.MAX_VALUE)),
                forest("negative nodes", in -> in.putInt(0, -1)),
                forest("level 2^31 - 1", in -> in.putInt(8, Integer.MAX_VALUE)),
                forest("level -2^31", in -> in.putInt(8, Integer.MIN_VALUE)),
                forest("level above the root", in -> in.putInt(8, 4)),
                forest("index beyond the shards", in -> in.putInt(4, 5)),
                forest("index negative", in -> in.putInt(4, -1)),
                forest("index 2^31 - 1", in -> in.putInt(4, Integer.MAX_VALUE)),
                forest("a flag of 2", in -> in.put(12, (byte) 2)),
                gradient("2^31 numbers", in -> in.putInt(LENGTH, Integer.MAX_VALUE)),
                gradient("other numbers", in -> in.putInt(LENGTH, PARAMETERS + 1)),
                gradient("negative numbers", in -> in.putInt(LENGTH, -1)),
                gradient("2^31 embeddings", in -> in.putInt(LENGTH + 4, Integer.MAX_VALUE)),
                gradient("negative embeddings", in -> in.putInt(LENGTH + 4, -1)),
                gradient("other embeddings", in -> in.putInt(LENGTH + 4, 3)),
                gradient("offset beyond", in -> in.putInt(LENGTH + 8, 20)),
                gradient("offset negative", in -> in.putInt(LENGTH + 8, -1)),
                gradient("no rows", in -> in.putInt(LENGTH + 12, 0)),
                gradient("negative rows", in -> in.putInt(LENGTH + 12, -1)),
                gradient("2^31 rows", in -> in.putInt(LENGTH + 20, Integer.MAX_VALUE)),
                gradient("no columns", in -> in.putInt(LENGTH + 16, 0)),
                gradient("2^31 columns", in -> in.putInt(LENGTH + 24, Integer.MAX_VALUE)),
                gradient("a column more", in -> in.putInt(LENGTH + 24, 5)),
                gradient("2^31 rows touched", in -> in.putInt(LENGTH + 28, Integer.MAX_VALUE)),
                gradient("negative row touched", in -> in.putInt(LENGTH + 32, -1)),
                gradient("a row touched beyond", in -> in.putInt(LENGTH + 32, 8)),
                gradient("2^31 streams", in -> in.putInt(LENGTH - 4, Integer.MAX_VALUE)),
                gradient("a flow from nowhere", in -> in.put(48, (byte) 1)),
                gradient("terms from nowhere", in -> in.put(49, (byte) 1)),
                evaluation("2^31 classes", in -> in.putInt(48, Integer.MAX_VALUE)),
                evaluation("negative classes", in -> in.putInt(48, -3)),
                evaluation("4 classes", in -> in.putInt(48, 4)),
                evaluation("2^31 numbers", in -> in.putInt(52, Integer.MAX_VALUE)),
                evaluation("negative numbers", in -> in.putInt(52, -1)),
                evaluation("negative sums of quantiles", in -> in.putInt(64, -2)),
                evaluation("100 sums of quantiles", in -> in.putInt(64, 100)),
                states("2^31 streams", in -> in.putInt(0, Integer.MAX_VALUE)),
                states("negative streams", in -> in.putInt(0, -1)),
                states("a negative stream", in -> in.putInt(4, -1)),
                states("2^31 numbers", in -> in.putInt(8, Integer.MAX_VALUE)),
                states("negative numbers", in -> in.putInt(8, -2)),
                statistics("2^31 inputs", in -> in.putInt(0, Integer.MAX_VALUE)),
                statistics("negative inputs", in -> in.putInt(0, -1)),
                statistics("2^30 statics", in -> in.putInt(4, 1 << 30)),
                statistics("negative statics", in -> in.putInt(4, -1)),
                statistics("2^30 targets", in -> in.putInt(8, 1 << 30)),
                statistics("negative targets", in -> in.putInt(8, -1)));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("harms")
    void aMessageThatLies_isRefused(
            String title, byte[] sound, Function<ByteBuffer, Object> read, Consumer<ByteBuffer> harm) {
        assertNotNull(read.apply(MessageBytes.wrap(sound.clone())));
        byte[] bytes = sound.clone();
        harm.accept(MessageBytes.wrap(bytes));
        String message = assertThrows(IllegalStateException.class, () -> read.apply(MessageBytes.wrap(bytes)))
                .getMessage();
        assertTrue(message.length() < 400, message);
    }

    static Stream<Arguments> messages() {
        return Stream.of(
                row("forest", forest(), HostileBytesTest::readForest, in -> {}),
                row("gradient", bytes(gradient(3)), in -> GradientSum.read(in, PARAMETERS), in -> {}),
                row("gradient with a flow", real(), HostileBytesTest::readReal, in -> {}),
                row("evaluation", evaluation(), EvaluationSum::read, in -> {}),
                row("states", states(), StreamStates::read, in -> {}),
                row("statistics", bytes(new StatisticsSum(2, 3, 1)), StatisticsSum::read, in -> {}));
    }

    /** Every message cut at every place, and 3,000 of some random bytes: read, or refused by the one exception. */
    @ParameterizedTest(name = "{0}")
    @MethodSource("messages")
    void anyBytes_areReadOrRefused(
            String title, byte[] sound, Function<ByteBuffer, Object> read, Consumer<ByteBuffer> none) {
        for (int length = 0; length < sound.length; length++) {
            ByteBuffer cut = MessageBytes.wrap(java.util.Arrays.copyOf(sound, length));
            assertThrows(IllegalStateException.class, () -> read.apply(cut), "cut at " + length);
        }
        Random random = new Random(7);
        for (int n = 0; n < 3000; n++) {
            byte[] bytes = sound.clone();
            for (int k = 0; k <= n % 4; k++) {
                int at = random.nextInt(n % 2 == 0 ? bytes.length : Math.min(bytes.length, 110));
                bytes[at] = random.nextBoolean() ? (byte) random.nextInt() : (byte) (random.nextBoolean() ? 127 : -1);
            }
            try {
                assertNotNull(read.apply(MessageBytes.wrap(bytes)));
            } catch (IllegalStateException refused) {
                assertTrue(refused.getMessage().length() < 400);
            }
        }
    }

    /** Sums of other networks do not join. */
    @Test
    void sumsOfOtherSizes_areRefused() {
        CanonicalTree<GradientSum> tree = new CanonicalTree<>(2);
        tree.add(0, new GradientSum(4));
        assertThrows(IllegalStateException.class, () -> tree.add(1, new GradientSum(5)));
        EvaluationSum three = new EvaluationSum(LearningTask.CLASSIFICATION, new HeadSpec(3, false));
        EvaluationSum four = new EvaluationSum(LearningTask.CLASSIFICATION, new HeadSpec(4, false));
        assertThrows(IllegalStateException.class, () -> three.merge(four));
        assertThrows(IllegalStateException.class, () -> new StatisticsSum(1, 0).merge(new StatisticsSum(2, 0)));
        assertThrows(IllegalStateException.class, () -> new GradientFlow(1).merge(new GradientFlow(2)));
        assertThrows(IllegalStateException.class, () -> new GradientTerms(1).merge(new GradientTerms(2)));
    }
}
