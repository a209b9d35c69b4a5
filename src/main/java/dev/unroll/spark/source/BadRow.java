package dev.unroll.spark.source;

import dev.unroll.data.Printable;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Comparator;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;

/**
 * A row that cannot be used, as a task returns it: no task throws for bad data.
 *
 * @param place where the row was read
 * @param column the column at fault; empty where it is the whole row
 * @param reason why, in a few words; rows are counted by it
 * @param value the value at fault, 80 characters of it at most
 */
public record BadRow(RowPlace place, String column, String reason, String value) implements java.io.Serializable {

    private static final int MAX_VALUE = 80;

    /** The reason of a time that has none of the formats there are. */
    public static final String NO_TIME = "not a time";

    /** The reason of a date such as 1/5/2024. */
    public static final String AMBIGUOUS_DAY = "day and month cannot be told apart";

    private static final String QUOTES_AS_TEXT = " (where quotes are text, as inches are, read-option quote= says so)";

    /** What to do, by the end of the reason; rows are counted without it. */
    private static final Map<String, String> HINTS = Map.of(
            CsvLines.UNCLOSED,
            " (read-option multiLine=true reads cells of several lines)",
            CsvLines.STRAY,
            QUOTES_AS_TEXT,
            CsvLines.INSIDE,
            QUOTES_AS_TEXT,
            AMBIGUOUS_DAY,
            " (write the year first, as in 2024-03-01)",
            NO_TIME,
            " (allowed are numbers, 2024-03-01, 2024-03, 2024 Q1, 2024-W09, 2024-03-01 10:30:00.5, and after it"
                    + " a zone: Z, UTC or +01:00)");

    /** Rows in the order of their places, so that "the first" is the same one in every run. */
    public static final Comparator<BadRow> BY_PLACE = Comparator.comparing((BadRow row) -> row.place.file())
            .thenComparingLong(row -> row.place.blockStart())
            .thenComparingLong(row -> row.place.index());

    public BadRow {
        value = shown(value);
    }

    public static BadRow of(RowPlace place, Fault fault) {
        return new BadRow(place, fault.column() == null ? "" : fault.column(), fault.getMessage(), fault.value());
    }

    /** Text for a message: 80 characters at most, and none that would break the line. */
    public static String shown(String text) {
        return Printable.of(text, MAX_VALUE);
    }

    /** What rows are counted by. */
    public String key() {
        return column.isEmpty() ? reason : column + ": " + reason;
    }

    /** Place, column, reason and value. */
    public String describe(Configuration hadoop) {
        return place.describe(hadoop) + ": " + (column.isEmpty() ? "" : "column " + shown(column) + ": ") + reason
                + hint() + ", value " + value;
    }

    private String hint() {
        return HINTS.entrySet().stream()
                .filter(hint -> reason.endsWith(hint.getKey()))
                .map(Map.Entry::getValue)
                .findFirst()
                .orElse("");
    }

    public byte[] toBytes() {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            out.writeUTF(place.file());
            out.writeLong(place.blockStart());
            out.writeLong(place.index());
            out.writeBoolean(place.isLine());
            out.writeUTF(column);
            out.writeUTF(reason);
            out.writeUTF(value);
        } catch (IOException e) {
            throw new UncheckedIOException("an in-memory stream failed", e);
        }
        return bytes.toByteArray();
    }

    /** What {@link #toBytes} wrote. */
    public static BadRow fromBytes(byte[] bytes) {
        try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes))) {
            RowPlace place = new RowPlace(in.readUTF(), in.readLong(), in.readLong(), in.readBoolean());
            return new BadRow(place, in.readUTF(), in.readUTF(), in.readUTF());
        } catch (IOException e) {
            throw new UncheckedIOException("an in-memory stream failed", e);
        }
    }
}
