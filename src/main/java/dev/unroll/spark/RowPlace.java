package dev.unroll.spark;

import dev.unroll.data.InputException;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.Serializable;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;

/**
 * Where a row was read: the index-th row of the part of a file that starts at byte {@code blockStart}.
 *
 * @param file path as Spark gives it, or empty for a dataset that comes from no file
 * @param index from 0, within the block
 */
record RowPlace(String file, long blockStart, long index) implements Serializable {

    /** For a message: file and line where there are lines, otherwise file and row, otherwise the row of the dataset. */
    String describe(SourceLayout layout, Configuration hadoop) {
        if (file.isEmpty()) {
            return "a row of the dataset";
        }
        String path = Path.getPathWithoutSchemeAndAuthority(new Path(URI.create(file)))
                .toString();
        return layout == SourceLayout.ROWS ? path + ", row " + (index + 1) : path + ", line " + line(layout, hadoop);
    }

    /** The line, from 1, found by reading the file up to it: only ever done for an error message. */
    private long line(SourceLayout layout, Configuration hadoop) {
        Path path = new Path(URI.create(file));
        try (InputStream in = path.getFileSystem(hadoop).open(path);
                BufferedReader reader = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8))) {
            long line = 0;
            long wanted = index;
            if (blockStart > 0) {
                line = skipTo(in, blockStart);
            }
            boolean header = blockStart == 0 && layout == SourceLayout.LINES_WITH_HEADER;
            for (String text = reader.readLine(); text != null; text = reader.readLine()) {
                line++;
                if (text.isBlank()) {
                    continue; // Spark skips blank lines too
                }
                if (header) {
                    header = false;
                } else if (wanted-- == 0) {
                    return line;
                }
            }
            return line;
        } catch (IOException e) {
            throw new InputException("cannot read " + file + ": " + e.getMessage(), e);
        }
    }

    /** Reads up to the first line that starts behind {@code offset}, as Hadoop's line reader does; returns the lines passed. */
    private static long skipTo(InputStream in, long offset) throws IOException {
        long lines = 0;
        long at = 0;
        for (int b = in.read(); b >= 0; b = in.read()) {
            at++;
            if (b == '\n') {
                lines++;
                if (at > offset) {
                    break;
                }
            }
        }
        return lines;
    }
}
