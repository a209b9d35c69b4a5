/**
 * Spark ML's face of the trainer: {@link dev.unroll.ml.RnnClassifier} and its model. Every training key has its one home here, as a
 * Param of the estimator; the command line and the docs are made from it.
 */
package dev.unroll.ml;
