/**
 * What people see of a training. Plots that draw themselves ({@link dev.unroll.ui.Plot}), for notebooks; and the Training tab of Spark's UI: one
 * {@link dev.unroll.ui.TrainingEvent} an update on Spark's listener bus, kept thinned out ({@link dev.unroll.ui.Run}), and a page of numbers and charts, live in
 * the driver, and from the event log in a History Server.
 */
package dev.unroll.ui;
