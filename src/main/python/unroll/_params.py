"""Made by PythonParamsTest from the Params of the stages, not to be edited: submit/regenerate"""

from __future__ import annotations

from typing import TYPE_CHECKING, List

from pyspark.ml.param import Param, Params, TypeConverters

if TYPE_CHECKING:
    from typing_extensions import Self


class RnnParams(Params):
    """
    :param activation: activation of the Elman cell; default 'tanh'; allowed: tanh and relu
    :param adviseTruncation: whether iterations 1, 51, 101, ... see how far the gradient could be truncated: several evaluations more of each of their batches; default False
    :param batchSize: sequences per update; 0 = all; default 64, or 0 with optimizer lbfgs; allowed: at least 0
    :param bidirectional: whether each layer reads its sequence from both ends; not for language models, which must not see what comes; default False
    :param bpttMemory: bytes that the unrolled graph of one packed batch may take, for each thread that computes; what has no room is computed again on the way back, with the same bits; 0 = no bound; default 0; allowed: at least 0
    :param carryState: language models: the corpus is laid out in batch-size streams, each update takes one window of every stream, and states go on from update to update; default False
    :param categoricalCols: columns of categories that a step is made of, as numeric-cols, each with a vocabulary and an embedding of its own: page, or page:8 for one of width 8; otherwise (ids + 1) / 2, at most 50; default []; allowed: column names with commas between them, in double quotes if they have commas
    :param cell: recurrent cell; default 'lstm'; allowed: elman, lstm, gru, mingru, or the name of a cell on the class path (docs/own-cell.md)
    :param checkpointDir: directory of checkpoints, on any file system that Hadoop knows; empty: none. Where training ends is one, too; default ''; allowed: a path; empty for none
    :param checkpointInterval: updates from one checkpoint to the next; 0 = only where training ends; default 100; allowed: at least 0
    :param checkpointKeep: latest checkpoints that are kept; default 3; allowed: at least 1
    :param classWeights: balanced: a loss term weighs N / (C count of its label); default 'none'; allowed: none and balanced
    :param clipNorm: the mean gradient is scaled down to this L2 norm, before weight decay; 0 = off; default 1.0, or 0.0 with optimizer lbfgs; allowed: at least 0
    :param distributionCol: column that the model adds with loss gaussian, student-t, poisson or negative-binomial: the parameters of the distribution of each number of the target; default 'distribution'; allowed: a column name; empty for none
    :param dropout: probability that an input of a layer above the first is dropped in training; default 0.0; allowed: from 0 to below 1
    :param ema: decay of an exponential moving average of the parameters, which is validated and becomes the model; 0 = off; default 0.0; allowed: from 0 to below 1
    :param embeddingSize: width of the embedding of tokens; 0 = one-hot; default 32; allowed: at least 0
    :param engine: where iterations run: spark, in tasks on the cluster; local, in the driver; auto, in the driver where that is predicted to save a tenth of an update or more, its memory has room and the rows are at most 64 MB. Changes no bit; default 'auto'; allowed: auto, spark and local
    :param epochs: passes over the data at most; 0 = no such limit; default 0, or 10 where max-iter is 0; allowed: at least 0
    :param featuresCol: column of sequences: string, array of string, of whole numbers, of numbers, of arrays of numbers, or of vectors; default 'features'; allowed: a column name
    :param forgetBias: cells with a forget gate (lstm, and some of your own): the bias that it starts from; 0 = as every other bias; default 0.0; allowed: from 0 to below 1000
    :param handleInvalid: rows that cannot be used: error names the first, skip leaves them out and counts them by reason; default 'error'; allowed: error and skip
    :param hiddenSize: size H of the state, of each layer and direction; default 128; allowed: at least 1
    :param init: what training begins with: a model's directory, or a .safetensors file under PyTorch's names; empty: drawn by seed; default ''; allowed: a path; empty for none
    :param initializer: initial recurrent weights: uniform as PyTorch's, glorot, orthogonal, or identity (for relu); input weights are then glorot's, with identity small; default 'uniform'; allowed: uniform, glorot, orthogonal and identity
    :param labelCol: column of labels: string, boolean or number; or arrays of them, with loss multi-label or a label for each step; default 'label'; allowed: a column name
    :param labelSmoothing: loss softmax: the share of a label that is spread evenly over all classes, in training only; 0 = off; default 0.0; allowed: from 0 to below 1
    :param loss: l of a label: softmax cross-entropy, binary of the sigmoid of one output, multi-label of the sigmoid of each label in a set, or crf of the labels of all steps together; of numbers: squared or absolute error of scaled targets, or huber, the one up to 1 and the other beyond, or the pinball loss of quantiles at some levels, or minus the log-likelihood of a distribution, gaussian or student-t; of counts: minus that of poisson or negative-binomial; default 'softmax', or squared with task regression; allowed: softmax, binary, multi-label, crf, squared, absolute, huber, quantile:LEVELS (such as quantile:0.1,0.5,0.9), gaussian, student-t, poisson and negative-binomial
    :param lossReduction: step: sum of l over the number of loss terms; sequence: equation (1) per sequence, then the mean over sequences; default 'step'; allowed: step and sequence
    :param maxIter: updates at most; 0 = no such limit (with epochs 0 as well: 10 epochs); default 0; allowed: at least 0
    :param maxLength: steps that a sequence may have at most, here and in predictions; a longer one cannot be used; 0 = no limit; default 0; allowed: at least 0
    :param missing: numbers and categories that are null or NaN: error, or mask, where such a number is the mean and sets an input of its own, and such a category is an unknown one; default 'error'; allowed: error and mask
    :param numLayers: recurrent layers, each reading the states of the one below; default 1; allowed: from 1 to 64
    :param numShards: shards that the data are dealt to, which bounds useful parallelism; 0 = from the steps per update; default 0; allowed: at least 0
    :param numericCols: columns of numbers that a step is made of, in place of one column of features: an array each, or a field of features-col's structs; in event tables a number each; default []; allowed: column names with commas between them, in double quotes if they have commas
    :param optimizer: optimiser: sgd; momentum (momentum 0.9); adam (betas 0.9 and 0.999, epsilon 1e-8); adamw (betas 0.9 and 0.999, epsilon 1e-8); rmsprop (alpha 0.99, epsilon 1e-8); adagrad (epsilon 1e-10); nadam (betas 0.9 and 0.999, epsilon 1e-8, momentum decay 0.004); amsgrad (betas 0.9 and 0.999, epsilon 1e-8); lbfgs (the last 10 pairs and a line search, on all sequences at once); default 'adam'; allowed: sgd, momentum, adam, adamw, rmsprop, adagrad, nadam, amsgrad and lbfgs
    :param overwriteCheckpoints: whether checkpoints that are in checkpoint-dir are removed where training begins anew; otherwise they are an error; default False
    :param partitions: partitions that the shards are cached in; 0 = one per task that runs at once, at most one per shard. Changes no bit; default 0; allowed: at least 0
    :param patience: stop after this many validations without a lower loss, and keep the best parameters; 0 = off; default 0; allowed: at least 0
    :param pooling: what the output reads: every state, where every step has a label; where the sequence has one, the last state, or of the states of all steps the mean or, of each unit, the maximum, or their sum weighted by attention; default 'last', or every where every step has a label; allowed: last, every, mean, max and attention
    :param predictionCol: column that the model adds: the most probable label, with loss multi-label an array of those more probable than not, or numbers; default 'prediction'; allowed: a column name; empty for none
    :param probabilityCol: column that the model adds: the probability of every label, in their order; empty: none; default 'probability'; allowed: a column name; empty for none
    :param projSize: cell lstm: numbers P to which the state of each layer and direction is projected, fewer than hidden-size, as PyTorch's proj_size; 0 = no projection; default 0; allowed: at least 0
    :param quantiles: levels of the quantiles that the model predicts with loss gaussian, student-t, poisson or negative-binomial; no part of the training; default '0.1,0.5,0.9'; allowed: levels above 0 and below 1, each above the one before, with 15 decimals at most
    :param quantilesCol: column that the model adds with loss quantile, gaussian, student-t, poisson or negative-binomial: the quantile of every level, ascending, of each number of the target; default 'quantiles'; allowed: a column name; empty for none
    :param rawPredictionCol: column that the model adds: the output of every label before the softmax or the sigmoids, in their order, and of two classes (-margin, margin); empty: none; default 'rawPrediction'; allowed: a column name; empty for none
    :param resume: whether training goes on from the latest checkpoint that is whole and of the same training, with the bits of a run that never stopped; without any it begins; default False
    :param scale: how numbers are scaled: standard is standardize; window scales each sequence by its own means and deviations, and targets as the first number of a step; by-key does so by those of its series (key-cols of windows) in the training part; default 'none'; allowed: none, standard, by-key and window
    :param schedule: how the step size goes on from step-size; default 'constant'; allowed: constant, linear or cosine (to 0 over all updates), linear:N or cosine:N (to 0 over N), step:N:F (times F, at most 1, every N), each alone or behind warmup:N and a comma (first up from 0 over N)
    :param season: regression: steps of a season, for the errors of the seasonal naive forecast beside the model's; 1 = of the naive one alone, which windows of the target's own past have anyway; 0 = nothing is said; default 0; allowed: at least 0
    :param seed: seed of initial parameters and of the order of the data; default 1; allowed: any whole number
    :param standardize: whether dense inputs and targets are scaled to mean 0 and deviation 1 by the training part; default False
    :param staticCategoricalCols: columns of categories of which a sequence has one, a static; with widths as in categorical-cols; default []; allowed: column names with commas between them, in double quotes if they have commas
    :param staticNumericCols: columns of numbers of which a sequence has one, a static; default []; allowed: column names with commas between them, in double quotes if they have commas
    :param stepSize: step size of the optimiser; default 0.003, or 1.0 with optimizer lbfgs; allowed: above 0
    :param thresholds: the label whose probability is the largest multiple of its threshold is predicted, and with loss multi-label those above their thresholds; none: the most probable label, and those above 0.5; no part of the training; allowed: a number for each label in their order, at least 0 and one of them 0 at most, with commas between them
    :param tiedEmbeddings: language models: whether the weights of the output are the embedding; embedding-size must be hidden-size, or proj-size where that is set; default False
    :param tokenizer: how a string becomes steps: Unicode code points, or words between white space; none for columns that are arrays; default 'char'; allowed: char, whitespace and none
    :param tol: stop when the mean loss of an epoch improves by less than this share of the one before; 0 = off; default 0.0; allowed: at least 0
    :param truncation: how far the gradient travels back: all the way, to borders every K steps, or at every step with probability P, scaled by 1/P; default 'none'; allowed: none, fixed:K (K steps, at least 1) or randomized:P (P above 0 and at most 1)
    :param updatesPerJob: with engine spark: updates that the tasks of one Spark job compute at most; 1 = a job for each, 0 = as many as take about a second. Changes no bit; default 0; allowed: at least 0
    :param validationFraction: share of the rows held out for validation, by a hash of the steps; default 0.0; allowed: from 0 to below 1
    :param validationIndicatorCol: column that is true in rows to validate on and false in those to train on; empty: none; default ''; allowed: a column name; empty for none
    :param validationInterval: updates between validations; 0 = once per epoch; default 0; allowed: at least 0
    :param vocabularySize: token ids at most, the one for unknown tokens included; the most frequent tokens of the training part are kept; 0 = all; default 0; allowed: at least 0
    :param weightCol: column of weights above 0, or of arrays with a weight for each step; empty: every row weighs 1; default ''; allowed: a column name; empty for none
    :param weightDecay: weight decay: added to the gradient, decoupled for adamw; default 0.0; allowed: at least 0
    :param window: language models: documents are cut into windows of this many steps; 0 = whole documents; default 0; allowed: at least 0
    """

    activation = Param(Params._dummy(), "activation", "activation of the Elman cell; allowed: tanh and relu", typeConverter=TypeConverters.toString)
    adviseTruncation = Param(Params._dummy(), "adviseTruncation", "whether iterations 1, 51, 101, ... see how far the gradient could be truncated: several evaluations more of each of their batches", typeConverter=TypeConverters.toBoolean)
    batchSize = Param(Params._dummy(), "batchSize", "sequences per update; 0 = all; default 64, or 0 with optimizer lbfgs; allowed: at least 0", typeConverter=TypeConverters.toInt)
    bidirectional = Param(Params._dummy(), "bidirectional", "whether each layer reads its sequence from both ends; not for language models, which must not see what comes", typeConverter=TypeConverters.toBoolean)
    bpttMemory = Param(Params._dummy(), "bpttMemory", "bytes that the unrolled graph of one packed batch may take, for each thread that computes; what has no room is computed again on the way back, with the same bits; 0 = no bound; allowed: at least 0", typeConverter=TypeConverters.toInt)
    carryState = Param(Params._dummy(), "carryState", "language models: the corpus is laid out in batch-size streams, each update takes one window of every stream, and states go on from update to update", typeConverter=TypeConverters.toBoolean)
    categoricalCols = Param(Params._dummy(), "categoricalCols", "columns of categories that a step is made of, as numeric-cols, each with a vocabulary and an embedding of its own: page, or page:8 for one of width 8; otherwise (ids + 1) / 2, at most 50; allowed: column names with commas between them, in double quotes if they have commas", typeConverter=TypeConverters.toListString)
    cell = Param(Params._dummy(), "cell", "recurrent cell; allowed: elman, lstm, gru, mingru, or the name of a cell on the class path (docs/own-cell.md)", typeConverter=TypeConverters.toString)
    checkpointDir = Param(Params._dummy(), "checkpointDir", "directory of checkpoints, on any file system that Hadoop knows; empty: none. Where training ends is one, too; allowed: a path; empty for none", typeConverter=TypeConverters.toString)
    checkpointInterval = Param(Params._dummy(), "checkpointInterval", "updates from one checkpoint to the next; 0 = only where training ends; allowed: at least 0", typeConverter=TypeConverters.toInt)
    checkpointKeep = Param(Params._dummy(), "checkpointKeep", "latest checkpoints that are kept; allowed: at least 1", typeConverter=TypeConverters.toInt)
    classWeights = Param(Params._dummy(), "classWeights", "balanced: a loss term weighs N / (C count of its label); allowed: none and balanced", typeConverter=TypeConverters.toString)
    clipNorm = Param(Params._dummy(), "clipNorm", "the mean gradient is scaled down to this L2 norm, before weight decay; 0 = off; default 1.0, or 0.0 with optimizer lbfgs; allowed: at least 0", typeConverter=TypeConverters.toFloat)
    distributionCol = Param(Params._dummy(), "distributionCol", "column that the model adds with loss gaussian, student-t, poisson or negative-binomial: the parameters of the distribution of each number of the target; allowed: a column name; empty for none", typeConverter=TypeConverters.toString)
    dropout = Param(Params._dummy(), "dropout", "probability that an input of a layer above the first is dropped in training; allowed: from 0 to below 1", typeConverter=TypeConverters.toFloat)
    ema = Param(Params._dummy(), "ema", "decay of an exponential moving average of the parameters, which is validated and becomes the model; 0 = off; allowed: from 0 to below 1", typeConverter=TypeConverters.toFloat)
    embeddingSize = Param(Params._dummy(), "embeddingSize", "width of the embedding of tokens; 0 = one-hot; allowed: at least 0", typeConverter=TypeConverters.toInt)
    engine = Param(Params._dummy(), "engine", "where iterations run: spark, in tasks on the cluster; local, in the driver; auto, in the driver where that is predicted to save a tenth of an update or more, its memory has room and the rows are at most 64 MB. Changes no bit; allowed: auto, spark and local", typeConverter=TypeConverters.toString)
    epochs = Param(Params._dummy(), "epochs", "passes over the data at most; 0 = no such limit; default 0, or 10 where max-iter is 0; allowed: at least 0", typeConverter=TypeConverters.toInt)
    featuresCol = Param(Params._dummy(), "featuresCol", "column of sequences: string, array of string, of whole numbers, of numbers, of arrays of numbers, or of vectors; allowed: a column name", typeConverter=TypeConverters.toString)
    forgetBias = Param(Params._dummy(), "forgetBias", "cells with a forget gate (lstm, and some of your own): the bias that it starts from; 0 = as every other bias; allowed: from 0 to below 1000", typeConverter=TypeConverters.toFloat)
    handleInvalid = Param(Params._dummy(), "handleInvalid", "rows that cannot be used: error names the first, skip leaves them out and counts them by reason; allowed: error and skip", typeConverter=TypeConverters.toString)
    hiddenSize = Param(Params._dummy(), "hiddenSize", "size H of the state, of each layer and direction; allowed: at least 1", typeConverter=TypeConverters.toInt)
    init = Param(Params._dummy(), "init", "what training begins with: a model's directory, or a .safetensors file under PyTorch's names; empty: drawn by seed; allowed: a path; empty for none", typeConverter=TypeConverters.toString)
    initializer = Param(Params._dummy(), "initializer", "initial recurrent weights: uniform as PyTorch's, glorot, orthogonal, or identity (for relu); input weights are then glorot's, with identity small; allowed: uniform, glorot, orthogonal and identity", typeConverter=TypeConverters.toString)
    labelCol = Param(Params._dummy(), "labelCol", "column of labels: string, boolean or number; or arrays of them, with loss multi-label or a label for each step; allowed: a column name", typeConverter=TypeConverters.toString)
    labelSmoothing = Param(Params._dummy(), "labelSmoothing", "loss softmax: the share of a label that is spread evenly over all classes, in training only; 0 = off; allowed: from 0 to below 1", typeConverter=TypeConverters.toFloat)
    loss = Param(Params._dummy(), "loss", "l of a label: softmax cross-entropy, binary of the sigmoid of one output, multi-label of the sigmoid of each label in a set, or crf of the labels of all steps together; of numbers: squared or absolute error of scaled targets, or huber, the one up to 1 and the other beyond, or the pinball loss of quantiles at some levels, or minus the log-likelihood of a distribution, gaussian or student-t; of counts: minus that of poisson or negative-binomial; default softmax, or squared with task regression; allowed: softmax, binary, multi-label, crf, squared, absolute, huber, quantile:LEVELS (such as quantile:0.1,0.5,0.9), gaussian, student-t, poisson and negative-binomial", typeConverter=TypeConverters.toString)
    lossReduction = Param(Params._dummy(), "lossReduction", "step: sum of l over the number of loss terms; sequence: equation (1) per sequence, then the mean over sequences; allowed: step and sequence", typeConverter=TypeConverters.toString)
    maxIter = Param(Params._dummy(), "maxIter", "updates at most; 0 = no such limit (with epochs 0 as well: 10 epochs); allowed: at least 0", typeConverter=TypeConverters.toInt)
    maxLength = Param(Params._dummy(), "maxLength", "steps that a sequence may have at most, here and in predictions; a longer one cannot be used; 0 = no limit; allowed: at least 0", typeConverter=TypeConverters.toInt)
    missing = Param(Params._dummy(), "missing", "numbers and categories that are null or NaN: error, or mask, where such a number is the mean and sets an input of its own, and such a category is an unknown one; allowed: error and mask", typeConverter=TypeConverters.toString)
    numLayers = Param(Params._dummy(), "numLayers", "recurrent layers, each reading the states of the one below; allowed: from 1 to 64", typeConverter=TypeConverters.toInt)
    numShards = Param(Params._dummy(), "numShards", "shards that the data are dealt to, which bounds useful parallelism; 0 = from the steps per update; allowed: at least 0", typeConverter=TypeConverters.toInt)
    numericCols = Param(Params._dummy(), "numericCols", "columns of numbers that a step is made of, in place of one column of features: an array each, or a field of features-col's structs; in event tables a number each; allowed: column names with commas between them, in double quotes if they have commas", typeConverter=TypeConverters.toListString)
    optimizer = Param(Params._dummy(), "optimizer", "optimiser: sgd; momentum (momentum 0.9); adam (betas 0.9 and 0.999, epsilon 1e-8); adamw (betas 0.9 and 0.999, epsilon 1e-8); rmsprop (alpha 0.99, epsilon 1e-8); adagrad (epsilon 1e-10); nadam (betas 0.9 and 0.999, epsilon 1e-8, momentum decay 0.004); amsgrad (betas 0.9 and 0.999, epsilon 1e-8); lbfgs (the last 10 pairs and a line search, on all sequences at once); allowed: sgd, momentum, adam, adamw, rmsprop, adagrad, nadam, amsgrad and lbfgs", typeConverter=TypeConverters.toString)
    overwriteCheckpoints = Param(Params._dummy(), "overwriteCheckpoints", "whether checkpoints that are in checkpoint-dir are removed where training begins anew; otherwise they are an error", typeConverter=TypeConverters.toBoolean)
    partitions = Param(Params._dummy(), "partitions", "partitions that the shards are cached in; 0 = one per task that runs at once, at most one per shard. Changes no bit; allowed: at least 0", typeConverter=TypeConverters.toInt)
    patience = Param(Params._dummy(), "patience", "stop after this many validations without a lower loss, and keep the best parameters; 0 = off; allowed: at least 0", typeConverter=TypeConverters.toInt)
    pooling = Param(Params._dummy(), "pooling", "what the output reads: every state, where every step has a label; where the sequence has one, the last state, or of the states of all steps the mean or, of each unit, the maximum, or their sum weighted by attention; default last, or every where every step has a label; allowed: last, every, mean, max and attention", typeConverter=TypeConverters.toString)
    predictionCol = Param(Params._dummy(), "predictionCol", "column that the model adds: the most probable label, with loss multi-label an array of those more probable than not, or numbers; allowed: a column name; empty for none", typeConverter=TypeConverters.toString)
    probabilityCol = Param(Params._dummy(), "probabilityCol", "column that the model adds: the probability of every label, in their order; empty: none; allowed: a column name; empty for none", typeConverter=TypeConverters.toString)
    projSize = Param(Params._dummy(), "projSize", "cell lstm: numbers P to which the state of each layer and direction is projected, fewer than hidden-size, as PyTorch's proj_size; 0 = no projection; allowed: at least 0", typeConverter=TypeConverters.toInt)
    quantiles = Param(Params._dummy(), "quantiles", "levels of the quantiles that the model predicts with loss gaussian, student-t, poisson or negative-binomial; no part of the training; allowed: levels above 0 and below 1, each above the one before, with 15 decimals at most", typeConverter=TypeConverters.toString)
    quantilesCol = Param(Params._dummy(), "quantilesCol", "column that the model adds with loss quantile, gaussian, student-t, poisson or negative-binomial: the quantile of every level, ascending, of each number of the target; allowed: a column name; empty for none", typeConverter=TypeConverters.toString)
    rawPredictionCol = Param(Params._dummy(), "rawPredictionCol", "column that the model adds: the output of every label before the softmax or the sigmoids, in their order, and of two classes (-margin, margin); empty: none; allowed: a column name; empty for none", typeConverter=TypeConverters.toString)
    resume = Param(Params._dummy(), "resume", "whether training goes on from the latest checkpoint that is whole and of the same training, with the bits of a run that never stopped; without any it begins", typeConverter=TypeConverters.toBoolean)
    scale = Param(Params._dummy(), "scale", "how numbers are scaled: standard is standardize; window scales each sequence by its own means and deviations, and targets as the first number of a step; by-key does so by those of its series (key-cols of windows) in the training part; allowed: none, standard, by-key and window", typeConverter=TypeConverters.toString)
    schedule = Param(Params._dummy(), "schedule", "how the step size goes on from step-size; allowed: constant, linear or cosine (to 0 over all updates), linear:N or cosine:N (to 0 over N), step:N:F (times F, at most 1, every N), each alone or behind warmup:N and a comma (first up from 0 over N)", typeConverter=TypeConverters.toString)
    season = Param(Params._dummy(), "season", "regression: steps of a season, for the errors of the seasonal naive forecast beside the model's; 1 = of the naive one alone, which windows of the target's own past have anyway; 0 = nothing is said; allowed: at least 0", typeConverter=TypeConverters.toInt)
    seed = Param(Params._dummy(), "seed", "seed of initial parameters and of the order of the data; allowed: any whole number", typeConverter=TypeConverters.toInt)
    standardize = Param(Params._dummy(), "standardize", "whether dense inputs and targets are scaled to mean 0 and deviation 1 by the training part", typeConverter=TypeConverters.toBoolean)
    staticCategoricalCols = Param(Params._dummy(), "staticCategoricalCols", "columns of categories of which a sequence has one, a static; with widths as in categorical-cols; allowed: column names with commas between them, in double quotes if they have commas", typeConverter=TypeConverters.toListString)
    staticNumericCols = Param(Params._dummy(), "staticNumericCols", "columns of numbers of which a sequence has one, a static; allowed: column names with commas between them, in double quotes if they have commas", typeConverter=TypeConverters.toListString)
    stepSize = Param(Params._dummy(), "stepSize", "step size of the optimiser; default 0.003, or 1.0 with optimizer lbfgs; allowed: above 0", typeConverter=TypeConverters.toFloat)
    thresholds = Param(Params._dummy(), "thresholds", "the label whose probability is the largest multiple of its threshold is predicted, and with loss multi-label those above their thresholds; none: the most probable label, and those above 0.5; no part of the training; allowed: a number for each label in their order, at least 0 and one of them 0 at most, with commas between them", typeConverter=TypeConverters.toListFloat)
    tiedEmbeddings = Param(Params._dummy(), "tiedEmbeddings", "language models: whether the weights of the output are the embedding; embedding-size must be hidden-size, or proj-size where that is set", typeConverter=TypeConverters.toBoolean)
    tokenizer = Param(Params._dummy(), "tokenizer", "how a string becomes steps: Unicode code points, or words between white space; none for columns that are arrays; allowed: char, whitespace and none", typeConverter=TypeConverters.toString)
    tol = Param(Params._dummy(), "tol", "stop when the mean loss of an epoch improves by less than this share of the one before; 0 = off; allowed: at least 0", typeConverter=TypeConverters.toFloat)
    truncation = Param(Params._dummy(), "truncation", "how far the gradient travels back: all the way, to borders every K steps, or at every step with probability P, scaled by 1/P; allowed: none, fixed:K (K steps, at least 1) or randomized:P (P above 0 and at most 1)", typeConverter=TypeConverters.toString)
    updatesPerJob = Param(Params._dummy(), "updatesPerJob", "with engine spark: updates that the tasks of one Spark job compute at most; 1 = a job for each, 0 = as many as take about a second. Changes no bit; allowed: at least 0", typeConverter=TypeConverters.toInt)
    validationFraction = Param(Params._dummy(), "validationFraction", "share of the rows held out for validation, by a hash of the steps; allowed: from 0 to below 1", typeConverter=TypeConverters.toFloat)
    validationIndicatorCol = Param(Params._dummy(), "validationIndicatorCol", "column that is true in rows to validate on and false in those to train on; empty: none; allowed: a column name; empty for none", typeConverter=TypeConverters.toString)
    validationInterval = Param(Params._dummy(), "validationInterval", "updates between validations; 0 = once per epoch; allowed: at least 0", typeConverter=TypeConverters.toInt)
    vocabularySize = Param(Params._dummy(), "vocabularySize", "token ids at most, the one for unknown tokens included; the most frequent tokens of the training part are kept; 0 = all; allowed: at least 0", typeConverter=TypeConverters.toInt)
    weightCol = Param(Params._dummy(), "weightCol", "column of weights above 0, or of arrays with a weight for each step; empty: every row weighs 1; allowed: a column name; empty for none", typeConverter=TypeConverters.toString)
    weightDecay = Param(Params._dummy(), "weightDecay", "weight decay: added to the gradient, decoupled for adamw; allowed: at least 0", typeConverter=TypeConverters.toFloat)
    window = Param(Params._dummy(), "window", "language models: documents are cut into windows of this many steps; 0 = whole documents; allowed: at least 0", typeConverter=TypeConverters.toInt)

    def _set_defaults(self) -> None:
        self._setDefault(
            activation="tanh",
            adviseTruncation=False,
            batchSize=64,
            bidirectional=False,
            bpttMemory=0,
            carryState=False,
            categoricalCols=[],
            cell="lstm",
            checkpointDir="",
            checkpointInterval=100,
            checkpointKeep=3,
            classWeights="none",
            clipNorm=1.0,
            distributionCol="distribution",
            dropout=0.0,
            ema=0.0,
            embeddingSize=32,
            engine="auto",
            epochs=0,
            featuresCol="features",
            forgetBias=0.0,
            handleInvalid="error",
            hiddenSize=128,
            init="",
            initializer="uniform",
            labelCol="label",
            labelSmoothing=0.0,
            loss="softmax",
            lossReduction="step",
            maxIter=0,
            maxLength=0,
            missing="error",
            numLayers=1,
            numShards=0,
            numericCols=[],
            optimizer="adam",
            overwriteCheckpoints=False,
            partitions=0,
            patience=0,
            pooling="last",
            predictionCol="prediction",
            probabilityCol="probability",
            projSize=0,
            quantiles="0.1,0.5,0.9",
            quantilesCol="quantiles",
            rawPredictionCol="rawPrediction",
            resume=False,
            scale="none",
            schedule="constant",
            season=0,
            seed=1,
            standardize=False,
            staticCategoricalCols=[],
            staticNumericCols=[],
            stepSize=0.003,
            tiedEmbeddings=False,
            tokenizer="char",
            tol=0.0,
            truncation="none",
            updatesPerJob=0,
            validationFraction=0.0,
            validationIndicatorCol="",
            validationInterval=0,
            vocabularySize=0,
            weightCol="",
            weightDecay=0.0,
            window=0,
        )

    def setActivation(self, value: str) -> Self:
        """activation of the Elman cell"""
        return self._set(activation=value)

    def setAdviseTruncation(self, value: bool) -> Self:
        """whether iterations 1, 51, 101, ... see how far the gradient could be truncated: several evaluations more of each of their batches"""
        return self._set(adviseTruncation=value)

    def setBatchSize(self, value: int) -> Self:
        """sequences per update; 0 = all"""
        return self._set(batchSize=value)

    def setBidirectional(self, value: bool) -> Self:
        """whether each layer reads its sequence from both ends; not for language models, which must not see what comes"""
        return self._set(bidirectional=value)

    def setBpttMemory(self, value: int) -> Self:
        """bytes that the unrolled graph of one packed batch may take, for each thread that computes; what has no room is computed again on the way back, with the same bits; 0 = no bound"""
        return self._set(bpttMemory=value)

    def setCarryState(self, value: bool) -> Self:
        """language models: the corpus is laid out in batch-size streams, each update takes one window of every stream, and states go on from update to update"""
        return self._set(carryState=value)

    def setCategoricalCols(self, value: List[str]) -> Self:
        """columns of categories that a step is made of, as numeric-cols, each with a vocabulary and an embedding of its own: page, or page:8 for one of width 8; otherwise (ids + 1) / 2, at most 50"""
        return self._set(categoricalCols=value)

    def setCell(self, value: str) -> Self:
        """recurrent cell"""
        return self._set(cell=value)

    def setCheckpointDir(self, value: str) -> Self:
        """directory of checkpoints, on any file system that Hadoop knows; empty: none. Where training ends is one, too"""
        return self._set(checkpointDir=value)

    def setCheckpointInterval(self, value: int) -> Self:
        """updates from one checkpoint to the next; 0 = only where training ends"""
        return self._set(checkpointInterval=value)

    def setCheckpointKeep(self, value: int) -> Self:
        """latest checkpoints that are kept"""
        return self._set(checkpointKeep=value)

    def setClassWeights(self, value: str) -> Self:
        """balanced: a loss term weighs N / (C count of its label)"""
        return self._set(classWeights=value)

    def setClipNorm(self, value: float) -> Self:
        """the mean gradient is scaled down to this L2 norm, before weight decay; 0 = off"""
        return self._set(clipNorm=value)

    def setDistributionCol(self, value: str) -> Self:
        """column that the model adds with loss gaussian, student-t, poisson or negative-binomial: the parameters of the distribution of each number of the target"""
        return self._set(distributionCol=value)

    def setDropout(self, value: float) -> Self:
        """probability that an input of a layer above the first is dropped in training"""
        return self._set(dropout=value)

    def setEma(self, value: float) -> Self:
        """decay of an exponential moving average of the parameters, which is validated and becomes the model; 0 = off"""
        return self._set(ema=value)

    def setEmbeddingSize(self, value: int) -> Self:
        """width of the embedding of tokens; 0 = one-hot"""
        return self._set(embeddingSize=value)

    def setEngine(self, value: str) -> Self:
        """where iterations run: spark, in tasks on the cluster; local, in the driver; auto, in the driver where that is predicted to save a tenth of an update or more, its memory has room and the rows are at most 64 MB. Changes no bit"""
        return self._set(engine=value)

    def setEpochs(self, value: int) -> Self:
        """passes over the data at most; 0 = no such limit"""
        return self._set(epochs=value)

    def setFeaturesCol(self, value: str) -> Self:
        """column of sequences: string, array of string, of whole numbers, of numbers, of arrays of numbers, or of vectors"""
        return self._set(featuresCol=value)

    def setForgetBias(self, value: float) -> Self:
        """cells with a forget gate (lstm, and some of your own): the bias that it starts from; 0 = as every other bias"""
        return self._set(forgetBias=value)

    def setHandleInvalid(self, value: str) -> Self:
        """rows that cannot be used: error names the first, skip leaves them out and counts them by reason"""
        return self._set(handleInvalid=value)

    def setHiddenSize(self, value: int) -> Self:
        """size H of the state, of each layer and direction"""
        return self._set(hiddenSize=value)

    def setInit(self, value: str) -> Self:
        """what training begins with: a model's directory, or a .safetensors file under PyTorch's names; empty: drawn by seed"""
        return self._set(init=value)

    def setInitializer(self, value: str) -> Self:
        """initial recurrent weights: uniform as PyTorch's, glorot, orthogonal, or identity (for relu); input weights are then glorot's, with identity small"""
        return self._set(initializer=value)

    def setLabelCol(self, value: str) -> Self:
        """column of labels: string, boolean or number; or arrays of them, with loss multi-label or a label for each step"""
        return self._set(labelCol=value)

    def setLabelSmoothing(self, value: float) -> Self:
        """loss softmax: the share of a label that is spread evenly over all classes, in training only; 0 = off"""
        return self._set(labelSmoothing=value)

    def setLoss(self, value: str) -> Self:
        """l of a label: softmax cross-entropy, binary of the sigmoid of one output, multi-label of the sigmoid of each label in a set, or crf of the labels of all steps together; of numbers: squared or absolute error of scaled targets, or huber, the one up to 1 and the other beyond, or the pinball loss of quantiles at some levels, or minus the log-likelihood of a distribution, gaussian or student-t; of counts: minus that of poisson or negative-binomial"""
        return self._set(loss=value)

    def setLossReduction(self, value: str) -> Self:
        """step: sum of l over the number of loss terms; sequence: equation (1) per sequence, then the mean over sequences"""
        return self._set(lossReduction=value)

    def setMaxIter(self, value: int) -> Self:
        """updates at most; 0 = no such limit (with epochs 0 as well: 10 epochs)"""
        return self._set(maxIter=value)

    def setMaxLength(self, value: int) -> Self:
        """steps that a sequence may have at most, here and in predictions; a longer one cannot be used; 0 = no limit"""
        return self._set(maxLength=value)

    def setMissing(self, value: str) -> Self:
        """numbers and categories that are null or NaN: error, or mask, where such a number is the mean and sets an input of its own, and such a category is an unknown one"""
        return self._set(missing=value)

    def setNumLayers(self, value: int) -> Self:
        """recurrent layers, each reading the states of the one below"""
        return self._set(numLayers=value)

    def setNumShards(self, value: int) -> Self:
        """shards that the data are dealt to, which bounds useful parallelism; 0 = from the steps per update"""
        return self._set(numShards=value)

    def setNumericCols(self, value: List[str]) -> Self:
        """columns of numbers that a step is made of, in place of one column of features: an array each, or a field of features-col's structs; in event tables a number each"""
        return self._set(numericCols=value)

    def setOptimizer(self, value: str) -> Self:
        """optimiser: sgd; momentum (momentum 0.9); adam (betas 0.9 and 0.999, epsilon 1e-8); adamw (betas 0.9 and 0.999, epsilon 1e-8); rmsprop (alpha 0.99, epsilon 1e-8); adagrad (epsilon 1e-10); nadam (betas 0.9 and 0.999, epsilon 1e-8, momentum decay 0.004); amsgrad (betas 0.9 and 0.999, epsilon 1e-8); lbfgs (the last 10 pairs and a line search, on all sequences at once)"""
        return self._set(optimizer=value)

    def setOverwriteCheckpoints(self, value: bool) -> Self:
        """whether checkpoints that are in checkpoint-dir are removed where training begins anew; otherwise they are an error"""
        return self._set(overwriteCheckpoints=value)

    def setPartitions(self, value: int) -> Self:
        """partitions that the shards are cached in; 0 = one per task that runs at once, at most one per shard. Changes no bit"""
        return self._set(partitions=value)

    def setPatience(self, value: int) -> Self:
        """stop after this many validations without a lower loss, and keep the best parameters; 0 = off"""
        return self._set(patience=value)

    def setPooling(self, value: str) -> Self:
        """what the output reads: every state, where every step has a label; where the sequence has one, the last state, or of the states of all steps the mean or, of each unit, the maximum, or their sum weighted by attention"""
        return self._set(pooling=value)

    def setPredictionCol(self, value: str) -> Self:
        """column that the model adds: the most probable label, with loss multi-label an array of those more probable than not, or numbers"""
        return self._set(predictionCol=value)

    def setProbabilityCol(self, value: str) -> Self:
        """column that the model adds: the probability of every label, in their order; empty: none"""
        return self._set(probabilityCol=value)

    def setProjSize(self, value: int) -> Self:
        """cell lstm: numbers P to which the state of each layer and direction is projected, fewer than hidden-size, as PyTorch's proj_size; 0 = no projection"""
        return self._set(projSize=value)

    def setQuantiles(self, value: str) -> Self:
        """levels of the quantiles that the model predicts with loss gaussian, student-t, poisson or negative-binomial; no part of the training"""
        return self._set(quantiles=value)

    def setQuantilesCol(self, value: str) -> Self:
        """column that the model adds with loss quantile, gaussian, student-t, poisson or negative-binomial: the quantile of every level, ascending, of each number of the target"""
        return self._set(quantilesCol=value)

    def setRawPredictionCol(self, value: str) -> Self:
        """column that the model adds: the output of every label before the softmax or the sigmoids, in their order, and of two classes (-margin, margin); empty: none"""
        return self._set(rawPredictionCol=value)

    def setResume(self, value: bool) -> Self:
        """whether training goes on from the latest checkpoint that is whole and of the same training, with the bits of a run that never stopped; without any it begins"""
        return self._set(resume=value)

    def setScale(self, value: str) -> Self:
        """how numbers are scaled: standard is standardize; window scales each sequence by its own means and deviations, and targets as the first number of a step; by-key does so by those of its series (key-cols of windows) in the training part"""
        return self._set(scale=value)

    def setSchedule(self, value: str) -> Self:
        """how the step size goes on from step-size"""
        return self._set(schedule=value)

    def setSeason(self, value: int) -> Self:
        """regression: steps of a season, for the errors of the seasonal naive forecast beside the model's; 1 = of the naive one alone, which windows of the target's own past have anyway; 0 = nothing is said"""
        return self._set(season=value)

    def setSeed(self, value: int) -> Self:
        """seed of initial parameters and of the order of the data"""
        return self._set(seed=value)

    def setStandardize(self, value: bool) -> Self:
        """whether dense inputs and targets are scaled to mean 0 and deviation 1 by the training part"""
        return self._set(standardize=value)

    def setStaticCategoricalCols(self, value: List[str]) -> Self:
        """columns of categories of which a sequence has one, a static; with widths as in categorical-cols"""
        return self._set(staticCategoricalCols=value)

    def setStaticNumericCols(self, value: List[str]) -> Self:
        """columns of numbers of which a sequence has one, a static"""
        return self._set(staticNumericCols=value)

    def setStepSize(self, value: float) -> Self:
        """step size of the optimiser"""
        return self._set(stepSize=value)

    def setThresholds(self, value: List[float]) -> Self:
        """the label whose probability is the largest multiple of its threshold is predicted, and with loss multi-label those above their thresholds; none: the most probable label, and those above 0.5; no part of the training"""
        return self._set(thresholds=value)

    def setTiedEmbeddings(self, value: bool) -> Self:
        """language models: whether the weights of the output are the embedding; embedding-size must be hidden-size, or proj-size where that is set"""
        return self._set(tiedEmbeddings=value)

    def setTokenizer(self, value: str) -> Self:
        """how a string becomes steps: Unicode code points, or words between white space; none for columns that are arrays"""
        return self._set(tokenizer=value)

    def setTol(self, value: float) -> Self:
        """stop when the mean loss of an epoch improves by less than this share of the one before; 0 = off"""
        return self._set(tol=value)

    def setTruncation(self, value: str) -> Self:
        """how far the gradient travels back: all the way, to borders every K steps, or at every step with probability P, scaled by 1/P"""
        return self._set(truncation=value)

    def setUpdatesPerJob(self, value: int) -> Self:
        """with engine spark: updates that the tasks of one Spark job compute at most; 1 = a job for each, 0 = as many as take about a second. Changes no bit"""
        return self._set(updatesPerJob=value)

    def setValidationFraction(self, value: float) -> Self:
        """share of the rows held out for validation, by a hash of the steps"""
        return self._set(validationFraction=value)

    def setValidationIndicatorCol(self, value: str) -> Self:
        """column that is true in rows to validate on and false in those to train on; empty: none"""
        return self._set(validationIndicatorCol=value)

    def setValidationInterval(self, value: int) -> Self:
        """updates between validations; 0 = once per epoch"""
        return self._set(validationInterval=value)

    def setVocabularySize(self, value: int) -> Self:
        """token ids at most, the one for unknown tokens included; the most frequent tokens of the training part are kept; 0 = all"""
        return self._set(vocabularySize=value)

    def setWeightCol(self, value: str) -> Self:
        """column of weights above 0, or of arrays with a weight for each step; empty: every row weighs 1"""
        return self._set(weightCol=value)

    def setWeightDecay(self, value: float) -> Self:
        """weight decay: added to the gradient, decoupled for adamw"""
        return self._set(weightDecay=value)

    def setWindow(self, value: int) -> Self:
        """language models: documents are cut into windows of this many steps; 0 = whole documents"""
        return self._set(window=value)


class SequenceAssemblerParams(Params):
    """
    :param categoricalCols: columns of categories that a step is made of, as numeric-cols, each with a vocabulary and an embedding of its own: page, or page:8 for one of width 8; otherwise (ids + 1) / 2, at most 50; default []; allowed: column names with commas between them, in double quotes if they have commas
    :param featuresCol: column to add: the sequence; default 'features'; allowed: a column name
    :param gapUnit: what session-gap and the gap of time-features are measured in; auto: seconds for timestamps, days for dates, numbers for numbers; train keeps in the model what that was, in Java and Python name it; default 'auto'; allowed: auto, seconds, days and numbers
    :param handleInvalid: events without key or time, and for windows rows of one time and series that are too short: error fails the query, skip leaves them out; default 'error'; allowed: error and skip
    :param keyCols: columns that say whose an event is; none for one series; default []; allowed: column names with commas between them, in double quotes if they have commas
    :param labelCol: column of the label; none if it is empty; default ''; allowed: a column name
    :param labelPerStep: whether every event has a label of its own; otherwise all events of a sequence have the same; default False
    :param numericCols: columns of numbers that a step is made of, in place of one column of features: an array each, or a field of features-col's structs; in event tables a number each; default []; allowed: column names with commas between them, in double quotes if they have commas
    :param sessionGap: a longer time between two events begins a new sequence, in gap-unit; 0 = off; default 0.0; allowed: at least 0
    :param startCol: column to add: the time of the first event; default 'start'; allowed: a column name
    :param staticCategoricalCols: columns of categories of which a sequence has one, a static; with widths as in categorical-cols; default []; allowed: column names with commas between them, in double quotes if they have commas
    :param staticNumericCols: columns of numbers of which a sequence has one, a static; default []; allowed: column names with commas between them, in double quotes if they have commas
    :param tieBreakCols: columns that order events of one time; after them, their values do; default []; allowed: column names with commas between them, in double quotes if they have commas
    :param timeCol: column that orders events: number, date or timestamp; default 'time'; allowed: a column name
    :param timeFeatures: numbers of its time that a step has after its values: gap, log(1 + time since the step before) in gap-unit; hour, weekday and month, each as sine and cosine, in UTC for timestamps with a zone; default []; allowed: gap, hour, weekday and month, each at most once, with commas between them
    :param valueCols: columns that make up a step, as one column of features: numbers; in prepare sequences a single one of text gives tokens; default []; allowed: column names with commas between them, in double quotes if they have commas
    :param valueType: auto: one value column of strings gives tokens, any others give numbers; number: numbers, in csv too, where every column is text; default 'auto'; allowed: auto and number
    :param weightCol: column of the weight; none if it is empty: with labelPerStep a number for every event, otherwise the same one in all events of a sequence; default ''; allowed: a column name
    """

    categoricalCols = Param(Params._dummy(), "categoricalCols", "columns of categories that a step is made of, as numeric-cols, each with a vocabulary and an embedding of its own: page, or page:8 for one of width 8; otherwise (ids + 1) / 2, at most 50; allowed: column names with commas between them, in double quotes if they have commas", typeConverter=TypeConverters.toListString)
    featuresCol = Param(Params._dummy(), "featuresCol", "column to add: the sequence; allowed: a column name", typeConverter=TypeConverters.toString)
    gapUnit = Param(Params._dummy(), "gapUnit", "what session-gap and the gap of time-features are measured in; auto: seconds for timestamps, days for dates, numbers for numbers; train keeps in the model what that was, in Java and Python name it; allowed: auto, seconds, days and numbers", typeConverter=TypeConverters.toString)
    handleInvalid = Param(Params._dummy(), "handleInvalid", "events without key or time, and for windows rows of one time and series that are too short: error fails the query, skip leaves them out; allowed: error and skip", typeConverter=TypeConverters.toString)
    keyCols = Param(Params._dummy(), "keyCols", "columns that say whose an event is; none for one series; allowed: column names with commas between them, in double quotes if they have commas", typeConverter=TypeConverters.toListString)
    labelCol = Param(Params._dummy(), "labelCol", "column of the label; none if it is empty; allowed: a column name", typeConverter=TypeConverters.toString)
    labelPerStep = Param(Params._dummy(), "labelPerStep", "whether every event has a label of its own; otherwise all events of a sequence have the same", typeConverter=TypeConverters.toBoolean)
    numericCols = Param(Params._dummy(), "numericCols", "columns of numbers that a step is made of, in place of one column of features: an array each, or a field of features-col's structs; in event tables a number each; allowed: column names with commas between them, in double quotes if they have commas", typeConverter=TypeConverters.toListString)
    sessionGap = Param(Params._dummy(), "sessionGap", "a longer time between two events begins a new sequence, in gap-unit; 0 = off; allowed: at least 0", typeConverter=TypeConverters.toFloat)
    startCol = Param(Params._dummy(), "startCol", "column to add: the time of the first event; allowed: a column name", typeConverter=TypeConverters.toString)
    staticCategoricalCols = Param(Params._dummy(), "staticCategoricalCols", "columns of categories of which a sequence has one, a static; with widths as in categorical-cols; allowed: column names with commas between them, in double quotes if they have commas", typeConverter=TypeConverters.toListString)
    staticNumericCols = Param(Params._dummy(), "staticNumericCols", "columns of numbers of which a sequence has one, a static; allowed: column names with commas between them, in double quotes if they have commas", typeConverter=TypeConverters.toListString)
    tieBreakCols = Param(Params._dummy(), "tieBreakCols", "columns that order events of one time; after them, their values do; allowed: column names with commas between them, in double quotes if they have commas", typeConverter=TypeConverters.toListString)
    timeCol = Param(Params._dummy(), "timeCol", "column that orders events: number, date or timestamp; allowed: a column name", typeConverter=TypeConverters.toString)
    timeFeatures = Param(Params._dummy(), "timeFeatures", "numbers of its time that a step has after its values: gap, log(1 + time since the step before) in gap-unit; hour, weekday and month, each as sine and cosine, in UTC for timestamps with a zone; allowed: gap, hour, weekday and month, each at most once, with commas between them", typeConverter=TypeConverters.toListString)
    valueCols = Param(Params._dummy(), "valueCols", "columns that make up a step, as one column of features: numbers; in prepare sequences a single one of text gives tokens; allowed: column names with commas between them, in double quotes if they have commas", typeConverter=TypeConverters.toListString)
    valueType = Param(Params._dummy(), "valueType", "auto: one value column of strings gives tokens, any others give numbers; number: numbers, in csv too, where every column is text; allowed: auto and number", typeConverter=TypeConverters.toString)
    weightCol = Param(Params._dummy(), "weightCol", "column of the weight; none if it is empty: with labelPerStep a number for every event, otherwise the same one in all events of a sequence; allowed: a column name", typeConverter=TypeConverters.toString)

    def _set_defaults(self) -> None:
        self._setDefault(
            categoricalCols=[],
            featuresCol="features",
            gapUnit="auto",
            handleInvalid="error",
            keyCols=[],
            labelCol="",
            labelPerStep=False,
            numericCols=[],
            sessionGap=0.0,
            startCol="start",
            staticCategoricalCols=[],
            staticNumericCols=[],
            tieBreakCols=[],
            timeCol="time",
            timeFeatures=[],
            valueCols=[],
            valueType="auto",
            weightCol="",
        )

    def setCategoricalCols(self, value: List[str]) -> Self:
        """columns of categories that a step is made of, as numeric-cols, each with a vocabulary and an embedding of its own: page, or page:8 for one of width 8; otherwise (ids + 1) / 2, at most 50"""
        return self._set(categoricalCols=value)

    def setFeaturesCol(self, value: str) -> Self:
        """column to add: the sequence"""
        return self._set(featuresCol=value)

    def setGapUnit(self, value: str) -> Self:
        """what session-gap and the gap of time-features are measured in; auto: seconds for timestamps, days for dates, numbers for numbers; train keeps in the model what that was, in Java and Python name it"""
        return self._set(gapUnit=value)

    def setHandleInvalid(self, value: str) -> Self:
        """events without key or time, and for windows rows of one time and series that are too short: error fails the query, skip leaves them out"""
        return self._set(handleInvalid=value)

    def setKeyCols(self, value: List[str]) -> Self:
        """columns that say whose an event is; none for one series"""
        return self._set(keyCols=value)

    def setLabelCol(self, value: str) -> Self:
        """column of the label; none if it is empty"""
        return self._set(labelCol=value)

    def setLabelPerStep(self, value: bool) -> Self:
        """whether every event has a label of its own; otherwise all events of a sequence have the same"""
        return self._set(labelPerStep=value)

    def setNumericCols(self, value: List[str]) -> Self:
        """columns of numbers that a step is made of, in place of one column of features: an array each, or a field of features-col's structs; in event tables a number each"""
        return self._set(numericCols=value)

    def setSessionGap(self, value: float) -> Self:
        """a longer time between two events begins a new sequence, in gap-unit; 0 = off"""
        return self._set(sessionGap=value)

    def setStartCol(self, value: str) -> Self:
        """column to add: the time of the first event"""
        return self._set(startCol=value)

    def setStaticCategoricalCols(self, value: List[str]) -> Self:
        """columns of categories of which a sequence has one, a static; with widths as in categorical-cols"""
        return self._set(staticCategoricalCols=value)

    def setStaticNumericCols(self, value: List[str]) -> Self:
        """columns of numbers of which a sequence has one, a static"""
        return self._set(staticNumericCols=value)

    def setTieBreakCols(self, value: List[str]) -> Self:
        """columns that order events of one time; after them, their values do"""
        return self._set(tieBreakCols=value)

    def setTimeCol(self, value: str) -> Self:
        """column that orders events: number, date or timestamp"""
        return self._set(timeCol=value)

    def setTimeFeatures(self, value: List[str]) -> Self:
        """numbers of its time that a step has after its values: gap, log(1 + time since the step before) in gap-unit; hour, weekday and month, each as sine and cosine, in UTC for timestamps with a zone"""
        return self._set(timeFeatures=value)

    def setValueCols(self, value: List[str]) -> Self:
        """columns that make up a step, as one column of features: numbers; in prepare sequences a single one of text gives tokens"""
        return self._set(valueCols=value)

    def setValueType(self, value: str) -> Self:
        """auto: one value column of strings gives tokens, any others give numbers; number: numbers, in csv too, where every column is text"""
        return self._set(valueType=value)

    def setWeightCol(self, value: str) -> Self:
        """column of the weight; none if it is empty: with labelPerStep a number for every event, otherwise the same one in all events of a sequence"""
        return self._set(weightCol=value)


class SlidingWindowsParams(Params):
    """
    :param categoricalCols: columns of categories that a step is made of, as numeric-cols, each with a vocabulary and an embedding of its own: page, or page:8 for one of width 8; otherwise (ids + 1) / 2, at most 50; default []; allowed: column names with commas between them, in double quotes if they have commas
    :param featuresCol: column to add: the sequence; default 'features'; allowed: a column name
    :param gapUnit: what session-gap and the gap of time-features are measured in; auto: seconds for timestamps, days for dates, numbers for numbers; train keeps in the model what that was, in Java and Python name it; default 'auto'; allowed: auto, seconds, days and numbers
    :param handleInvalid: events without key or time, and for windows rows of one time and series that are too short: error fails the query, skip leaves them out; default 'error'; allowed: error and skip
    :param horizon: steps from the end of a window to what it is to predict; default 1; allowed: at least 0
    :param keyCols: columns that say whose an event is; none for one series; default []; allowed: column names with commas between them, in double quotes if they have commas
    :param knownCols: columns of numeric-cols and categorical-cols that are known ahead, or time-col where its time-features alone are: a window has the steps up to the horizon too, with these columns, and the label is an array with the target at each of them; default []; allowed: column names with commas between them, in double quotes if they have commas
    :param labelBefore: windows whose label is of this time or a later one are left out; empty = none; default ''; allowed: a time
    :param labelCol: column to add: the label; default 'label'; allowed: a column name
    :param labelFrom: windows whose label is of an earlier time, or begins at one, are left out; empty = none; default ''; allowed: a time
    :param labelTimeCol: column to add: the time of the label; default 'labelTime'; allowed: a column name
    :param lags: a step also has the value columns of this many rows before it, such as 364 for the same weekday of the year before; default []; allowed: whole numbers, at least 1, with commas between them
    :param multiStep: whether the label is a vector of the targets at every step up to the horizon; default False
    :param numericCols: columns of numbers that a step is made of, in place of one column of features: an array each, or a field of features-col's structs; in event tables a number each; default []; allowed: column names with commas between them, in double quotes if they have commas
    :param requireLabel: whether windows without a label, as at the end of a series, are left out; otherwise not even the target columns need be there; default True
    :param sessionGap: a longer time between two events begins a new sequence, in gap-unit; 0 = off; default 0.0; allowed: at least 0
    :param staticCategoricalCols: columns of categories of which a sequence has one, a static; with widths as in categorical-cols; default []; allowed: column names with commas between them, in double quotes if they have commas
    :param staticNumericCols: columns of numbers of which a sequence has one, a static; default []; allowed: column names with commas between them, in double quotes if they have commas
    :param stride: steps from a window to the next; default 1; allowed: at least 1
    :param targetCols: columns to predict; none for the value columns; default []; allowed: column names with commas between them, in double quotes if they have commas
    :param timeCol: column that orders events: number, date or timestamp; default 'time'; allowed: a column name
    :param timeFeatures: numbers of its time that a step has after its values: gap, log(1 + time since the step before) in gap-unit; hour, weekday and month, each as sine and cosine, in UTC for timestamps with a zone; default []; allowed: gap, hour, weekday and month, each at most once, with commas between them
    :param valueCols: columns that make up a step, as one column of features: numbers; in prepare sequences a single one of text gives tokens; default []; allowed: column names with commas between them, in double quotes if they have commas
    :param windowLength: steps of a window; default 16; allowed: at least 1
    """

    categoricalCols = Param(Params._dummy(), "categoricalCols", "columns of categories that a step is made of, as numeric-cols, each with a vocabulary and an embedding of its own: page, or page:8 for one of width 8; otherwise (ids + 1) / 2, at most 50; allowed: column names with commas between them, in double quotes if they have commas", typeConverter=TypeConverters.toListString)
    featuresCol = Param(Params._dummy(), "featuresCol", "column to add: the sequence; allowed: a column name", typeConverter=TypeConverters.toString)
    gapUnit = Param(Params._dummy(), "gapUnit", "what session-gap and the gap of time-features are measured in; auto: seconds for timestamps, days for dates, numbers for numbers; train keeps in the model what that was, in Java and Python name it; allowed: auto, seconds, days and numbers", typeConverter=TypeConverters.toString)
    handleInvalid = Param(Params._dummy(), "handleInvalid", "events without key or time, and for windows rows of one time and series that are too short: error fails the query, skip leaves them out; allowed: error and skip", typeConverter=TypeConverters.toString)
    horizon = Param(Params._dummy(), "horizon", "steps from the end of a window to what it is to predict; allowed: at least 0", typeConverter=TypeConverters.toInt)
    keyCols = Param(Params._dummy(), "keyCols", "columns that say whose an event is; none for one series; allowed: column names with commas between them, in double quotes if they have commas", typeConverter=TypeConverters.toListString)
    knownCols = Param(Params._dummy(), "knownCols", "columns of numeric-cols and categorical-cols that are known ahead, or time-col where its time-features alone are: a window has the steps up to the horizon too, with these columns, and the label is an array with the target at each of them; allowed: column names with commas between them, in double quotes if they have commas", typeConverter=TypeConverters.toListString)
    labelBefore = Param(Params._dummy(), "labelBefore", "windows whose label is of this time or a later one are left out; empty = none; allowed: a time", typeConverter=TypeConverters.toString)
    labelCol = Param(Params._dummy(), "labelCol", "column to add: the label; allowed: a column name", typeConverter=TypeConverters.toString)
    labelFrom = Param(Params._dummy(), "labelFrom", "windows whose label is of an earlier time, or begins at one, are left out; empty = none; allowed: a time", typeConverter=TypeConverters.toString)
    labelTimeCol = Param(Params._dummy(), "labelTimeCol", "column to add: the time of the label; allowed: a column name", typeConverter=TypeConverters.toString)
    lags = Param(Params._dummy(), "lags", "a step also has the value columns of this many rows before it, such as 364 for the same weekday of the year before; allowed: whole numbers, at least 1, with commas between them", typeConverter=TypeConverters.toListInt)
    multiStep = Param(Params._dummy(), "multiStep", "whether the label is a vector of the targets at every step up to the horizon", typeConverter=TypeConverters.toBoolean)
    numericCols = Param(Params._dummy(), "numericCols", "columns of numbers that a step is made of, in place of one column of features: an array each, or a field of features-col's structs; in event tables a number each; allowed: column names with commas between them, in double quotes if they have commas", typeConverter=TypeConverters.toListString)
    requireLabel = Param(Params._dummy(), "requireLabel", "whether windows without a label, as at the end of a series, are left out; otherwise not even the target columns need be there", typeConverter=TypeConverters.toBoolean)
    sessionGap = Param(Params._dummy(), "sessionGap", "a longer time between two events begins a new sequence, in gap-unit; 0 = off; allowed: at least 0", typeConverter=TypeConverters.toFloat)
    staticCategoricalCols = Param(Params._dummy(), "staticCategoricalCols", "columns of categories of which a sequence has one, a static; with widths as in categorical-cols; allowed: column names with commas between them, in double quotes if they have commas", typeConverter=TypeConverters.toListString)
    staticNumericCols = Param(Params._dummy(), "staticNumericCols", "columns of numbers of which a sequence has one, a static; allowed: column names with commas between them, in double quotes if they have commas", typeConverter=TypeConverters.toListString)
    stride = Param(Params._dummy(), "stride", "steps from a window to the next; allowed: at least 1", typeConverter=TypeConverters.toInt)
    targetCols = Param(Params._dummy(), "targetCols", "columns to predict; none for the value columns; allowed: column names with commas between them, in double quotes if they have commas", typeConverter=TypeConverters.toListString)
    timeCol = Param(Params._dummy(), "timeCol", "column that orders events: number, date or timestamp; allowed: a column name", typeConverter=TypeConverters.toString)
    timeFeatures = Param(Params._dummy(), "timeFeatures", "numbers of its time that a step has after its values: gap, log(1 + time since the step before) in gap-unit; hour, weekday and month, each as sine and cosine, in UTC for timestamps with a zone; allowed: gap, hour, weekday and month, each at most once, with commas between them", typeConverter=TypeConverters.toListString)
    valueCols = Param(Params._dummy(), "valueCols", "columns that make up a step, as one column of features: numbers; in prepare sequences a single one of text gives tokens; allowed: column names with commas between them, in double quotes if they have commas", typeConverter=TypeConverters.toListString)
    windowLength = Param(Params._dummy(), "windowLength", "steps of a window; allowed: at least 1", typeConverter=TypeConverters.toInt)

    def _set_defaults(self) -> None:
        self._setDefault(
            categoricalCols=[],
            featuresCol="features",
            gapUnit="auto",
            handleInvalid="error",
            horizon=1,
            keyCols=[],
            knownCols=[],
            labelBefore="",
            labelCol="label",
            labelFrom="",
            labelTimeCol="labelTime",
            lags=[],
            multiStep=False,
            numericCols=[],
            requireLabel=True,
            sessionGap=0.0,
            staticCategoricalCols=[],
            staticNumericCols=[],
            stride=1,
            targetCols=[],
            timeCol="time",
            timeFeatures=[],
            valueCols=[],
            windowLength=16,
        )

    def setCategoricalCols(self, value: List[str]) -> Self:
        """columns of categories that a step is made of, as numeric-cols, each with a vocabulary and an embedding of its own: page, or page:8 for one of width 8; otherwise (ids + 1) / 2, at most 50"""
        return self._set(categoricalCols=value)

    def setFeaturesCol(self, value: str) -> Self:
        """column to add: the sequence"""
        return self._set(featuresCol=value)

    def setGapUnit(self, value: str) -> Self:
        """what session-gap and the gap of time-features are measured in; auto: seconds for timestamps, days for dates, numbers for numbers; train keeps in the model what that was, in Java and Python name it"""
        return self._set(gapUnit=value)

    def setHandleInvalid(self, value: str) -> Self:
        """events without key or time, and for windows rows of one time and series that are too short: error fails the query, skip leaves them out"""
        return self._set(handleInvalid=value)

    def setHorizon(self, value: int) -> Self:
        """steps from the end of a window to what it is to predict"""
        return self._set(horizon=value)

    def setKeyCols(self, value: List[str]) -> Self:
        """columns that say whose an event is; none for one series"""
        return self._set(keyCols=value)

    def setKnownCols(self, value: List[str]) -> Self:
        """columns of numeric-cols and categorical-cols that are known ahead, or time-col where its time-features alone are: a window has the steps up to the horizon too, with these columns, and the label is an array with the target at each of them"""
        return self._set(knownCols=value)

    def setLabelBefore(self, value: str) -> Self:
        """windows whose label is of this time or a later one are left out; empty = none"""
        return self._set(labelBefore=value)

    def setLabelCol(self, value: str) -> Self:
        """column to add: the label"""
        return self._set(labelCol=value)

    def setLabelFrom(self, value: str) -> Self:
        """windows whose label is of an earlier time, or begins at one, are left out; empty = none"""
        return self._set(labelFrom=value)

    def setLabelTimeCol(self, value: str) -> Self:
        """column to add: the time of the label"""
        return self._set(labelTimeCol=value)

    def setLags(self, value: List[int]) -> Self:
        """a step also has the value columns of this many rows before it, such as 364 for the same weekday of the year before"""
        return self._set(lags=value)

    def setMultiStep(self, value: bool) -> Self:
        """whether the label is a vector of the targets at every step up to the horizon"""
        return self._set(multiStep=value)

    def setNumericCols(self, value: List[str]) -> Self:
        """columns of numbers that a step is made of, in place of one column of features: an array each, or a field of features-col's structs; in event tables a number each"""
        return self._set(numericCols=value)

    def setRequireLabel(self, value: bool) -> Self:
        """whether windows without a label, as at the end of a series, are left out; otherwise not even the target columns need be there"""
        return self._set(requireLabel=value)

    def setSessionGap(self, value: float) -> Self:
        """a longer time between two events begins a new sequence, in gap-unit; 0 = off"""
        return self._set(sessionGap=value)

    def setStaticCategoricalCols(self, value: List[str]) -> Self:
        """columns of categories of which a sequence has one, a static; with widths as in categorical-cols"""
        return self._set(staticCategoricalCols=value)

    def setStaticNumericCols(self, value: List[str]) -> Self:
        """columns of numbers of which a sequence has one, a static"""
        return self._set(staticNumericCols=value)

    def setStride(self, value: int) -> Self:
        """steps from a window to the next"""
        return self._set(stride=value)

    def setTargetCols(self, value: List[str]) -> Self:
        """columns to predict; none for the value columns"""
        return self._set(targetCols=value)

    def setTimeCol(self, value: str) -> Self:
        """column that orders events: number, date or timestamp"""
        return self._set(timeCol=value)

    def setTimeFeatures(self, value: List[str]) -> Self:
        """numbers of its time that a step has after its values: gap, log(1 + time since the step before) in gap-unit; hour, weekday and month, each as sine and cosine, in UTC for timestamps with a zone"""
        return self._set(timeFeatures=value)

    def setValueCols(self, value: List[str]) -> Self:
        """columns that make up a step, as one column of features: numbers; in prepare sequences a single one of text gives tokens"""
        return self._set(valueCols=value)

    def setWindowLength(self, value: int) -> Self:
        """steps of a window"""
        return self._set(windowLength=value)


class RnnModelParams(Params):
    """
    :param distributionCol: column to add with a loss that is a likelihood: the parameters of the distribution of each number of the target; default 'distribution'; allowed: a column name; empty for none
    :param featuresCol: column of sequences; default 'features'; allowed: a column name
    :param handleInvalid: rows that cannot be used; default 'error'; allowed: error and skip
    :param labelCol: column of labels, for evaluation; default 'label'; allowed: a column name
    :param maxLength: steps that a sequence may have at most; 0 = no limit; default 0; allowed: at least 0
    :param predictionCol: column to add: the prediction; default 'prediction'; allowed: a column name; empty for none
    :param probabilityCol: column to add: the probability of every label; empty: none; default 'probability'; allowed: a column name; empty for none
    :param quantiles: levels of the quantiles of a distribution, with a loss that is a likelihood; default '0.1,0.5,0.9'; allowed: levels above 0 and below 1, each above the one before, with 15 decimals at most
    :param quantilesCol: column to add with loss quantile or a likelihood: the quantiles, ascending, of each number of the target; default 'quantiles'; allowed: a column name; empty for none
    :param question: what transform answers in place of predictions, as the Python package asks it; allowed: a question as JSON
    :param rawPredictionCol: column to add: the output of every label before the softmax or the sigmoids, of two classes (-margin, margin); empty: none; default 'rawPrediction'; allowed: a column name; empty for none
    :param thresholds: which label is predicted: the one whose probability is the largest multiple of its threshold, with loss multi-label those above their thresholds; none: the most probable, and those above 0.5; allowed: a number for each label in their order, at least 0 and one of them 0 at most, with commas between them
    :param tokenizer: how a string becomes steps; default 'char'; allowed: char, whitespace and none
    :param window: steps that documents are cut into, for evaluation; default 0; allowed: at least 0
    """

    distributionCol = Param(Params._dummy(), "distributionCol", "column to add with a loss that is a likelihood: the parameters of the distribution of each number of the target; allowed: a column name; empty for none", typeConverter=TypeConverters.toString)
    featuresCol = Param(Params._dummy(), "featuresCol", "column of sequences; allowed: a column name", typeConverter=TypeConverters.toString)
    handleInvalid = Param(Params._dummy(), "handleInvalid", "rows that cannot be used; allowed: error and skip", typeConverter=TypeConverters.toString)
    labelCol = Param(Params._dummy(), "labelCol", "column of labels, for evaluation; allowed: a column name", typeConverter=TypeConverters.toString)
    maxLength = Param(Params._dummy(), "maxLength", "steps that a sequence may have at most; 0 = no limit; allowed: at least 0", typeConverter=TypeConverters.toInt)
    predictionCol = Param(Params._dummy(), "predictionCol", "column to add: the prediction; allowed: a column name; empty for none", typeConverter=TypeConverters.toString)
    probabilityCol = Param(Params._dummy(), "probabilityCol", "column to add: the probability of every label; empty: none; allowed: a column name; empty for none", typeConverter=TypeConverters.toString)
    quantiles = Param(Params._dummy(), "quantiles", "levels of the quantiles of a distribution, with a loss that is a likelihood; allowed: levels above 0 and below 1, each above the one before, with 15 decimals at most", typeConverter=TypeConverters.toString)
    quantilesCol = Param(Params._dummy(), "quantilesCol", "column to add with loss quantile or a likelihood: the quantiles, ascending, of each number of the target; allowed: a column name; empty for none", typeConverter=TypeConverters.toString)
    question = Param(Params._dummy(), "question", "what transform answers in place of predictions, as the Python package asks it; allowed: a question as JSON", typeConverter=TypeConverters.toString)
    rawPredictionCol = Param(Params._dummy(), "rawPredictionCol", "column to add: the output of every label before the softmax or the sigmoids, of two classes (-margin, margin); empty: none; allowed: a column name; empty for none", typeConverter=TypeConverters.toString)
    thresholds = Param(Params._dummy(), "thresholds", "which label is predicted: the one whose probability is the largest multiple of its threshold, with loss multi-label those above their thresholds; none: the most probable, and those above 0.5; allowed: a number for each label in their order, at least 0 and one of them 0 at most, with commas between them", typeConverter=TypeConverters.toListFloat)
    tokenizer = Param(Params._dummy(), "tokenizer", "how a string becomes steps; allowed: char, whitespace and none", typeConverter=TypeConverters.toString)
    window = Param(Params._dummy(), "window", "steps that documents are cut into, for evaluation; allowed: at least 0", typeConverter=TypeConverters.toInt)

    def _set_defaults(self) -> None:
        self._setDefault(
            distributionCol="distribution",
            featuresCol="features",
            handleInvalid="error",
            labelCol="label",
            maxLength=0,
            predictionCol="prediction",
            probabilityCol="probability",
            quantiles="0.1,0.5,0.9",
            quantilesCol="quantiles",
            rawPredictionCol="rawPrediction",
            tokenizer="char",
            window=0,
        )

    def setDistributionCol(self, value: str) -> Self:
        """column to add with a loss that is a likelihood: the parameters of the distribution of each number of the target"""
        return self._set(distributionCol=value)

    def setFeaturesCol(self, value: str) -> Self:
        """column of sequences"""
        return self._set(featuresCol=value)

    def setHandleInvalid(self, value: str) -> Self:
        """rows that cannot be used"""
        return self._set(handleInvalid=value)

    def setLabelCol(self, value: str) -> Self:
        """column of labels, for evaluation"""
        return self._set(labelCol=value)

    def setMaxLength(self, value: int) -> Self:
        """steps that a sequence may have at most; 0 = no limit"""
        return self._set(maxLength=value)

    def setPredictionCol(self, value: str) -> Self:
        """column to add: the prediction"""
        return self._set(predictionCol=value)

    def setProbabilityCol(self, value: str) -> Self:
        """column to add: the probability of every label; empty: none"""
        return self._set(probabilityCol=value)

    def setQuantiles(self, value: str) -> Self:
        """levels of the quantiles of a distribution, with a loss that is a likelihood"""
        return self._set(quantiles=value)

    def setQuantilesCol(self, value: str) -> Self:
        """column to add with loss quantile or a likelihood: the quantiles, ascending, of each number of the target"""
        return self._set(quantilesCol=value)

    def setQuestion(self, value: str) -> Self:
        """what transform answers in place of predictions, as the Python package asks it"""
        return self._set(question=value)

    def setRawPredictionCol(self, value: str) -> Self:
        """column to add: the output of every label before the softmax or the sigmoids, of two classes (-margin, margin); empty: none"""
        return self._set(rawPredictionCol=value)

    def setThresholds(self, value: List[float]) -> Self:
        """which label is predicted: the one whose probability is the largest multiple of its threshold, with loss multi-label those above their thresholds; none: the most probable, and those above 0.5"""
        return self._set(thresholds=value)

    def setTokenizer(self, value: str) -> Self:
        """how a string becomes steps"""
        return self._set(tokenizer=value)

    def setWindow(self, value: int) -> Self:
        """steps that documents are cut into, for evaluation"""
        return self._set(window=value)


class KeyedTrainingParams(Params):
    """
    :param estimator: what trains a model of each key; allowed: the metadata of an estimator, as JSON
    :param keyCols: columns that say whose a row is; default []; allowed: column names with commas between them, in double quotes if they have commas
    :param models: temporary view of the session: a table with a model for each key; allowed: the name of a view
    """

    estimator = Param(Params._dummy(), "estimator", "what trains a model of each key; allowed: the metadata of an estimator, as JSON", typeConverter=TypeConverters.toString)
    keyCols = Param(Params._dummy(), "keyCols", "columns that say whose a row is; allowed: column names with commas between them, in double quotes if they have commas", typeConverter=TypeConverters.toListString)
    models = Param(Params._dummy(), "models", "temporary view of the session: a table with a model for each key; allowed: the name of a view", typeConverter=TypeConverters.toString)

    def _set_defaults(self) -> None:
        self._setDefault(
            keyCols=[],
        )

    def setEstimator(self, value: str) -> Self:
        """what trains a model of each key"""
        return self._set(estimator=value)

    def setKeyCols(self, value: List[str]) -> Self:
        """columns that say whose a row is"""
        return self._set(keyCols=value)

    def setModels(self, value: str) -> Self:
        """temporary view of the session: a table with a model for each key"""
        return self._set(models=value)


class KeyedPredictionsParams(Params):
    """
    :param models: temporary view of the session: a table with a model for each key; allowed: the name of a view
    """

    models = Param(Params._dummy(), "models", "temporary view of the session: a table with a model for each key; allowed: the name of a view", typeConverter=TypeConverters.toString)

    def _set_defaults(self) -> None:
        self._setDefault(
        )

    def setModels(self, value: str) -> Self:
        """temporary view of the session: a table with a model for each key"""
        return self._set(models=value)
