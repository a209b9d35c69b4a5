package dev.unroll.format;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import dev.unroll.param.ParameterLayout;
import dev.unroll.param.ParameterLayout.Slot;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.regex.Pattern;

/**
 * Writes named float tensors to a safetensors file and reads them back, bit by bit; PyTorch, JAX and others read the
 * file.
 *
 * <pre>
 *   8 bytes    n, little-endian
 *   n bytes    JSON, padded with spaces to a multiple of 8:
 *                {"__metadata__": {"key": "text"},
 *                 "name": {"dtype": "F32", "shape": [4, 3], "data_offsets": [begin, end]}, ...}
 *   the rest   the tensors, row-major, little-endian, at [begin, end) of the rest
 * </pre>
 */
public final class Safetensors {

    /*
     * A file is considered hostile until all of this holds, and nothing of its size is allocated before:
     *
     * 1. n is at most 100 MB (the reference implementation's limit) and within the file;
     *
     * 2. the header is strict JSON (StrictJson: UTF-8, no duplicate key, bounded depth) with at most 65,536 tensors;
     *
     * 3. names are of letters, digits, underscores and dots;
     *
     * 4. the product of a shape, computed without overflow, times the size of its type, is end - begin;
     *
     * 5. ranges, in ascending order, leave no gap and do not overlap, and the last one ends where the file ends;
     *
     * 6. names, types and shapes are those of the layout that the caller expects.
     *
     * Tensors may be in any order in the file (other writers sort them), so the reader finds the slot of each by its
     * name.
     */

    private static final String METADATA = "__metadata__";
    private static final long MAX_HEADER = 100_000_000;
    private static final int MAX_TENSORS = 1 << 16;
    private static final int MAX_DIMENSIONS = 8;
    private static final long MAX_BYTES = 1L << 56; // of one tensor; far from where sums of a few offsets overflow
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_.]+");
    private static final Map<String, Integer> BYTES = Map.ofEntries(
            Map.entry("BOOL", 1),
            Map.entry("U8", 1),
            Map.entry("I8", 1),
            Map.entry("F8_E4M3", 1),
            Map.entry("F8_E5M2", 1),
            Map.entry("U16", 2),
            Map.entry("I16", 2),
            Map.entry("F16", 2),
            Map.entry("BF16", 2),
            Map.entry("U32", 4),
            Map.entry("I32", 4),
            Map.entry("F32", 4),
            Map.entry("U64", 8),
            Map.entry("I64", 8),
            Map.entry("F64", 8));
    private static final String FLOAT = "F32";
    private static final int COPY_BLOCK = 1 << 14; // floats copied at a time

    /**
     * One tensor as the header has it.
     *
     * @param begin first byte, counted from the end of the header
     * @param end one after its last byte
     */
    public record Tensor(String name, String dtype, List<Long> shape, long begin, long end) {}

    private final String file;
    private final InputStream in;
    private final Map<String, String> metadata = new TreeMap<>();
    private final Map<String, Tensor> tensors;

    private Safetensors(String file, InputStream in, long length) throws IOException {
        this.file = file;
        this.in = in;
        if (length < Long.BYTES) {
            throw new FormatException(
                    file + " has " + length + " bytes; a safetensors file begins with 8 bytes of header length");
        }
        long headerLength =
                ByteBuffer.wrap(take(Long.BYTES)).order(ByteOrder.LITTLE_ENDIAN).getLong();
        long most = Math.min(MAX_HEADER, length - Long.BYTES);
        if (headerLength < 2 || headerLength > most) {
            throw new FormatException(file + " says that its header has " + Long.toUnsignedString(headerLength)
                    + " bytes; allowed are 2 to " + most);
        }
        byte[] header = take((int) headerLength);
        if (header[0] != '{') {
            throw new FormatException(file + " is no safetensors file: its header does not begin with {");
        }
        List<Tensor> found = parse(new StrictJson(new ByteArrayInputStream(header), file));
        found.sort(Comparator.comparingLong(Tensor::begin).thenComparingLong(Tensor::end));
        requireNoGap(found, length - Long.BYTES - headerLength);
        tensors = new LinkedHashMap<>();
        found.forEach(tensor -> tensors.put(tensor.name(), tensor));
    }

    /**
     * Reads and checks the header.
     *
     * @param in the whole file from its first byte; what is read afterwards is read from it, once
     * @param length bytes of the file
     * @param file its name in messages
     */
    public static Safetensors open(InputStream in, long length, String file) throws IOException {
        return new Safetensors(file, in, length);
    }

    /** Free text that the writer stored in the header. */
    public Map<String, String> metadata() {
        return metadata;
    }

    /** All tensors in the order of their data. */
    public List<Tensor> tensors() {
        return List.copyOf(tensors.values());
    }

    /** Reads one flat vector with this layout, whose tensors must be exactly those of the file. To be called once. */
    public float[] read(ParameterLayout layout) throws IOException {
        requireLayout(layout);
        float[] values = new float[layout.size()];
        readEach(layout, slot -> FloatBuffer.wrap(values, slot.offset(), slot.size()));
        return values;
    }

    /** The same, of parameters, which are finite numbers. */
    public float[] readParameters(ParameterLayout layout) throws IOException {
        float[] values = read(layout);
        for (Slot slot : layout.slots()) {
            for (int i = slot.offset(); i < slot.offset() + slot.size(); i++) {
                if (!Float.isFinite(values[i])) {
                    throw refusal(
                            slot.name(),
                            "has " + values[i] + " at place " + (i - slot.offset()) + "; allowed are finite numbers");
                }
            }
        }
        return values;
    }

    /** Reads all tensors, each flat, whatever their names and shapes; they must be of type F32. To be called once. */
    public Map<String, float[]> readArrays() throws IOException {
        Map<String, float[]> arrays = new LinkedHashMap<>();
        for (Tensor tensor : tensors.values()) {
            if (!tensor.dtype().equals(FLOAT)) {
                throw refusal(tensor.name(), "is of type " + tensor.dtype() + "; expected is " + FLOAT);
            }
            long size = (tensor.end() - tensor.begin()) / Float.BYTES;
            if (size > Integer.MAX_VALUE - 8) {
                throw refusal(tensor.name(), "has " + size + " numbers; allowed are 2^31");
            }
            float[] array = new float[(int) size];
            read(FloatBuffer.wrap(array));
            arrays.put(tensor.name(), array);
        }
        return arrays;
    }

    /** Writes a flat vector of this layout. Equal arguments give equal files. The stream is not closed. */
    public static void write(OutputStream out, ParameterLayout layout, float[] values, Map<String, String> metadata)
            throws IOException {
        if (values.length != layout.size()) {
            throw new IllegalArgumentException(
                    "the layout is for " + layout.size() + " numbers, and there are " + values.length);
        }
        List<Tensor> tensors = new ArrayList<>();
        for (Slot slot : layout.slots()) {
            long begin = (long) slot.offset() * Float.BYTES;
            List<Long> shape = slot.shape().stream().map(Integer::longValue).toList();
            tensors.add(new Tensor(slot.name(), FLOAT, shape, begin, begin + (long) slot.size() * Float.BYTES));
        }
        write(out, tensors, metadata, tensor -> {
            Slot slot = layout.slot(tensor.name());
            return FloatBuffer.wrap(values, slot.offset(), slot.size());
        });
    }

    /**
     * Writes arrays as vectors under their names, in the map's order. Equal arguments give equal files. The stream is
     * not closed.
     */
    public static void writeArrays(OutputStream out, Map<String, float[]> arrays, Map<String, String> metadata)
            throws IOException {
        List<Tensor> tensors = new ArrayList<>();
        long begin = 0;
        for (Map.Entry<String, float[]> array : arrays.entrySet()) {
            long end = begin + (long) array.getValue().length * Float.BYTES;
            tensors.add(new Tensor(array.getKey(), FLOAT, List.of((long) array.getValue().length), begin, end));
            begin = end;
        }
        write(out, tensors, metadata, tensor -> FloatBuffer.wrap(arrays.get(tensor.name())));
    }

    private List<Tensor> parse(StrictJson json) throws IOException {
        List<Tensor> found = new ArrayList<>();
        json.object(name -> {
            if (name.equals(METADATA)) {
                json.object(key -> metadata.put(key, json.text()));
                return;
            }
            if (!NAME.matcher(name).matches()) {
                throw refusal(
                        name, "has a name that is not allowed; allowed are letters, digits, underscores and dots");
            }
            if (found.size() == MAX_TENSORS) {
                throw json.error("is one tensor too many; allowed are " + MAX_TENSORS);
            }
            found.add(tensor(json, name));
        });
        json.end();
        return found;
    }

    private Tensor tensor(StrictJson json, String name) throws IOException {
        String[] dtype = new String[1];
        List<Long> shape = new ArrayList<>();
        List<Long> offsets = new ArrayList<>();
        json.object(List.of("dtype", "shape", "data_offsets"), field -> {
            switch (field) {
                case "dtype" ->
                    dtype[0] = json.text(BYTES.keySet().stream().sorted().toList());
                case "shape" -> numbers(json, shape, MAX_DIMENSIONS);
                default -> numbers(json, offsets, 2);
            }
        });
        if (offsets.size() != 2 || offsets.get(0) > offsets.get(1)) {
            throw refusal(name, "has data_offsets " + offsets + "; allowed are [begin, end] with begin <= end");
        }
        long bytes = Objects.requireNonNull(BYTES.get(dtype[0]), dtype[0]);
        for (long dimension : shape) {
            if (dimension != 0 && bytes > MAX_BYTES / dimension) {
                throw refusal(name, "has shape " + shape + "; allowed are at most 2^56 bytes");
            }
            bytes *= dimension;
        }
        long begin = offsets.get(0);
        long end = offsets.get(1);
        if (end - begin != bytes) {
            throw refusal(
                    name, "has " + (end - begin) + " bytes; " + dtype[0] + " of shape " + shape + " has " + bytes);
        }
        return new Tensor(name, dtype[0], List.copyOf(shape), begin, end);
    }

    private FormatException refusal(String tensor, String sentence) {
        return new FormatException(file + ": tensor " + FormatException.shown(tensor) + " " + sentence);
    }

    private static void numbers(StrictJson json, List<Long> into, int most) throws IOException {
        json.array(() -> {
            if (into.size() == most) {
                throw json.error("is one number too many; allowed are " + most);
            }
            into.add(json.integer(0L, MAX_BYTES));
        });
    }

    private void requireNoGap(List<Tensor> sorted, long dataLength) throws FormatException {
        long position = 0;
        for (Tensor tensor : sorted) {
            if (tensor.begin() != position) {
                throw new FormatException(file + ": tensor " + tensor.name() + " begins at byte " + tensor.begin()
                        + " of the data; allowed is " + position + ", where the one before ends");
            }
            position = tensor.end();
        }
        if (position != dataLength) {
            throw new FormatException(file + " has " + dataLength + " bytes of data; its tensors end at " + position);
        }
    }

    private void requireLayout(ParameterLayout layout) throws FormatException {
        for (Slot slot : layout.slots()) {
            Tensor tensor = tensors.get(slot.name());
            if (tensor == null) {
                throw new FormatException(
                        file + " has no tensor " + slot.name() + "; expected is one of shape " + slot.shape());
            }
            if (!tensor.dtype().equals(FLOAT)) {
                throw new FormatException(
                        file + ": tensor " + slot.name() + " is of type " + tensor.dtype() + "; expected is " + FLOAT);
            }
            List<Long> expected = slot.shape().stream().map(Integer::longValue).toList();
            if (!tensor.shape().equals(expected)) {
                throw new FormatException(file + ": tensor " + slot.name() + " has shape " + tensor.shape()
                        + "; expected is " + expected);
            }
        }
        for (String name : tensors.keySet()) {
            if (!layout.names().contains(name)) {
                throw new FormatException(file + " has a tensor " + FormatException.shown(name) + "; expected are only "
                        + FormatException.shown(String.join(", ", layout.names())));
            }
        }
    }

    private void readEach(ParameterLayout layout, Function<Slot, FloatBuffer> buffers) throws IOException {
        for (Tensor tensor : tensors.values()) {
            read(buffers.apply(layout.slot(tensor.name())));
        }
    }

    private void read(FloatBuffer buffer) throws IOException {
        while (buffer.hasRemaining()) {
            byte[] block = take(Float.BYTES * Math.min(buffer.remaining(), COPY_BLOCK));
            buffer.put(ByteBuffer.wrap(block).order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer());
        }
    }

    private byte[] take(int count) throws IOException {
        byte[] bytes = in.readNBytes(count);
        if (bytes.length < count) {
            throw new FormatException(
                    file + " ends early: " + count + " bytes were expected, and there are " + bytes.length);
        }
        return bytes;
    }

    private static void write(
            OutputStream out, List<Tensor> tensors, Map<String, String> metadata, Function<Tensor, FloatBuffer> buffers)
            throws IOException {
        byte[] header = header(tensors, metadata);
        ByteBuffer block = ByteBuffer.allocate(Float.BYTES * COPY_BLOCK).order(ByteOrder.LITTLE_ENDIAN);
        out.write(block.putLong(header.length).array(), 0, Long.BYTES);
        out.write(header);
        for (Tensor tensor : tensors) {
            FloatBuffer buffer = buffers.apply(tensor);
            while (buffer.hasRemaining()) {
                int count = Math.min(buffer.remaining(), COPY_BLOCK);
                block.clear().asFloatBuffer().put(buffer.slice().limit(count));
                out.write(block.array(), 0, Float.BYTES * count);
                buffer.position(buffer.position() + count);
            }
        }
    }

    private static byte[] header(List<Tensor> tensors, Map<String, String> metadata) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (JsonGenerator json = new JsonFactory().createGenerator(bytes)) {
            json.writeStartObject();
            if (!metadata.isEmpty()) {
                json.writeObjectFieldStart(METADATA);
                for (Map.Entry<String, String> entry : new TreeMap<>(metadata).entrySet()) {
                    json.writeStringField(entry.getKey(), entry.getValue());
                }
                json.writeEndObject();
            }
            for (Tensor tensor : tensors) {
                if (!NAME.matcher(tensor.name()).matches()) {
                    throw new IllegalArgumentException("tensor " + tensor.name()
                            + " cannot be written; names are of letters, digits, underscores and dots");
                }
                json.writeObjectFieldStart(tensor.name());
                json.writeStringField("dtype", tensor.dtype());
                json.writeFieldName("shape");
                json.writeArray(
                        tensor.shape().stream().mapToLong(Long::longValue).toArray(),
                        0,
                        tensor.shape().size());
                json.writeFieldName("data_offsets");
                json.writeArray(new long[] {tensor.begin(), tensor.end()}, 0, 2);
                json.writeEndObject();
            }
            json.writeEndObject();
        }
        while (bytes.size() % Long.BYTES != 0) {
            bytes.write(' ');
        }
        return bytes.toByteArray();
    }
}
