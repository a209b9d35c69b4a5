/**
 * One flat {@code float[]} theta with named views: {@link dev.unroll.param.ParameterLayout}, and its initial values.
 */
package dev.unroll.param;
