package dev.unroll.ml;

import dev.unroll.format.Directory;
import dev.unroll.format.FormatException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.apache.spark.ml.util.DefaultParamsReader$;
import org.apache.spark.ml.util.DefaultParamsWriter$;
import org.apache.spark.sql.SparkSession;

/** The transformer that is kept with a model and made its sequences. */
final class SavedPreparation {

    /** Holds the stage's metadata, as Spark ML writes them. */
    static final String FILE = "preparation.json";

    private SavedPreparation() {}

    static void save(EventStage<?> stage, Directory directory, SparkSession spark) throws IOException {
        String metadata = DefaultParamsWriter$.MODULE$.getMetadataToSave(stage, spark);
        directory.write(FILE, out -> out.write((metadata + "\n").getBytes(StandardCharsets.UTF_8)));
    }

    /** The stage, if one was saved. Its class is one of two, whatever the file names. */
    static Optional<EventStage<?>> load(Directory directory) throws IOException {
        if (!directory.child(FILE).exists()) {
            return Optional.empty();
        }
        String text = directory.read(FILE, (in, length, path) -> new String(in.readAllBytes(), StandardCharsets.UTF_8));
        try {
            var metadata = DefaultParamsReader$.MODULE$.parseMetadata(text, "");
            EventStage<?> stage;
            if (metadata.className().equals(SlidingWindows.class.getName())) {
                stage = new SlidingWindows(metadata.uid());
            } else if (metadata.className().equals(SequenceAssembler.class.getName())) {
                stage = new SequenceAssembler(metadata.uid());
            } else {
                throw new FormatException(FILE + " in " + directory + " is of a " + metadata.className()
                        + "; allowed are SlidingWindows and SequenceAssembler");
            }
            metadata.getAndSetParams(stage, scala.Option.empty());
            return Optional.of(stage);
        } catch (FormatException e) {
            throw e;
        } catch (Exception e) {
            // Not all of them unchecked: Scala declares none.
            throw new FormatException(FILE + " in " + directory + " cannot be read: " + e.getMessage(), e);
        }
    }
}
