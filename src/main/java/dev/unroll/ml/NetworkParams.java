package dev.unroll.ml;

import dev.unroll.nn.Cells;
import dev.unroll.nn.NetworkSpec;
import dev.unroll.nn.Pooling;
import org.apache.spark.ml.Model;
import org.apache.spark.ml.param.BooleanParam;
import org.apache.spark.ml.param.DoubleParam;
import org.apache.spark.ml.param.IntParam;
import org.apache.spark.ml.param.LongParam;
import org.apache.spark.ml.param.Param;

/**
 * Params of every estimator: the network, its initial parameters, and how it is unrolled.
 *
 * @param <E> the estimator itself, for setters that can be chained
 * @param <M> its model
 */
public abstract class NetworkParams<E extends NetworkParams<E, M>, M extends Model<M>> extends ColumnParams<E, M> {

    private static final long serialVersionUID = 1L;

    private final Param<String> cell = ParamFactory.text(
            this,
            "cell",
            "recurrent cell",
            "lstm",
            AllowedValues.any(
                    String.join(", ", Cells.OWN) + ", or the name of a cell on the class path (docs/own-cell.md)"));
    private final Param<String> activation = ParamFactory.text(
            this, "activation", "activation of the Elman cell", "tanh", AllowedValues.oneOf("tanh", "relu"));
    private final IntParam hiddenSize = ParamFactory.integer(
            this, "hiddenSize", "size H of the state, of each layer and direction", 128, AllowedValues.atLeast(1));
    private final IntParam projSize = ParamFactory.integer(
            this,
            "projSize",
            "cell lstm: numbers P to which the state of each layer and direction is projected, fewer than hidden-size, as PyTorch's proj_size; 0 = no"
                    + " projection",
            0,
            AllowedValues.atLeast(0));
    private final IntParam numLayers = ParamFactory.integer(
            this,
            "numLayers",
            "recurrent layers, each reading the states of the one below",
            1,
            AllowedValues.from(1, NetworkSpec.MAX_LAYERS));
    private final BooleanParam bidirectional = ParamFactory.flag(
            this,
            "bidirectional",
            "whether each layer reads its sequence from both ends; not for language models, which must not see what comes",
            false);
    private final IntParam embeddingSize = ParamFactory.integer(
            this, "embeddingSize", "width of the embedding of tokens; 0 = one-hot", 32, AllowedValues.atLeast(0));
    private final BooleanParam tiedEmbeddings = ParamFactory.flag(
            this,
            "tiedEmbeddings",
            "language models: whether the weights of the output are the embedding; embedding-size must be hidden-size, or proj-size where that is set",
            false);
    private final Param<String> pooling = ParamFactory.text(
            this,
            "pooling",
            "what the output reads: every state, where every step has a label; where the sequence has one, the last state, or of the states of all steps the mean or, of each unit, the maximum, or their sum weighted by attention",
            Pooling.LAST.key(),
            AllowedValues.oneOf(Pooling.class));
    private final Param<String> initializer = ParamFactory.text(
            this,
            "initializer",
            "initial recurrent weights: uniform as PyTorch's, glorot, orthogonal, or identity (for relu); input weights are then glorot's, with"
                    + " identity small",
            "uniform",
            AllowedValues.oneOf("uniform", "glorot", "orthogonal", "identity"));
    private final Param<String> init = ParamFactory.text(
            this,
            "init",
            "what training begins with: a model's directory, or a .safetensors file under PyTorch's names; empty: drawn by seed",
            "",
            AllowedValues.any("a path; empty for none"));
    private final DoubleParam forgetBias = ParamFactory.number(
            this,
            "forgetBias",
            "cells with a forget gate (lstm, and some of your own): the bias that it starts from; 0 = as every other bias",
            0,
            AllowedValues.between(0, 1000));
    private final DoubleParam dropout = ParamFactory.number(
            this,
            "dropout",
            "probability that an input of a layer above the first is dropped in training",
            0,
            AllowedValues.between(0, 1));
    private final Param<String> truncation = ParamFactory.text(
            this,
            "truncation",
            "how far the gradient travels back: all the way, to borders every K steps, or at every step with probability P, scaled by 1/P",
            "none",
            AllowedValues.truncations());
    private final BooleanParam adviseTruncation = ParamFactory.flag(
            this,
            "adviseTruncation",
            "whether iterations 1, 51, 101, ... see how far the gradient could be truncated: several evaluations more of each of their batches",
            false);
    private final LongParam bpttMemory = ParamFactory.whole(
            this,
            "bpttMemory",
            "bytes that the unrolled graph of one packed batch may take, for each thread that computes; what has no room is computed again on the way"
                    + " back, with the same bits; 0 = no bound",
            0,
            AllowedValues.atLeast(0));
    private final BooleanParam carryState = ParamFactory.flag(
            this,
            "carryState",
            "language models: the corpus is laid out in batch-size streams, each update takes one window of every stream, and states go on from"
                    + " update to update",
            false);

    NetworkParams(String uid) {
        super(uid);
    }

    public final Param<String> cell() {
        return cell;
    }

    public final E setCell(String value) {
        return with(cell, value);
    }

    public final Param<String> activation() {
        return activation;
    }

    public final E setActivation(String value) {
        return with(activation, value);
    }

    public final IntParam hiddenSize() {
        return hiddenSize;
    }

    public final E setHiddenSize(int value) {
        return with(hiddenSize, value);
    }

    public final IntParam projSize() {
        return projSize;
    }

    public final E setProjSize(int value) {
        return with(projSize, value);
    }

    public final IntParam numLayers() {
        return numLayers;
    }

    public final E setNumLayers(int value) {
        return with(numLayers, value);
    }

    public final BooleanParam bidirectional() {
        return bidirectional;
    }

    public final E setBidirectional(boolean value) {
        return with(bidirectional, value);
    }

    public final IntParam embeddingSize() {
        return embeddingSize;
    }

    public final E setEmbeddingSize(int value) {
        return with(embeddingSize, value);
    }

    public final BooleanParam tiedEmbeddings() {
        return tiedEmbeddings;
    }

    public final E setTiedEmbeddings(boolean value) {
        return with(tiedEmbeddings, value);
    }

    public final Param<String> pooling() {
        return pooling;
    }

    public final E setPooling(String value) {
        return with(pooling, value);
    }

    public final Param<String> initializer() {
        return initializer;
    }

    public final E setInitializer(String value) {
        return with(initializer, value);
    }

    public final Param<String> init() {
        return init;
    }

    public final E setInit(String value) {
        return with(init, value);
    }

    public final DoubleParam forgetBias() {
        return forgetBias;
    }

    public final E setForgetBias(double value) {
        return with(forgetBias, value);
    }

    public final DoubleParam dropout() {
        return dropout;
    }

    public final E setDropout(double value) {
        return with(dropout, value);
    }

    public final Param<String> truncation() {
        return truncation;
    }

    public final E setTruncation(String value) {
        return with(truncation, value);
    }

    public final BooleanParam adviseTruncation() {
        return adviseTruncation;
    }

    public final E setAdviseTruncation(boolean value) {
        return with(adviseTruncation, value);
    }

    public final LongParam bpttMemory() {
        return bpttMemory;
    }

    public final E setBpttMemory(long value) {
        return with(bpttMemory, value);
    }

    public final BooleanParam carryState() {
        return carryState;
    }

    public final E setCarryState(boolean value) {
        return with(carryState, value);
    }
}
