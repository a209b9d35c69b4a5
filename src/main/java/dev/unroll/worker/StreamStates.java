package dev.unroll.worker;

import dev.unroll.nn.State;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The hidden (and cell) states of streams between two updates, for {@code carry-state} (stateful training): they come
 * back with the gradient sums, and go out with the next parameters. Executors store none. A stream without an entry is
 * in state zero. Mutable.
 */
public final class StreamStates {

    // By stream; by layer h (H), and c (H) where cells have a cell state.
    private final SortedMap<Integer, float[]> states = new TreeMap<>();

    /** All streams are in state zero. */
    public StreamStates() {}

    /** States by stream, as {@link #byStream} gives them. */
    public StreamStates(SortedMap<Integer, float[]> states) {
        this.states.putAll(states);
    }

    /** Copies the state of a stream to sequence b of a batch of that many, whose states are zero. */
    void copyTo(State batch, int b, int sequences, int stream) {
        float[] state = states.get(stream);
        if (state != null) {
            List<float[]> arrays = arrays(batch);
            int size = size(arrays, sequences);
            if (state.length != size) {
                throw new IllegalArgumentException("the state of stream " + stream + " has " + state.length
                        + " numbers; the network's has " + size);
            }
            int at = 0;
            for (float[] numbers : arrays) {
                int width = numbers.length / sequences;
                System.arraycopy(state, at, numbers, b * width, width);
                at += width;
            }
        }
    }

    /** Takes the state of a stream from sequence b of a batch of that many. */
    void copyFrom(State batch, int b, int sequences, int stream) {
        List<float[]> arrays = arrays(batch);
        float[] state = new float[size(arrays, sequences)];
        int at = 0;
        for (float[] numbers : arrays) {
            int width = numbers.length / sequences;
            System.arraycopy(numbers, b * width, state, at, width);
            at += width;
        }
        states.put(stream, state);
    }

    /** Numbers of the state of one sequence: H a layer, or P where states are projected, and H for a cell state. */
    private static int size(List<float[]> arrays, int sequences) {
        return arrays.stream().mapToInt(numbers -> numbers.length / sequences).sum();
    }

    private static List<float[]> arrays(State batch) {
        List<float[]> arrays = new ArrayList<>();
        for (int l = 0; l < batch.h().length; l++) {
            arrays.add(batch.h()[l]);
            if (batch.c()[l].length > 0) {
                arrays.add(batch.c()[l]);
            }
        }
        return arrays;
    }

    /**
     * The state of every stream that has one, by its number: by layer h (H), and c (H) where cells have a cell state.
     */
    public SortedMap<Integer, float[]> byStream() {
        return Collections.unmodifiableSortedMap(states);
    }

    /** Takes over the states of other streams. */
    void merge(StreamStates other) {
        states.putAll(other.states);
    }

    /** Bytes that {@link #write} writes. */
    public int byteCount() {
        int bytes = Integer.BYTES;
        for (float[] state : states.values()) {
            bytes = Math.addExact(bytes, 2 * Integer.BYTES + Float.BYTES * state.length);
        }
        return bytes;
    }

    /** Count, then per stream its number, length and numbers, in the order of the buffer. */
    public void write(ByteBuffer out) {
        out.putInt(states.size());
        states.forEach((stream, state) -> {
            out.putInt(stream).putInt(state.length);
            for (float number : state) {
                out.putFloat(number);
            }
        });
    }

    /**
     * Reads what {@link #write} wrote.
     *
     * @throws IllegalStateException for bytes that are no states
     */
    public static StreamStates read(ByteBuffer in) {
        StreamStates read = new StreamStates();
        for (int n = MessageBytes.count(in, 2 * Integer.BYTES, "streams"); n > 0; n--) {
            MessageBytes.require(in, Integer.BYTES);
            int stream = in.getInt();
            if (stream < 0) {
                throw MessageBytes.damaged("there is no stream " + stream);
            }
            float[] state = new float[MessageBytes.count(in, Float.BYTES, "numbers of a state")];
            for (int i = 0; i < state.length; i++) {
                state[i] = in.getFloat();
            }
            read.states.put(stream, state);
        }
        return read;
    }
}
