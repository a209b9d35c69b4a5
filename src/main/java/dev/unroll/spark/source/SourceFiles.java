package dev.unroll.spark.source;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import org.apache.commons.compress.compressors.bzip2.BZip2CompressorInputStream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.LocalFileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.io.compress.BZip2Codec;
import org.apache.hadoop.io.compress.CompressionCodec;
import org.apache.hadoop.io.compress.CompressionCodecFactory;
import org.apache.spark.SparkConf;
import org.apache.spark.io.ZStdCompressionCodec;

/** Files that rows are read from: opened, and named for people. */
public final class SourceFiles {

    private SourceFiles() {}

    /** Whether a file of this name is unpacked when it is read. */
    static boolean isPacked(Path file, CompressionCodecFactory codecs) {
        return isZstd(file) || codecs.getCodec(file) != null;
    }

    /** Spark reads zstd itself: Hadoop's codec needs a native library that is not there. */
    static boolean isZstd(Path file) {
        return Packing.ofName(file.getName()).filter(Packing.ZSTD::equals).isPresent();
    }

    /** The bytes of a file, unpacked. */
    static InputStream open(String file, Configuration hadoop) throws IOException {
        return open(new Path(URI.create(file)), hadoop);
    }

    static InputStream open(Path path, Configuration hadoop) throws IOException {
        FileSystem files = path.getFileSystem(hadoop);
        // Hadoop looks for a file of checksums first, and cannot say its name where there is a colon in it.
        InputStream in = (files instanceof LocalFileSystem local && hasColon(path.getName()) ? local.getRaw() : files)
                .open(path);
        if (isZstd(path)) {
            return new ZStdCompressionCodec(new SparkConf(false)).compressedInputStream(in);
        }
        CompressionCodec codec = new CompressionCodecFactory(hadoop).getCodec(path);
        if (codec == null) {
            return in;
        }
        // Of bzip2, Hadoop takes what is cut or damaged for the end of the file.
        return codec instanceof BZip2Codec ? new BZip2CompressorInputStream(in, true) : codec.createInputStream(in);
    }

    /** Whether a file's own name has a colon. */
    static boolean hasColon(String file) {
        return file.indexOf(':', file.lastIndexOf('/') + 1) >= 0;
    }

    /** A file's path as a person writes it. */
    public static String shown(String file) {
        try {
            return Path.getPathWithoutSchemeAndAuthority(new Path(URI.create(file)))
                    .toString();
        } catch (IllegalArgumentException e) {
            return file; // no URI
        }
    }
}
