package dev.unroll.model;

import dev.unroll.nn.State;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.HexFormat;

/**
 * The state of one sequence as bytes that name the model, so that no other one continues from it.
 *
 * <pre>
 * format (1 byte, 1)   SHA-256 of the parameters (32 bytes)   h by layer, then c by layer (float32, little-endian)
 * </pre>
 */
final class StateBytes {

    private static final byte FORMAT = 1;
    private static final int HASH = 32;

    private final byte[] hash;

    /** @param parameterHash of the model, in hexadecimal digits */
    StateBytes(String parameterHash) {
        this.hash = HexFormat.of().parseHex(parameterHash);
    }

    private static int size(State state) {
        int numbers = 0;
        for (float[] h : state.h()) {
            numbers += h.length;
        }
        for (float[] c : state.c()) {
            numbers += c.length;
        }
        return 1 + HASH + Float.BYTES * numbers;
    }

    byte[] write(State state) {
        ByteBuffer out = ByteBuffer.allocate(size(state)).order(ByteOrder.LITTLE_ENDIAN);
        out.put(FORMAT).put(hash);
        write(state.h(), out);
        write(state.c(), out);
        return out.array();
    }

    private static void write(float[][] layers, ByteBuffer out) {
        for (float[] layer : layers) {
            for (float number : layer) {
                out.putFloat(number);
            }
        }
    }

    /**
     * Reads a state into another one.
     *
     * @throws IllegalArgumentException for a state of another model, or of another size or format
     */
    void read(byte[] saved, State into) {
        if (saved.length < 1 + HASH || saved[0] != FORMAT) {
            throw new IllegalArgumentException("a saved state of " + saved.length + " bytes is not of format " + FORMAT
                    + "; allowed is what state() gives");
        }
        ByteBuffer in = ByteBuffer.wrap(saved).order(ByteOrder.LITTLE_ENDIAN);
        in.get();
        byte[] of = new byte[HASH];
        in.get(of);
        if (!Arrays.equals(of, hash)) {
            throw new IllegalArgumentException("a saved state is of the model with parameterHash "
                    + HexFormat.of().formatHex(of) + ", and this model has "
                    + HexFormat.of().formatHex(hash) + "; allowed is the model that the sequence began with");
        }
        if (saved.length != size(into)) {
            throw new IllegalArgumentException("a saved state has " + saved.length + " bytes, and the model's have "
                    + size(into) + "; allowed is what state() gives");
        }
        read(into.h(), in);
        read(into.c(), in);
    }

    private static void read(float[][] layers, ByteBuffer in) {
        for (float[] layer : layers) {
            for (int i = 0; i < layer.length; i++) {
                layer[i] = in.getFloat();
            }
        }
    }
}
