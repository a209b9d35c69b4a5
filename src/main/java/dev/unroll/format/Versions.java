package dev.unroll.format;

import dev.unroll.param.ParameterHash;
import java.io.OutputStream;
import java.security.DigestOutputStream;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.apache.hadoop.fs.Path;

/**
 * Reads several files of a directory, all of one version, although another may be published in its place meanwhile: what
 * has changed while it was read is read again.
 */
public final class Versions {

    /** Reads all that is wanted. */
    @FunctionalInterface
    public interface Reading<T> {
        T read() throws FormatException;
    }

    private static final int MOST_READINGS = 50;
    private static final long PAUSE = TimeUnit.MILLISECONDS.toNanos(20);
    private static final String ABSENT = "";

    /** Of a mark; whoever reads a longer file has a limit of his own, and refuses it. */
    private static final long MOST_BYTES = 1L << 30;

    /** How the name ends under which a directory is kept until another is in its place. */
    static final String REPLACED = ".replaced";

    private Versions() {}

    /**
     * Reads until nothing changes meanwhile.
     *
     * @param marks paths of files below the directory, of which one at least is different in every version; one that
     *     ends with a slash is all files of that directory
     * @throws FormatException what the reading throws, and if the directory changes faster than it can be read
     */
    public static <T> T read(Directory directory, List<String> marks, Reading<T> reading) throws FormatException {
        for (int n = 1; n <= MOST_READINGS; n++) {
            List<String> before = hashes(directory, marks);
            T result = null;
            FormatException failure = null;
            boolean isBetween = false;
            try {
                result = reading.read();
            } catch (FormatException e) {
                failure = e;
                LockSupport.parkNanos(PAUSE);
                // Between the two renames of a replacement there is nothing, for as long as the writer is held up.
                isBetween = before.stream().allMatch(ABSENT::equals) && isBeingReplaced(directory);
            }
            if (hashes(directory, marks).equals(before)) {
                if (failure == null) {
                    return Objects.requireNonNull(result);
                }
                if (!isBetween || n == MOST_READINGS) {
                    throw failure;
                }
            }
        }
        throw new FormatException("the directory " + directory + " was replaced " + MOST_READINGS
                + " times while it was read; read it again when nobody writes it");
    }

    /**
     * Whether the directory, or one above it, is being replaced: something beside the first of them that is missing has
     * such a name. A path where nothing ever was costs no time.
     */
    private static boolean isBeingReplaced(Directory directory) {
        try {
            for (Path above = directory.path().getParent(); above != null; above = above.getParent()) {
                Directory existing = Directory.of(directory.files, above);
                if (existing.exists()) {
                    return existing.entries().stream().anyMatch(name -> name.endsWith(REPLACED));
                }
            }
            return false;
        } catch (FormatException e) {
            return false; // the failure of the reading matters more
        }
    }

    private static List<String> hashes(Directory directory, List<String> marks) {
        List<String> hashes = new ArrayList<>();
        for (String mark : marks) {
            if (!mark.endsWith(Path.SEPARATOR)) {
                hashes.add(hash(directory, mark));
                continue;
            }
            for (String name : names(directory.child(mark))) {
                hashes.add(hash(directory, mark + name));
            }
        }
        return hashes;
    }

    private static List<String> names(Directory directory) {
        try {
            return directory.entries();
        } catch (FormatException e) {
            return List.of();
        }
    }

    private static String hash(Directory directory, String mark) {
        try {
            return directory.read(mark, MOST_BYTES, (in, length, file) -> {
                DigestOutputStream hashing =
                        new DigestOutputStream(OutputStream.nullOutputStream(), ParameterHash.sha256());
                in.transferTo(hashing);
                return HexFormat.of().formatHex(hashing.getMessageDigest().digest());
            });
        } catch (FormatException e) {
            return ABSENT;
        }
    }
}
