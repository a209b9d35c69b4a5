/**
 * Back-propagation through time as the note writes it: in double, one sequence, one step at a time. Read it first; it
 * is the meaning of everything the fast kernel does, and the oracle of its tests.
 *
 * <p>{@link dev.unroll.reference.ReferenceNetwork} gives loss and gradient; {@link dev.unroll.reference.GradientCheck}
 * compares any gradient with finite differences; {@link dev.unroll.reference.Note} prints the equations with numbers.
 * Inside, {@code UnrolledLayer} knows time, {@code UnrolledElman} is the note's equations (1) to (5),
 * {@code UnrolledLstm}, {@code UnrolledGru} and {@code UnrolledMinGru} are the same page for gates; {@code UnrolledHead} is what reads the
 * states, for labels ({@code SoftmaxHead}) and for numbers ({@code SquaredErrorHead}).
 *
 * <p>Two habits let the code be read beside the note. An array is indexed by places as the note indexes them:
 * {@code h[t]} is h_t, from {@code h[0]}, which is zero, to {@code h[T]}; and a vector is a matrix of one column, so
 * that {@code da_t x_t'} is {@code da[t].times(x[t].transpose())}. {@code dL/dx} is the gradient of the loss with
 * respect to x, {@code '} transposes, {@code *} is element by element.
 */
package dev.unroll.reference;
