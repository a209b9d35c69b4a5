package dev.unroll.format;

import java.io.IOException;
import java.util.regex.Pattern;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/** Whether a directory holds nothing but files that the program writes: only then may it be replaced. */
final class OwnFiles {

    private static final int MOST_LEVELS = 3; // a symbolic link may lead in a circle

    private OwnFiles() {}

    /**
     * Refuses a directory that holds anything else.
     *
     * @param own the paths of files, relative to the directory
     * @param shown the directory, for the message
     */
    static void requireOnly(Pattern own, FileSystem files, Path directory, String shown) throws IOException {
        requireOnly(own, files, shown, directory, "", 0);
    }

    private static void requireOnly(
            Pattern own, FileSystem files, String shown, Path directory, String prefix, int level) throws IOException {
        for (FileStatus entry : files.listStatus(directory)) {
            String name = prefix + entry.getPath().getName();
            if (entry.isDirectory() && level < MOST_LEVELS) {
                requireOnly(own, files, shown, entry.getPath(), name + "/", level + 1);
            } else if (!own.matcher(name).matches()) {
                throw new FormatException("the directory " + FormatException.shown(shown) + " holds "
                        + FormatException.shown(name)
                        + ", which this program does not write there, so it is not overwritten; choose another name");
            }
        }
    }
}
