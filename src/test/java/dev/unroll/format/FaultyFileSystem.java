package dev.unroll.format;

import java.io.IOException;
import java.net.URI;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RawLocalFileSystem;
import org.apache.hadoop.fs.permission.FsPermission;
import org.apache.hadoop.util.Progressable;

/** Local files under the scheme {@code faulty}, whose operations fail from a given one on, or only that one. */
public final class FaultyFileSystem extends FileSystem {

    private static final URI NAME = URI.create("faulty:///");

    private final RawLocalFileSystem local = new RawLocalFileSystem();
    private int untilFault = Integer.MAX_VALUE;
    private boolean once;

    public FaultyFileSystem() throws IOException {
        Configuration configuration = new Configuration(false);
        local.initialize(URI.create("file:///"), configuration);
        setConf(configuration);
        initialize(NAME, configuration);
    }

    /** The {@code operation}th operation from now fails (1 is the next one), and if not {@code once} all that follow. */
    public void failAt(int operation, boolean once) {
        this.untilFault = operation;
        this.once = once;
    }

    private Path step(Path path) throws IOException {
        untilFault--;
        if (untilFault == 0 || (untilFault < 0 && !once)) {
            throw new IOException("injected fault");
        }
        return toLocal(path);
    }

    private static Path toLocal(Path path) {
        return new Path("file", null, path.toUri().getPath());
    }

    private static FileStatus fromLocal(FileStatus status) {
        status.setPath(new Path("faulty", null, status.getPath().toUri().getPath()));
        return status;
    }

    @Override
    public URI getUri() {
        return NAME;
    }

    @Override
    public FSDataInputStream open(Path path, int bufferSize) throws IOException {
        return local.open(step(path), bufferSize);
    }

    @Override
    public FSDataOutputStream create(
            Path path,
            FsPermission permission,
            boolean overwrite,
            int bufferSize,
            short replication,
            long blockSize,
            Progressable progress)
            throws IOException {
        return local.create(step(path), permission, overwrite, bufferSize, replication, blockSize, progress);
    }

    @Override
    public FSDataOutputStream append(Path path, int bufferSize, Progressable progress) {
        throw new UnsupportedOperationException();
    }

    @Override
    public boolean rename(Path from, Path to) throws IOException {
        return local.rename(step(from), toLocal(to));
    }

    @Override
    public boolean delete(Path path, boolean recursive) throws IOException {
        return local.delete(step(path), recursive);
    }

    @Override
    public FileStatus[] listStatus(Path path) throws IOException {
        FileStatus[] entries = local.listStatus(step(path));
        for (FileStatus entry : entries) {
            fromLocal(entry);
        }
        return entries;
    }

    @Override
    public void setWorkingDirectory(Path directory) {
        throw new UnsupportedOperationException();
    }

    @Override
    public Path getWorkingDirectory() {
        return new Path(NAME.toString());
    }

    @Override
    public boolean mkdirs(Path path, FsPermission permission) throws IOException {
        return local.mkdirs(step(path), permission);
    }

    @Override
    public FileStatus getFileStatus(Path path) throws IOException {
        return fromLocal(local.getFileStatus(step(path)));
    }
}
