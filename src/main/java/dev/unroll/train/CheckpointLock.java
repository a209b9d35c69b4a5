package dev.unroll.train;

import dev.unroll.format.Directory;
import dev.unroll.format.FormatException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A checkpoint directory has one owner at a time: the run that has its directory {@code _lock}, in which are {@code
 * owner.json} and an empty file whose name is the time of the owner's last heartbeat.
 *
 * <p>A dead owner does not hold it. One whose process is gone, as another process of the same machine can tell, is
 * replaced at once; any other when its last heartbeat is more than five minutes ago. An owner that was replaced while
 * it was suspended is told when it writes its next checkpoint, and stops.
 */
public final class CheckpointLock implements AutoCloseable {

    /*
     * The lock is a directory that appears by a rename, whole, and only where there is none: all that is needed of a
     * file system is what checkpoints need of it. One that is stale is renamed to the name of its owner, where it stays until
     * the next owner ends: so of several that want to remove it one succeeds, and none removes what is not stale. On
     * object stores a rename is a copy, and two that begin in the same second may both get it; each sees that when it
     * writes.
     */

    private static final Logger LOG = LoggerFactory.getLogger(CheckpointLock.class);

    private static final String NAME = "_lock";
    private static final String OWNER = "owner.json";
    private static final String BEAT = "beat-";
    private static final Duration EVERY = Duration.ofSeconds(30);
    private static final Duration STALE = Duration.ofMinutes(5);
    private static final long PAUSE = TimeUnit.MILLISECONDS.toNanos(200);
    private static final int TRIES = 3;
    private static final int MOST_BYTES = 10_000;

    private final Directory directory;
    private final Directory lock;
    private final LockOwner owner;
    private final ScheduledExecutorService heart = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread thread = new Thread(task, "heartbeat of a checkpoint directory");
        thread.setDaemon(true);
        return thread;
    });

    private CheckpointLock(Directory directory, LockOwner owner) {
        this.directory = directory;
        this.lock = directory.child(NAME);
        this.owner = owner;
    }

    /**
     * Takes a directory for a run of this process.
     *
     * @throws FormatException if another run has it; names the run
     */
    public static CheckpointLock take(Directory directory) throws FormatException {
        CheckpointLock taken = take(directory, LockOwner.here(), Clock.systemUTC());
        Future<?> unused = taken.heart.scheduleAtFixedRate(
                taken::beatOrWarn, EVERY.toSeconds(), EVERY.toSeconds(), TimeUnit.SECONDS);
        return taken;
    }

    /** The same for any owner at any time, without heartbeats of its own. */
    static CheckpointLock take(Directory directory, LockOwner owner, Clock clock) throws FormatException {
        CheckpointLock wanted = new CheckpointLock(directory, owner);
        for (int n = 1; ; n++) {
            try {
                if (wanted.lock.exists()) {
                    wanted.removeStale(clock.instant());
                }
                wanted.lock.publish(false, draft -> {
                    draft.write(OWNER, owner::write);
                    draft.write(beatName(clock.instant()), out -> {});
                });
                return wanted;
            } catch (FormatException e) {
                if (n == TRIES) {
                    throw e;
                }
                // Another run may have been faster: then it is looked at like any owner.
            }
        }
    }

    private static String beatName(Instant now) {
        return String.format(Locale.ROOT, "%s%015d", BEAT, now.toEpochMilli());
    }

    /** Removes the lock of an owner that is dead; refuses where it lives. */
    private void removeStale(Instant now) throws FormatException {
        Optional<LockOwner> other = owner();
        if (other.isEmpty()) {
            LockSupport.parkNanos(PAUSE); // it may have gone or come while it was looked at
            if (!lock.exists() || owner().isPresent()) {
                return;
            }
        }
        if (other.isPresent() && !other.get().isGone(owner) && !isStale(now)) {
            throw new FormatException("the checkpoint directory " + directory + " is in use by " + other.get()
                    + "; wait until it ends, or give another directory");
        }
        lock.moveTo(directory.child(NAME + "." + other.map(LockOwner::id).orElse("damaged")));
        other.ifPresent(o -> LOG.info("checkpoint directory {}: its owner is dead, {}", directory, o));
    }

    /** Clocks of two hosts differ by less than what makes it stale. */
    private boolean isStale(Instant now) throws FormatException {
        List<String> beats = beats();
        return beats.isEmpty() || Math.abs(now.toEpochMilli() - millis(beats.get(beats.size() - 1))) > STALE.toMillis();
    }

    private static long millis(String beat) {
        return Long.parseLong(beat.substring(BEAT.length()));
    }

    /** Ascending. */
    private List<String> beats() throws FormatException {
        return lock.entries().stream()
                .filter(name -> name.matches(BEAT + "[0-9]{15}"))
                .toList();
    }

    private Optional<LockOwner> owner() {
        return owner(lock);
    }

    /** Empty where there is none, or none that can be read: a lock appears whole, so that is the rest of a failed disk. */
    private static Optional<LockOwner> owner(Directory lock) {
        try {
            return Optional.of(lock.read(OWNER, MOST_BYTES, (in, length, file) -> LockOwner.read(in, file)));
        } catch (FormatException e) {
            return Optional.empty();
        }
    }

    /** Notes that the owner is alive. */
    void beat(Instant now) throws FormatException {
        requireHeld();
        List<String> old = beats();
        lock.write(beatName(now), out -> {});
        for (String one : old) {
            lock.child(one).delete();
        }
    }

    private void beatOrWarn() {
        try {
            beat(Instant.now());
        } catch (FormatException e) {
            LOG.warn("no heartbeat in checkpoint directory {}: {}", directory, e.getMessage());
        }
    }

    /** @throws FormatException if another run has taken the directory over */
    public void requireHeld() throws FormatException {
        Optional<LockOwner> now = owner();
        if (now.isEmpty() || !now.get().id().equals(owner.id())) {
            throw new FormatException("the checkpoint directory " + directory + " is no longer of this run but of "
                    + now.map(LockOwner::toString).orElse("nobody")
                    + ", since this run gave no sign of life for five minutes, or somebody removed " + NAME
                    + "; end the other and resume, or give another directory");
        }
    }

    /** Gives the directory free, unless another run has taken it over. */
    @Override
    public void close() {
        heart.shutdownNow();
        try {
            if (owner().map(LockOwner::id).equals(Optional.of(owner.id()))) {
                for (String name : directory.entries()) {
                    if (name.startsWith(NAME + ".")) {
                        directory.child(name).delete();
                    }
                }
                lock.delete();
            }
        } catch (FormatException e) {
            LOG.warn("checkpoint directory {} is still locked: {}", directory, e.getMessage());
        }
    }
}
