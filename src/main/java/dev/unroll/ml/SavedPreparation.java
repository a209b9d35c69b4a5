package dev.unroll.ml;

import dev.unroll.format.Directory;
import dev.unroll.format.FormatException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
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
    static Optional<EventStage<?>> load(Directory directory) throws FormatException {
        if (!directory.child(FILE).exists()) { // a link to nothing is there, and cannot be read
            return Optional.empty();
        }
        StageMetadata metadata = StageMetadata.read(directory, FILE);
        EventStage<?> stage;
        if (metadata.className().equals(SlidingWindows.class.getName())) {
            stage = new SlidingWindows(metadata.uid());
        } else if (metadata.className().equals(SequenceAssembler.class.getName())) {
            stage = new SequenceAssembler(metadata.uid());
        } else {
            throw new FormatException(FILE + " in " + directory + " is of a "
                    + FormatException.shown(metadata.className())
                    + "; allowed are SlidingWindows and SequenceAssembler");
        }
        metadata.applyTo(stage);
        return Optional.of(stage);
    }
}
