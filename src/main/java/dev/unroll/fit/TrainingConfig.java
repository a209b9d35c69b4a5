package dev.unroll.fit;

import dev.unroll.nn.LearningTask;
import dev.unroll.nn.Loss;
import dev.unroll.nn.Truncation;
import dev.unroll.nn.Unrolling;
import dev.unroll.optim.OptimizerSpec;
import dev.unroll.param.Initializer;
import dev.unroll.spark.rows.RowSpec;
import dev.unroll.spark.rows.RowStatistics;
import dev.unroll.train.Trainer;
import dev.unroll.worker.NaiveForecast;
import java.io.Serializable;
import java.util.Map;

/**
 * All that a user says of a training, checked as far as that goes without data.
 *
 * <p>A component that neither {@link ChangesNoBit} nor {@link HeldIn} marks has an entry of its own in the {@link Fingerprint} of
 * checkpoints, so a new one cannot be forgotten there.
 *
 * @param name of the estimator, for Spark's UI
 * @param provenance every Param as text, which the model keeps
 * @param rows how a row becomes a sequence
 * @param init what training begins with: a model's directory or a safetensors file; empty where parameters are drawn
 * @param unrolling truncation, dropout and the bytes that a graph may take
 * @param limits when training stops, and when it validates
 * @param naive the forecasts that errors are measured beside
 * @param horizon how many of the last steps of a sequence are predicted; 0 where all outputs are predictions
 * @param adviseTruncation whether some updates see how far the gradient could be truncated
 */
public record TrainingConfig(
        @ChangesNoBit String name,
        @ChangesNoBit Map<String, String> provenance,
        @HeldIn("loss") LearningTask task,
        @HeldIn("data") RowSpec rows,
        DataConfig data,
        @HeldIn("network") NetworkConfig network,
        @HeldIn("initial parameters") Initializer initializer,
        @HeldIn("initial parameters") String init,
        @HeldIn("unrolling") Unrolling unrolling,
        @HeldIn({"loss", "network"}) LossConfig loss,
        @HeldIn("plan") BatchConfig batches,
        @HeldIn("optimizer") OptimizerSpec optimizer,
        @HeldIn({"updates", "validation"}) Trainer.Limits limits,
        @ChangesNoBit NaiveForecast naive,
        @ChangesNoBit int horizon,
        @ChangesNoBit boolean adviseTruncation,
        @ChangesNoBit PlacementConfig placement,
        @ChangesNoBit CheckpointConfig checkpoints)
        implements Serializable {

    /** @throws IllegalArgumentException for what does not go together, naming the keys */
    public TrainingConfig {
        provenance = Map.copyOf(provenance);
        boolean languageModel = task == LearningTask.LANGUAGE_MODEL;
        if (optimizer.kind().isFullBatch()) {
            OptimizerSpec.requireFullBatch(batches.batchSize());
            requireFullBatch(unrolling, adviseTruncation);
        }
        if (languageModel && network.bidirectional()) {
            throw new IllegalArgumentException("bidirectional is true and the task is language-model, which would see"
                    + " the tokens it is to predict; allowed is false");
        }
        if (!languageModel && network.tiedEmbeddings()) {
            throw new IllegalArgumentException("tied-embeddings is true, which goes with task language-model only");
        }
        if (task != LearningTask.REGRESSION) { // of which the rows say it
            network.pooling(task, task != LearningTask.CLASSIFICATION);
        }
        if (network.tiedEmbeddings() && network.embeddingSize() != network.stateSize()) {
            throw new IllegalArgumentException("tied-embeddings is true and embedding-size is "
                    + network.embeddingSize() + "; allowed is " + (network.projSize() > 0 ? "proj" : "hidden")
                    + "-size, " + network.stateSize());
        }
        if (batches.carryState()) {
            requireStreams(task, batches, rows);
        }
        if (loss.balancedClasses() && loss.loss().joinsSteps()) {
            throw new IllegalArgumentException(
                    "class-weights balanced weighs each label by itself, and loss crf is of all"
                            + " labels of a sequence together; with it class-weights is none");
        }
        if (loss.balancedClasses() && loss.loss().hasLabelSets()) {
            throw new IllegalArgumentException("class-weights balanced weighs a sequence or step by its label, and with"
                    + " loss multi-label it may have several; with it class-weights is none");
        }
        if (loss.balancedClasses() && !task.hasClasses()) {
            throw new IllegalArgumentException("class-weights balanced goes with tasks classification and tagging, and"
                    + " task is " + task.key());
        }
        if (loss.labelSmoothing() > 0 && loss.loss().kind() != Loss.Kind.CROSS_ENTROPY) {
            throw new IllegalArgumentException("label-smoothing is " + loss.labelSmoothing()
                    + ", which goes with loss " + Loss.Kind.CROSS_ENTROPY.setting() + ", and loss is "
                    + loss.loss().kind().setting() + "; with it label-smoothing is 0");
        }
        if (initializer.forgetBias() > 0 && !network.hasForgetGate()) {
            throw new IllegalArgumentException("forget-bias is " + initializer.forgetBias()
                    + ", which goes with cells that have a forget gate, such as lstm, and cell is " + network.cell());
        }
        if (unrolling.dropout() > 0 && network.numLayers() == 1) {
            throw new IllegalArgumentException("dropout is " + unrolling.dropout()
                    + ", and it acts between layers; num-layers is 1, allowed is 2 and more");
        }
    }

    private static void requireFullBatch(Unrolling unrolling, boolean adviseTruncation) {
        if (unrolling.dropout() > 0 || !unrolling.truncation().equals(Truncation.NONE)) {
            throw new IllegalArgumentException("optimizer lbfgs needs the gradient of one loss: with it dropout is 0"
                    + " and truncation none; they are " + unrolling.dropout() + " and " + unrolling.truncation());
        }
        if (adviseTruncation) {
            throw new IllegalArgumentException("advise-truncation is true, which goes with optimizers that sample"
                    + " iterations; lbfgs does not");
        }
    }

    /** What carried states need. */
    private static void requireStreams(LearningTask task, BatchConfig batches, RowSpec rows) {
        String streams = "carry-state is true, which goes with ";
        if (task != LearningTask.LANGUAGE_MODEL) {
            throw new IllegalArgumentException(streams + "task language-model only");
        }
        if (batches.window() == 0) {
            throw new IllegalArgumentException(
                    streams + "a window of at least 1 step for each update, and window is 0");
        }
        if (batches.batchSize() == 0) {
            throw new IllegalArgumentException(streams + "batch-size as the number of streams, at least 1; it is 0");
        }
        if (rows.maxLength() > 0) {
            throw new IllegalArgumentException(
                    streams + "documents of any length, which windows cut: max-length 0; it is " + rows.maxLength());
        }
        if (rows.weightCol() != null) {
            throw new IllegalArgumentException(
                    streams + "documents of equal weight: windows join them; weight-col is " + rows.weightCol());
        }
    }

    /** @throws IllegalArgumentException if numbers are to be scaled and there are none, or are not and may be missing */
    void requireInputs(RowStatistics facts) {
        boolean tokens = facts.hasTokens();
        boolean numbers = facts.width() > 0;
        if (data.scalesEachSequence() && !numbers) {
            throw new IllegalArgumentException("scale " + data.scale() + " goes with numbers, and the steps are "
                    + (tokens ? "tokens" : "categories alone"));
        }
        boolean masked = rows.inputs().masked();
        if (masked && (numbers || !rows.inputs().staticNumbers().isEmpty()) && !data.scales()) {
            throw new IllegalArgumentException(
                    "missing mask puts the mean, 0 after scaling, in place of a missing number:"
                            + " it goes with scale standard, by-key or window, and scale is none");
        }
        if (data.standardize() && tokens && task != LearningTask.REGRESSION) {
            String key = "true".equals(provenance.get("standardize")) ? "standardize" : "scale standard";
            throw new IllegalArgumentException(key + " goes with dense inputs or with task regression; the inputs"
                    + " are tokens, and the task is " + task.key()
                    + "; an array of whole numbers only is tokens: cast it to"
                    + " array<double>, or write 3.0 or [[3],[1]] in JSON, to have numbers");
        }
    }

    /**
     * Refuses checkpoints where a training is one task.
     *
     * @param what is trained, such as "a model per key"
     */
    void requireNoCheckpoints(String what) {
        if (checkpoints.isOn()) {
            throw new IllegalArgumentException("checkpoint-dir is " + checkpoints.location() + ", and " + what
                    + " is trained in one task, which starts from scratch if it fails; allowed is none");
        }
    }

    /**
     * Checks that there is something to validate on where training stops by it.
     *
     * @param validates whether there are rows to validate on
     * @param keys that would give some
     */
    void requireValidation(boolean validates, String keys) {
        if (limits.patience() > 0 && !validates) {
            throw new IllegalArgumentException("patience is " + limits.patience()
                    + " and there are no validation data; give " + keys + " or validation-fraction");
        }
    }

    /**
     * Refuses to compare candidates of a search on the rows that they are trained on.
     *
     * @param marked whether a column marks others
     * @param keys that would give some
     */
    void requireHeldOut(boolean marked, String keys) {
        if (!marked && data.validationFraction() == 0) {
            throw new IllegalArgumentException(
                    "the search compares candidates by rows that they are not trained on, and there are none; give "
                            + keys + " or validation-fraction");
        }
    }

    /** Whether rows are read, ordered and held out in the same way. */
    public boolean readsAs(TrainingConfig other) {
        return rows.equals(other.rows)
                && batches.seed() == other.batches.seed()
                && data.skipInvalid() == other.data.skipInvalid()
                && data.validationFraction() == other.data.validationFraction();
    }
}
