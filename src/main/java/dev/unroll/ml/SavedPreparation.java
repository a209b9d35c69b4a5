package dev.unroll.ml;

import dev.unroll.format.Directory;
import dev.unroll.format.FormatException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.apache.spark.ml.util.DefaultParamsReader$;

/** The transformer that is kept with a model and made its sequences. */
final class SavedPreparation {

    private SavedPreparation() {}

    /** Reads a stage from a file that Spark ML's metadata are in, if there is one. The class is one of two, whatever the file names. */
    static Optional<EventStage<?>> load(Directory directory, String file) throws IOException {
        if (!directory.child(file).exists()) {
            return Optional.empty();
        }
        String text = directory.read(file, (in, length, path) -> new String(in.readAllBytes(), StandardCharsets.UTF_8));
        try {
            var metadata = DefaultParamsReader$.MODULE$.parseMetadata(text, "");
            EventStage<?> stage;
            if (metadata.className().equals(SlidingWindows.class.getName())) {
                stage = new SlidingWindows(metadata.uid());
            } else if (metadata.className().equals(SequenceAssembler.class.getName())) {
                stage = new SequenceAssembler(metadata.uid());
            } else {
                throw new FormatException(file + " in " + directory + " is of a " + metadata.className()
                        + "; allowed are SlidingWindows and SequenceAssembler");
            }
            metadata.getAndSetParams(stage, scala.Option.empty());
            return Optional.of(stage);
        } catch (FormatException e) {
            throw e;
        } catch (Exception e) {
            // Not all of them unchecked: Scala declares none.
            throw new FormatException(file + " in " + directory + " cannot be read: " + e.getMessage(), e);
        }
    }
}
