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

    /**
     * The same sequence with terms that weigh 0, 0.3, 1 or 2, and some that are missing, label -1 or NaN in the target; at least one of them
     * weighs something.
     */
    public static Sequence withTermWeights(Sequence s, CounterRandom random) {
        float[] weights = new float[s.terms()];
        int[] labels = s.labels().clone();
        float[] targets = s.targets().clone();
        int kept = random.below(weights.length, -1);
        for (int t = 0; t < weights.length; t++) {
            int kind = random.below(5, t);
            weights[t] = new float[] {0f, 0.3f, 1f, 2f, 1f}[kind];
            if (t == kept) {
                weights[t] = 0.3f;
            } else if (kind == 4 && s.targetWidth() == 0) {
                labels[t] = -1;
            } else if (kind == 4) {
                targets[t * s.targetWidth()] = Float.NaN;
            }
        }
        Sequence labelled = s.hasTokens()
                ? Sequence.ofTokens(s.tokens(), labels, s.weight())
                : Sequence.ofValues(s.values(), s.width(), labels, s.weight());
        return (s.targetWidth() == 0 ? labelled : labelled.withTargets(targets, s.targetWidth()))
                .withTermWeights(weights);
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
