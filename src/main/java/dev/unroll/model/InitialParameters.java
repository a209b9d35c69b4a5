package dev.unroll.model;

import dev.unroll.data.Encoding;
import dev.unroll.data.Scaling;
import dev.unroll.data.SeriesScales;
import dev.unroll.data.Standardization;
import dev.unroll.format.Directory;
import dev.unroll.format.FormatException;
import dev.unroll.format.Safetensors;
import dev.unroll.nn.NetworkSpec;
import java.util.Arrays;
import java.util.Objects;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;

/** Initial parameters of a training, from a model directory or from a safetensors file under PyTorch's names. */
public final class InitialParameters {

    private InitialParameters() {}

    /**
     * Reads theta for a network.
     *
     * @param path a model's directory, whose tokens and labels must be those of the training, or a file of that
     *     network's tensors
     * @param encoding of the training's rows
     * @throws FormatException if the file cannot be read, or lacks a tensor, or has one of another shape
     * @throws IllegalArgumentException if the model is another network, or has other tokens, labels or scaling
     */
    public static float[] read(String path, NetworkSpec spec, Encoding encoding, Configuration configuration)
            throws FormatException {
        if (path.endsWith(".safetensors")) {
            Path file = new Path(path);
            String folder = file.getParent() == null ? "." : file.getParent().toString();
            return Directory.of(folder, configuration)
                    .read(file.getName(), (in, length, name) -> Safetensors.open(in, length, name)
                            .readParameters(spec.layout()));
        }
        Model model = Model.load(Directory.of(path, configuration).child(Model.DATA));
        require(spec.equals(model.spec()), path, "is another network, " + model.spec() + "; the training's is " + spec);
        require(
                Objects.equals(encoding.vocabulary(), model.vocabulary()),
                path,
                "has other tokens than the training data");
        require(
                Objects.equals(encoding.columns(), model.encoding().columns()),
                path,
                "reads other columns than the training, or has other categories");
        require(Objects.equals(encoding.labels(), model.labels()), path, "has other labels than the training data");
        require(
                same(encoding.scaling(), model.scaling()),
                path,
                "was trained on numbers scaled otherwise (standardize, scale), so its parameters mean something else here");
        return model.theta().clone();
    }

    private static boolean same(Scaling a, Scaling b) {
        return a.kind() == b.kind()
                && a.unscaled() == b.unscaled()
                && same(a.inputs(), b.inputs())
                && same(a.statics(), b.statics())
                && same(a.targets(), b.targets())
                && same(a.series(), b.series());
    }

    private static boolean same(SeriesScales a, SeriesScales b) {
        return a == null
                || (a.columns().equals(b.columns()) && a.keys().equals(b.keys()) && same(a.numbers(), b.numbers()));
    }

    private static boolean same(Standardization a, Standardization b) {
        return a.inDouble() == b.inDouble()
                && Arrays.equals(a.means(), b.means())
                && Arrays.equals(a.deviations(), b.deviations());
    }

    private static void require(boolean fits, String path, String otherwise) {
        if (!fits) {
            throw new IllegalArgumentException("init " + path + " " + otherwise);
        }
    }
}
