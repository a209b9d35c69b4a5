package dev.unroll.format;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.regex.Pattern;
import org.apache.commons.io.input.BoundedInputStream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.FSError;
import org.apache.hadoop.fs.FileContext;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.LocalFileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RawLocalFileSystem;
import org.apache.hadoop.fs.StreamCapabilities;
import org.apache.hadoop.fs.UnsupportedFileSystemException;
import org.jspecify.annotations.Nullable;

/**
 * A directory on any file system that Hadoop knows: its files are read and written under fixed names, and the whole of
 * it appears at once, complete, or not at all ({@link #publish}). Every failure is one sentence that names the file or
 * directory.
 */
public final class Directory {

    /*
     * How a directory appears whole or not at all:
     *
     * 1. A new directory is written next to its final path as _temporary.UUID (Spark's readers ignore names that begin
     * with an underscore) and then renamed. A process that dies leaves that and nothing else.
     *
     * 2. An old directory is renamed to _temporary.UUID.replaced only when the new one is complete, and deleted only
     * when the new one has been renamed; if that fails, the old one is renamed back. A process that dies between the
     * two renames leaves both, complete, and nothing at the final path: no file system offers to exchange two
     * directories.
     *
     * 3. Hadoop's FileSystem.rename moves a directory into a target that exists, and copies where it cannot rename. So
     * local directories are moved by the JDK, others by FileContext, which refuses; FileSystem is used for file systems
     * without one.
     *
     * 4. Local files are used without Hadoop's .crc files, which would refuse a file that another tool has rewritten.
     *
     * 5. A symbolic link is never written through: it is replaced itself, and what it refers to stays as it was. One that
     * refers to nothing is refused, since no directory can be renamed onto it.
     *
     * 6. On object stores a rename is a copy: a reader may find a directory that lacks files, and reports that, but
     * never half a file.
     */

    /** Fills a directory that is not visible yet. */
    @FunctionalInterface
    public interface Content {
        void writeTo(Directory draft) throws IOException;
    }

    /** Writes one file. */
    @FunctionalInterface
    public interface FileWriter {
        void write(OutputStream out) throws IOException;
    }

    /** Reads one file of known length; {@code file} is its name in messages. */
    @FunctionalInterface
    public interface FileReader<T> {
        T read(InputStream in, long length, String file) throws IOException;
    }

    final FileSystem files;
    private final Path path;

    private Directory(FileSystem files, Path path) {
        this.files = files;
        this.path = path;
    }

    /** The directory of that path or URI, whether it exists or not. */
    public static Directory of(String location, Configuration configuration) throws FormatException {
        try {
            Path path = Location.path(location);
            return of(path.getFileSystem(configuration), path);
        } catch (IllegalArgumentException e) {
            throw new FormatException(
                    "\"" + FormatException.shown(location) + "\" is no path of a directory: "
                            + FormatException.shown(String.valueOf(e.getMessage())),
                    e);
        } catch (IOException | RuntimeException e) { // the latter where the class of a file system is missing
            throw new FormatException(
                    "cannot use " + FormatException.shown(location) + ": " + FormatException.reason(e), e);
        }
    }

    /** The directory of that path on that file system, whether it exists or not. */
    public static Directory of(FileSystem files, Path path) {
        FileSystem used = files instanceof LocalFileSystem local ? local.getRaw() : files;
        return new Directory(used, used.makeQualified(path));
    }

    /** A directory in this one. */
    public Directory child(String name) {
        return new Directory(files, Location.child(path, name));
    }

    /** The path, for Spark. */
    public Path path() {
        return path;
    }

    /** The path, for messages: a plain path if it is local. */
    @Override
    public String toString() {
        return Location.shown(path);
    }

    /** Whether anything has that name, be it a symbolic link to nothing. */
    public boolean exists() throws FormatException {
        return status(path) != null || LocalFiles.isLink(files, path);
    }

    /** Names of its entries, ascending; none where there is no directory. */
    public List<String> entries() throws FormatException {
        if (status(path) == null) {
            return List.of();
        }
        requireExists("listed");
        try {
            return List.copyOf(entries(path));
        } catch (IOException e) {
            throw new FormatException("cannot read the directory " + this + ": " + FormatException.reason(e), e);
        }
    }

    /** Removes this directory and everything in it. */
    public void delete() throws FormatException {
        delete(true);
    }

    /** Removes this directory; refuses where anything is in it, unless {@code contents} go too. */
    public void delete(boolean contents) throws FormatException {
        try {
            files.delete(path, contents);
        } catch (IOException e) {
            throw new FormatException("cannot remove " + this + ": " + FormatException.reason(e), e);
        }
    }

    /** Refuses a path without a directory; {@code what} says what it should be, such as "model". */
    public void requireExists(String what) throws FormatException {
        FileStatus status = status(path);
        if (status == null) {
            throw new FormatException("there is no " + what + " directory " + this);
        }
        if (!status.isDirectory()) {
            throw new FormatException(this + " is a file; expected is a " + what + " directory");
        }
    }

    /** Reads the file of that name, whatever its size: the reader takes no more than what it has checked. */
    public <T> T read(String name, FileReader<T> reader) throws FormatException {
        return read(name, Long.MAX_VALUE, reader);
    }

    /**
     * Reads the file of that name, which must be a regular one: a link to a device, a pipe or a socket would never end.
     *
     * @param most bytes that such a file can have
     * @param reader is given a stream that ends with the file's length, whatever becomes of the file
     */
    public <T> T read(String name, long most, FileReader<T> reader) throws FormatException {
        Path file = new Path(path, name);
        FileStatus status = status(file);
        if (status == null) {
            throw new FormatException(
                    exists() ? "the directory " + this + " has no file " + name : "there is no directory " + this);
        }
        if (status.isDirectory()) {
            throw new FormatException(Location.shown(file) + " is a directory; expected is a file");
        }
        LocalFiles.requireRegular(files, file);
        long length = status.getLen();
        if (length > most) {
            throw new FormatException(Location.shown(file) + " has " + length + " bytes; allowed are " + most);
        }
        try (InputStream in = new BufferedInputStream(files.open(file))) {
            return reader.read(
                    BoundedInputStream.builder()
                            .setInputStream(in)
                            .setMaxCount(length)
                            .get(),
                    length,
                    Location.shown(file));
        } catch (FormatException e) {
            throw e;
        } catch (IOException | FSError e) {
            throw new FormatException("cannot read " + Location.shown(file) + ": " + FormatException.reason(e), e);
        }
    }

    /**
     * Writes a new file into a directory that is being published, and syncs it to disk where the file system can do
     * that.
     */
    public void write(String name, FileWriter writer) throws FormatException {
        Path file = new Path(path, name);
        try (FSDataOutputStream out = files.create(file, false)) {
            OutputStream buffered = new BufferedOutputStream(out, 1 << 16);
            writer.write(buffered);
            buffered.flush();
            if (out.hasCapability(StreamCapabilities.HSYNC)) {
                out.hsync();
            }
        } catch (FormatException e) {
            throw e;
        } catch (IOException | FSError e) {
            throw new FormatException("cannot write " + Location.shown(file) + ": " + FormatException.reason(e), e);
        }
    }

    /**
     * Refuses, before hours of work, what {@link #publish} would refuse after them.
     *
     * @param names what the new directory will hold
     */
    public void requireWritable(boolean overwrite, Set<String> names) throws FormatException {
        requireWritable(overwrite, () -> requireNothingElse(names));
    }

    /**
     * Refuses, before hours of work, what {@link #publish(boolean, Pattern, Content)} would refuse after them.
     *
     * @param own the paths of the files that may be replaced, relative to this directory
     */
    public void requireWritable(boolean overwrite, Pattern own) throws FormatException {
        requireWritable(overwrite, () -> requireOnly(own));
    }

    /** Refuses a directory that holds what may not be replaced. */
    @FunctionalInterface
    private interface Check {
        void run() throws IOException;
    }

    private void requireWritable(boolean overwrite, Check old) throws FormatException {
        try {
            requireFree(overwrite);
            old.run();
            Path draft = temporary();
            makeDirectory(draft);
            files.delete(draft, false);
        } catch (IOException e) {
            throw cannotWrite(e);
        }
    }

    /**
     * Writes this directory, whole or not at all.
     *
     * @param overwrite whether an old directory is replaced. Even then one with other entries than the new one is
     *     refused, since a mistyped path must not remove somebody's work. An empty directory is always replaced.
     */
    public void publish(boolean overwrite, Content content) throws FormatException {
        Path draft = temporary();
        publish(overwrite, draft, () -> requireNothingElse(entries(draft)), content);
    }

    /**
     * Writes this directory, whole or not at all.
     *
     * @param overwrite whether an old directory is replaced, if it holds nothing but files that the program writes
     * @param own the paths of these files, relative to this directory
     */
    public void publish(boolean overwrite, Pattern own, Content content) throws FormatException {
        publish(overwrite, temporary(), () -> requireOnly(own), content);
    }

    private void publish(boolean overwrite, Path draft, Check old, Content content) throws FormatException {
        boolean done = false;
        try {
            requireFree(overwrite);
            makeDirectory(draft);
            content.writeTo(new Directory(files, draft));
            requireFree(overwrite); // again: the content may have taken hours
            old.run();
            moveIntoPlace(draft, overwrite);
            done = true;
        } catch (IOException e) {
            throw cannotWrite(e);
        } finally {
            if (!done) {
                deleteQuietly(draft);
            }
        }
    }

    /** Gives the directory another path, where nothing may be. */
    public void moveTo(Directory target) throws FormatException {
        try {
            rename(path, target.path);
        } catch (IOException e) {
            throw new FormatException("cannot rename " + this + ": " + FormatException.reason(e), e);
        }
    }

    private void requireFree(boolean overwrite) throws IOException {
        FileStatus status = status(path);
        if (status == null && LocalFiles.isLink(files, path)) {
            throw new FormatException(this + " is a symbolic link to nothing; remove it or choose another name");
        }
        if (status != null && !status.isDirectory()) {
            throw new FormatException(this + " is a file; expected is the name of a directory to write");
        }
        if (status != null && !overwrite && !entries(path).isEmpty()) {
            throw new FormatException(
                    "the directory " + this + " exists; choose another name or allow to overwrite it");
        }
    }

    private void requireNothingElse(Set<String> names) throws IOException {
        if (status(path) == null) {
            return;
        }
        for (String entry : entries(path)) {
            if (!names.contains(entry)) {
                throw new FormatException("the directory " + this + " holds " + entry
                        + ", so it is not overwritten; allowed there are " + String.join(", ", new TreeSet<>(names)));
            }
        }
    }

    /**
     * Refuses a directory with a file whose path in it is none of these.
     *
     * @param own the paths of files, relative to this directory
     */
    public void requireOnly(Pattern own) throws FormatException {
        try {
            if (status(path) != null) {
                OwnFiles.requireOnly(own, files, path, toString());
            }
        } catch (FormatException e) {
            throw e;
        } catch (IOException e) {
            throw new FormatException("cannot read the directory " + this + ": " + FormatException.reason(e), e);
        }
    }

    private Set<String> entries(Path directory) throws IOException {
        Set<String> names = new TreeSet<>();
        for (FileStatus entry : files.listStatus(directory)) {
            names.add(entry.getPath().getName());
        }
        return names;
    }

    private void moveIntoPlace(Path draft, boolean overwrite) throws IOException {
        if (!overwrite || status(path) == null || entries(path).isEmpty()) { // then one that came meanwhile is refused
            files.delete(path, false);
            rename(draft, path);
            return;
        }
        Path old = draft.suffix(Versions.REPLACED);
        rename(path, old);
        try {
            rename(draft, path);
        } catch (IOException e) {
            try {
                rename(old, path);
            } catch (IOException second) {
                e.addSuppressed(second);
                throw new FormatException(
                        "cannot write " + this + ", and what it was before is now " + Location.shown(old) + ": "
                                + FormatException.reason(e),
                        e);
            }
            throw e;
        }
        try {
            files.delete(old, true);
        } catch (IOException e) {
            throw new FormatException(
                    this + " is written, but what it replaced cannot be removed from " + Location.shown(old) + ": "
                            + FormatException.reason(e),
                    e);
        }
    }

    private void rename(Path from, Path to) throws IOException {
        if (files instanceof RawLocalFileSystem local) {
            LocalFiles.rename(local, from, to);
            return;
        }
        FileContext context;
        try {
            context = FileContext.getFileContext(files.getUri(), files.getConf());
        } catch (UnsupportedFileSystemException e) {
            context = null;
        }
        if (context != null) {
            context.rename(from, to);
        } else if (status(to) != null || !files.rename(from, to)) {
            throw new IOException("renaming " + Location.shown(from) + " failed");
        }
    }

    private void makeDirectory(Path directory) throws IOException {
        if (!files.mkdirs(directory)) {
            throw new IOException("no directory can be made in " + Location.shown(directory.getParent()));
        }
    }

    private void deleteQuietly(Path draft) {
        try {
            files.delete(draft, true);
        } catch (IOException e) {
            // The failure that made the draft useless is being reported and matters more.
        }
    }

    private Path temporary() throws FormatException {
        if (path.isRoot()) {
            throw new FormatException(this + " is a root and cannot be written as a whole");
        }
        return new Path(path.getParent(), "_temporary." + UUID.randomUUID());
    }

    private @Nullable FileStatus status(Path any) throws FormatException {
        try {
            return files.getFileStatus(any);
        } catch (FileNotFoundException e) {
            return null;
        } catch (IOException e) {
            throw new FormatException("cannot read " + Location.shown(any) + ": " + FormatException.reason(e), e);
        }
    }

    private FormatException cannotWrite(IOException e) {
        return e instanceof FormatException said
                ? said
                : new FormatException("cannot write the directory " + this + ": " + FormatException.reason(e), e);
    }
}
