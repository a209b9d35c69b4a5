/**
 * One training from rows to a model, without Params: a {@link dev.unroll.fit.TrainingConfig} says what is trained and how, {@link
 * dev.unroll.fit.Training} takes it with rows and gives a {@link dev.unroll.fit.Trained} model. Training one model for every key and
 * replaying one iteration are the same steps with another engine.
 *
 * @apiNote API is {@link dev.unroll.fit.TrainingSummary}; the rest may change with any version.
 */
package dev.unroll.fit;
