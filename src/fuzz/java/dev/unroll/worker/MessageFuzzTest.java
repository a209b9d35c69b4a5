package dev.unroll.worker;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.nio.ByteBuffer;
import java.util.Objects;
import java.util.function.Function;

/** Any bytes are a message of a task, or refused by {@link IllegalStateException}. */
class MessageFuzzTest {

    private static final int MOST = 1000;

    private static void read(byte[] bytes, Function<ByteBuffer, Object> reader) {
        try {
            Objects.requireNonNull(reader.apply(MessageBytes.wrap(bytes)));
        } catch (IllegalStateException refused) {
            // what is promised
        }
    }

    @FuzzTest
    void forest(byte[] bytes) {
        read(bytes, in -> {
            CanonicalTree<GradientSum> tree = new CanonicalTree<>(5);
            tree.merge(in, sum -> GradientSum.read(sum, MOST));
            return tree;
        });
    }

    @FuzzTest
    void gradient(byte[] bytes) {
        read(bytes, in -> GradientSum.read(in, MOST));
    }

    @FuzzTest
    void evaluation(byte[] bytes) {
        read(bytes, EvaluationSum::read);
    }

    @FuzzTest
    void states(byte[] bytes) {
        read(bytes, StreamStates::read);
    }
}
