/** What many tests use: {@link dev.unroll.testing.SparkTest} gives a test class Spark. */
package dev.unroll.testing;
