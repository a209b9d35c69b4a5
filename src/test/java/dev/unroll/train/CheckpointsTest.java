package dev.unroll.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unroll.format.Directory;
import dev.unroll.format.FaultyFileSystem;
import dev.unroll.format.FormatException;
import dev.unroll.param.ParameterLayout;
import java.io.IOException;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Checkpoints on a file system that fails: the one before stays whole, and training goes on for a while. */
class CheckpointsTest {

    private static final ParameterLayout LAYOUT =
            new ParameterLayout.Builder().vector("head.bias", 3).build();

    @TempDir
    java.nio.file.Path folder;

    private FaultyFileSystem files;
    private Checkpoints checkpoints;

    @BeforeEach
    void open() throws IOException {
        files = new FaultyFileSystem();
        Directory directory = Directory.of(files, new Path("faulty", null, folder.toString()));
        checkpoints = new Checkpoints(directory, LAYOUT, Map.of("data", "some"), 2);
    }

    private static Checkpoint at(long iteration) {
        Checkpoint.Draft draft = new Checkpoint.Draft();
        draft.put("loss", 1.0 / iteration);
        draft.put("array", new float[] {iteration, -0f});
        return draft.of(iteration, new float[] {iteration, 2, 3});
    }

    /** Whichever operation is the last that works, what can be read afterwards is a whole checkpoint: the new one, or the one before. */
    @Test
    void anyOperationMayFail() throws IOException {
        long latest = 1;
        checkpoints.write(at(latest));
        int survived = 0;
        for (int operation = 1; survived < 3; operation++) {
            long next = latest + 1;
            files.failAt(operation, false);
            boolean written;
            try {
                checkpoints.write(at(next));
                written = true;
                survived++;
            } catch (FormatException e) {
                assertTrue(e.getMessage().contains("injected fault"), e.getMessage());
                written = false;
            }
            files.failAt(Integer.MAX_VALUE, false);
            Checkpoint read = checkpoints.latest().orElseThrow();
            assertTrue(read.iteration() == next || !written, "operation " + operation);
            assertTrue(read.iteration() == next || read.iteration() == latest, "operation " + operation);
            assertArrayEquals(new float[] {read.iteration(), 2, 3}, read.theta());
            assertEquals(1.0 / read.iteration(), read.number("loss"));
            assertArrayEquals(
                    new float[] {read.iteration(), -0f}, read.arrays("").get("array"));
            latest = read.iteration();
            assertTrue(operation < 200, "no write survived");
        }
    }

    @Test
    void threeFailuresInARowEndTraining_butNotAtItsEnd(@TempDir java.nio.file.Path sound) throws IOException {
        CheckpointLock lock = CheckpointLock.take(Directory.of(sound.toString(), new Configuration(false)));
        CheckpointSchedule saving = new CheckpointSchedule(checkpoints, lock, 1);
        saving.write(at(1), false);
        for (int failures = 1; failures <= 2; failures++) {
            files.failAt(1, false);
            saving.write(at(2), false);
        }
        files.failAt(Integer.MAX_VALUE, false);
        saving.write(at(3), false); // counts anew from here
        files.failAt(1, false);
        saving.write(at(4), false);
        saving.write(at(5), false);
        TrainingException end = assertThrows(TrainingException.class, () -> saving.write(at(6), false));
        assertTrue(end.getMessage().contains("3 times now, at iteration 6"), end.getMessage());
        saving.write(at(7), true);
        lock.close();
    }

    /** As where HDFS fails over, or an object store answers 503. */
    @Test
    void aLockThatCannotBeRead_isAFailureLikeAnyOther(@TempDir java.nio.file.Path other) throws IOException {
        FaultyFileSystem flaky = new FaultyFileSystem();
        CheckpointLock lock = CheckpointLock.take(Directory.of(flaky, new Path("faulty", null, other.toString())));
        CheckpointSchedule saving = new CheckpointSchedule(checkpoints, lock, 1);
        for (int n = 1; n <= 4; n++) {
            flaky.failAt(1, true);
            saving.write(at(2L * n), false);
            saving.write(at(2 * n + 1), false); // counts anew from here
            assertEquals(2 * n + 1, checkpoints.latest().orElseThrow().iteration());
        }
        flaky.failAt(1, false);
        saving.write(at(10), true);
        saving.write(at(11), false);
        assertThrows(TrainingException.class, () -> saving.write(at(12), false));
        flaky.failAt(Integer.MAX_VALUE, false);
        lock.close();
    }

    @Test
    void aLockThatIsGone_isAFailureLikeAnyOther(@TempDir java.nio.file.Path other) throws IOException {
        Directory directory = Directory.of(other.toString(), new Configuration(false));
        CheckpointLock lock = CheckpointLock.take(directory);
        CheckpointSchedule saving = new CheckpointSchedule(checkpoints, lock, 1);
        directory.child("_lock").delete();
        saving.write(at(1), false);
        saving.write(at(2), false);
        assertThrows(TrainingException.class, () -> saving.write(at(3), false));
        saving.write(at(4), true);
        lock.close();
    }

    @Test
    void aDirectoryTakenOver_endsTrainingAtOnce_butKeepsTheModelAtItsEnd(@TempDir java.nio.file.Path other)
            throws IOException {
        Directory directory = Directory.of(other.toString(), new Configuration(false));
        CheckpointLock lost = CheckpointLock.take(directory);
        directory.child("_lock").delete();
        CheckpointLock second = CheckpointLock.take(directory);
        CheckpointSchedule saving = new CheckpointSchedule(checkpoints, lost, 1);
        TrainingException end = assertThrows(TrainingException.class, () -> saving.write(at(1), false));
        assertTrue(end.getMessage().contains("no longer of this run"), end.getMessage());
        saving.write(at(2), true);
        assertTrue(checkpoints.latest().isEmpty());
        lost.close();
        second.close();
    }
}
