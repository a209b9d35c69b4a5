package dev.unroll.ml;

import dev.unroll.model.Model;
import dev.unroll.model.Prediction;
import dev.unroll.nn.Loss;
import java.io.Serializable;
import java.util.stream.IntStream;
import org.apache.spark.ml.param.DoubleArrayParam;
import org.apache.spark.ml.param.Params;

/**
 * The label that is predicted where the most probable one is not what is wanted: the one whose probability is the largest
 * multiple of its threshold, as of Spark's {@code ProbabilisticClassifier}; of sets of labels, those above their thresholds.
 *
 * @param values one for each class, in their order; none: the most probable label, and of sets those more probable than not
 */
record Thresholds(double... values) implements Serializable {

    /** Those of a stage; none where its Param is not set. */
    static Thresholds of(Params stage, DoubleArrayParam param) {
        return new Thresholds(stage.isDefined(param) ? ParamFactory.<double[]>get(stage, param) : new double[0]);
    }

    /**
     * Refuses thresholds with a loss that gives no probability to single labels.
     *
     * @throws IllegalArgumentException naming both and what is allowed
     */
    void requireGoWith(Loss loss) {
        if (values.length > 0 && !loss.hasLabelSets() && (!loss.scoresClasses() || loss.joinsSteps())) {
            throw new IllegalArgumentException("thresholds are " + this + ", and loss is " + loss.key()
                    + "; they go with loss softmax, binary and multi-label");
        }
    }

    /** Refuses thresholds that do not go with the loss of a model or with its labels. */
    Thresholds requireGoWith(Model model) {
        requireGoWith(model.spec().head().loss());
        int classes = model.labels() == null ? 0 : model.labels().size();
        if (values.length > 0 && values.length != classes) {
            throw new IllegalArgumentException("thresholds are " + this + "; allowed is one for each of the " + classes
                    + " labels, in their order");
        }
        return this;
    }

    /** The class that is predicted as an output of a sequence. */
    int classOf(Prediction prediction, int output) {
        if (values.length == 0) {
            return prediction.classes()[output];
        }
        int largest = 0;
        double most = Double.NEGATIVE_INFINITY;
        for (int c = 0; c < values.length; c++) {
            // The one class whose threshold may be 0 is predicted whatever its probability.
            double multiple =
                    values[c] == 0 ? Double.POSITIVE_INFINITY : probability(prediction, output, c) / values[c];
            if (multiple > most) {
                most = multiple;
                largest = c;
            }
        }
        return largest;
    }

    /** The classes of a set of labels that is predicted. */
    IntStream setOf(Prediction prediction, int output) {
        return values.length == 0
                ? prediction.set(output)
                : IntStream.range(0, values.length).filter(c -> probability(prediction, output, c) > values[c]);
    }

    private static double probability(Prediction prediction, int output, int c) {
        return prediction.values()[output * prediction.width() + c];
    }

    @Override
    public String toString() {
        return ParamDocs.text(values);
    }
}
