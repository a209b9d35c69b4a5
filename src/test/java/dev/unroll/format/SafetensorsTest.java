package dev.unroll.format;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unroll.param.ParameterHash;
import dev.unroll.param.ParameterLayout;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class SafetensorsTest {

    private static final ParameterLayout LAYOUT = new ParameterLayout.Builder()
            .matrix("rnn.weight_ih_l0", 2, 3)
            .vector("head.bias", 2)
            .build();

    private static byte[] file(String header, byte[] data) {
        byte[] json = header.getBytes(StandardCharsets.UTF_8);
        return ByteBuffer.allocate(8 + json.length + data.length)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(json.length)
                .put(json)
                .put(data)
                .array();
    }

    private static byte[] floats(float... values) {
        ByteBuffer bytes = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
        for (float value : values) {
            bytes.putFloat(value);
        }
        return bytes.array();
    }

    private static Safetensors open(byte[] file) throws IOException {
        return Safetensors.open(new ByteArrayInputStream(file), file.length, "x.safetensors");
    }

    private static byte[] written(ParameterLayout layout, float[] values, Map<String, String> metadata)
            throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        Safetensors.write(out, layout, values, metadata);
        return out.toByteArray();
    }

    /** Guards the format itself: what is written is compared with bytes made by hand from its description. */
    @Test
    void writtenFile_isTheFormatByteForByte() throws IOException {
        String header = "{\"__metadata__\":{\"a\":\"b\",\"c\":\"\"},"
                + "\"rnn.weight_ih_l0\":{\"dtype\":\"F32\",\"shape\":[2,3],\"data_offsets\":[0,24]},"
                + "\"head.bias\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[24,32]}}";
        byte[] expected = file(header + " ".repeat(7 - (header.length() + 7) % 8), floats(1, 2, 3, 4, 5, 6, 7, 8));
        byte[] actual = written(LAYOUT, new float[] {1, 2, 3, 4, 5, 6, 7, 8}, Map.of("c", "", "a", "b"));
        assertEquals(
                new String(expected, StandardCharsets.ISO_8859_1), new String(actual, StandardCharsets.ISO_8859_1));
    }

    /** PyTorch's writer sorts the data by name, and its header need not be in the order of the data. */
    @Test
    void tensorsInAnyOrder_findTheirSlots() throws IOException {
        byte[] file = file(
                "{\"rnn.weight_ih_l0\":{\"shape\":[2,3],\"data_offsets\":[8,32],\"dtype\":\"F32\"},"
                        + "\"head.bias\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}}   ",
                floats(7, 8, 1, 2, 3, 4, 5, 6));
        assertArrayEquals(new float[] {1, 2, 3, 4, 5, 6, 7, 8}, open(file).read(LAYOUT));
        Map<String, float[]> arrays = open(file).readArrays();
        assertArrayEquals(new float[] {7, 8}, arrays.get("head.bias"));
        assertEquals(List.of("head.bias", "rnn.weight_ih_l0"), List.copyOf(arrays.keySet()));
    }

    @Test
    void allBits_comeBack() throws IOException {
        int size = 3 * (1 << 14) + 5; // several blocks and a rest
        ParameterLayout layout = new ParameterLayout.Builder()
                .vector("a", size - 7)
                .vector("b", 7)
                .build();
        float[] values = new float[size];
        Random random = new Random(2);
        for (int i = 0; i < size; i++) {
            values[i] = Float.intBitsToFloat(random.nextInt()); // NaNs with payload among them
        }
        values[3] = -0f;
        Safetensors tensors = open(written(layout, values, Map.of("k", "v\n\uD83D\uDE00")));
        assertEquals(Map.of("k", "v\n\uD83D\uDE00"), tensors.metadata());
        assertEquals(ParameterHash.of(values), ParameterHash.of(tensors.read(layout)));
    }

    @Test
    void arrays_comeBack() throws IOException {
        Map<String, float[]> state = new TreeMap<>();
        state.put("b.c", new float[] {1, 2, 3, 4, 5, 6});
        state.put("a", new float[] {7, -0f});
        state.put("none", new float[0]);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        Safetensors.writeArrays(out, state, Map.of());
        Map<String, float[]> read = open(out.toByteArray()).readArrays();
        assertEquals(state.keySet(), read.keySet());
        state.forEach((name, array) -> assertEquals(ParameterHash.of(array), ParameterHash.of(read.get(name))));
        Map<String, float[]> misnamed = Map.of("a b", new float[2]);
        assertThrows(IllegalArgumentException.class, () -> Safetensors.writeArrays(out, misnamed, Map.of()));
    }

    @Test
    void otherTypesAndShapes_areListedButNotReadAsFloats() throws IOException {
        byte[] file = file(
                "{\"half\":{\"dtype\":\"BF16\",\"shape\":[2,2],\"data_offsets\":[4,12]},"
                        + "\"none\":{\"dtype\":\"I64\",\"shape\":[0,5],\"data_offsets\":[4,4]},"
                        + "\"scalar\":{\"dtype\":\"F32\",\"shape\":[],\"data_offsets\":[0,4]}}",
                new byte[12]);
        assertEquals(
                "[scalar, none, half]",
                open(file).tensors().stream()
                        .map(Safetensors.Tensor::name)
                        .toList()
                        .toString());
        ParameterLayout layout =
                new ParameterLayout.Builder().matrix("half", 2, 2).build();
        String message = assertThrows(FormatException.class, () -> open(file).read(layout))
                .getMessage();
        assertEquals("x.safetensors: tensor half is of type BF16; expected is F32", message);
    }

    @Test
    void badNamesAndSizes_areNotWritten() {
        ParameterLayout slash = new ParameterLayout.Builder().vector("a/b", 1).build();
        assertThrows(IllegalArgumentException.class, () -> written(slash, new float[1], Map.of()));
        String message = assertThrows(IllegalArgumentException.class, () -> written(LAYOUT, new float[7], Map.of()))
                .getMessage();
        assertTrue(message.contains("8") && message.contains("7"), message);
    }
}
