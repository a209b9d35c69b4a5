package dev.unroll.spark.source;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unroll.data.InputException;
import dev.unroll.testing.SparkTest;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RawLocalFileSystem;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Many small files, on storage that is slow to answer: the driver does not wait for one after the other. */
@SparkTest
class ManyFilesTest {

    private static final int FOLDERS = 40;

    private static final AtomicInteger NOW = new AtomicInteger();
    private static final AtomicInteger MOST = new AtomicInteger();

    private static SparkSession spark;

    @TempDir
    java.nio.file.Path directory;

    /** Files that take a while to be opened and listed; counts how many requests of the driver's wait at once. */
    public static final class Slow extends RawLocalFileSystem {
        @Override
        public String getScheme() {
            return "slow";
        }

        @Override
        public URI getUri() {
            return URI.create("slow:///");
        }

        @Override
        public FSDataInputStream open(Path file, int buffer) throws IOException {
            await();
            return super.open(file, buffer);
        }

        @Override
        public FileStatus[] listStatus(Path folder) throws IOException {
            await();
            return super.listStatus(folder);
        }

        private static void await() throws IOException {
            MOST.accumulateAndGet(NOW.incrementAndGet(), Math::max);
            try {
                Thread.sleep(20);
            } catch (InterruptedException e) {
                throw new IOException(e);
            } finally {
                NOW.decrementAndGet();
            }
        }
    }

    @BeforeAll
    static void session(SparkSession session) {
        spark = session;
        spark.sparkContext().hadoopConfiguration().set("fs.slow.impl", Slow.class.getName());
    }

    @AfterAll
    static void forget() {
        spark.sparkContext().hadoopConfiguration().unset("fs.slow.impl");
    }

    @BeforeEach
    void write() throws IOException {
        for (int i = 0; i < FOLDERS; i++) {
            write(i, "name,sex\nanna" + i + ",F\n");
        }
        MOST.set(0);
    }

    private void write(int folder, String text) throws IOException {
        java.nio.file.Path file = directory.resolve("folder-" + folder + "/names.csv");
        Files.createDirectories(file.getParent());
        Files.writeString(file, text);
    }

    private Dataset<Row> read(String format) {
        return new FileSource(format, Map.of("recursiveFileLookup", "true"))
                .read(spark, "slow:" + directory, List.of());
    }

    @Test
    void headers_areReadAtOnce() {
        Dataset<Row> rows = read("csv");
        assertTrue(MOST.get() >= 16, "at once at most " + MOST);
        assertEquals(FOLDERS, rows.count());
    }

    @Test
    void folders_areListedAtOnce() {
        Dataset<Row> rows = read("text"); // which has no headers
        assertTrue(MOST.get() >= 16, "at once at most " + MOST);
        assertEquals(2 * FOLDERS, rows.count());
    }

    @Test
    void fault_isThatOfTheFirstFile() throws IOException {
        for (int i = 10; i < FOLDERS; i++) {
            write(i, "name,other\nanna,F\n");
        }
        InputException refused = assertThrows(InputException.class, () -> read("csv"));
        assertTrue(
                refused.getMessage().startsWith(directory + "/folder-10/names.csv: its columns are name, other"),
                refused.getMessage());
    }
}
