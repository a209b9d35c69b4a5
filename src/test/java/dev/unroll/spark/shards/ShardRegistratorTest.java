package dev.unroll.spark.shards;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.unroll.data.Sequence;
import dev.unroll.data.Shard;
import dev.unroll.data.Steps;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.apache.spark.SparkConf;
import org.apache.spark.serializer.KryoSerializer;
import org.apache.spark.serializer.SerializerInstance;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import scala.reflect.ClassTag;
import scala.reflect.ClassTag$;

/** Cached shards of every kind survive Kryo, to the bit, with registration required. */
class ShardRegistratorTest {

    private static final long SEED = 5;

    private static SerializerInstance kryo(boolean registers) {
        SparkConf conf = new SparkConf(false).set("spark.kryo.registrationRequired", "true");
        return new KryoSerializer(
                        registers ? conf.set("spark.kryo.registrator", ShardRegistrator.class.getName()) : conf)
                .newInstance();
    }

    private static Sequence tokens(Random random, int length, int bound) {
        return Sequence.ofTokens(random.ints(length, 0, bound).toArray(), new int[] {random.nextInt(3)}, 1);
    }

    private static Sequence numbers(Random random, int length) {
        float[] values = new float[3 * length];
        double[] exact = new double[2 * length];
        float[] targets = new float[2 * length];
        for (int n = 0; n < values.length; n++) {
            values[n] = Float.intBitsToFloat(random.nextInt());
        }
        for (int n = 0; n < exact.length; n++) {
            exact[n] = random.nextGaussian() * 1e9;
            targets[n] = (float) exact[n];
        }
        return Sequence.ofValues(values, 3, new int[length], random.nextFloat()).withTargets(targets, exact, 2);
    }

    private static Sequence mixed(Random random, int length) {
        int[][] ids = {
            random.ints(length, 0, 256).toArray(),
            random.ints(length, 0, 65_536).toArray(),
        };
        float[] values = new float[2 * length];
        for (int n = 0; n < values.length; n++) {
            values[n] = n % 5 == 0 ? Float.NaN : random.nextFloat();
        }
        int[] staticIds = {random.nextInt(1 << 20), 1};
        Steps steps = new Steps.Mixed(values, 2, ids, new float[] {random.nextFloat()}, staticIds);
        return Sequence.of(steps, new int[] {random.nextInt(3)}, 1);
    }

    /** Ids of one, two and four bytes, numbers with exact targets and weights; of one step, and of more than a block. */
    static Stream<List<Sequence>> kinds() {
        Random random = new Random(SEED);
        return Stream.of(
                List.of(tokens(random, 1, 20)),
                List.of(tokens(random, 20_000, 256), tokens(random, 3, 256)),
                List.of(tokens(random, 9_001, 65_536)),
                List.of(tokens(random, 5_000, 1 << 20), tokens(random, 4_096, 1 << 20)),
                List.of(numbers(random, 1), numbers(random, 4_000)),
                List.of(mixed(random, 1), mixed(random, 9_000)));
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void shards_comeBackToTheBit(List<Sequence> sequences) {
        int bound = sequences.stream()
                .filter(Sequence::hasTokens)
                .flatMapToInt(sequence -> Arrays.stream(sequence.tokens()))
                .map(id -> id + 1)
                .max()
                .orElse(1);
        Shard shard = new Shard(4, sequences, bound);
        ClassTag<ShardGroup> tag = ClassTag$.MODULE$.apply(ShardGroup.class);
        SerializerInstance kryo = kryo(true);
        ShardGroup read = kryo.deserialize(
                kryo.serialize(new ShardGroup(7, new ArrayList<>(List.of(shard, shard)), true), tag), tag);
        assertEquals(2, read.shards().size());
        assertEquals(4, read.shards().get(0).index());
        for (int i = 0; i < sequences.size(); i++) {
            Sequence expected = sequences.get(i);
            Sequence actual = read.shards().get(1).sequence(i);
            if (expected.steps() instanceof Steps.Mixed mixed) {
                Steps.Mixed given = (Steps.Mixed) actual.steps();
                assertArrayEquals(mixed.ids(), given.ids());
                assertArrayEquals(mixed.staticValues(), given.staticValues());
                assertArrayEquals(mixed.staticIds(), given.staticIds());
            }
            assertArrayEquals(expected.tokens(), actual.tokens());
            assertArrayEquals(expected.values(), actual.values());
            assertArrayEquals(expected.labels(), actual.labels());
            assertArrayEquals(expected.targets(), actual.targets());
            assertArrayEquals(expected.exactTargets(), actual.exactTargets());
            assertEquals(expected.weight(), actual.weight());
        }
    }

    @Test
    void withoutIt_registrationIsMissing() {
        ShardGroup group = new ShardGroup(0, new ArrayList<>(), true);
        ClassTag<ShardGroup> tag = ClassTag$.MODULE$.apply(ShardGroup.class);
        SerializerInstance kryo = kryo(false);
        assertThrows(IllegalArgumentException.class, () -> kryo.serialize(group, tag));
    }
}
