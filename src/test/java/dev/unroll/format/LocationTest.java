package dev.unroll.format;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.net.URI;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RawLocalFileSystem;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LocationTest {

    /** The file that the JDK opens is the one that a shell would. */
    @ParameterizedTest
    @CsvSource({
        "/x/a, /x/a",
        "/x/a:b, /x/a:b",
        "a:b, /ada/a:b",
        "12:30:00, /ada/12:30:00",
        "a:b/c:d, /ada/a:b/c:d",
        "./a:b, /ada/a:b",
        "../a:b, /a:b",
        "file:/x/a:b, /x/a:b",
        "file:///x/a%20b, /x/a%20b",
        "a%20b, /ada/a%20b",
        "a b, /ada/a b",
        "a#b?c, /ada/a#b?c",
        "/x/lstm[h=4]/, /x/lstm[h=4]",
        "'a\\b', '/ada/a\\b'",
        "größe, /ada/größe"
    })
    void localPath_isWhatItSays(String text, String file) throws IOException {
        RawLocalFileSystem files = new RawLocalFileSystem();
        files.initialize(URI.create("file:///"), new Configuration(false));
        files.setWorkingDirectory(new Path("/ada"));
        assertEquals(
                file, files.pathToFile(Location.path(text)).toPath().normalize().toString());
    }

    @ParameterizedTest
    @CsvSource({"hdfs://host:9000/x, hdfs", "s3a://bucket/x, s3a", "file:/x, file"})
    void scheme_isOfAUri(String text, String scheme) {
        assertEquals(scheme, Location.path(text).toUri().getScheme());
    }
}
