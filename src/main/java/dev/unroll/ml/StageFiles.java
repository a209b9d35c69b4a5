package dev.unroll.ml;

import dev.unroll.data.InputException;
import dev.unroll.format.Directory;
import dev.unroll.format.FormatException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.function.Function;
import java.util.regex.Pattern;
import org.apache.spark.ml.param.Params;
import org.apache.spark.ml.util.DefaultParamsWriter$;
import org.apache.spark.ml.util.MLReader;
import org.apache.spark.ml.util.MLWritable;
import org.apache.spark.ml.util.MLWriter;
import org.apache.spark.sql.SparkSession;

/**
 * The directory of a stage: {@code metadata/}, as Spark ML has it, and what else a stage keeps. It is written whole or not at all, and
 * replaces nothing but a directory of the same kind: Spark's own writer removes whatever is there. It is read by its path alone:
 * Spark's own reader takes {@code lstm[h=4]} for a pattern.
 */
final class StageFiles {

    /** The paths of the files of a stage that has nothing but Params. */
    static final Pattern PARAMS = Pattern.compile("metadata/\\.?(part-[0-9]{5,}[^/]*|_SUCCESS)(\\.crc)?");

    /** The directory of the metadata; with what {@link dev.unroll.format.Versions} takes for all files of one. */
    static final String METADATA = "metadata/";

    private StageFiles() {}

    /** Writes a stage. */
    @FunctionalInterface
    interface Save {
        void to(String path, boolean overwrite, SparkSession spark) throws IOException;
    }

    /**
     * Spark ML's way to a load of one's own. {@code saveToLocal} and {@code loadFromLocal} are of Spark 4.1: a server of Spark Connect
     * keeps models on its own disk, whatever the default file system is.
     */
    abstract static class Reader<S> extends MLReader<S> {
        @Override
        public final S loadFromLocal(String path) {
            return load(local(path));
        }
    }

    private static String local(String path) {
        return "file:" + Path.of(path).toAbsolutePath();
    }

    /** Spark ML's way to a save of one's own. */
    static MLWriter writer(Save save) {
        return new MLWriter() {
            /** Spark's own would remove an existing directory first, whatever it holds. */
            @Override
            public void save(String path) {
                saveImpl(path);
            }

            /** Spark's own would leave the path to the default file system. */
            @Override
            public void saveToLocal(String path) {
                saveImpl(local(path));
            }

            @Override
            public void saveImpl(String path) {
                try {
                    save.to(path, shouldOverwrite(), sparkSession());
                } catch (IOException e) {
                    throw new InputException(e.getMessage(), e);
                }
            }
        };
    }

    /** Writes stages that have nothing but Params. */
    static MLWriter writer(MLWritable stage) {
        return writer((path, overwrite, spark) -> Directory.of(
                        path, spark.sparkContext().hadoopConfiguration())
                .publish(overwrite, PARAMS, draft -> writeMetadata((Params) stage, draft, spark)));
    }

    /** Reads stages that have nothing but Params. It makes the stage itself: no class name from a file is ever instantiated. */
    static <S extends Params> MLReader<S> reader(Class<S> type, Function<String, S> stage) {
        return new Reader<>() {
            @Override
            public S load(String path) {
                try {
                    StageMetadata metadata = metadata(Directory.of(path, sc().hadoopConfiguration()), "stage");
                    metadata.requireClass(type);
                    S loaded = stage.apply(metadata.uid());
                    metadata.applyTo(loaded);
                    return loaded;
                } catch (FormatException e) {
                    throw new InputException(e.getMessage(), e);
                }
            }
        };
    }

    /** By the driver, like the rest: a Spark job would write a local path on the executors' disks. */
    static void writeMetadata(Params stage, Directory draft, SparkSession spark) throws IOException {
        String metadata = DefaultParamsWriter$.MODULE$.getMetadataToSave(stage, spark);
        Directory directory = draft.child(METADATA);
        directory.write("part-00000", out -> out.write((metadata + "\n").getBytes(StandardCharsets.UTF_8)));
        directory.write("_SUCCESS", out -> {});
    }

    /**
     * The metadata of a stage: the first part, whose name Spark itself makes longer.
     *
     * @param what it should be, such as "model"
     */
    static StageMetadata metadata(Directory stage, String what) throws FormatException {
        stage.requireExists(what);
        Directory directory = stage.child(METADATA);
        String part = directory.entries().stream()
                .filter(name -> name.startsWith("part-"))
                .min(Comparator.naturalOrder())
                .orElseThrow(() -> new FormatException("the directory " + directory + " has no metadata"));
        return StageMetadata.read(stage, METADATA + part);
    }
}
