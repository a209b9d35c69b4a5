package dev.unroll.nn;

import dev.unroll.math.Panels;
import java.util.Arrays;

/** The arrays of {@link StaticInput} for one batch. */
final class StaticBuffers {

    final StaticTerms[] layers; // the first layer, by direction
    final StaticTerms head;
    float[] s = {}; // (B, S)
    float[] dS = {}; // (B, E) of the embeddings, or of all
    float[] transposed = {}; // sums of some outputs for the sequences of a slice, transposed
    final Panels rows = new Panels(); // (sequences of a slice, S)

    StaticBuffers(int directions, int gates) {
        layers = new StaticTerms[directions];
        Arrays.setAll(layers, d -> new StaticTerms(gates));
        head = new StaticTerms(1);
    }

    /** Of the head, then of each direction. */
    StaticTerms terms(int consumer) {
        return consumer == 0 ? head : layers[consumer - 1];
    }

    /** Drops all arrays that grow with a batch. */
    void release() {
        s = dS = new float[0];
        for (int consumer = 0; consumer <= layers.length; consumer++) {
            terms(consumer).release();
        }
    }

    /** Bytes of these arrays. */
    long bytes() {
        long numbers = (long) s.length + dS.length;
        for (int consumer = 0; consumer <= layers.length; consumer++) {
            numbers += terms(consumer).numbers();
        }
        return Float.BYTES * numbers;
    }
}
