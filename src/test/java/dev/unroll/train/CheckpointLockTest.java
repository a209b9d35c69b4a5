package dev.unroll.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unroll.format.Directory;
import dev.unroll.format.FormatException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Rule R8: a checkpoint directory has one owner at a time, and a dead one does not hold it. */
class CheckpointLockTest {

    private static final Instant NOON = Instant.parse("2026-03-01T12:00:00Z");

    @TempDir
    Path folder;

    private Directory directory() throws IOException {
        return Directory.of(folder.toString(), new Configuration(false));
    }

    private List<String> entries() throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        }
    }

    private static Clock at(Duration later) {
        return Clock.fixed(NOON.plus(later), ZoneId.of("UTC"));
    }

    private static LockOwner owner(String who) {
        LockOwner here = LockOwner.here();
        return switch (who) {
            case "this process" -> new LockOwner("a", here.host(), here.machine(), here.pid(), here.start());
            case "dead process" -> new LockOwner("b", here.host(), here.machine(), 4_999_999, here.start());
            case "pid of another" ->
                new LockOwner("c", here.host(), here.machine(), here.pid(), here.start() - 3_600_000);
            case "other host" -> new LockOwner("d", "far", "elsewhere", here.pid(), here.start());
            case "same name" -> new LockOwner("e", here.host(), "another container", 4_999_999, here.start());
            default -> throw new IllegalArgumentException(who);
        };
    }

    /** Who has the lock, minutes since its last heartbeat, and whether another run gets it. */
    @ParameterizedTest(name = "{0}, {1} minutes")
    @CsvSource({
        "this process, 0, false",
        "this process, 4, false",
        "this process, 6, true",
        "dead process, 0, true",
        "dead process, 4, true",
        "pid of another, 0, true",
        "other host, 0, false",
        "other host, 4, false",
        "other host, 6, true",
        "other host, -4, false",
        "other host, -6, true",
        "same name, 0, false",
        "same name, 6, true",
    })
    void aDeadOwner_doesNotHoldIt(String who, int minutes, boolean taken) throws IOException {
        CheckpointLock first = CheckpointLock.take(directory(), owner(who), at(Duration.ZERO));
        LockOwner here = LockOwner.here();
        if (!taken) {
            String message = assertThrows(
                            FormatException.class,
                            () -> CheckpointLock.take(directory(), here, at(Duration.ofMinutes(minutes))))
                    .getMessage();
            assertTrue(
                    message.contains(owner(who).host())
                            && message.contains("" + owner(who).pid()),
                    message);
            assertTrue(message.contains(folder.toString()) && message.length() < 400, message);
            first.requireHeld();
            return;
        }
        try (CheckpointLock second = CheckpointLock.take(directory(), here, at(Duration.ofMinutes(minutes)))) {
            second.requireHeld();
            String lost =
                    assertThrows(FormatException.class, first::requireHeld).getMessage();
            assertTrue(lost.contains(here.host()) && lost.contains("" + here.pid()), lost);
            first.close(); // what another has taken over is not removed
            second.requireHeld();
        }
        assertEquals(List.of(), entries());
    }

    @Test
    void aHeartbeat_keepsIt() throws IOException {
        LockOwner far = owner("other host");
        CheckpointLock first = CheckpointLock.take(directory(), far, at(Duration.ZERO));
        first.beat(NOON.plus(Duration.ofMinutes(4)));
        LockOwner here = LockOwner.here();
        assertThrows(FormatException.class, () -> CheckpointLock.take(directory(), here, at(Duration.ofMinutes(8))));
        CheckpointLock.take(directory(), here, at(Duration.ofMinutes(10))).close();
        assertThrows(FormatException.class, () -> first.beat(NOON.plus(Duration.ofMinutes(11))));
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

    /** What no run wrote is no owner: an old one is removed, a new one refused. */
    @ParameterizedTest
    @CsvSource({"'', 6, true", "'{', 6, true", "'{\"id\":1}', 6, true", "'\u0000', 6, true"})
    void aDamagedLock_isNoOwner(String content, int minutes, boolean taken) throws IOException {
        Files.createDirectory(folder.resolve("_lock"));
        Files.writeString(folder.resolve("_lock/owner.json"), content);
        CheckpointLock.take(directory(), LockOwner.here(), at(Duration.ofMinutes(minutes)))
                .close();
        assertEquals(taken, entries().isEmpty());
    }

    @Test
    void ofManyThatComeAtOnce_oneGetsIt() throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(8);
        try {
            for (int round = 0; round < 20; round++) {
                CheckpointLock.take(directory(), owner("dead process"), at(Duration.ZERO));
                List<Future<CheckpointLock>> tries = new ArrayList<>();
                for (int n = 0; n < 8; n++) {
                    LockOwner here = LockOwner.here();
                    tries.add(threads.submit(() -> {
                        try {
                            return CheckpointLock.take(directory(), here, at(Duration.ZERO));
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
