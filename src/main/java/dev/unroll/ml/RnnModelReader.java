package dev.unroll.ml;

import dev.unroll.data.InputException;
import dev.unroll.format.Directory;
import dev.unroll.model.Model;
import java.io.IOException;
import java.util.function.BiFunction;
import org.apache.spark.ml.util.DefaultParamsReader$;
import org.apache.spark.ml.util.MLReader;

/** Reads what {@link RnnModel#save} wrote. It makes the stage itself: no class name from a file is ever instantiated. */
final class RnnModelReader<M extends RnnModel<M>> extends MLReader<M> {

    private final Class<M> type;
    private final BiFunction<String, Model, M> stage;

    RnnModelReader(Class<M> type, BiFunction<String, Model, M> stage) {
        this.type = type;
        this.stage = stage;
    }

    /** @throws InputException if there is no such model, or it cannot be read; one sentence */
    @Override
    public M load(String path) {
        var metadata = DefaultParamsReader$.MODULE$.loadMetadata(path, sparkSession(), type.getName());
        try {
            Directory data = Directory.of(path, sc().hadoopConfiguration()).child(Model.DATA);
            M loaded = stage.apply(metadata.uid(), Model.load(data));
            SavedPreparation.load(data).ifPresent(loaded::setPreparation);
            metadata.getAndSetParams(loaded, scala.Option.empty());
            return loaded;
        } catch (IOException e) {
            throw new InputException(e.getMessage(), e);
        }
    }
}
