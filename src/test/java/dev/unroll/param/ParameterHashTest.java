package dev.unroll.param;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;

class ParameterHashTest {

    @Test
    void hash_isSha256OfLittleEndianBytes() throws Exception {
        // Computed outside: printf '\x00\x00\x80\x3f\x00\x00\x00\xc0' | sha256sum
        assertEquals(
                "ee4ac73c2bd27756ab82780f27c73a7bc4d3f0bb6acb37e008bc27eccd7e588b",
                ParameterHash.of(new float[] {1f, -2f}));
        assertEquals(
                "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", ParameterHash.of(new float[0]));
        for (int size : new int[] {1, 2047, 2048, 2049, 5000}) {
            float[] theta = new float[size];
            ByteBuffer bytes = ByteBuffer.allocate(4 * size).order(ByteOrder.LITTLE_ENDIAN);
            for (int i = 0; i < size; i++) {
                theta[i] = (float) StrictMath.sin(i);
                bytes.putFloat(theta[i]);
            }
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(bytes.array());
            assertEquals(HexFormat.of().formatHex(digest), ParameterHash.of(theta));
        }
    }

    @Test
    void hash_tellsZerosApart() {
        float[] zeros = new float[3];
        float[] negative = Arrays.copyOf(zeros, 3);
        negative[1] = -0f;
        assertNotEquals(ParameterHash.of(zeros), ParameterHash.of(negative));
    }
}
