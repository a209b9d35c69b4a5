package dev.unroll.format;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.StandardCopyOption;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RawLocalFileSystem;

/** What a local file may be besides a file or a directory. Other file systems know only these two. */
final class LocalFiles {

    private LocalFiles() {}

    /** Refuses a device, a pipe and a socket, which may never end. */
    static void requireRegular(FileSystem files, Path file) throws FormatException {
        if (files instanceof RawLocalFileSystem local
                && !Files.isRegularFile(local.pathToFile(file).toPath())) {
            throw new FormatException(
                    Location.shown(file) + " is no regular file but a device, a pipe or a socket; expected is a file");
        }
    }

    /** Whether that is a symbolic link, to whatever. */
    static boolean isLink(FileSystem files, Path path) {
        return files instanceof RawLocalFileSystem local
                && Files.isSymbolicLink(local.pathToFile(path).toPath());
    }

    /** At once, or not at all. */
    static void rename(RawLocalFileSystem local, Path from, Path to) throws IOException {
        Files.move(local.pathToFile(from).toPath(), local.pathToFile(to).toPath(), StandardCopyOption.ATOMIC_MOVE);
    }
}
