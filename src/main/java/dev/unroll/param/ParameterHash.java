package dev.unroll.param;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** The fingerprint of parameters: equal hashes mean equal bits. */
public final class ParameterHash {

    private static final int HASH_BLOCK = 2048; // floats hashed at a time, so that theta is never copied as a whole

    private ParameterHash() {}

    /** SHA-256 of theta's little-endian bytes, in lower-case hex. */
    public static String of(float[] theta) {
        MessageDigest digest = sha256();
        ByteBuffer block = ByteBuffer.allocate(HASH_BLOCK * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        for (int start = 0; start < theta.length; start += HASH_BLOCK) {
            int end = Math.min(theta.length, start + HASH_BLOCK);
            block.clear();
            for (int i = start; i < end; i++) {
                block.putInt(Float.floatToRawIntBits(theta[i]));
            }
            digest.update(block.flip());
        }
        return HexFormat.of().formatHex(digest.digest());
    }

    /** A digest that knows nothing yet. */
    public static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }
}
