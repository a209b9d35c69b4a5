package dev.unroll.train;

import dev.unroll.data.Printable;
import dev.unroll.format.Directory;
import dev.unroll.format.FormatException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A checkpoint directory has one owner at a time: the run that has its directory {@code _lock}, in which are {@code
 * owner.json} and its last two heartbeats, empty files with a new name each.
 *
 * <p>A dead owner does not hold it. One whose process is certainly gone, as another process of the same machine can
 * tell, is replaced at once. Any other is watched: a new heartbeat shows that it lives, and the new run is refused; if
 * none comes in 75 seconds, it is dead. No clock is compared with another's. An owner that was replaced while it was
 * suspended is told when it writes its next checkpoint, and stops.
 */
public final class CheckpointLock implements AutoCloseable {

    /*
     * The lock is a directory that appears by a rename, whole, and only where there is none: all that is needed of a
     * file system is what checkpoints need of it. One of the dead is renamed to the name of its owner, where it stays
     * until the next owner ends: so of several that want to remove it one succeeds, and none removes what is not dead.
     * On object stores a rename is a copy, and two that begin in the same second may both get it; each sees that when it
     * writes.
     */

    private static final Logger LOG = LoggerFactory.getLogger(CheckpointLock.class);

    private static final String NAME = "_lock";
    private static final String OWNER = "owner.json";
    private static final String BEAT = "beat-";
    private static final Rhythm RHYTHM =
            new Rhythm(Duration.ofSeconds(30), Duration.ofSeconds(75), Duration.ofSeconds(2));
    private static final int TRIES = 3;
    private static final int MOST_BYTES = 10_000;

    /**
     * @param beat time between two heartbeats
     * @param silence an owner that gives no heartbeat for so long is dead; more than two heartbeats take
     * @param look time between two looks at an owner that is watched
     */
    record Rhythm(Duration beat, Duration silence, Duration look) {}

    /** Another run has the directory now. */
    public static final class TakenOver extends IOException {
        private static final long serialVersionUID = 1L;
        private static final int SENTENCE = 2000;

        TakenOver(String sentence) {
            super(Printable.sentence(sentence, SENTENCE));
        }
    }

    private final Directory directory;
    private final Directory lock;
    private final LockOwner owner;
    private final Rhythm rhythm;
    private final boolean made; // whether the directory was not there before
    private String latestBeat = newBeat();
    private final ScheduledExecutorService heart = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread thread = new Thread(task, "heartbeat of a checkpoint directory");
        thread.setDaemon(true);
        return thread;
    });

    private CheckpointLock(Directory directory, LockOwner owner, Rhythm rhythm) throws FormatException {
        this.directory = directory;
        this.lock = directory.child(NAME);
        this.owner = owner;
        this.rhythm = rhythm;
        this.made = !directory.exists();
    }

    /**
     * Takes a directory for a run of this process. Where another run has it, and nobody can tell at once whether that
     * lives, this takes up to 75 seconds.
     *
     * @throws FormatException if another run has it, and names the run; or if nothing can be read or written there
     */
    public static CheckpointLock take(Directory directory) throws FormatException {
        return take(directory, LockOwner.here(), RHYTHM);
    }

    /** The same for any owner. */
    static CheckpointLock take(Directory directory, LockOwner owner, Rhythm rhythm) throws FormatException {
        CheckpointLock wanted = new CheckpointLock(directory, owner, rhythm);
        boolean done = false;
        try {
            wanted.take();
            done = true;
            return wanted;
        } finally {
            if (!done) {
                wanted.removeMade();
            }
        }
    }

    private void take() throws FormatException {
        boolean done = false;
        for (int n = 1; !done; n++) {
            if (lock.exists()) {
                removeDead();
            }
            try {
                lock.publish(false, draft -> {
                    draft.write(OWNER, owner::write);
                    draft.write(latestBeat, out -> {});
                });
                done = true;
            } catch (FormatException e) {
                if (n == TRIES || !lock.exists()) {
                    throw e;
                }
                // Another run was faster: it is looked at like any owner.
            }
        }
        long every = rhythm.beat().toMillis();
        Future<?> unused = heart.scheduleAtFixedRate(this::beatOrWarn, every, every, TimeUnit.MILLISECONDS);
    }

    private static String newBeat() {
        return BEAT + UUID.randomUUID();
    }

    private List<String> beats() throws FormatException {
        return lock.entries().stream().filter(name -> name.startsWith(BEAT)).toList();
    }

    /** Removes the lock of an owner that is dead; refuses where it lives. */
    private void removeDead() throws FormatException {
        Optional<LockOwner> other = owner();
        if (other.map(o -> o.isGone(owner)).orElse(false) || isSilent(other)) {
            try {
                lock.moveTo(directory.child(
                        NAME + "." + other.map(LockOwner::id).orElseGet(() -> "damaged." + UUID.randomUUID())));
                LOG.info("checkpoint directory {}: its owner is dead, {}", directory, named(other));
            } catch (FormatException e) {
                if (lock.exists() && owner().equals(other)) {
                    throw e;
                }
                // Another run was faster.
            }
        }
    }

    /** Watches an owner; false where its lock has gone meanwhile. */
    private boolean isSilent(Optional<LockOwner> other) throws FormatException {
        List<String> before = beats();
        LOG.warn(
                "checkpoint directory {} was left by {}, or is in use; waiting for a heartbeat, {} seconds at most",
                directory,
                named(other),
                rhythm.silence().toSeconds());
        long start = System.nanoTime();
        while (lock.exists()) {
            if (!before.containsAll(beats())) {
                throw new FormatException("the checkpoint directory " + directory + " is in use by " + named(owner())
                        + "; wait until it ends, or give another directory");
            }
            if (System.nanoTime() - start > rhythm.silence().toNanos()) {
                return true;
            }
            try {
                Thread.sleep(rhythm.look().toMillis());
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new FormatException("interrupted while the owner of the checkpoint directory " + directory
                        + " was watched, " + named(other));
            }
        }
        return false;
    }

    private static String named(Optional<LockOwner> owner) {
        return owner.map(LockOwner::toString).orElse("a run whose " + NAME + "/" + OWNER + " is damaged");
    }

    /**
     * Empty where there is none, or none that a run wrote: a lock appears whole, so that is the rest of a failed disk.
     *
     * @throws FormatException if it cannot be read
     */
    private Optional<LockOwner> owner() throws FormatException {
        try {
            return lock.read(OWNER, (in, length, file) -> {
                byte[] bytes = in.readNBytes(MOST_BYTES);
                try {
                    return Optional.of(LockOwner.read(new ByteArrayInputStream(bytes), file));
                } catch (IOException e) {
                    return Optional.empty();
                }
            });
        } catch (FormatException e) {
            if (lock.entries().contains(OWNER)) {
                throw e;
            }
            return Optional.empty();
        }
    }

    /**
     * Notes that the owner is alive. The heartbeat before stays, so that whoever looks meanwhile sees one.
     *
     * @throws TakenOver if another run has taken the directory over
     * @throws FormatException if nothing can be read or written
     */
    synchronized void beat() throws FormatException, TakenOver {
        if (heart.isShutdown()) {
            return;
        }
        requireHeld();
        List<String> old = beats();
        String before = latestBeat;
        latestBeat = newBeat();
        lock.write(latestBeat, out -> {});
        for (String one : old) {
            if (!one.equals(before)) {
                lock.child(one).delete();
            }
        }
    }

    /** Whatever is thrown here would silently end all heartbeats. */
    private void beatOrWarn() {
        try {
            beat();
        } catch (IOException e) {
            LOG.warn("no heartbeat in checkpoint directory {}: {}", directory, e.getMessage());
        } catch (RuntimeException | Error e) {
            LOG.warn("no heartbeat in checkpoint directory {}", directory, e);
        }
    }

    /**
     * @throws TakenOver if another run has taken the directory over
     * @throws FormatException if nobody can tell: that may pass
     */
    public void requireHeld() throws FormatException, TakenOver {
        Optional<LockOwner> now = owner();
        if (now.isEmpty()) {
            throw new FormatException("the checkpoint directory " + directory + " has no whole " + NAME
                    + " of this run any more, so somebody removed it; end the training and resume");
        }
        if (!now.get().id().equals(owner.id())) {
            throw new TakenOver("the checkpoint directory " + directory + " is no longer of this run but of "
                    + now.get() + ", since this run gave no sign of life, or somebody removed " + NAME
                    + "; end the other and resume, or give another directory");
        }
    }

    /** Gives the directory free, unless another run has taken it over. Waits for a heartbeat that is being written. */
    @Override
    public synchronized void close() {
        heart.shutdown();
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
        removeMade();
    }

    /** Leaves no empty directory where there was none. */
    private void removeMade() {
        try {
            if (made && directory.exists() && directory.entries().isEmpty()) {
                directory.delete(false);
            }
        } catch (FormatException e) {
            LOG.warn("checkpoint directory {} stays: {}", directory, e.getMessage());
        }
    }
}
