package dev.unroll.cli.command;

import dev.unroll.cli.frame.Option;
import dev.unroll.cli.frame.Settings;
import dev.unroll.cli.frame.Source;
import dev.unroll.cli.frame.UsageException;
import dev.unroll.ml.ParamDocs;
import dev.unroll.ml.RnnClassifier;
import dev.unroll.ml.RnnModel;
import dev.unroll.nn.Readout;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.SparkSession;

/** A trained model and the rows that it is applied to: the keys that {@code evaluate} and {@code predict} share. */
final class ModelInput {

    static final String OF_THE_TRAINING = "that of the training";

    private static final String QUANTILES = "quantiles";

    private ModelInput() {}

    /** @param labelled whether labels are read */
    static List<Option> options(boolean labelled, String inputDoc) {
        Map<String, ParamDocs.Key> params = ParamDocs.of(new RnnClassifier());
        List<Option> options = new ArrayList<>();
        options.add(ModelDirectory.OPTION);
        options.add(Option.text("input", inputDoc));
        options.addAll(Source.options());
        options.add(Preparation.OPTION.orElseAs(OF_THE_TRAINING + ", like the keys of its transformer"));
        options.add(Option.text("features-col", "column of sequences").orElseAs(OF_THE_TRAINING));
        if (labelled) {
            options.add(Option.text("label-col", "column of labels").orElseAs(OF_THE_TRAINING));
        }
        options.add(Option.of(params.get("max-length"))
                .describedAs("steps that a sequence may have at most; 0 = no limit")
                .orElseAs(OF_THE_TRAINING));
        options.add(Option.of(params.get(QUANTILES))
                .describedAs("levels of the quantiles of a predicted distribution, as train has them")
                .orElseAs(OF_THE_TRAINING));
        options.add(Option.of(params.get(SkippedRows.KEY)));
        return options;
    }

    static void check(Settings settings) {
        settings.require("model");
        settings.require("input");
        Source.of(settings);
    }

    /** Loads the model, with the column of sequences, the limit of length and the levels of quantiles that are given. */
    static RnnModel<?> load(Settings settings, SparkSession spark) {
        RnnModel<?> model = ModelDirectory.load(settings.require("model"));
        settings.get("features-col").ifPresent(model::setFeaturesCol);
        if (settings.has("max-length")) {
            model.setMaxLength(settings.integer("max-length"));
        }
        settings.get(QUANTILES).ifPresent(levels -> {
            if (!new Readout(model.model().spec().head()).hasDistribution()) {
                throw new UsageException(QUANTILES + " is " + levels + ", and the model's loss is "
                        + model.model().spec().head().loss().key()
                        + "; it goes with loss gaussian, student-t, poisson and negative-binomial");
            }
            model.setQuantiles(levels);
        });
        return model;
    }

    /** Reads the rows and makes sequences of them. */
    static Preparation.Input read(SparkSession spark, Settings settings, Preparation preparation) {
        return preparation.sequences(preparation.read(
                spark, Source.of(settings), settings.require("input"), SkippedRows.areAllowed(settings)));
    }
}
