package dev.unroll.ml;

import dev.unroll.data.InputException;
import dev.unroll.format.Directory;
import dev.unroll.format.FormatException;
import dev.unroll.format.Versions;
import dev.unroll.model.Model;
import java.util.List;
import java.util.function.BiFunction;

/** Reads what {@link RnnModel#save} wrote. It makes the stage itself: no class name from a file is ever instantiated. */
final class RnnModelReader<M extends RnnModel<M>> extends StageFiles.Reader<M> {

    private final Class<M> type;
    private final BiFunction<String, Model, M> stage;

    RnnModelReader(Class<M> type, BiFunction<String, Model, M> stage) {
        this.type = type;
        this.stage = stage;
    }

    /**
     * Reads files of one version, although another may replace the directory meanwhile.
     *
     * @throws InputException if there is no such model, or it cannot be read; one sentence
     */
    @Override
    public M load(String path) {
        try {
            Directory directory = Directory.of(path, sc().hadoopConfiguration());
            return Versions.read(directory, List.of(StageFiles.METADATA, Model.DATA + "/spec.json"), () -> {
                StageMetadata metadata = StageFiles.metadata(directory, "model");
                metadata.requireClass(type);
                Directory data = directory.child(Model.DATA);
                M loaded = stage.apply(metadata.uid(), Model.load(data));
                SavedPreparation.load(data).ifPresent(loaded::setPreparation);
                metadata.applyTo(loaded);
                if (loaded.isDefined(loaded.question())) {
                    throw new FormatException(metadata.file()
                            + " has a Param question, which is of a session and no part of a model; allowed is none");
                }
                return loaded;
            });
        } catch (FormatException e) {
            throw new InputException(e.getMessage(), e);
        }
    }
}
