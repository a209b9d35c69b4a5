package dev.unroll.cli.frame;

import dev.unroll.format.FormatException;
import java.io.File;
import java.io.IOException;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Properties;
import org.apache.spark.SparkConf;

/** Settings of Spark from files such as {@code spark-defaults.conf}, for those that nobody has made. */
public final class SparkDefaults {

    /** The system property with which {@code submit/unroll} names the files, the stronger first. */
    public static final String FILES = "unroll.sparkDefaults";

    private static final String SERIALIZER = "spark.serializer";
    private static final String REGISTRATOR = "spark.kryo.registrator";
    private static final String OF_KRYO = "spark.kryo";

    private SparkDefaults() {}

    /**
     * Adds what is missing in the configuration. A file's settings of Kryo belong to its serializer: they are not added
     * where somebody has set another one; and its registrator is added to those that are there.
     *
     * @param files their paths, as a class path is written; empty for none
     * @throws UsageException if one cannot be read
     */
    public static void addTo(SparkConf conf, String files) {
        for (String file : files.split(File.pathSeparator)) {
            if (!file.isEmpty()) {
                addTo(conf, read(Path.of(file)));
            }
        }
    }

    private static void addTo(SparkConf conf, Properties settings) {
        boolean serializer = settings.containsKey(SERIALIZER);
        boolean wins = serializer && !conf.contains(SERIALIZER);
        if (wins && settings.containsKey(REGISTRATOR) && conf.contains(REGISTRATOR)) {
            conf.set(
                    REGISTRATOR,
                    conf.get(REGISTRATOR) + ","
                            + settings.getProperty(REGISTRATOR).trim());
        }
        settings.stringPropertyNames().stream()
                .filter(name -> name.startsWith("spark."))
                .filter(name -> !name.startsWith(OF_KRYO) || wins || !serializer)
                .forEach(name ->
                        conf.setIfMissing(name, settings.getProperty(name).trim()));
    }

    private static Properties read(Path file) {
        Properties settings = new Properties();
        try (Reader reader = Files.newBufferedReader(file, StandardCharsets.UTF_8)) {
            settings.load(reader);
        } catch (IOException | IllegalArgumentException e) {
            throw new UsageException("cannot read the settings of Spark in " + file + ": " + FormatException.reason(e));
        }
        return settings;
    }
}
