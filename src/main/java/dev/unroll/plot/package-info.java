/**
 * Plots that draw themselves, without a screen: for files, pages and notebooks. {@link dev.unroll.plot.Plot} gives PNG
 * or HTML.
 */
package dev.unroll.plot;
