package dev.unroll.nn;

import dev.unroll.data.Sequence;
import dev.unroll.math.CounterRandom;
import dev.unroll.nn.NetworkSpec.HeadSpec;
import dev.unroll.nn.NetworkSpec.Loss;
import dev.unroll.nn.NetworkSpec.Tokens;
import java.util.stream.IntStream;

/** Takes a network, a length and a stream of random numbers; gives a training sequence that fits: steps with labels, or with targets. */
public final class RandomSequence {

    // Where in the stream each kind of number is drawn.
    private static final int LABELS = 0;
    private static final int STEPS = 1 << 20;
    private static final int TARGETS = 2 << 20;

    private RandomSequence() {}

    public static Sequence of(NetworkSpec spec, int length, float weight, CounterRandom random) {
        HeadSpec head = spec.head();
        int terms = head.everyStep() ? length : 1;
        int[] labels = below(head.outputs(), terms, random, LABELS);
        int width = spec.input().size();
        Sequence labelled = spec.input() instanceof Tokens tokens
                ? Sequence.ofTokens(below(tokens.vocabulary(), length, random, STEPS), labels, weight)
                : Sequence.ofValues(normal(length * width, random, STEPS), width, labels, weight);
        return head.loss() == Loss.CROSS_ENTROPY
                ? labelled
                : labelled.withTargets(normal(terms * head.outputs(), random, TARGETS), head.outputs());
    }

    private static int[] below(int bound, int count, CounterRandom random, int from) {
        return IntStream.range(from, from + count)
                .map(i -> random.below(bound, i))
                .toArray();
    }

    private static float[] normal(int count, CounterRandom random, int from) {
        float[] numbers = new float[count];
        for (int i = 0; i < count; i++) {
            numbers[i] = (float) random.normal(from + i);
        }
        return numbers;
    }
}
