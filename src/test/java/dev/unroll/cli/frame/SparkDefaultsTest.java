package dev.unroll.cli.frame;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.apache.spark.SparkConf;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SparkDefaultsTest {

    private static final Path OURS = Path.of("conf/spark-defaults.conf");

    @TempDir
    Path directory;

    @Test
    void settings_givenThreeTimes_areThoseOfTheStrongest() throws Exception {
        Path own = Files.writeString(
                directory.resolve("spark-defaults.conf"),
                "# mine\nspark.ui.retainedJobs 7\nspark.ui.retainedStages=8\nspark.app.name  a name \nother.key 1\n");
        SparkConf conf = new SparkConf(false).set("spark.ui.retainedStages", "9");

        SparkDefaults.addTo(conf, own + File.pathSeparator + OURS);

        assertEquals("9", conf.get("spark.ui.retainedStages"));
        assertEquals("7", conf.get("spark.ui.retainedJobs"));
        assertEquals("a name", conf.get("spark.app.name"));
        assertEquals("true", conf.get("spark.eventLog.rolling.enabled"));
        assertFalse(conf.contains("other.key"));
    }

    @Test
    void noFiles_addNothing() {
        SparkConf conf = new SparkConf(false);
        SparkDefaults.addTo(conf, "");
        assertEquals(0, conf.getAll().length);
    }

    @Test
    void fileThatIsNotThere_isNamed() {
        Path missing = directory.resolve("missing.conf");
        UsageException e =
                assertThrows(UsageException.class, () -> SparkDefaults.addTo(new SparkConf(false), missing.toString()));
        assertTrue(e.getMessage().contains(missing.toString()), e.getMessage());
    }

    @Test
    void kryo_isSetWhereNobodySetASerializer_andAnExistingRegistratorStays() {
        String ours = "dev.unroll.spark.shards.ShardRegistrator";
        SparkConf nothing = new SparkConf(false);
        SparkDefaults.addTo(nothing, OURS.toString());
        assertEquals("org.apache.spark.serializer.KryoSerializer", nothing.get("spark.serializer"));
        assertEquals(ours, nothing.get("spark.kryo.registrator"));

        SparkConf registrator = new SparkConf(false).set("spark.kryo.registrator", "mine.Registrator");
        SparkDefaults.addTo(registrator, OURS.toString());
        assertEquals("mine.Registrator," + ours, registrator.get("spark.kryo.registrator"));

        SparkConf java = new SparkConf(false).set("spark.serializer", "org.apache.spark.serializer.JavaSerializer");
        SparkDefaults.addTo(java, OURS.toString());
        assertEquals("org.apache.spark.serializer.JavaSerializer", java.get("spark.serializer"));
        assertFalse(java.contains("spark.kryo.registrator"));
        assertFalse(java.contains("spark.kryoserializer.buffer.max"));
        assertEquals("100", java.get("spark.ui.retainedJobs"));
    }

    /** Event logging itself stays off, and the wait for a place stays as it is. */
    @Test
    void ours_haveAReasonEach_andLeaveTheRestAlone() throws Exception {
        List<String> lines = Files.readAllLines(OURS);
        for (int n = 0; n < lines.size(); n++) {
            if (lines.get(n).startsWith("spark.")) {
                assertTrue(lines.get(n - 1).startsWith("# "), lines.get(n) + " has no reason above it");
            }
        }
        SparkConf conf = new SparkConf(false);
        SparkDefaults.addTo(conf, OURS.toString());
        assertFalse(conf.contains("spark.eventLog.enabled"));
        assertFalse(conf.contains("spark.locality.wait"));
    }
}
