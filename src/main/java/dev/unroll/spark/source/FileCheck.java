package dev.unroll.spark.source;

import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.io.compress.BZip2Codec;
import org.apache.hadoop.io.compress.BlockDecompressorStream;
import org.apache.hadoop.io.compress.CompressionCodec;
import org.apache.hadoop.io.compress.CompressionCodecFactory;
import org.apache.hadoop.io.compress.Lz4Codec;
import org.apache.hadoop.io.compress.SnappyCodec;
import org.jspecify.annotations.Nullable;

/**
 * What must be known of a file before its lines are read, and would not be said when they are: that bzip2 reaches its
 * end, since Hadoop takes what is cut or damaged for the end of the file, that blocks are Hadoop's own, and that no line
 * is too long for memory. A packed file is decoded once for it only where that can be so; of a plain one, a byte now and
 * then is enough. The other decoders fail by themselves on what is cut.
 *
 * @param maxLine bytes that a line may have
 */
record FileCheck(long maxLine) {

    private static final int BUFFER = 1 << 16;

    /** Bytes that a packed byte can be: a run of 128 kB in 4 bytes, and of 258 bytes in 2 bits. */
    private static final int MOST_BY_ZSTD = 1 << 15;

    private static final int MOST_BY_OTHERS = 1032;

    /** Whether a file needs the check at all. */
    boolean concerns(FileStatus file, CompressionCodecFactory codecs) {
        Path path = file.getPath();
        return isInBlocks(codecs.getCodec(path))
                || mustBeDecoded(path, file.getLen(), codecs)
                || (!SourceFiles.isPacked(path, codecs) && file.getLen() > maxLine);
    }

    private static boolean isInBlocks(@Nullable CompressionCodec codec) {
        return codec instanceof Lz4Codec || codec instanceof SnappyCodec;
    }

    /** Whether a packed file is one of bzip2, or large enough to hold a line that is too long. */
    private boolean mustBeDecoded(Path file, long length, CompressionCodecFactory codecs) {
        long most = SourceFiles.isZstd(file) ? MOST_BY_ZSTD : MOST_BY_OTHERS;
        return SourceFiles.isPacked(file, codecs)
                && (codecs.getCodec(file) instanceof BZip2Codec || length > maxLine / most);
    }

    /** Why the file cannot be read, as a sentence; empty where it can. */
    Optional<String> fault(Path file, Configuration hadoop) {
        String name = SourceFiles.shown(file.toUri().toString());
        try {
            boolean isPacked = SourceFiles.isPacked(file, new CompressionCodecFactory(hadoop));
            return (isPacked ? packed(file, hadoop) : plain(file, hadoop)).map(fault -> name + fault);
        } catch (IOException | RuntimeException e) {
            return Optional.of("cannot read " + name + ": " + ReadFailure.reason(e));
        }
    }

    private Optional<String> packed(Path file, Configuration hadoop) throws IOException {
        CompressionCodecFactory codecs = new CompressionCodecFactory(hadoop);
        CompressionCodec codec = codecs.getCodec(file);
        if (isInBlocks(codec)) {
            Optional<String> fault = notInBlocks(file, codec instanceof Lz4Codec ? "LZ4" : "Snappy", hadoop);
            if (fault.isPresent()) {
                return fault;
            }
        }
        long length = file.getFileSystem(hadoop).getFileStatus(file).getLen();
        return mustBeDecoded(file, length, codecs) ? tooLong(file, hadoop) : Optional.empty();
    }

    /**
     * Looks at the first block, because {@link BlockDecompressorStream} believes what it reads: Hadoop writes the size
     * of a block and that of its first chunk, where other tools write a mark of their own.
     */
    private static Optional<String> notInBlocks(Path file, String kind, Configuration hadoop) throws IOException {
        var system = file.getFileSystem(hadoop);
        long length = system.getFileStatus(file).getLen();
        try (DataInputStream in = system.open(file)) {
            int block = in.readInt();
            if (length == Integer.BYTES && block == 0) {
                return Optional.empty(); // Hadoop's way to write nothing
            }
            int chunk = in.readInt();
            return block > 0 && chunk > 0 && chunk <= length - 2 * Integer.BYTES
                    ? Optional.empty()
                    : Optional.of(" is not " + kind + " as Hadoop writes it, which alone is read; decompress it, or "
                            + Packing.READABLE);
        } catch (EOFException e) {
            throw new IOException("the file ends too early", e);
        }
    }

    /**
     * A line longer than allowed has no line end in a window of half that size, so one line end a window will do; only
     * if there is none, the whole file is read.
     */
    private Optional<String> plain(Path file, Configuration hadoop) throws IOException {
        long window = maxLine / 2;
        byte[] buffer = new byte[1 << 12];
        try (FSDataInputStream in = file.getFileSystem(hadoop).open(file)) {
            long length = file.getFileSystem(hadoop).getFileStatus(file).getLen();
            for (long from = 0; from + window <= length; from += window) {
                in.seek(from);
                boolean found = false;
                for (long left = window; left > 0 && !found; ) {
                    int n = in.read(buffer, 0, (int) Math.min(left, buffer.length));
                    found = n < 0 || lineEnd(buffer, 0, n) >= 0;
                    left -= n;
                }
                if (!found) {
                    return tooLong(file, hadoop);
                }
            }
            return Optional.empty();
        }
    }

    private Optional<String> tooLong(Path file, Configuration hadoop) throws IOException {
        byte[] buffer = new byte[BUFFER];
        long line = 1;
        long length = 0; // of the line, so far
        boolean afterReturn = false;
        try (InputStream in = SourceFiles.open(file, hadoop)) {
            for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                int from = 0;
                for (int end = lineEnd(buffer, 0, n); end >= 0; end = lineEnd(buffer, from, n)) {
                    length += end - from;
                    boolean second = buffer[end] == '\n' && afterReturn && length == 0;
                    afterReturn = buffer[end] == '\r';
                    if (length > maxLine) {
                        break;
                    }
                    line += second ? 0 : 1;
                    length = 0;
                    from = end + 1;
                }
                length += length > maxLine ? 0 : n - from;
                if (length > maxLine) {
                    return Optional.of(", line " + line + ": longer than " + (maxLine >> 20)
                            + " MB, the most that a line may have; write it as several lines");
                }
            }
        }
        return Optional.empty();
    }

    /** Where the first line end is; -1 for none. */
    private static int lineEnd(byte[] bytes, int from, int to) {
        for (int i = from; i < to; i++) {
            if (bytes[i] == '\n' || bytes[i] == '\r') {
                return i;
            }
        }
        return -1;
    }
}
