package dev.unroll.train;

import dev.unroll.format.Directory;
import dev.unroll.format.FormatException;
import dev.unroll.format.Safetensors;
import dev.unroll.param.ParameterHash;
import dev.unroll.param.ParameterLayout;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.security.DigestInputStream;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The checkpoints of one training in a directory, each a directory of its own that appears by a rename:
 *
 * <pre>
 *   iteration-000000001200/model.safetensors   theta under PyTorch's names, as in a model
 *                          state.safetensors   the rest of the {@link Checkpoint}; the fingerprint, as text in its header
 *                          SHA256SUMS          both files' hashes, as sha256sum writes and checks them
 * </pre>
 *
 * <p>The fingerprint is everything that determines the bits. A checkpoint that is torn, or whose fingerprint is
 * another, is refused with the reason, and the one before it is used.
 */
public final class Checkpoints {

    private static final Logger LOG = LoggerFactory.getLogger(Checkpoints.class);

    private static final String PREFIX = "iteration-";
    private static final String MODEL = "model.safetensors";
    private static final String STATE = "state.safetensors";
    private static final String SUMS = "SHA256SUMS";
    private static final Pattern FILES =
            Pattern.compile(String.join("|", MODEL, STATE, SUMS).replace(".", "\\."));
    private static final String ITERATION = "iteration";
    private static final String FINGERPRINT = "fingerprint.";
    /** The one entry of a fingerprint that may be missing: without patience, what is validated on changes no bit. */
    public static final String VALIDATION = "validation";

    private static final int MOST_SUMS = 1000; // bytes

    /** The format number of docs/bits.md: a checkpoint of another cannot be continued with the same bits. */
    static final int BITS = 3;

    private final Directory directory;
    private final ParameterLayout layout;
    private final Map<String, String> fingerprint;
    private final int keep;

    /**
     * @param layout of theta
     * @param fingerprint what determines the bits, by name
     * @param keep how many of the latest are kept, at least 1
     */
    public Checkpoints(Directory directory, ParameterLayout layout, Map<String, String> fingerprint, int keep) {
        this.directory = directory;
        this.layout = layout;
        this.fingerprint = new TreeMap<>(fingerprint);
        this.fingerprint.put("format of bits", Integer.toString(BITS));
        this.keep = keep;
    }

    /** Whether there are checkpoints in a directory, of whatever training. */
    public static boolean isUsed(Directory directory) throws FormatException {
        return !names(directory).isEmpty();
    }

    /** Removes all checkpoints of a directory, and nothing else in it. */
    public static void clear(Directory directory) throws FormatException {
        for (String name : names(directory)) {
            remove(directory.child(name));
        }
    }

    /** Removes a checkpoint; one that holds anything else is refused, and left as it is. */
    private static void remove(Directory checkpoint) throws FormatException {
        checkpoint.requireOnly(FILES);
        checkpoint.delete();
    }

    /** The latest iteration that a directory says it has a checkpoint of; empty without any. Nothing is read. */
    public static Optional<Long> latestIteration(Directory directory) throws FormatException {
        List<String> names = names(directory);
        return names.isEmpty() ? Optional.empty() : Optional.of(iteration(names.get(names.size() - 1)));
    }

    private static String name(long iteration) {
        return String.format(Locale.ROOT, "%s%012d", PREFIX, iteration);
    }

    private static long iteration(String name) {
        return Long.parseLong(name.substring(PREFIX.length()));
    }

    /** Ascending. */
    private static List<String> names(Directory directory) throws FormatException {
        return directory.entries().stream()
                .filter(name -> name.matches(PREFIX + "[0-9]{12}"))
                .toList();
    }

    @Override
    public String toString() {
        return directory.toString();
    }

    /** Writes a checkpoint, whole or not at all, and then removes those that are older than the ones to keep. */
    public void write(Checkpoint checkpoint) throws FormatException {
        String name = name(checkpoint.iteration());
        directory.child(name).publish(true, draft -> {
            StringBuilder sums = new StringBuilder();
            sums.append(hashed(draft, MODEL, out -> Safetensors.write(out, layout, checkpoint.theta(), Map.of())));
            Map<String, String> texts = new TreeMap<>(checkpoint.values());
            texts.put(ITERATION, Long.toString(checkpoint.iteration()));
            fingerprint.forEach((key, value) -> texts.put(FINGERPRINT + key, value));
            sums.append(hashed(draft, STATE, out -> Safetensors.writeArrays(out, checkpoint.arrays(), texts)));
            draft.write(SUMS, out -> out.write(sums.toString().getBytes(StandardCharsets.US_ASCII)));
        });
        List<String> names = names(directory);
        for (String old : names.subList(0, Math.max(0, names.indexOf(name) + 1 - keep))) {
            try {
                remove(directory.child(old));
            } catch (FormatException e) {
                LOG.warn("an old checkpoint stays: {}", e.getMessage());
            }
        }
    }

    /** Refuses, before hours of work, a directory that cannot be written. */
    public void requireWritable() throws FormatException {
        directory.child(PREFIX + "0".repeat(12)).requireWritable(true, Set.of(MODEL, STATE, SUMS));
    }

    /** Writes a file; its line in {@link #SUMS}. */
    private static String hashed(Directory draft, String name, Directory.FileWriter writer) throws FormatException {
        MessageDigest sha = ParameterHash.sha256();
        draft.write(name, out -> {
            OutputStream hashing = new DigestOutputStream(out, sha);
            writer.write(hashing);
            hashing.flush();
        });
        return sumsLine(sha, name);
    }

    private static String sumsLine(MessageDigest sha, String name) {
        return HexFormat.of().formatHex(sha.digest()) + "  " + name + "\n";
    }

    /**
     * The latest checkpoint that is whole and of this training; empty where there is none at all.
     *
     * @throws FormatException if there are some, and none can be used; it says why the latest cannot
     */
    public Optional<Checkpoint> latest() throws FormatException {
        return latest(Long.MAX_VALUE);
    }

    /** The same of those before an iteration. */
    public Optional<Checkpoint> latest(long before) throws FormatException {
        List<String> names = new ArrayList<>(names(directory));
        names.removeIf(name -> iteration(name) >= before);
        FormatException first = null;
        while (!names.isEmpty()) {
            Directory one = directory.child(names.remove(names.size() - 1));
            try {
                return Optional.of(read(one));
            } catch (FormatException e) {
                LOG.warn("checkpoint {} is not used: {}", one, e.getMessage());
                first = first == null ? e : first;
            }
        }
        if (first != null) {
            throw new FormatException(
                    "none of the checkpoints in " + directory + " can be used; of the latest: " + first.getMessage(),
                    first);
        }
        return Optional.empty();
    }

    private Checkpoint read(Directory one) throws FormatException {
        String sums = one.read(
                SUMS, MOST_SUMS, (in, length, file) -> new String(in.readAllBytes(), StandardCharsets.US_ASCII));
        Map<String, String> texts = new TreeMap<>();
        Map<String, float[]> arrays = verified(one, STATE, sums, (in, length, file) -> {
            Safetensors tensors = Safetensors.open(in, length, file);
            texts.putAll(tensors.metadata());
            requireFingerprint(texts, file);
            return tensors.readArrays();
        });
        float[] theta = verified(one, MODEL, sums, (in, length, file) -> Safetensors.open(in, length, file)
                .readParameters(layout));
        texts.keySet().removeIf(key -> key.startsWith(FINGERPRINT));
        long iteration = new Checkpoint(0, theta, texts, arrays).count(ITERATION, Long.MAX_VALUE);
        if (!one.path().getName().equals(name(iteration))) {
            throw new FormatException("the checkpoint in " + one + " says that it is of iteration " + iteration);
        }
        return new Checkpoint(iteration, theta, texts, arrays);
    }

    /** Reads a file of which the hash is known. */
    private static <T> T verified(Directory one, String name, String sums, Directory.FileReader<T> reader)
            throws FormatException {
        return one.read(name, (in, length, file) -> {
            MessageDigest sha = ParameterHash.sha256();
            InputStream hashing = new DigestInputStream(in, sha);
            T result;
            try {
                result = reader.read(hashing, length, file);
            } finally {
                hashing.transferTo(OutputStream.nullOutputStream());
            }
            String line = sumsLine(sha, name);
            if (!sums.contains(line)) {
                throw new FormatException(
                        file + " is damaged: " + SUMS + " has another hash than " + line.substring(0, 64));
            }
            return result;
        });
    }

    /** Refuses the checkpoint of another training, and says what differs. */
    private void requireFingerprint(Map<String, String> texts, String file) throws FormatException {
        for (String key : texts.keySet()) {
            String name = key.startsWith(FINGERPRINT) ? key.substring(FINGERPRINT.length()) : VALIDATION;
            if (!name.equals(VALIDATION) && !fingerprint.containsKey(name)) {
                throw new FormatException(file + " is of another training: it has " + FormatException.shown(name));
            }
        }
        for (Map.Entry<String, String> expected : fingerprint.entrySet()) {
            String written = texts.get(FINGERPRINT + expected.getKey());
            if (!expected.getValue().equals(written)) {
                throw new FormatException(file + " is of another training: its " + expected.getKey() + " is "
                        + FormatException.shown(String.valueOf(written)) + ", and here it is " + expected.getValue());
            }
        }
    }
}
