package dev.unroll.format;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FilterFileSystem;
import org.apache.hadoop.fs.RawLocalFileSystem;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DirectoryTest {

    @TempDir
    private Path temp;

    private Directory local(String name) throws IOException {
        return Directory.of(temp.resolve(name).toString(), new Configuration(false));
    }

    /** Two files and a sub-directory, which all say {@code text}. */
    private static Directory.Content content(String text) {
        return draft -> {
            draft.write("a", out -> out.write(text.getBytes(UTF_8)));
            draft.child("sub").write("b", out -> out.write(text.getBytes(UTF_8)));
        };
    }

    private static String text(Directory directory, String name) throws IOException {
        return directory.read(name, (in, length, file) -> new String(in.readNBytes((int) length), UTF_8));
    }

    private List<String> names() throws IOException {
        try (Stream<Path> entries = Files.list(temp)) {
            return entries.map(entry -> entry.getFileName().toString()).sorted().toList();
        }
    }

    private static String refusal(Executable action) {
        String message = assertThrows(FormatException.class, action).getMessage();
        assertFalse(message.contains("\n"), message);
        return message;
    }

    @Test
    void published_isThereAndNothingElse() throws IOException {
        Directory model = local("m");
        model.publish(false, content("one"));
        assertEquals("one", text(model, "a"));
        assertEquals("one", text(model.child("sub"), "b"));
        assertEquals(List.of("m"), names());
        assertEquals(temp.resolve("m").toString(), model.toString());
        try (Stream<Path> all = Files.walk(temp)) { // no checksum files either
            assertEquals(5, all.count());
        }
    }

    @Test
    void existing_isReplacedOnlyWhenTold() throws IOException {
        Directory model = local("m");
        model.publish(false, content("one"));
        String message = refusal(() -> model.publish(false, content("two")));
        assertTrue(message.contains(model + " exists"), message);
        assertEquals("one", text(model, "a"));
        model.publish(true, content("two"));
        assertEquals("two", text(model, "a"));
        assertEquals(List.of("m"), names());
    }

    @Test
    void emptyDirectory_isNotInTheWay() throws IOException {
        Files.createDirectory(temp.resolve("m"));
        local("m").publish(false, content("one"));
        assertEquals("one", text(local("m"), "a"));
        assertEquals(List.of("m"), names());
    }

    /** Guards somebody's home directory against a slip of the pen. */
    @Test
    void directoryWithOtherThings_isNeverOverwritten() throws IOException {
        Files.createDirectory(temp.resolve("home"));
        Files.writeString(temp.resolve("home/thesis.tex"), "years");
        String early = refusal(() -> local("home").requireWritable(true, Set.of("a", "sub")));
        String late = refusal(() -> local("home").publish(true, content("one")));
        assertTrue(early.contains("thesis.tex") && late.contains("thesis.tex"), late);
        assertEquals("years", Files.readString(temp.resolve("home/thesis.tex")));
        assertEquals(List.of("home"), names());
    }

    @Test
    void unwritablePlaces_giveOneSentence() throws IOException {
        Files.writeString(temp.resolve("file"), "");
        for (boolean overwrite : new boolean[] {false, true}) {
            for (String name : new String[] {"file", "file/below"}) {
                String early = refusal(() -> local(name).requireWritable(overwrite, Set.of("a")));
                String late = refusal(() -> local(name).publish(overwrite, content("one")));
                assertTrue(early.contains(temp + "/" + name) && late.contains(temp + "/" + name), late);
            }
        }
        String root = refusal(() -> Directory.of("/", new Configuration(false)).publish(true, content("one")));
        assertTrue(root.contains("root"), root);
        String scheme = refusal(() -> Directory.of("nofs://host/x", new Configuration(false)));
        assertTrue(scheme.contains("nofs"), scheme);
        assertTrue(refusal(() -> Directory.of("", new Configuration(false))).contains("path"));
        assertEquals(List.of("file"), names());
    }

    @Test
    void writablePlace_isLeftAsItWas() throws IOException {
        local("m").requireWritable(false, Set.of("a"));
        assertEquals(List.of(), names());
        local("m").publish(false, content("one"));
        local("m").requireWritable(true, Set.of("a", "sub"));
        refusal(() -> local("m").requireWritable(false, Set.of("a", "sub")));
        assertEquals("one", text(local("m"), "a"));
    }

    @Test
    void missingThings_giveOneSentence() throws IOException {
        assertTrue(refusal(() -> text(local("m"), "a")).contains("no directory " + temp));
        assertTrue(refusal(() -> local("m").requireExists("model")).contains("no model directory " + temp));
        local("m").publish(false, content("one"));
        assertTrue(refusal(() -> text(local("m"), "c")).contains("no file c"));
        assertTrue(refusal(() -> text(local("m"), "sub")).contains("is a directory"));
        assertTrue(refusal(() -> local("m/a").requireExists("model")).contains("is a file"));
        local("m").requireExists("model");
    }

    @Test
    void failingContent_leavesNothing() throws IOException {
        refusal(() -> local("m").publish(false, draft -> {
            content("one").writeTo(draft);
            throw new IOException("disk full");
        }));
        assertThrows(IllegalStateException.class, () -> local("m").publish(false, draft -> {
            content("one").writeTo(draft);
            throw new IllegalStateException("bug");
        }));
        assertEquals(List.of(), names());
    }

    @Test
    void strayChecksumFile_isNotLookedAt() throws IOException {
        local("m").publish(false, content("one"));
        Files.writeString(temp.resolve("m/.a.crc"), "not a checksum");
        assertEquals("one", text(local("m"), "a"));
    }

    /** Another writer comes after each look at the place in turn, and never loses what it wrote. */
    @Test
    void anotherThatIsFaster_isNotReplaced() throws IOException {
        boolean came = true;
        for (int look = 1; came; look++) {
            Path place = temp.resolve("m" + look);
            OvertakenFiles files = new OvertakenFiles(place, look);
            files.initialize(URI.create("file:///"), new Configuration(false));
            Directory model = Directory.of(files, new org.apache.hadoop.fs.Path(place.toString()));
            try {
                model.publish(false, content("mine"));
            } catch (FormatException e) {
                assertTrue(files.came, "refused by nobody: " + e.getMessage());
            }
            came = files.came;
            assertEquals(came ? "other" : "mine", Files.readString(place.resolve("a")), "look " + look);
        }
    }

    /** In which a directory appears just after it was not there. */
    private static final class OvertakenFiles extends RawLocalFileSystem {

        private final Path place;
        private int looks; // until it comes
        private boolean came;

        OvertakenFiles(Path place, int looks) {
            this.place = place;
            this.looks = looks;
        }

        @Override
        public FileStatus getFileStatus(org.apache.hadoop.fs.Path path) throws IOException {
            boolean comes = pathToFile(path).toPath().equals(place) && --looks == 0;
            try {
                return super.getFileStatus(path);
            } finally {
                if (comes) {
                    came = true;
                    Files.createDirectory(place);
                    Files.writeString(place.resolve("a"), "other");
                }
            }
        }
    }

    /** As on HDFS: a file system that is not the local one is renamed by its FileContext. */
    @Test
    void fileSystemWithContext_isPublishedAndReplaced() throws IOException {
        RawLocalFileSystem raw = new RawLocalFileSystem();
        raw.initialize(URI.create("file:///"), new Configuration(false));
        Directory model = Directory.of(
                new FilterFileSystem(raw),
                new org.apache.hadoop.fs.Path(temp.resolve("m").toString()));
        model.publish(false, content("one"));
        refusal(() -> model.publish(false, content("two")));
        model.publish(true, content("two"));
        assertEquals("two", text(model, "a"));
        assertEquals(List.of("m"), names());
    }

    /**
     * Dies at every operation in turn, for good or for once, with and without a directory to replace. Whatever happens: what stands
     * in the place is complete; a fault that passes leaves the old or the new; a death leaves a complete one at the worst beside it.
     */
    @ParameterizedTest
    @CsvSource({"false, false", "false, true", "true, false", "true, true"})
    void faultAtEveryOperation_neverLeavesHalfADirectory(boolean replaces, boolean once) throws IOException {
        boolean succeeded = false;
        for (int operation = 1; !succeeded; operation++) {
            Path place = Files.createDirectory(temp.resolve("run" + operation));
            FaultyFileSystem files = new FaultyFileSystem();
            Directory model = Directory.of(files, new org.apache.hadoop.fs.Path("faulty://" + place.resolve("m")));
            if (replaces) {
                model.publish(false, content("old"));
            }
            files.failAt(operation, once);
            try {
                model.publish(true, content("new"));
                succeeded = true;
            } catch (FormatException e) {
                assertTrue(e.getMessage().contains("injected fault"), e.getMessage());
            }
            files.failAt(Integer.MAX_VALUE, false);

            Set<String> allowed = replaces ? Set.of("old", "new") : Set.of("new");
            if (model.exists()) {
                String text = text(model, "a");
                assertTrue(allowed.contains(text), text);
                assertEquals(text, text(model.child("sub"), "b"));
            } else if (replaces) {
                assertFalse(once, "a fault that passed has left no directory, at operation " + operation);
                assertEquals("old", oldBeside(place));
            }
            if (succeeded) {
                assertEquals("new", text(model, "a"));
                assertTrue(operation > 8, "only " + operation + " operations");
            }
        }
    }

    private static String oldBeside(Path place) throws IOException {
        try (Stream<Path> entries = Files.list(place)) {
            Path old = entries.filter(entry -> entry.toString().endsWith(".replaced"))
                    .findFirst()
                    .orElseThrow();
            return Files.readString(old.resolve("a"));
        }
    }

    /** Of a full disk Hadoop says so by an Error, which is none of the program. */
    @Test
    void fullDisk_isASentence(@TempDir Path place) throws IOException {
        assumeTrue(Files.exists(Path.of("/dev/full")), "no /dev/full here");
        RawLocalFileSystem local = new RawLocalFileSystem();
        local.initialize(URI.create("file:///"), new Configuration(false));
        Directory directory = Directory.of(place.resolve("full").toString(), new Configuration(false));
        FormatException refused = assertThrows(
                FormatException.class,
                () -> directory.publish(
                        false,
                        draft -> draft.write("a", out -> {
                            try (FSDataOutputStream full = local.append(new org.apache.hadoop.fs.Path("/dev/full"))) {
                                full.write(new byte[1 << 16]);
                            }
                        })));
        assertTrue(
                refused.getMessage()
                        .endsWith(": the disk is full (No space left on device); free some of it or write to another"),
                refused.getMessage());
        assertFalse(Files.exists(place.resolve("full")));
    }
}
