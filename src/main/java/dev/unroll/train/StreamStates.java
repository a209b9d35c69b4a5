package dev.unroll.train;

import dev.unroll.nn.State;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.TreeMap;

/**
 * The states of streams between two updates, which carry-state carries: they come back with the gradient sums, one window's from each
 * stream, and travel with the next parameters. Executors keep none. A stream that is not there is in state zero. Mutable.
 */
public final class StreamStates {

    private final Map<Integer, float[]> states = new TreeMap<>(); // by stream; by layer h and c, (layers, 2, H)

    /** Copies the state of a stream to sequence b of a batch, which begins in zero. */
    void copyTo(State batch, int b, int stream) {
        float[] state = states.get(stream);
        int hidden = state == null ? 0 : state.length / (2 * batch.h().length);
        for (int l = 0; state != null && l < batch.h().length; l++) {
            System.arraycopy(state, 2 * l * hidden, batch.h()[l], b * hidden, hidden);
            System.arraycopy(state, (2 * l + 1) * hidden, batch.c()[l], b * hidden, hidden);
        }
    }

    /** Takes the state of a stream from sequence b of a batch. */
    void copyFrom(State batch, int b, int hidden, int stream) {
        float[] state = new float[2 * batch.h().length * hidden];
        for (int l = 0; l < batch.h().length; l++) {
            System.arraycopy(batch.h()[l], b * hidden, state, 2 * l * hidden, hidden);
            System.arraycopy(batch.c()[l], b * hidden, state, (2 * l + 1) * hidden, hidden);
        }
        states.put(stream, state);
    }

    /** Takes over the states of other streams. */
    void merge(StreamStates other) {
        states.putAll(other.states);
    }

    public int byteCount() {
        int bytes = Integer.BYTES;
        for (float[] state : states.values()) {
            bytes = Math.addExact(bytes, 2 * Integer.BYTES + Float.BYTES * state.length);
        }
        return bytes;
    }

    public void write(ByteBuffer out) {
        out.putInt(states.size());
        states.forEach((stream, state) -> {
            out.putInt(stream).putInt(state.length);
            for (float number : state) {
                out.putFloat(number);
            }
        });
    }

    public static StreamStates read(ByteBuffer in) {
        StreamStates read = new StreamStates();
        for (int n = in.getInt(); n > 0; n--) {
            int stream = in.getInt();
            float[] state = new float[in.getInt()];
            for (int i = 0; i < state.length; i++) {
                state[i] = in.getFloat();
            }
            read.states.put(stream, state);
        }
        return read;
    }
}
