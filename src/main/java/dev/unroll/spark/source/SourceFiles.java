package dev.unroll.spark.source;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.LocalFileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.io.compress.CompressionCodec;
import org.apache.hadoop.io.compress.CompressionCodecFactory;

/** Files that rows are read from: opened, and named for people. */
public final class SourceFiles {

    private SourceFiles() {}

    /** The bytes of a file, unpacked. */
    static InputStream open(String file, Configuration hadoop) throws IOException {
        Path path = new Path(URI.create(file));
        CompressionCodec codec = new CompressionCodecFactory(hadoop).getCodec(path);
        FileSystem files = path.getFileSystem(hadoop);
        // Hadoop looks for a file of checksums first, and cannot say its name where there is a colon in it.
        InputStream in = (files instanceof LocalFileSystem local && hasColon(file) ? local.getRaw() : files).open(path);
        return codec == null ? in : codec.createInputStream(in);
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
