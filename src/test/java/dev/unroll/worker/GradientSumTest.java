package dev.unroll.worker;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unroll.data.Sequence;
import dev.unroll.nn.LossReduction;
import dev.unroll.nn.LossSum;
import dev.unroll.param.RowBlocks;
import dev.unroll.param.RowBlocks.Block;
import dev.unroll.train.TrainingCase;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Guards promise P3: sums travel, and are divided once. */
class GradientSumTest {

    private static GradientSum sum(double loss, double weight, float... gradient) {
        GradientSum sum = new GradientSum(gradient.length);
        System.arraycopy(gradient, 0, sum.gradient(), 0, gradient.length);
        sum.loss().merge(new LossSum(loss, weight, 2, 3, 4, 1));
        return sum;
    }

    @Test
    void mean_dividesByTheWeightInDouble() {
        float[] gradient = {1f, -2f, 0.1f, 3e38f, Float.MIN_VALUE};
        float[] mean = sum(0, 3, gradient).mean();
        for (int i = 0; i < gradient.length; i++) {
            assertEquals((float) ((double) gradient[i] / 3), mean[i]);
        }
        assertArrayEquals(new float[] {1f / 3f * 10f}, sum(0, 0.3, 1f).mean(), 1e-6f);
    }

    /** Rows that no batch met do not travel, and the sums are those of whole gradients. */
    @Test
    void sumWithFewRows_isTheWholeSumInFewerBytes() {
        RowBlocks embedding = new RowBlocks(2, List.of(new Block(30, 3), new Block(15, 4))); // elements 2 to 152
        Random random = new Random(9);
        GradientSum dense = new GradientSum(160);
        GradientSum sparse = new GradientSum(160, embedding);
        GradientSum used = new GradientSum(160, embedding); // one whose memory serves again
        for (int shard = 0; shard < 4; shard++) {
            GradientSum denseOne = new GradientSum(160);
            GradientSum sparseOne = used.emptied();
            assertThrows(IllegalStateException.class, sparseOne::gradient); // what is left of another sum
            assertThrows(IllegalStateException.class, () -> sparse.merge(sparseOne));
            sparseOne.hasBegun();
            for (int i = 0; i < 160; i++) {
                int row = i < 92 ? (i - 2) / 3 : 30 + (i - 92) / 4;
                if (i < 2 || i >= 152 || row % 7 == shard) {
                    float x = (float) random.nextGaussian();
                    denseOne.gradient()[i] = x;
                    sparseOne.gradient()[i] = x;
                    if (i >= 2 && i < 152) {
                        sparseOne.partial().touched().set(row);
                    }
                }
            }
            dense.merge(denseOne);
            sparse.merge(travelled(sparseOne));
            assertTrue(sparseOne.byteCount() < denseOne.byteCount() / 2);
            used = sparseOne;
        }
        assertArrayEquals(dense.gradient(), sparse.gradient());
        assertArrayEquals(dense.gradient(), travelled(sparse).gradient());
    }

    /** A node of the tree that is added up at once has the bits of merge after merge. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void mergeNode_hasTheBitsOfMergeAfterMerge(boolean withRows) {
        RowBlocks embedding =
                withRows ? new RowBlocks(2000, List.of(new Block(100, 3), new Block(200, 3))) : RowBlocks.NONE;
        Random random = new Random(3);
        for (int size = 1; size <= 32; size *= 2) {
            List<GradientSum> node = new ArrayList<>();
            CanonicalTree<GradientSum> oneByOne = new CanonicalTree<>(size);
            for (int shard = 0; shard < size; shard++) {
                GradientSum sum = new GradientSum(5003, embedding);
                GradientSum copy = new GradientSum(5003, embedding);
                for (int i = 0; i < 5003; i++) {
                    int row = (i - 2000) / 3;
                    if (!withRows || i < 2000 || i >= 2900 || row % 5 == shard % 3) {
                        float x = (float) (random.nextGaussian() * Math.exp(4 * random.nextGaussian()));
                        sum.gradient()[i] = x;
                        copy.gradient()[i] = x;
                        if (withRows && i >= 2000 && i < 2900) {
                            sum.partial().touched().set(row);
                            copy.partial().touched().set(row);
                        }
                    }
                }
                sum.loss().merge(new LossSum(random.nextDouble(), 1, 2, 3, 4, 1));
                copy.loss().merge(sum.loss());
                node.add(sum);
                oneByOne.add(shard, copy);
            }
            node.get(0).mergeNode(node);
            ByteBuffer expected = ByteBuffer.allocate(oneByOne.root().byteCount());
            oneByOne.root().write(expected);
            ByteBuffer actual = ByteBuffer.allocate(node.get(0).byteCount());
            node.get(0).write(actual);
            assertArrayEquals(expected.array(), actual.array(), size + " sums");
        }
    }

    private static GradientSum travelled(GradientSum sum) {
        ByteBuffer bytes = ByteBuffer.allocate(sum.byteCount());
        sum.write(bytes);
        assertEquals(0, bytes.remaining());
        return GradientSum.read(bytes.flip(), Integer.MAX_VALUE);
    }

    /** A mean of means would count a short shard as much as a long one. */
    @Test
    void mean_ofUnequalParts_isWeighted() {
        GradientSum sum = sum(10, 1, 8f);
        sum.merge(sum(2, 3, 4f));
        assertArrayEquals(new float[] {3f}, sum.mean());
        assertEquals(3, sum.loss().meanLoss());
        assertEquals(4, sum.loss().sequences());
        assertEquals(6, sum.loss().steps());
        assertEquals(8, sum.loss().terms());
        assertEquals(2, sum.loss().correct());
    }

    /** Shards of unequal size, tiny and empty ones among them, must give what one large shard gives. */
    @ParameterizedTest
    @CsvSource({"false, STEP", "false, SEQUENCE", "true, STEP", "true, SEQUENCE"})
    void mean_anyNumberOfShards_equalsThatOfOneShard(boolean everyStep, LossReduction reduction) {
        long seed = 31;
        TrainingCase c = TrainingCase.random(seed, everyStep, 83);
        GradientSum one = c.gradientOfAll(reduction, 1);
        double weight = 0;
        for (Sequence s : c.sequences()) {
            weight += s.weight() * (everyStep && reduction == LossReduction.STEP ? s.length() : 1);
        }
        assertEquals(weight, one.loss().weightSum(), "weights are quarters, so their sum is exact");
        float[] mean = one.mean();
        for (int shards : new int[] {2, 3, 7, 16, 64, 200}) {
            GradientSum other = c.gradientOfAll(reduction, shards);
            String message = shards + " shards, seed " + seed;
            assertEquals(weight, other.loss().weightSum(), message);
            assertEquals(83, other.loss().sequences(), message);
            assertEquals(one.loss().steps(), other.loss().steps(), message);
            assertEquals(one.loss().terms(), other.loss().terms(), message);
            assertEquals(one.loss().correct(), other.loss().correct(), message);
            assertEquals(one.loss().meanLoss(), other.loss().meanLoss(), 1e-12, message);
            float[] otherMean = other.mean();
            for (int i = 0; i < mean.length; i++) {
                assertEquals(mean[i], otherMean[i], 1e-6, message + ", parameter " + i);
            }
        }
    }

    /** A sequence of weight 3 must count like three sequences. */
    @ParameterizedTest
    @CsvSource({"false, STEP", "false, SEQUENCE", "true, STEP", "true, SEQUENCE"})
    void mean_weightThree_countsLikeThreeCopies(boolean everyStep, LossReduction reduction) {
        TrainingCase c = TrainingCase.random(32, everyStep, 2);
        Sequence first = c.sequences().get(0);
        Sequence second = Sequence.ofTokens(
                c.sequences().get(1).tokens(), c.sequences().get(1).labels(), 1f);
        Sequence once = Sequence.ofTokens(first.tokens(), first.labels(), 1f);
        Sequence thrice = Sequence.ofTokens(first.tokens(), first.labels(), 3f);
        GradientSum copies =
                new TrainingCase(c.spec(), List.of(once, second, once, once), c.theta()).gradientOfAll(reduction, 1);
        GradientSum weighted =
                new TrainingCase(c.spec(), List.of(thrice, second), c.theta()).gradientOfAll(reduction, 1);
        assertEquals(copies.loss().weightSum(), weighted.loss().weightSum());
        assertEquals(copies.loss().meanLoss(), weighted.loss().meanLoss(), 1e-12);
        assertArrayEquals(copies.mean(), weighted.mean(), 1e-6f);
    }

    /** Every bit must survive the way from executor to driver, whatever the numbers. */
    @Test
    void bytes_roundTripBitForBit() {
        float[] gradient = {
            0f, -0f, Float.NaN, Float.intBitsToFloat(0x7f812345), Float.NEGATIVE_INFINITY, Float.MIN_VALUE, 1.1f
        };
        GradientSum sum = sum(-0.0, Double.MIN_VALUE, gradient);
        ByteBuffer bytes = ByteBuffer.allocate(sum.byteCount() + 1).order(ByteOrder.LITTLE_ENDIAN);
        sum.write(bytes);
        assertEquals(1, bytes.remaining(), "as many bytes as announced");
        bytes.flip();
        GradientSum copy = GradientSum.read(bytes, Integer.MAX_VALUE);
        assertEquals(0, bytes.remaining());
        for (int i = 0; i < gradient.length; i++) {
            assertEquals(Float.floatToRawIntBits(gradient[i]), Float.floatToRawIntBits(copy.gradient()[i]));
        }
        assertEquals(sum.loss().lossSum(), copy.loss().lossSum());
        assertEquals(sum.loss().weightSum(), copy.loss().weightSum());
        assertEquals(2, copy.loss().sequences());
        assertEquals(3, copy.loss().steps());
        assertEquals(4, copy.loss().terms());
        assertEquals(1, copy.loss().correct());
    }
}
