package dev.unroll.cli.frame;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unroll.data.InputException;
import dev.unroll.data.Printable;
import dev.unroll.format.FormatException;
import dev.unroll.train.TrainingException;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.Constructor;
import java.net.ConnectException;
import java.net.UnknownHostException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.util.List;
import java.util.stream.Stream;
import org.apache.hadoop.fs.FSError;
import org.apache.hadoop.fs.UnsupportedFileSystemException;
import org.apache.hadoop.ipc.RemoteException;
import org.apache.hadoop.security.AccessControlException;
import org.apache.spark.SparkException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Rule R6: one place makes a sentence of a cause, however it is wrapped. */
class FailureTest {

    private static Arguments mendable(Throwable cause, String... said) {
        return Arguments.of(2, cause, List.of(said));
    }

    private static Arguments ours(Throwable cause, String... said) {
        return Arguments.of(1, cause, List.of(said));
    }

    private static Throwable missing(String type) {
        return new RuntimeException(new RuntimeException(
                "java.lang.ClassNotFoundException: Class " + type + " not found",
                new ClassNotFoundException("Class " + type + " not found")));
    }

    /** As Hadoop's local file system throws it: its constructor is for that package only. */
    private static Throwable fsError(IOException cause) {
        try {
            Constructor<FSError> constructor = FSError.class.getDeclaredConstructor(Throwable.class);
            constructor.setAccessible(true);
            return constructor.newInstance(cause);
        } catch (ReflectiveOperationException e) {
            throw new LinkageError(e.getMessage(), e);
        }
    }

    private static SparkException aborted(Throwable cause) {
        return new SparkException(
                "Job aborted due to stage failure: Task 0 in stage 3.0 failed 1 times, most recent failure: Lost task 0.0"
                        + " in stage 3.0 (TID 3) (host executor driver): " + cause + "\n\tat a.B.c(B.java:1)\n",
                cause);
    }

    static Stream<Arguments> causes() {
        return Stream.of(
                mendable(new UsageException("key train is missing"), "unroll: key train is missing"),
                mendable(new InputException("there is no file x"), "unroll: there is no file x"),
                mendable(new FormatException("m/spec.json is damaged"), "unroll: m/spec.json is damaged"),
                mendable(aborted(new InputException("row 3 is bad")), "unroll: row 3 is bad"),
                mendable(new IllegalArgumentException("hidden-size is 0; allowed is at least 1"), "hidden-size is 0"),
                mendable(new StackOverflowError(), "nested too deeply"),
                mendable(aborted(new StackOverflowError()), "nested too deeply"),
                mendable(new OutOfMemoryError("Java heap space"), "needs more memory", "--driver-memory"),
                mendable(new RuntimeException(new OutOfMemoryError("Java heap space")), "--driver-memory"),
                mendable(
                        new SparkException("Job aborted due to stage failure: Lost task 0.0 in stage 1.0 (TID 1):"
                                + " java.lang.OutOfMemoryError: Java heap space\n\tat x"),
                        "needs more memory"),
                mendable(fsError(new IOException("Input/output error")), "Input/output error"),
                mendable(fsError(new IOException("No space left on device")), "disk is full"),
                mendable(new UncheckedIOException(new IOException("No space left on device")), "disk is full"),
                mendable(new IOException("Disk quota exceeded"), "quota"),
                mendable(
                        new RemoteException(
                                "org.apache.hadoop.hdfs.protocol.DSQuotaExceededException",
                                "The DiskSpace quota of /user/a is exceeded"),
                        "a quota is used up"),
                mendable(
                        new FileNotFoundException("/data/quota_2024.csv (No such file or directory)"),
                        "there is no file /data/quota_2024.csv"),
                mendable(new AccessDeniedException("/data/quota_2024.csv"), "there is no permission for it"),
                mendable(new FileNotFoundException("/x/y (Permission denied)"), "/x/y", "permission"),
                mendable(new AccessDeniedException("/x/y"), "/x/y", "permission"),
                mendable(aborted(new AccessControlException("Permission denied: user=a, inode=\"/b\"")), "permission"),
                mendable(new FileSystemException("/x", null, "Read-only file system"), "/x", "read-only"),
                mendable(new FileNotFoundException("/x/y (Is a directory)"), "/x/y", "directory"),
                mendable(new FileNotFoundException("/x/y (No such file or directory)"), "there is no file /x/y"),
                mendable(new java.nio.file.NoSuchFileException("/x/y"), "there is no file /x/y"),
                mendable(aborted(new IOException("Mkdirs failed to create file:/proc/x/_temporary/0")), "/proc/x"),
                mendable(new UnknownHostException("no-such.host"), "no-such.host", "host"),
                mendable(
                        new IllegalArgumentException(
                                "java.net.UnknownHostException: nowhere", new UnknownHostException("nowhere")),
                        "there is no host nowhere"),
                mendable(
                        new ConnectException("Call From a to b:9000 failed: Connection refused"), "Connection refused"),
                mendable(missing("org.apache.hadoop.fs.s3a.S3AFileSystem"), "hadoop-aws", "--jars"),
                mendable(missing("org.apache.hadoop.fs.azurebfs.SecureAzureBlobFileSystem"), "hadoop-azure"),
                mendable(missing("com.google.cloud.hadoop.fs.gcs.GoogleHadoopFileSystem"), "gcs-connector"),
                mendable(missing("org.example.MyFileSystem"), "org.example.MyFileSystem", "--jars"),
                mendable(new UnsupportedFileSystemException("No FileSystem for scheme \"gs\""), "gs", "gcs-connector"),
                mendable(new UnsupportedFileSystemException("No FileSystem for scheme \"abc\""), "abc", "--jars"),
                mendable(new SparkException("Could not parse Master URL: 'lokal'"), "master is lokal", "local[N]"),
                mendable(
                        new SparkException(
                                "The number of cores per executor (=2) has to be >= the number of cpus per task"
                                        + " = 3."),
                        "spark.task.cpus is 3",
                        "2"),
                ours(new TrainingException("the loss is NaN at iteration 3; lower step-size"), "the loss is NaN"),
                ours(new TrainingException("stopped", new InputException("x")), "unroll: stopped"),
                ours(new NullPointerException("Cannot invoke \"X.y()\""), "internal", "--verbose"),
                ours(aborted(new NullPointerException()), "internal", "NullPointerException", "--verbose"),
                ours(new IllegalStateException("it is over"), "it is over", "internal"));
    }

    @ParameterizedTest(name = "{0}: {1}")
    @MethodSource("causes")
    void everyCause_isOneSentence(int code, Throwable cause, List<String> said) {
        Failure failure = Failure.of(cause);
        assertEquals(code, failure.code(), failure.sentence());
        said.forEach(words -> assertTrue(
                ("unroll: " + failure.sentence()).contains(words), () -> failure.sentence() + " without " + words));
        requireSentence(failure);
    }

    private static void requireSentence(Failure failure) {
        String line = "unroll: " + failure.sentence();
        assertTrue(line.length() <= 400, line);
        assertTrue(line.codePoints().noneMatch(Printable::isHidden), line);
        assertFalse(
                line.contains("SQLSTATE") || line.contains("\tat ") || line.matches(".*\\[[A-Z]+(_[A-Z]+)+].*"), line);
    }

    /** What a stranger wrote into a name or value reaches no terminal, and cannot end the sentence. */
    @Test
    void textOfStrangers_isEscapedAndCut() {
        for (String hostile : List.of(
                "\u001b]52;c;cm0=\u0007", "\u009b31m", "\u202e", "a\nunroll: done", "a\r", "k".repeat(200_000), "\0")) {
            for (Throwable cause : List.of(
                    new InputException("column " + hostile + " is none; rename it"),
                    new UsageException("key " + hostile + " is none; rename it"),
                    new FormatException(hostile),
                    new IllegalArgumentException(hostile),
                    new IllegalStateException(hostile),
                    new TrainingException(hostile),
                    new java.nio.file.NoSuchFileException(hostile))) {
                requireSentence(Failure.of(cause));
            }
            assertTrue(Failure.of(new InputException("column " + hostile + " is none; rename it"))
                    .sentence()
                    .endsWith("is none; rename it"));
        }
    }

    /** A chain of causes may be a ring, and a message may be missing. */
    @Test
    void oddThrowables_areSentences() {
        Exception first = new Exception("first");
        Exception second = new Exception("second", first);
        first.initCause(second);
        requireSentence(Failure.of(first));
        requireSentence(Failure.of(new RuntimeException((String) null)));
        requireSentence(Failure.of(new InputException("")));
        requireSentence(Failure.of(new StackOverflowError()));
    }
}
