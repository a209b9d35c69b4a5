package dev.unroll.format;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.net.ConnectException;
import java.net.UnknownHostException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.hadoop.ipc.RemoteException;
import org.apache.hadoop.security.AccessControlException;

/** What files, hosts and memory refuse, as words of a sentence, without the names and codes of other programs. */
public final class Reason {

    private static final int LONGEST_CHAIN = 50;

    private static final Pattern SCHEME = Pattern.compile("No FileSystem for scheme \"?([^\" ]+)\"?");
    private static final Pattern CLASS = Pattern.compile("Class (\\S+) not found");
    private static final Pattern ERROR_NUMBER = Pattern.compile("(.*) \\(([A-Z][^()]*)\\)");

    /** What has a file system, by a part of its class or by its scheme. */
    private static final Map<String, String> LIBRARIES = Map.of(
            "s3a", "hadoop-aws",
            "azurebfs", "hadoop-azure",
            "abfs", "hadoop-azure",
            "abfss", "hadoop-azure",
            "wasb", "hadoop-azure",
            "gcs", "gcs-connector",
            "gs", "gcs-connector",
            "s3", "hadoop-aws and a path that begins with s3a://",
            "s3n", "hadoop-aws and a path that begins with s3a://");

    private Reason() {}

    /** The cause in words; its message where it is none of the known ones. */
    public static String of(Throwable thrown) {
        return known(thrown).orElseGet(() -> {
            List<Throwable> chain = chain(thrown);
            return message(chain.get(chain.size() - 1));
        });
    }

    /** A throwable and its causes, the outermost first. */
    public static List<Throwable> chain(Throwable thrown) {
        List<Throwable> chain = new ArrayList<>();
        for (Throwable e = thrown; e != null && chain.size() < LONGEST_CHAIN; e = e.getCause()) {
            chain.add(e);
        }
        return chain;
    }

    /** What it says, in one line and without Spark's codes; the name of its class where it says nothing. */
    public static String message(Throwable e) {
        String message = e.getMessage() == null ? "" : e.getMessage();
        if (!e.getClass().getName().startsWith("dev.unroll.")) {
            message = message.lines().findFirst().orElse(""); // what follows is a trace or a plan
        }
        message = message.replaceAll("\\[[A-Z0-9]+(_[A-Z0-9]+)+(\\.[A-Z0-9_]+)*] ", "")
                .replaceAll("\\.? ?SQLSTATE: \\w+", "");
        return message.isBlank() ? e.getClass().getSimpleName() : message;
    }

    /** The cause in words, if it is one that a user can mend. */
    public static Optional<String> known(Throwable thrown) {
        for (Throwable e : chain(thrown)) {
            Optional<String> words = words(e);
            if (words.isPresent()) {
                return words;
            }
        }
        return Optional.empty();
    }

    private static Optional<String> words(Throwable e) {
        String message = message(e);
        if (e instanceof StackOverflowError || message.contains("java.lang.StackOverflowError")) {
            return Optional.of("the input is nested too deeply, brackets within brackets; give it with fewer levels");
        }
        if (e instanceof OutOfMemoryError || message.contains("java.lang.OutOfMemoryError")) {
            long megabytes = Runtime.getRuntime().maxMemory() >> 20;
            return Optional.of("this needs more memory than the " + megabytes
                    + " MB that there are: give more by --driver-memory (on a cluster also spark.executor.memory),"
                    + " or shorter lines and smaller files");
        }
        Matcher library = CLASS.matcher(message);
        if (e instanceof ClassNotFoundException && library.find()) {
            return Optional.of(missing(library.group(1), "the class " + library.group(1)));
        }
        Matcher scheme = SCHEME.matcher(message);
        if (scheme.find()) {
            return Optional.of(missing(scheme.group(1), "a file system for " + scheme.group(1) + "://"));
        }
        if (e instanceof UnknownHostException) {
            return Optional.of("there is no host " + message);
        }
        if (e instanceof ConnectException) {
            return Optional.of("no connection to a host: " + message);
        }
        return e instanceof IOException ? ofFile(e, message) : Optional.empty();
    }

    private static String missing(String name, String what) {
        String lower = name.toLowerCase(java.util.Locale.ROOT);
        Optional<String> library = LIBRARIES.entrySet().stream()
                .filter(entry -> lower.equals(entry.getKey())
                        || lower.contains("." + entry.getKey() + ".")
                        || (lower.contains("gcs.") && entry.getKey().equals("gcs")))
                .map(Map.Entry::getValue)
                .findFirst();
        return library.map(jar -> (what.contains("://") ? what : "its file system") + " needs " + jar)
                        .orElse(what + " is missing; it needs its jar")
                + " (--jars or --packages)";
    }

    /** What a file system says of a file, with its path where it names one. */
    private static Optional<String> ofFile(Throwable e, String message) {
        if (message.contains("No space left on device")) {
            return Optional.of("the disk is full (" + message + "); free some of it or write to another");
        }
        if (e instanceof NoSuchFileException) {
            return Optional.of("there is no file " + message);
        }
        if (e instanceof AccessDeniedException || e instanceof AccessControlException) {
            return Optional.of("there is no permission for it: " + message);
        }
        Matcher number = ERROR_NUMBER.matcher(message);
        if (e instanceof FileNotFoundException && number.matches()) {
            return Optional.of(
                    number.group(2).startsWith("No such file")
                            ? "there is no file " + number.group(1)
                            : number.group(1) + ": " + plain(number.group(2)));
        }
        if (message.contains("Disk quota exceeded") || isOfQuota(e)) {
            return Optional.of("a quota is used up: " + message);
        }
        if (e instanceof FileSystemException refused && refused.getReason() != null) {
            return Optional.of(refused.getFile() + ": " + plain(refused.getReason()));
        }
        return List.of("Input/output error", "Mkdirs failed", "Permission denied", "Read-only file", "Is a directory")
                        .stream()
                        .anyMatch(message::contains)
                ? Optional.of("a file cannot be used: " + message)
                : Optional.empty();
    }

    /** Whether HDFS refuses it, here or on the other side of a call; its classes are not of every Hadoop's. */
    private static boolean isOfQuota(Throwable e) {
        String name = e instanceof RemoteException remote
                ? remote.getClassName()
                : e.getClass().getName();
        return name != null && name.endsWith("QuotaExceededException");
    }

    /** What the operating system says, in the middle of a sentence. */
    private static String plain(String reason) {
        return switch (reason) {
            case "Permission denied" -> "there is no permission for it";
            case "Read-only file system" -> "it is on a read-only file system";
            case "Is a directory" -> "it is a directory; expected is a file";
            case "Not a directory" -> "a part of the path is no directory";
            default -> reason;
        };
    }
}
