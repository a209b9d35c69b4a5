/**
 * The Training tab of Spark's UI: one {@link dev.unroll.ui.TrainingEvent} an update on Spark's listener bus, thinned
 * out in a {@link dev.unroll.ui.Run}, and a page of numbers and charts, live in the driver and from the event log in a
 * History Server. The same updates are among Spark's metrics ({@code TrainingMetrics}).
 *
 * @apiNote Not API, but for the names of {@link dev.unroll.ui.TrainingEvent}, which are in event logs.
 */
package dev.unroll.ui;
