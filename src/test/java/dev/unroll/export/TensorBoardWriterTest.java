package dev.unroll.export;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnknownFieldSet;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The bytes, read by the format's own rules; TensorBoard itself reads them in {@code check_exports.py}. */
class TensorBoardWriterTest {

    @TempDir
    Path folder;

    @Test
    void recordsAreThoseOfTensorFlow() throws IOException {
        Path file = folder.resolve("events.out.tfevents.0");
        try (TensorBoardWriter writer = TensorBoardWriter.open(file, 7)) {
            writer.write(7, Map.of("training/loss", 0.5));
            assertEquals(3, events(file).size(), "each event is on disk when it was written");
        }
        List<UnknownFieldSet> events = events(file);
        assertEquals(
                "brain.Event:2",
                events.get(0).getField(3).getLengthDelimitedList().get(0).toStringUtf8());
        UnknownFieldSet log = UnknownFieldSet.parseFrom(
                events.get(1).getField(7).getLengthDelimitedList().get(0));
        assertEquals(1L, log.getField(1).getVarintList().get(0));
        assertEquals(7L, events.get(1).getField(2).getVarintList().get(0));
        UnknownFieldSet summary = UnknownFieldSet.parseFrom(
                events.get(2).getField(5).getLengthDelimitedList().get(0));
        UnknownFieldSet value = UnknownFieldSet.parseFrom(
                summary.getField(1).getLengthDelimitedList().get(0));
        assertEquals(
                ByteString.copyFromUtf8("training/loss"),
                value.getField(1).getLengthDelimitedList().get(0));
        assertEquals(
                Float.floatToIntBits(0.5f), value.getField(2).getFixed32List().get(0));
    }

    /** A file of another run is never written into. */
    @Test
    void fileThatIsThereStays() throws IOException {
        Path file = Files.writeString(folder.resolve("events.out.tfevents.0"), "mine");
        assertThrows(FileAlreadyExistsException.class, () -> TensorBoardWriter.open(file, 1));
        assertEquals("mine", Files.readString(file));
    }

    /** The messages of a file, whose checks are held against a CRC computed bit by bit. */
    private static List<UnknownFieldSet> events(Path file) throws IOException {
        assertEquals(0xe3069283, crc("123456789".getBytes(StandardCharsets.US_ASCII)), "the known check of CRC-32C");
        ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
        List<UnknownFieldSet> events = new ArrayList<>();
        while (bytes.hasRemaining()) {
            byte[] length = new byte[8];
            bytes.get(length);
            assertEquals(masked(crc(length)), bytes.getInt());
            byte[] message = new byte
                    [(int) ByteBuffer.wrap(length)
                            .order(ByteOrder.LITTLE_ENDIAN)
                            .getLong()];
            bytes.get(message);
            assertEquals(masked(crc(message)), bytes.getInt());
            events.add(UnknownFieldSet.parseFrom(message));
        }
        return events;
    }

    private static int masked(int crc) {
        return ((crc >>> 15) | (crc << 17)) + 0xa282ead8;
    }

    private static int crc(byte[] bytes) {
        int crc = -1;
        for (byte b : bytes) {
            crc ^= b & 0xff;
            for (int bit = 0; bit < 8; bit++) {
                crc = (crc >>> 1) ^ ((crc & 1) * 0x82f63b78);
            }
        }
        return ~crc;
    }
}
