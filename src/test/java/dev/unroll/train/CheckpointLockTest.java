package dev.unroll.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unroll.format.Directory;
import dev.unroll.format.FaultyFileSystem;
import dev.unroll.format.FormatException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Rule R8: a checkpoint directory has one owner at a time, and a dead one does not hold it. */
@Timeout(60)
class CheckpointLockTest {

    private static final Duration NEVER = Duration.ofHours(1);
    private static final Duration LOOK = Duration.ofMillis(10);

    /** Has stopped, or is dead; sees at once that another is. */
    private static final CheckpointLock.Rhythm SILENT = new CheckpointLock.Rhythm(NEVER, NEVER, LOOK);

    private static final CheckpointLock.Rhythm ALIVE =
            new CheckpointLock.Rhythm(Duration.ofMillis(50), Duration.ofSeconds(3), LOOK);
    private static final CheckpointLock.Rhythm HASTY = new CheckpointLock.Rhythm(NEVER, Duration.ofMillis(200), LOOK);

    @TempDir
    Path folder;

    private Directory directory() throws IOException {
        return Directory.of(folder.toString(), new Configuration(false));
    }

    private static List<String> entries(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        }
    }

    private List<String> entries() throws IOException {
        return entries(folder);
    }

    private static LockOwner owner(String who) {
        LockOwner here = LockOwner.here();
        String host = here.host();
        String machine = here.machine();
        return switch (who) {
            case "this process" -> new LockOwner("a", host, machine, here.pid(), here.start(), here.ticks());
            case "clock was set" -> new LockOwner("a", host, machine, here.pid(), here.start() - 99_999, here.ticks());
            case "dead process" -> new LockOwner("b", host, machine, 4_999_999, here.start(), here.ticks());
            case "pid of another" -> new LockOwner("c", host, machine, here.pid(), here.start(), here.ticks() + 1);
            case "other host" -> new LockOwner("d", "far", "elsewhere", here.pid(), here.start(), here.ticks());
            case "same name" -> new LockOwner("e", host, "another container", 4_999_999, here.start(), here.ticks());
            default -> throw new IllegalArgumentException(who);
        };
    }

    @ParameterizedTest
    @ValueSource(strings = {"this process", "clock was set", "other host", "same name"})
    void anOwnerWithHeartbeats_keepsIt(String who) throws IOException {
        try (CheckpointLock first = CheckpointLock.take(directory(), owner(who), ALIVE)) {
            String message = assertThrows(
                            FormatException.class, () -> CheckpointLock.take(directory(), LockOwner.here(), ALIVE))
                    .getMessage();
            assertTrue(
                    message.contains(owner(who).host())
                            && message.contains("" + owner(who).pid()),
                    message);
            assertTrue(message.contains(folder.toString()) && message.length() < 400, message);
            first.requireHeld();
        }
        assertEquals(List.of(), entries());
    }

    /** At once where its process is seen to be gone; else after a while without heartbeats. */
    @ParameterizedTest(name = "{0}, at once: {1}")
    @CsvSource({
        "dead process, true",
        "pid of another, true",
        "this process, false",
        "clock was set, false",
        "other host, false",
        "same name, false",
    })
    void aDeadOwner_doesNotHoldIt(String who, boolean atOnce) throws IOException {
        CheckpointLock first = CheckpointLock.take(directory(), owner(who), SILENT);
        LockOwner here = LockOwner.here();
        long start = System.nanoTime();
        try (CheckpointLock second = CheckpointLock.take(directory(), here, atOnce ? SILENT : HASTY)) {
            assertTrue(atOnce || System.nanoTime() - start >= HASTY.silence().toNanos());
            second.requireHeld();
            String lost = assertThrows(CheckpointLock.TakenOver.class, first::requireHeld)
                    .getMessage();
            assertTrue(lost.contains(here.host()) && lost.contains("" + here.pid()), lost);
            assertThrows(CheckpointLock.TakenOver.class, first::beat);
            first.close(); // what another has taken over is not removed
            second.requireHeld();
        }
        assertEquals(List.of(), entries());
    }

    /** A stat of Linux: its pid, its name, its state, and in the 22nd field when it started. */
    @ParameterizedTest
    @CsvSource({
        "7 (java) S, 500, false",
        "7 (java) Z, 500, true",
        "7 (a) Z (b) S, 500, false",
        "7 (a) S (b) Z, 500, true",
        "7 (java) R, 501, true",
        "7 (java) X, 500, true",
        "empty, 500, false",
        "unreadable, 500, false",
        "absent, 500, true",
        "hidden, 500, false",
    })
    void aProcess_isGoneOnlyWhereThatIsCertain(String stat, long started, boolean gone) throws IOException {
        Path process = Files.createDirectory(folder.resolve("7"));
        if (!stat.equals("hidden")) {
            Files.createDirectory(folder.resolve("1"));
        }
        if (stat.equals("unreadable")) {
            Files.createDirectory(process.resolve("stat"));
        } else if (!stat.equals("absent") && !stat.equals("hidden")) {
            String rest = " 0".repeat(18) + " " + started + " 0 0\n";
            Files.writeString(process.resolve("stat"), stat.equals("empty") ? "" : stat + rest);
        }
        assertEquals(gone, new LockOwner("a", "h", "m", 7, 0, 500).isGone(folder));
    }

    @Test
    void aHeartbeat_leavesTheOneBefore() throws IOException {
        try (CheckpointLock lock = CheckpointLock.take(directory(), LockOwner.here(), SILENT)) {
            Set<String> before = new HashSet<>(entries(folder.resolve("_lock")));
            for (int n = 0; n < 5; n++) {
                lock.beat();
                Set<String> now = new HashSet<>(entries(folder.resolve("_lock")));
                assertEquals(3, now.size(), "two heartbeats and the owner");
                assertFalse(before.containsAll(now));
                now.retainAll(before);
                assertEquals(2, now.size());
                before = new HashSet<>(entries(folder.resolve("_lock")));
            }
        }
    }

    /** As where the file system was away for a while. */
    @Test
    void aHeartbeatThatFails_isFollowedByOthers() throws Exception {
        FaultyFileSystem flaky = new FaultyFileSystem();
        Directory directory = Directory.of(flaky, new org.apache.hadoop.fs.Path("faulty", null, folder.toString()));
        CheckpointLock lock = CheckpointLock.take(directory, owner("other host"), ALIVE);
        flaky.failAt(1, false);
        Thread.sleep(200);
        flaky.failAt(Integer.MAX_VALUE, false);
        assertThrows(FormatException.class, () -> CheckpointLock.take(directory(), LockOwner.here(), ALIVE));
        lock.close();
        assertEquals(List.of(), entries());
    }

    @Test
    void theEnd_releasesIt() throws IOException {
        for (int n = 0; n < 3; n++) {
            try (CheckpointLock lock = CheckpointLock.take(directory())) {
                lock.requireHeld();
                assertFalse(entries().isEmpty());
            }
            assertEquals(List.of(), entries());
        }
    }

    @Test
    void theEnd_removesAnEmptyDirectoryThatItMade() throws IOException {
        Directory made = directory().child("made");
        CheckpointLock.take(made).close();
        assertFalse(made.exists());
        try (CheckpointLock lock = CheckpointLock.take(made)) {
            Files.writeString(folder.resolve("made/other"), "x");
            lock.requireHeld();
        }
        assertEquals(List.of("other"), entries(folder.resolve("made")));
    }

    /** What no run wrote is no owner, if it gives no heartbeat; and that again and again. */
    @ParameterizedTest(name = "content {index}")
    @ValueSource(strings = {"", "{", "{\"id\":1}", "\u0000", "absent"})
    void aDamagedLock_isNoOwner(String content) throws IOException {
        for (int n = 0; n < 2; n++) {
            Path lock = Files.createDirectory(folder.resolve("_lock"));
            Files.writeString(lock.resolve("beat-1"), "");
            if (!content.equals("absent")) {
                Files.writeString(lock.resolve("owner.json"), content);
            }
            CheckpointLock ofKilled = CheckpointLock.take(directory(), owner("dead process"), HASTY);
            ofKilled.requireHeld();
            directory().child("_lock").delete();
        }
        CheckpointLock.take(directory()).close();
        assertEquals(List.of(), entries());
    }

    /** Whose lock it is cannot be read: that is no sign of death. */
    @Test
    void anOwnerThatCannotBeRead_isRefused() throws IOException {
        Files.createDirectories(folder.resolve("_lock/owner.json"));
        String message = assertThrows(
                        FormatException.class, () -> CheckpointLock.take(directory(), LockOwner.here(), HASTY))
                .getMessage();
        assertTrue(message.contains("owner.json"), message);
        assertEquals(List.of("_lock"), entries());
    }

    @Test
    void aDamagedLockWithHeartbeats_isInUse() throws IOException {
        CheckpointLock first = CheckpointLock.take(directory(), owner("other host"), SILENT);
        Path json = folder.resolve("_lock/owner.json");
        Files.writeString(json, "{");
        Thread beats = new Thread(() -> {
            try {
                Thread.sleep(100);
                Files.writeString(folder.resolve("_lock/beat-new"), "");
            } catch (IOException | InterruptedException e) {
                throw new IllegalStateException(e);
            }
        });
        beats.start();
        String message = assertThrows(
                        FormatException.class, () -> CheckpointLock.take(directory(), LockOwner.here(), ALIVE))
                .getMessage();
        assertTrue(message.contains("in use by a run whose"), message);
        assertThrows(FormatException.class, first::requireHeld);
    }

    @Test
    void ofManyThatComeAtOnce_oneGetsIt() throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(8);
        try {
            for (int round = 0; round < 20; round++) {
                CheckpointLock.take(directory(), owner("dead process"), SILENT);
                List<Future<CheckpointLock>> tries = new ArrayList<>();
                for (int n = 0; n < 8; n++) {
                    LockOwner here = LockOwner.here();
                    tries.add(threads.submit(() -> {
                        try {
                            return CheckpointLock.take(directory(), here, ALIVE);
                        } catch (FormatException e) {
                            return null;
                        }
                    }));
                }
                List<CheckpointLock> got = new ArrayList<>();
                for (Future<CheckpointLock> one : tries) {
                    if (one.get() != null) {
                        got.add(one.get());
                    }
                }
                assertEquals(1, got.size(), "round " + round);
                got.get(0).requireHeld();
                got.get(0).close();
                assertEquals(List.of(), entries());
            }
        } finally {
            threads.shutdownNow();
        }
    }
}
