package dev.unroll.spark.source;

import dev.unroll.data.InputException;
import java.io.IOException;
import java.io.InputStream;
import java.io.Serializable;
import java.net.URI;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.io.compress.CompressionCodecFactory;

/**
 * Where a row was read: the index-th line, or row, of the part of a file that starts at byte {@code blockStart}.
 *
 * @param file path as Spark gives it, or empty for a dataset that comes from no file
 * @param blockStart {@link #IN_WORDS} for a row that was made of others; {@code file} is then what it is called
 * @param index from 0, within the block
 * @param isLine whether lines were counted, blank ones and the header too; otherwise rows
 */
public record RowPlace(String file, long blockStart, long index, boolean isLine) implements Serializable {

    static final long IN_WORDS = -1;

    /** For a message: file and line where there are lines, otherwise file and row, otherwise a row of the dataset. */
    String describe(Configuration hadoop) {
        if (file.isEmpty()) {
            return "a row of the dataset";
        }
        if (blockStart == IN_WORDS) {
            return file;
        }
        String path = SourceFiles.shown(file);
        String what = isLine ? "line" : "row";
        if (blockStart == 0) {
            return path + ", " + what + " " + (index + 1);
        }
        boolean packed = new CompressionCodecFactory(hadoop).getCodec(new Path(URI.create(file))) != null;
        return isLine && !packed
                ? path + ", line " + (linesBefore(hadoop) + index + 1)
                : path + ", " + what + " " + (index + 1) + " of the part from byte " + blockStart;
    }

    /**
     * Lines before those of the block, found by reading the file up to it: only ever done for an error message. The
     * line that holds the block's first byte belongs to the block before, as Hadoop's line reader deals them.
     */
    private long linesBefore(Configuration hadoop) {
        try (InputStream in = SourceFiles.open(file, hadoop)) {
            byte[] buffer = new byte[1 << 16];
            long lines = 0;
            long at = 0;
            int last = 0;
            for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                for (int i = 0; i < n; i++, at++) {
                    // A line ends with \n, \r, or both; at this byte a line begins if one ended before it.
                    boolean begins = last == '\n' || (last == '\r' && buffer[i] != '\n');
                    if (begins) {
                        lines++;
                        if (at > blockStart) {
                            return lines;
                        }
                    }
                    last = buffer[i];
                }
            }
            return lines;
        } catch (IOException e) {
            throw new InputException("cannot read " + SourceFiles.shown(file) + ": " + e.getMessage(), e);
        }
    }
}
