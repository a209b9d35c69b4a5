package dev.unroll.export;

import com.google.protobuf.CodedOutputStream;
import java.io.BufferedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import java.util.zip.CRC32C;

/**
 * A file of scalars for TensorBoard: TensorFlow's records of {@code Event} messages, of which TensorBoard reads the
 * whole folder.
 *
 * <pre>
 * record:  length (8 bytes), its masked CRC-32C (4), the message, its masked CRC-32C (4); little-endian
 * Event:   1 wall_time (double, s)   2 step (int64)   3 file_version (string)   5 summary   7 session_log
 * Summary: 1 value, repeated: 1 tag (string), 2 simple_value (float)            SessionLog: 1 status (1: start)
 * </pre>
 *
 * <p>From tensorflow/core/util/event.proto, framework/summary.proto and lib/io/record_writer.cc. Not thread-safe.
 */
public final class TensorBoardWriter implements AutoCloseable {

    private static final String VERSION = "brain.Event:2";
    private static final int WALL_TIME = 1;
    private static final int STEP = 2;
    private static final int FILE_VERSION = 3;
    private static final int SUMMARY = 5;
    private static final int SESSION_LOG = 7;
    private static final int VALUE = 1;
    private static final int TAG = 1;
    private static final int SIMPLE_VALUE = 2;
    private static final int STATUS = 1;
    private static final int START = 1;

    private final OutputStream out;

    private TensorBoardWriter(OutputStream out) {
        this.out = out;
    }

    /**
     * Creates a file. Where the folder has other files, of a training that is resumed, TensorBoard ignores what they
     * have of this step and later ones.
     *
     * @param file a new one; TensorBoard knows it by {@code tfevents} in its name
     * @param step the first that will be written
     * @throws IOException if the file exists, or cannot be written
     */
    public static TensorBoardWriter open(Path file, long step) throws IOException {
        OutputStream out = Files.newOutputStream(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
        TensorBoardWriter writer = new TensorBoardWriter(new BufferedOutputStream(out));
        try {
            writer.event(0, event -> event.writeString(FILE_VERSION, VERSION));
            writer.event(
                    step, event -> event.writeByteArray(SESSION_LOG, message(log -> log.writeEnum(STATUS, START))));
        } catch (IOException e) {
            try (writer) {
                throw e;
            }
        }
        return writer;
    }

    /**
     * Writes the scalars of a step, by tag, and flushes them to the operating system, so that they remain if the
     * process is killed.
     */
    public void write(long step, Map<String, Double> scalars) throws IOException {
        byte[] summary = message(values -> {
            for (Map.Entry<String, Double> scalar : scalars.entrySet()) {
                values.writeByteArray(VALUE, message(value -> {
                    value.writeString(TAG, scalar.getKey());
                    value.writeFloat(SIMPLE_VALUE, scalar.getValue().floatValue());
                }));
            }
        });
        event(step, event -> event.writeByteArray(SUMMARY, summary));
    }

    private void event(long step, Fields what) throws IOException {
        record(message(event -> {
            event.writeDouble(WALL_TIME, System.currentTimeMillis() / 1e3);
            event.writeInt64(STEP, step);
            what.write(event);
        }));
        out.flush();
    }

    private void record(byte[] message) throws IOException {
        byte[] length = ByteBuffer.allocate(Long.BYTES)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(message.length)
                .array();
        out.write(length);
        out.write(maskedCrc(length));
        out.write(message);
        out.write(maskedCrc(message));
    }

    /** Rotated and shifted, as a CRC over bytes that hold CRCs would be weak. */
    private static byte[] maskedCrc(byte[] bytes) {
        CRC32C crc = new CRC32C();
        crc.update(bytes);
        int masked = Integer.rotateRight((int) crc.getValue(), 15) + 0xa282ead8;
        return ByteBuffer.allocate(Integer.BYTES)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putInt(masked)
                .array();
    }

    /** The fields of a message. */
    private interface Fields {
        void write(CodedOutputStream message) throws IOException;
    }

    private static byte[] message(Fields fields) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        CodedOutputStream message = CodedOutputStream.newInstance(bytes);
        fields.write(message);
        message.flush();
        return bytes.toByteArray();
    }

    @Override
    public void close() throws IOException {
        out.close();
    }
}
