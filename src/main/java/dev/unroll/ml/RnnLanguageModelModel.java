package dev.unroll.ml;

import dev.unroll.data.TextTokens;
import dev.unroll.model.Model;
import dev.unroll.model.TextGenerator;
import java.util.List;
import org.apache.spark.ml.util.MLReader;

/** A trained language model. It has no column to add; {@link #generate} continues a text. */
public final class RnnLanguageModelModel extends RnnModel<RnnLanguageModelModel> {

    private static final long serialVersionUID = 1L;

    /** For {@link java.util.ServiceLoader}, by which Spark Connect finds out what may be loaded; it holds no network. */
    public RnnLanguageModelModel() {
        this("rnnLanguageModelModel", null);
    }

    RnnLanguageModelModel(String uid, Model model) {
        super(uid, model);
    }

    @Override
    RnnLanguageModelModel newInstance() {
        return new RnnLanguageModelModel(uid(), model());
    }

    /** Tokens that continue the prompt; see {@link TextGenerator#generate}. */
    public List<String> generate(List<String> prompt, int length, double temperature, int topK, long seed) {
        return new TextGenerator(model()).generate(prompt, length, temperature, topK, seed);
    }

    /** Tokens that continue a text, which is read as the model's rows are: by {@link #tokens}. */
    public List<String> generate(String prompt, int length, double temperature, int topK, long seed) {
        return generate(tokens(prompt), length, temperature, topK, seed);
    }

    /** The tokens of a text, by the model's tokenizer; its words where rows were arrays of tokens. */
    public List<String> tokens(String text) {
        return TextTokens.of(text, rowSpec().tokenizer());
    }

    /** The tokens of a text that the model does not know. */
    public List<String> unknown(String text) {
        return new TextGenerator(model()).unknown(tokens(text));
    }

    public static MLReader<RnnLanguageModelModel> read() {
        return new RnnModelReader<>(RnnLanguageModelModel.class, RnnLanguageModelModel::new);
    }

    public static RnnLanguageModelModel load(String path) {
        return read().load(path);
    }
}
