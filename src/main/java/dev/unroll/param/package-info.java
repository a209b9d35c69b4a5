/** One flat {@code float[]} theta with named views: {@link dev.unroll.param.ParameterLayout} and how it is filled at the start. */
package dev.unroll.param;
