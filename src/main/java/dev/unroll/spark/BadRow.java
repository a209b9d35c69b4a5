package dev.unroll.spark;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Comparator;

/**
 * A row that cannot be used, as a task returns it: no task throws for bad data.
 *
 * @param place where the row was read
 * @param column the column at fault
 * @param reason why, in a few words; rows are counted by it
 * @param value the value at fault, 80 characters of it at most
 */
record BadRow(RowPlace place, String column, String reason, String value) implements java.io.Serializable {

    private static final int MAX_VALUE = 80;

    /** Rows in the order of their places, so that "the first" is the same one in every run. */
    static final Comparator<BadRow> BY_PLACE = Comparator.comparing((BadRow row) -> row.place.file())
            .thenComparingLong(row -> row.place.blockStart())
            .thenComparingLong(row -> row.place.index());

    BadRow {
        int codePoints = value.codePointCount(0, value.length());
        if (codePoints > MAX_VALUE) {
            value = value.substring(0, value.offsetByCodePoints(0, MAX_VALUE)) + "...";
        }
    }

    byte[] toBytes() {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            out.writeUTF(place.file());
            out.writeLong(place.blockStart());
            out.writeLong(place.index());
            out.writeUTF(column);
            out.writeUTF(reason);
            out.writeUTF(value);
        } catch (IOException e) {
            throw new UncheckedIOException("an in-memory stream failed", e);
        }
        return bytes.toByteArray();
    }

    static BadRow fromBytes(byte[] bytes, int offset) {
        try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes, offset, bytes.length - offset))) {
            RowPlace place = new RowPlace(in.readUTF(), in.readLong(), in.readLong());
            return new BadRow(place, in.readUTF(), in.readUTF(), in.readUTF());
        } catch (IOException e) {
            throw new UncheckedIOException("an in-memory stream failed", e);
        }
    }
}
